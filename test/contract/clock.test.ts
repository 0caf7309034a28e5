/** What every clock must do; the fake that other tests stand on and the system's run the same suite. */
import { describe, expect, test } from 'vitest';
import { systemClock, type Clock } from '../../src/runtime/clock.js';
import { FakeClock } from '../fakes/fake-clock.js';
import { delay } from '../support/wait.js';

/** Timers of Node may be a millisecond early by the finer clock. */
const earlyMs = 1;

describe.each<[string, () => { clock: Clock; pass(ms: number): Promise<void> }]>([
  ['system', () => ({ clock: systemClock, pass: (ms) => delay(ms + 15) })],
  ['fake', () => {
    const clock = new FakeClock();
    return { clock, pass: (ms) => clock.advance(ms) };
  }],
  ['fake, within a turn', () => {
    const clock = new FakeClock();
    return { clock, pass: (ms) => Promise.resolve(clock.pass(ms)) };
  }],
])('the %s clock', (_name, make) => {
  const { clock, pass } = make();

  test('moves by what passes, and not back', async () => {
    const before = { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs() };
    expect(clock.monotonicMs()).toBeGreaterThanOrEqual(before.monotonicMs);
    await pass(30);
    expect(clock.monotonicMs() - before.monotonicMs).toBeGreaterThanOrEqual(30 - earlyMs);
    expect(clock.wallMs() - before.wallMs).toBeGreaterThanOrEqual(30 - earlyMs);
  });

  test('tells the Unix time in ms on the wall', () => {
    expect(clock.wallMs()).toBeGreaterThan(Date.parse('2020-01-01'));
    expect(clock.wallMs()).toBeLessThan(Date.parse('2100-01-01'));
  });

  test('calls back once, not before its time, and not within the asking turn', async () => {
    const askedMs = clock.monotonicMs();
    const calledMs: number[] = [];
    let atOnce = 0;
    clock.after(40, () => calledMs.push(clock.monotonicMs()));
    clock.after(0, () => { atOnce += 1; });
    expect(atOnce).toBe(0);
    await pass(20);
    expect(atOnce).toBe(1);
    await pass(20);
    await pass(100);
    expect(calledMs).toHaveLength(1);
    expect(calledMs[0]! - askedMs).toBeGreaterThanOrEqual(40 - earlyMs);
    expect(atOnce).toBe(1);
  });

  test('calls in the order in which they are due, and those due together in the order in which they were asked for', async () => {
    const called: string[] = [];
    for (const [name, ms] of [['later', 45], ['first', 5], ['second', 5], ['between', 25]] as const) clock.after(ms, () => called.push(name));
    await pass(60);
    expect(called).toEqual(['first', 'second', 'between', 'later']);
  });

  test('does not call what was cancelled, and takes a cancel that comes late or twice', async () => {
    const called: string[] = [];
    const cancel = clock.after(10, () => called.push('cancelled'));
    const late = clock.after(10, () => called.push('called'));
    // One that falls due together with the one that cancels it.
    const other = { cancel: (): void => undefined };
    clock.after(10, () => other.cancel());
    other.cancel = clock.after(10, () => called.push('cancelled by another'));
    cancel();
    cancel();
    await pass(30);
    late();
    await pass(30);
    expect(called).toEqual(['called']);
  });

  test('may be asked again from within a call', async () => {
    let calls = 0;
    const again = (): void => {
      calls += 1;
      if (calls < 3) clock.after(5, again);
    };
    clock.after(5, again);
    await pass(100);
    expect(calls).toBe(3);
  });
});
