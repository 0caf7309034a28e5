/** A week's plan as a person reads it. */
import { describe, expect, it } from 'vitest';
import { planLines } from '../../../src/panel/lib/plan.js';

describe('a plan', () => {
  it('is what is on and what happens, in the order of time, without stretches of nothing', () => {
    const lines = planLines({
      windows: [
        { startsAt: '2026-12-01T18:00:00Z', endsAt: '2026-12-01T19:00:00Z', eventId: 'evt_a', target: { timelineId: 'tml_a' }, priority: 0 },
        { startsAt: '2026-12-01T19:00:00Z', endsAt: '2026-12-02T18:00:00Z', eventId: null, target: { sourceId: 'src_a' }, priority: null },
        { startsAt: '2026-12-02T18:00:00Z', endsAt: '2026-12-03T00:00:00Z', eventId: null, target: null, priority: null },
      ],
      points: [{ at: '2026-12-01T18:30:00+01:00', eventId: 'evt_b', action: 'broadcast-start' }],
    });
    expect(lines).toEqual([
      { at: '2026-12-01T18:30:00+01:00', until: null, eventId: 'evt_b', does: 'broadcast-start' },
      { at: '2026-12-01T18:00:00Z', until: '2026-12-01T19:00:00Z', eventId: 'evt_a', does: 'play' },
      { at: '2026-12-01T19:00:00Z', until: '2026-12-02T18:00:00Z', eventId: null, does: 'filler' },
    ]);
  });
});
