import { describe, expect, it } from 'vitest';
import { DropWatch, LateFilter } from '../../../src/panel/lib/steady.js';
import type { SourceState } from '../../../src/protocol/status.js';

describe('late', () => {
  const shown = (filter: LateFilter, state: SourceState, nowMs: number) => filter.apply([{ id: 'src_1', state, ageMs: 0 }], nowMs)[0]?.state;

  it('is said after two seconds of it', () => {
    const filter = new LateFilter();
    expect([0, 1000, 2000, 3000].map((ms) => shown(filter, 'late', ms))).toEqual(['live', 'live', 'late', 'late']);
    expect(shown(filter, 'live', 4000)).toBe('live');
    expect(shown(filter, 'late', 5000)).toBe('live');
  });
  it('leaves every other state as it is', () => {
    const filter = new LateFilter();
    shown(filter, 'late', 0);
    expect(shown(filter, 'gone', 500)).toBe('gone');
    expect(shown(filter, 'late', 2500)).toBe('live');
  });
});

describe('frames that the encoder could not take', () => {
  const run = (counts: (number | undefined)[], stepMs = 1000) => {
    const watch = new DropWatch();
    return counts.map((dropped, index) => watch.report(dropped, 30, index * stepMs));
  };

  it('are said beyond one in a hundred', () => {
    expect(run([0, 3, 4, 14])).toEqual([0, 0, 4, 14]);
  });
  it('of before this page came are not', () => {
    expect(run([900, 900, 901])).toEqual([0, 0, 0]);
  });
  it('are forgotten after ten seconds', () => {
    expect(run([0, 50, ...Array<number>(11).fill(50)]).slice(-3)).toEqual([50, 0, 0].slice(-3));
  });
  it('begin anew with a new encoder, and after reports were missed', () => {
    expect(run([100, 120, 2, 3])).toEqual([0, 20, 0, 0]);
    expect(run([0, 500], 60_000)).toEqual([0, 0]);
    expect(run([0, undefined, 500])).toEqual([0, 0, 0]);
  });
});
