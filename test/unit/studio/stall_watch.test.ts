import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StallWatch } from '../../../src/studio/stall-watch.js';

describe('a studio that stood still', () => {
  let nowMs = 1000;
  let stalls: number[];
  let watch: StallWatch;

  beforeEach(() => {
    vi.useFakeTimers();
    [nowMs, stalls] = [1000, []];
    watch = new StallWatch({ monotonicMs: () => nowMs }, (lengthMs) => stalls.push(lengthMs));
    watch.start();
  });
  afterEach(async () => {
    await watch.stop();
    vi.useRealTimers();
  });

  const pass = (ms: number): void => {
    for (let left = ms; left > 0; left -= 250) {
      nowMs += 250;
      vi.advanceTimersByTime(250);
    }
  };

  it('is noticed by the first thing that is read, and for as long as it may be from before', () => {
    pass(5000);
    expect(watch.look()).toBe(false);
    nowMs += 1700;
    expect(watch.look()).toBe(true);
    expect(watch.look()).toBe(true);
    expect(stalls).toEqual([1700]);
    nowMs += 260;
    expect(watch.look()).toBe(false);
  });

  it('is noticed by the clock too, and a short pause is none', () => {
    nowMs += 1400;
    vi.advanceTimersByTime(250);
    expect(stalls).toEqual([]);
    nowMs += 3000;
    vi.advanceTimersByTime(250);
    expect(stalls).toEqual([3000]);
  });
});
