/** Which child hangs: by what the kernel says of it, made up here. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HangWatch, LOOK_EVERY_MS, PATIENCE_MS, STILL_MS } from '../../../../src/sidecar/offline/hang-watch.js';
import type { Sight } from '../../../../src/runtime/proc-sight.js';
import { FakeClock } from '../../../fakes/fake-clock.js';

describe('HangWatch', () => {
  let clock: FakeClock;
  let sight: Sight;
  let hungForMs: number[];
  let mayWait: boolean;
  /** Of each look's time, how much it is given of the processor, ms. */
  let givenMs: number;
  let watch: HangWatch;

  beforeEach(() => {
    clock = new FakeClock();
    sight = { ranNs: 0, waitedNs: 0, isRunnable: false, isAtDisk: false, isStopped: false };
    hungForMs = [];
    mayWait = false;
    givenMs = 0;
    watch = begin();
  });
  afterEach(() => watch.stop());

  const begin = (patienceMs?: number): HangWatch => new HangWatch({
    pid: 1, clock, mayWait: () => mayWait, onHang: (ms) => hungForMs.push(ms), ...(patienceMs === undefined ? {} : { patienceMs }),
    look: () => (sight = { ...sight, ranNs: sight.ranNs + givenMs * 1e6 }),
  });
  const hour = 3_600_000;

  it('one that was stopped hangs after twenty seconds, once, and so does one that waits for what does not come', async () => {
    sight.isStopped = true;
    await clock.advance(STILL_MS);
    expect(hungForMs).toEqual([]);
    await clock.advance(2 * LOOK_EVERY_MS);
    expect(hungForMs).toEqual([STILL_MS]);
    await clock.advance(hour);
    expect(hungForMs).toEqual([STILL_MS]);
    sight.isStopped = false;
    watch = begin();
    await clock.advance(STILL_MS + 2 * LOOK_EVERY_MS);
    expect(hungForMs).toEqual([STILL_MS, STILL_MS]);
  });

  it('one that wants the processor and does not get it is let wait for hours', async () => {
    sight.isRunnable = true;
    await clock.advance(10 * hour);
    expect(hungForMs).toEqual([]);
    // Half a thousandth of it, beneath a busy program: an hour and a half are less than three seconds of its own.
    givenMs = LOOK_EVERY_MS / 2_000;
    await clock.advance(1.5 * hour);
    expect(hungForMs).toEqual([]);
  });

  it('one that has the processor for itself and gets nowhere hangs after two minutes, as one that waits for the disk', async () => {
    Object.assign(sight, { isRunnable: true });
    givenMs = 8 * LOOK_EVERY_MS;
    await clock.advance(PATIENCE_MS);
    expect(hungForMs).toEqual([]);
    await clock.advance(2 * LOOK_EVERY_MS);
    expect(hungForMs).toEqual([PATIENCE_MS]);
    Object.assign(sight, { isRunnable: false, isAtDisk: true });
    givenMs = 0;
    watch = begin();
    await clock.advance(PATIENCE_MS);
    expect(hungForMs).toEqual([PATIENCE_MS]);
    await clock.advance(2 * LOOK_EVERY_MS);
    expect(hungForMs).toEqual([PATIENCE_MS, PATIENCE_MS]);
    watch = begin(Infinity);
    await clock.advance(hour);
    expect(hungForMs).toHaveLength(2);
  });

  it('whatever is heard of one begins it anew, and nothing does when it was left', async () => {
    for (let i = 0; i < 20; i += 1) {
      await clock.advance(STILL_MS - LOOK_EVERY_MS);
      watch.feed();
    }
    expect(hungForMs).toEqual([]);
    watch.stop();
    await clock.advance(hour);
    expect(hungForMs).toEqual([]);
  });

  it('one that may wait does, unless somebody stopped it', async () => {
    mayWait = true;
    await clock.advance(hour);
    expect(hungForMs).toEqual([]);
    sight.isStopped = true;
    await clock.advance(STILL_MS + LOOK_EVERY_MS);
    expect(hungForMs).toEqual([STILL_MS]);
  });

  it('a machine that stood still for an hour says nothing about it', async () => {
    await clock.advance(LOOK_EVERY_MS);
    for (let i = 0; i < STILL_MS / LOOK_EVERY_MS - 1; i += 1) await clock.leap(hour);
    expect(hungForMs).toEqual([]);
    await clock.leap(hour);
    expect(hungForMs).toEqual([STILL_MS]);
  });
});
