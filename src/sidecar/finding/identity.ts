/** What highlights are called: by when they are, and still so when a later analysis has moved their bounds. */
import { createHash } from 'node:crypto';
import type { Span } from './bounds.js';

export interface Named extends Span { id: string }

/** Two are one moment when they share this much of the shorter one. */
const LEAST_SHARED = 0.5;

/** By when it is, and not by how it was found. */
export function idOf(startMs: number, endMs: number, peakMs: number): string {
  return hashed(`${startMs}-${endMs}-${peakMs}`);
}

/**
 * The ids of `found`, in its order: that of a known moment where one is the same, else its own. Each is given once, to the one that covers its moment best.
 * @param found those of one analysis, which do not overlap
 * @param known by importance: what a list knows goes before what later ones do, as a decision is more to lose than a name
 */
export function keptIds(found: readonly Named[], ...known: readonly (readonly Named[])[]): string[] {
  const pairs = known.flatMap((list, tier) => list.flatMap((was) => found.flatMap((one, at) => {
    const shared = Math.min(one.endMs, was.endMs) - Math.max(one.startMs, was.startMs);
    const [length, length0] = [one.endMs - one.startMs, was.endMs - was.startMs];
    return shared > 0 && shared >= LEAST_SHARED * Math.min(length, length0) ? [{ at, id: was.id, tier, iou: shared / (length + length0 - shared) }] : [];
  })));
  pairs.sort((a, b) => a.tier - b.tier || b.iou - a.iou || (a.id < b.id ? -1 : a.id > b.id ? 1 : a.at - b.at));
  const ids = new Map<number, string>();
  const given = new Set<string>();
  for (const { at, id } of pairs) {
    if (ids.has(at) || given.has(id)) continue;
    ids.set(at, id);
    given.add(id);
  }
  return found.map((one, at) => {
    let id = ids.get(at) ?? one.id;
    // What it would be called by itself may be another one's name by now.
    if (!ids.has(at)) while (given.has(id)) id = hashed(id);
    given.add(id);
    return id;
  });
}

function hashed(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
