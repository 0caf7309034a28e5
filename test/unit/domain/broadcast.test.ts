import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BROADCAST_TRANSITIONS, broadcastEvent, destinationsOnAir, nextBroadcastState, settleBroadcast, withDestinationEnabled, type BroadcastEvent,
} from '../../../src/domain/broadcast.js';
import { OFF_AIR, type DocumentOf, type StoredBroadcast } from '../../../src/domain/documents.js';
import { BroadcastState } from '../../../src/protocol/status.js';

const states = BroadcastState.options;
const events: BroadcastEvent[] = ['start', 'stop', 'delivered', 'lost', 'closed'];
const facts = fc.record({ wanted: fc.boolean(), anyLive: fc.boolean(), anyOpen: fc.boolean() })
  // What is live is open.
  .map((f) => ({ ...f, anyOpen: f.anyOpen || f.anyLive }));

describe('the broadcast as a table', () => {
  test('standby → starting → live → stopping → standby', () => {
    expect((['start', 'delivered', 'stop', 'closed'] as const).reduce(nextBroadcastState, 'standby')).toBe('standby');
  });

  test('what the table does not have throws', () => {
    for (const state of states) {
      for (const event of events) {
        const next = BROADCAST_TRANSITIONS[state][event];
        if (next) expect(nextBroadcastState(state, event)).toBe(next);
        else expect(() => nextBroadcastState(state, event)).toThrow(`A broadcast in ${state} cannot ${event}.`);
      }
    }
  });

  test('whatever happens, it settles, only by the table, where the facts say', () => {
    fc.assert(fc.property(fc.array(facts, { minLength: 1, maxLength: 40 }), (history) => {
      let state: BroadcastState = 'standby';
      for (const now of history) {
        const before = state;
        let steps = 0;
        for (let event = broadcastEvent(state, now); event; event = broadcastEvent(state, now)) {
          state = nextBroadcastState(state, event);
          expect(++steps).toBeLessThanOrEqual(3);
        }
        expect(settleBroadcast(state, now)).toBe(state);
        // Live is what the far end acknowledged, never what somebody wished for.
        expect(state === 'live').toBe(now.wanted && now.anyLive);
        expect(state === 'standby' || state === 'stopping').toBe(!now.wanted);
        if (state === 'standby' && before !== 'standby') expect(now.anyOpen).toBe(false);
      }
    }));
  });

  test('all destinations lost is not live', () => {
    expect(settleBroadcast('live', { wanted: true, anyLive: false, anyOpen: true })).toBe('starting');
  });
});

describe('where it goes', () => {
  const destination = (id: string, enabled = true): DocumentOf<'destination'> => ({
    id, revision: 1, createdAt: '', updatedAt: '', data: { name: id, platform: 'custom', url: '', enabled, hasKey: true },
  });
  const on = (destinationIds: string[] | null): StoredBroadcast => ({ ...OFF_AIR, on: true, destinationIds });

  test('nowhere while off; to what is enabled; to what was named, enabled or not', () => {
    const all = [destination('a'), destination('b', false), destination('c')];
    expect(destinationsOnAir(OFF_AIR, all)).toEqual([]);
    expect(destinationsOnAir(on(null), all)).toEqual(['a', 'c']);
    expect(destinationsOnAir(on(['b', 'gone']), all)).toEqual(['b']);
  });

  test('enabling adds to a named list, disabling takes out of it; nothing happens to one that is off', () => {
    expect(withDestinationEnabled(on(['a']), 'b', true).destinationIds).toEqual(['a', 'b']);
    expect(withDestinationEnabled(on(['a', 'b']), 'a', false).destinationIds).toEqual(['b']);
    expect(withDestinationEnabled(on(null), 'a', false)).toEqual(on(null));
    expect(withDestinationEnabled(OFF_AIR, 'a', true)).toEqual(OFF_AIR);
  });
});
