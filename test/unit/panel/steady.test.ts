import { describe, expect, it } from 'vitest';
import { LateFilter } from '../../../src/panel/lib/steady.js';
import type { SourceState } from '../../../src/protocol/status.js';

describe('late', () => {
  const shown = (filter: LateFilter, state: SourceState, nowMs: number) => filter.apply([{ id: 'src_1', state, ageMs: 0 }], nowMs)[0]?.state;

  const run = (states: SourceState[]) => {
    const filter = new LateFilter();
    return states.map((state, index) => shown(filter, state, index * 1000));
  };

  it('is said at the third report of it, and until it is over for three seconds', () => {
    expect(run(['late', 'late', 'late', 'late', 'live', 'live', 'live', 'live'])).toEqual(['live', 'live', 'late', 'late', 'late', 'late', 'late', 'live']);
  });
  it('is said of a source that is live in every other report', () => {
    expect(run(['late', 'live', 'late', 'live', 'late', 'live', 'late', 'live'])).toEqual(['live', 'live', 'live', 'live', 'late', 'late', 'late', 'late']);
  });
  it('is not said of one that is late now and then', () => {
    expect(run(['late', 'live', 'live', 'live', 'late', 'live', 'live', 'live', 'late'])).not.toContain('late');
  });
  it('leaves every other state as it is', () => {
    const filter = new LateFilter();
    shown(filter, 'late', 0);
    expect(shown(filter, 'gone', 500)).toBe('gone');
    expect(shown(filter, 'late', 2500)).toBe('live');
  });
});
