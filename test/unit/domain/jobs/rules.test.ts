import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { progressOf, stateOf, stuckSteps, unwanted, type StepOfJob } from '../../../../src/domain/jobs/outcome.js';
import { checkJob, planSteps, type PlannedStep } from '../../../../src/domain/jobs/plan.js';
import { isDue, LONGEST_WAIT_MS, lostWaitMs, retryWaitMs, triesOf } from '../../../../src/domain/jobs/retry.js';
import { canonicalJson, stepKey } from '../../../../src/domain/jobs/step-key.js';
import { isExpired, LEASE_MS, move, TRANSITIONS, type Work, type WorkEvent, type WorkState } from '../../../../src/domain/jobs/work.js';
import { NewJob, type StepStatus } from '../../../../src/protocol/jobs.js';

const NOW = 1_700_000_000_000;
const WORKER = { name: 'anna', life: '1' };
const ERROR = { code: 'STEP_FAILED', message: 'It rained.' } as const;
const STATES: Record<WorkState['is'], WorkState> = {
  waiting: { is: 'waiting', notBeforeMs: NOW, error: ERROR }, running: { is: 'running', worker: WORKER, sinceMs: NOW - 5, untilMs: NOW + 5, error: null },
  done: { is: 'done', sinceMs: NOW - 9, endedAtMs: NOW - 5 }, dead: { is: 'dead', error: ERROR, endedAtMs: NOW - 5 }, cancelled: { is: 'cancelled', endedAtMs: NOW - 5, wasRunning: false },
};
const EVENTS: Record<WorkEvent['is'], WorkEvent> = {
  take: { is: 'take', worker: WORKER }, renew: { is: 'renew' }, complete: { is: 'complete' }, fail: { is: 'fail', error: ERROR, lasting: false },
  lose: { is: 'lose' }, release: { is: 'release' }, cancel: { is: 'cancel' }, revive: { is: 'revive' },
};
const work = (state: WorkState, change: Partial<Work> = {}): Work => ({ key: 'k', name: 'cut', isMedia: false, token: 7, failures: 0, losses: 0, state, ...change });

describe('the table of what can become of a step', () => {
  const all = Object.keys(STATES).flatMap((is) => Object.keys(EVENTS).map((event) => [is, event] as [WorkState['is'], WorkEvent['is']]));
  test.each(all)('%s, %s', (is, event) => {
    const goals = TRANSITIONS[is][event];
    const moving = () => move(work(STATES[is]), EVENTS[event], NOW, () => 0.5);
    if (!goals) expect(moving).toThrow(`A step that is ${is} cannot ${event}.`);
    else expect(goals).toContain(moving().state.is);
  });

  test('only taking changes the token, and it rises', () => {
    for (const [is, event] of all) {
      if (!TRANSITIONS[is][event]) continue;
      expect(move(work(STATES[is]), EVENTS[event], NOW, () => 0).token).toBe(event === 'take' ? 8 : 7);
    }
  });

  test('what failed keeps its error until it is over', () => {
    const again = move(move(work(STATES.running), EVENTS.fail, NOW, () => 1), EVENTS.take, NOW, () => 0);
    expect(again).toMatchObject({ failures: 1, state: { is: 'running', error: ERROR } });
    expect(move(again, EVENTS.release, NOW, () => 0)).toMatchObject({ failures: 1, state: { is: 'waiting', notBeforeMs: NOW, error: ERROR } });
    expect(move(again, EVENTS.complete, NOW, () => 0)).toMatchObject({ failures: 0, state: { is: 'done', sinceMs: NOW, endedAtMs: NOW } });
  });
});

test('waits are drawn from nothing to twice as long each time, up to a bound; three retries, two with pictures or sound', () => {
  expect([1, 2, 3, 4].map((failures) => retryWaitMs(failures, () => 1))).toEqual([4_000, 8_000, 16_000, 32_000]);
  expect(retryWaitMs(3, () => 0)).toBe(0);
  fc.assert(fc.property(fc.integer({ min: 1, max: 5_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
    const wait = retryWaitMs(failures, () => random);
    expect(wait).toBeGreaterThanOrEqual(0);
    expect(wait).toBeLessThanOrEqual(LONGEST_WAIT_MS);
    expect(isDue(NOW + wait, NOW + wait)).toBe(true);
    expect(isDue(NOW + wait, NOW)).toBe(wait === 0);
  }));
  expect([triesOf(false), triesOf(true)]).toEqual([4, 3]);
  expect([1, 2, 3, 4, 5].map((losses) => lostWaitMs(losses, () => 1))).toEqual([0, 0, 0, 4_000, 8_000]);
});

test('a lease ends when its time has come, and when it would end later than it can', () => {
  expect([NOW, NOW + 1, NOW + LEASE_MS, NOW + LEASE_MS + 1].map((untilMs) => isExpired(untilMs, NOW))).toEqual([true, false, false, true]);
});

describe('keys', () => {
  const step = { name: 'cut', version: 1, input: { a: 1, b: [1, { d: 1, c: 2 }] }, needs: { x: 'k1', y: 'k2' } };
  test('are of what decides the result, and of nothing else', () => {
    const key = stepKey(step);
    expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(stepKey({ needs: { y: 'k2', x: 'k1' }, input: { b: [1, { c: 2, d: 1 }], a: 1, gone: undefined }, version: 1, name: 'cut' })).toBe(key);
    const others: Partial<Parameters<typeof stepKey>[0]>[] = [{ name: 'cup' }, { version: 2 }, { input: { ...step.input, a: 2 } }, { input: { a: 1, b: [{ d: 1, c: 2 }, 1] } }, { needs: { x: 'k2', y: 'k1' } }, { needs: { x: 'k1' } }];
    expect(new Set([key, ...others.map((other) => stepKey({ ...step, ...other }))]).size).toBe(others.length + 1);
  });

  test('are the same for the same JSON, however it was made', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }));
  });
});

const job = (steps: unknown[]) => NewJob.parse({ kind: 'k', subject: { is: 'file', path: 'a' }, askedBy: 'automatic', steps });

test('a graph is brought into an order in which each step is behind what it needs, or refused', () => {
  const graph = fc.array(fc.array(fc.nat(9), { maxLength: 4 }), { minLength: 1, maxLength: 10 });
  fc.assert(fc.property(graph, (needs) => {
    const steps = needs.map((of, i) => ({ id: `s${i}`, name: 'cut', input: i, needs: of.filter((need) => need < needs.length).map((need) => `s${need}`) }));
    const planned = planSteps(job(steps));
    if ('problem' in planned) {
      // Then there is a circle: going to what a step needs, again and again, one does not come to an end.
      let left = steps;
      for (let before = -1; before !== left.length;) {
        before = left.length;
        left = left.filter((one) => one.needs.some((need) => left.some(({ id }) => id === need)));
      }
      expect(left.length).toBeGreaterThan(0);
      return;
    }
    expect(planned.map(({ id }) => id).sort()).toEqual(steps.map(({ id }) => id).sort());
    const place = (id: string) => planned.findIndex((one) => one.id === id);
    for (const one of planned) for (const [need, key] of Object.entries(one.needs)) {
      expect(place(need)).toBeLessThan(place(one.id));
      expect(planned[place(need)]!.key).toBe(key);
    }
  }));
});

test('what comes before a step changes its key, and what comes after or beside it does not', () => {
  const keysOf = (version: number) => Object.fromEntries((planSteps(job([
    { name: 'features', input: 1, version }, { name: 'find', input: 1, needs: ['features'] }, { name: 'beside', input: 1 },
  ])) as PlannedStep[]).map(({ id, key }) => [id, key]));
  expect(keysOf(2)['find']).not.toBe(keysOf(1)['find']);
  expect(keysOf(2)['beside']).toBe(keysOf(1)['beside']);
});

test('what is no job is refused with where it is wrong', () => {
  expect(checkJob({ kind: 'k', subject: { is: 'moon' }, askedBy: 'automatic', steps: [] })).toMatchObject({ problem: expect.stringContaining('subject') });
});

describe('a job by its steps', () => {
  const steps = (text: string): StepOfJob[] => text.split(', ').map((one) => one.split(' ')).map(([id, is, ...needs]) => ({ id: id!, key: id!, is: is as StepOfJob['is'], needs }));
  test.each([
    ['a done, b done a', 'done'], ['a waiting, b waiting a', 'waiting'], ['a done, b running a', 'running'], ['a dead, b waiting a', 'failed'],
    ['a dead, b waiting', 'waiting'], ['a dead, b done, c waiting a b', 'failed'], ['a dead, b running, c waiting a', 'running'], ['a dead, b waiting a, c waiting b', 'failed'],
    ['a cancelled, b done', 'failed'],
  ])('%s: %s', (text, state) => expect(stateOf(steps(text))).toBe(state));

  test('knows what cannot be done any more', () => {
    expect([...stuckSteps(steps('a dead, b waiting a, c waiting b, d waiting, e done'))]).toEqual(['a', 'b', 'c']);
    expect(unwanted(['a', 'b', 'a'], new Set(['b']))).toEqual(['a']);
  });

  test('tells how far it is', () => {
    const running: StepStatus = { is: 'running', worker: 'w', sinceMs: 0, progress: 0.5, text: '' };
    expect(progressOf([{ name: 'a', status: { is: 'done', sinceMs: 0, endedAtMs: 1 } }, { name: 'b', status: running }, { name: 'c', status: { is: 'dead', error: ERROR, endedAtMs: 0 } }])).toEqual({ progress: 0.5, text: 'b' });
    expect(progressOf([{ name: 'b', status: { ...running, text: 'half' } }])).toEqual({ progress: 0.5, text: 'half' });
  });
});
