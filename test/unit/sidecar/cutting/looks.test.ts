import { expect, it } from 'vitest';
import { looksAt, looksAtCopied, ROLL_SECONDS, type LooksOf } from '../../../../src/sidecar/cutting/looks.js';
import type { PicturePlan } from '../../../../src/sidecar/cutting/plan.js';

const STEP = 0.04;
const plan: PicturePlan = {
  firstSeconds: 10, lastSeconds: 13.96, stepSeconds: STEP, frames: 100, middleKeySeconds: 12.4, decodedFrom: 0,
  copy: null, smart: { head: null, copied: { first: 0, count: 100 }, tail: null }, whyNot: [],
};
const of: LooksOf & { plan: PicturePlan } = { plan, firstSeconds: 10, step: STEP, isDoubtful: false, isH264: true };

it('looks at the first frame, at a keyframe in the middle and at the last, with their neighbours where those cost nothing', () => {
  expect(looksAt(of, 100)).toEqual([
    { place: 'first', atSeconds: 10, stepSeconds: STEP, before: 0, after: 1, rollSeconds: 0 },
    { place: 'middle', atSeconds: 12.4, stepSeconds: STEP, before: 0, after: 1, rollSeconds: 0 },
    { place: 'last', atSeconds: 13.96, stepSeconds: STEP, before: 1, after: 1, rollSeconds: 0 },
  ]);
  // A clip that came out shorter than planned has its own places.
  expect(looksAt(of, 50).map(({ atSeconds }) => atSeconds)).toEqual([10, 10 + 25 * STEP, 10 + 49 * STEP]);
});

it('takes a first frame for a keyframe only of H.264 whose index is true', () => {
  const before = (changed: Partial<LooksOf>): number => looksAt({ ...of, ...changed }, 100)[0]!.before;
  expect([before({}), before({ isH264: false }), before({ isDoubtful: true }), before({ plan: { ...plan, smart: null } })]).toEqual([0, 1, 1, 1]);
  expect(looksAt({ ...of, isDoubtful: true }, 100).every(({ rollSeconds }) => rollSeconds === ROLL_SECONDS)).toBe(true);
});

it('looks at the last of copied frames only where it is encoded anew, or nothing else tells', () => {
  const places = (changed: Partial<typeof of>, isLastAnew = false): string[] => looksAtCopied({ ...of, ...changed }, isLastAnew).map(({ place }) => place);
  expect(places({})).toEqual(['first', 'middle']);
  const all = ['first', 'middle', 'last'];
  expect([places({}, true), places({ isDoubtful: true }), places({ plan: { ...plan, middleKeySeconds: null } })]).toEqual([all, all, all]);
});
