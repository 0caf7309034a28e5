/** The broadcast's life as a table: what the operator wants and what destinations report move it, nothing else. Pure. */
import type { BroadcastState } from '../protocol/status.js';
import type { DocumentOf, StoredBroadcast } from './documents.js';

export type BroadcastEvent =
  /** The operator wants to be on air. */
  | 'start'
  /** The operator wants to be off air. */
  | 'stop'
  /** A destination acknowledged what was sent. */
  | 'delivered'
  /** No destination acknowledges any more. */
  | 'lost'
  /** Every connection is closed. */
  | 'closed';

/**
 * ```
 * standby --start--> starting --delivered--> live --stop--> stopping --closed--> standby
 *                       ^  \______________________stop________^   |
 *                       |<---------- lost ---- live               |
 *                       |<---------- start -----------------------/
 * ```
 */
export const BROADCAST_TRANSITIONS: Readonly<Record<BroadcastState, Partial<Record<BroadcastEvent, BroadcastState>>>> = {
  standby: { start: 'starting' },
  starting: { delivered: 'live', stop: 'stopping' },
  live: { lost: 'starting', stop: 'stopping' },
  stopping: { closed: 'standby', start: 'starting' },
};

/** @throws Error when the table has no such transition: that is a bug in the caller. */
export function nextBroadcastState(state: BroadcastState, event: BroadcastEvent): BroadcastState {
  const next = BROADCAST_TRANSITIONS[state][event];
  if (!next) throw new Error(`A broadcast in ${state} cannot ${event}.`);
  return next;
}

export interface BroadcastFacts {
  /** Stored desired state. */
  wanted: boolean;
  /** A destination of this broadcast is acknowledged by its far end. */
  anyLive: boolean;
  /** A connection of any destination is still open or being opened. */
  anyOpen: boolean;
}

/** What the facts say should happen next in this state; null when it is where it belongs. */
export function broadcastEvent(state: BroadcastState, facts: BroadcastFacts): BroadcastEvent | null {
  switch (state) {
    case 'standby': return facts.wanted ? 'start' : null;
    case 'starting': return !facts.wanted ? 'stop' : facts.anyLive ? 'delivered' : null;
    case 'live': return !facts.wanted ? 'stop' : facts.anyLive ? null : 'lost';
    case 'stopping': return facts.wanted ? 'start' : facts.anyOpen ? null : 'closed';
    default: return state satisfies never;
  }
}

/** Follows events until the state agrees with the facts. At most three steps, as the table has no shorter loop. */
export function settleBroadcast(state: BroadcastState, facts: BroadcastFacts): BroadcastState {
  for (let event = broadcastEvent(state, facts); event; event = broadcastEvent(state, facts)) state = nextBroadcastState(state, event);
  return state;
}

/** Ids of the destinations that the broadcast goes to now; none while it is off. Things that are gone are left out. */
export function destinationsOnAir(broadcast: StoredBroadcast, destinations: readonly DocumentOf<'destination'>[]): string[] {
  if (!broadcast.on) return [];
  const { destinationIds } = broadcast;
  return destinations.filter((d) => (destinationIds ? destinationIds.includes(d.id) : d.data.enabled)).map((d) => d.id);
}

/** A destination was enabled or disabled: on air at once, also when the broadcast was started with a list. */
export function withDestinationEnabled(broadcast: StoredBroadcast, id: string, enabled: boolean): StoredBroadcast {
  if (!broadcast.on || !broadcast.destinationIds) return broadcast;
  const others = broadcast.destinationIds.filter((other) => other !== id);
  return { ...broadcast, destinationIds: enabled ? [...others, id] : others };
}
