/** How long a child has been silent for no reason: the kernel's word is made up here. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Sight } from '../../../src/runtime/proc-sight.js';
import { DeniedTime, MOST_PATIENCE_MS, Silence } from '../../../src/runtime/silence.js';
import { FakeClock } from '../../fakes/fake-clock.js';

describe('a silent child', () => {
  const LOOK_MS = 250;
  let clock: FakeClock;
  let sight: Sight | null;
  let denied: DeniedTime;
  let silence: Silence;

  beforeEach(() => {
    clock = new FakeClock();
    sight = { ranNs: 0, waitedNs: 0, isRunnable: false, isAtDisk: false, isStopped: false };
    denied = new DeniedTime(clock, () => sight && { ...sight });
    silence = new Silence(clock, denied);
    denied.look(1);
  });

  /** Looked at meanwhile; of each second so much of a processor is given and so much waited for, ms. */
  const pass = (ms: number, { givenMs = 0, waitedMs = 0 } = {}): void => {
    for (let passed = 0; passed < ms; passed += LOOK_MS) {
      clock.pass(LOOK_MS);
      if (sight) sight = { ...sight, ranNs: sight.ranNs + givenMs * LOOK_MS * 1e3, waitedNs: sight.waitedNs + waitedMs * LOOK_MS * 1e3 };
      denied.look(1);
    }
  };

  it('could use all its time when it waits for something else, was stopped, or is gone', () => {
    pass(2_000);
    expect(silence.usableMs).toBe(2_000);
    sight = { ...sight!, isStopped: true };
    pass(2_000);
    expect(silence.usableMs).toBe(4_000);
    sight = null;
    pass(2_000);
    denied.look(undefined);
    expect(silence).toMatchObject({ ms: 6_000, usableMs: 6_000, isOdd: true });
  });

  it('could use none while it waits for its turn or for the disk, and what it was given of it', () => {
    for (const one of ['isRunnable', 'isAtDisk'] as const) {
      sight = { ranNs: 0, waitedNs: 0, isRunnable: false, isAtDisk: false, isStopped: false, [one]: true };
      silence.broken();
      pass(4_000);
      expect(silence).toMatchObject({ ms: 4_000, usableMs: 0 });
    }
    pass(4_000, { givenMs: 250 });
    expect(silence.usableMs).toBe(1_000);
    // Two threads that have a processor each lack nothing, though a third one waits.
    pass(1_000, { givenMs: 2_000, waitedMs: 1_000 });
    expect(silence.usableMs).toBe(2_000);
  });

  it('waited for its turn though it never does so when it is looked at', () => {
    pass(2_000, { givenMs: 100, waitedMs: 800 });
    expect(silence.usableMs).toBeCloseTo(400);
  });

  it('is waited for no longer than half a minute', () => {
    sight!.isRunnable = true;
    pass(MOST_PATIENCE_MS - LOOK_MS);
    expect(silence.usableMs).toBe(0);
    pass(LOOK_MS);
    expect(silence.usableMs).toBe(MOST_PATIENCE_MS);
  });

  it('was denied nothing while nobody looked, and what it was denied before a sign of life counts no more', () => {
    sight!.isRunnable = true;
    pass(2_000);
    silence.broken();
    expect(silence.usableMs).toBe(0);
    denied.rest();
    clock.pass(5_000);
    denied.look(1);
    expect(silence.usableMs).toBe(5_000);
    silence.broken(100);
    expect(silence).toMatchObject({ ms: 100, usableMs: 100, isOdd: false });
  });
});
