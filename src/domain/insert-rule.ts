/**
 * Inserts that come by themselves. Due are the moments anchor + k·everyMs, k from 1 on. What could not air when it was due airs once, as soon as it
 * can, however many due times have passed by then. Pure.
 */
import type { InsertInput } from '../protocol/inserts.js';
import type { DocumentOf, StoredInsertRule, StudioState } from './documents.js';
import type { Moment } from './playback.js';

/** Since the anchor, ms: by the machine's clock, which nobody sets, while it is the same boot. */
function elapsedMs({ anchor }: StoredInsertRule, now: Moment): number {
  return anchor.bootId === now.bootId ? now.monotonicMs - anchor.monotonicMs : now.wallMs - anchor.wallMs;
}

/** How many due times have come. */
export function dueTimes(rule: StoredInsertRule, now: Moment): number {
  return Math.max(0, Math.floor(elapsedMs(rule, now) / rule.everyMs));
}

/** The rule with every due time so far done with. */
export function served(rule: StoredInsertRule, now: Moment): StoredInsertRule {
  return { ...rule, served: Math.max(rule.served, dueTimes(rule, now)) };
}

/** The rule of an insert as it is to be from now on; undefined: it does not come by itself. Switched on or with another `everyMs`, it counts anew. */
export function ruleOf({ enabled, everyMs }: Pick<InsertInput, 'enabled' | 'everyMs'>, before: StoredInsertRule | undefined, now: Moment): StoredInsertRule | undefined {
  if (!enabled || everyMs === null) return undefined;
  return before?.everyMs === everyMs ? before : { everyMs, anchor: now, served: 0 };
}

export interface Owed {
  insert: DocumentOf<'insert'>;
  rule: StoredInsertRule;
}

/** What is owed, in the order in which it is to air: who waits longest first, of those due at once the one that was made first. */
export function owed(state: Pick<StudioState, 'inserts' | 'insertRules'>, now: Moment): Owed[] {
  const all = state.inserts.flatMap((insert): (Owed & { waitedMs: number })[] => {
    const rule = state.insertRules.get(insert.id);
    if (!rule || dueTimes(rule, now) <= rule.served) return [];
    return [{ insert, rule, waitedMs: elapsedMs(rule, now) - (rule.served + 1) * rule.everyMs }];
  });
  return all.sort((a, b) => b.waitedMs - a.waitedMs).map(({ insert, rule }) => ({ insert, rule }));
}

/** Until the next one is due, ms; Infinity: none comes by itself. */
export function untilNextDueMs(state: Pick<StudioState, 'insertRules'>, now: Moment): number {
  return Math.min(...[...state.insertRules.values()].map((rule) => (Math.max(dueTimes(rule, now), rule.served) + 1) * rule.everyMs - elapsedMs(rule, now)));
}
