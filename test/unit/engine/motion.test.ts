import { expect, it } from 'vitest';
import { Motion } from '../../../src/engine/timeline/motion.js';

const running = (): Motion => {
  const motion = new Motion(40);
  motion.run(1000, 40);
  return motion;
};
const shown = (motion: Motion, ...frames: number[]): number[] => frames.map((frame) => motion.positionAt(frame));

it('is held where it was put, and shows nothing that is to come', () => {
  const motion = new Motion(40);
  expect([motion.running, motion.zeroFrame, motion.frameOf(41)]).toEqual([false, undefined, Infinity]);
  expect(shown(motion, 0, 10 ** 6)).toEqual([40, 40]);
});

it('is held over an interlude, and goes on behind it where it was', () => {
  const motion = running();
  expect(motion.interrupt({ from: 1010, to: 1060 }, false)).toBe(true);
  expect(shown(motion, 1000, 1009, 1010, 1059, 1060, 1061)).toEqual([40, 49, 50, 50, 50, 51]);
  expect([49, 50, 51].map((position) => motion.frameOf(position))).toEqual([1009, 1010, 1061]);
  expect(motion.zeroFrame).toBe(1010);
  motion.pass(1059);
  expect(motion.interlude).not.toBeNull();
  motion.pass(1060);
  expect([motion.interlude, ...shown(motion, 1061)]).toEqual([null, 51]);
});

it('goes on early, in the midst of an interlude or before', () => {
  const motion = running();
  motion.interrupt({ from: 1010, to: 1060 }, false);
  expect(motion.goOn(1060)).toBe(false);
  expect(motion.goOn(1030)).toBe(true);
  expect(shown(motion, 1029, 1031)).toEqual([50, 51]);
  expect(motion.goOn(1005)).toBe(true);
  expect(shown(motion, 1029, 1031)).toEqual([69, 71]);
});

it('of which was told how it goes on behind an interlude is so much earlier before', () => {
  const motion = running();
  motion.interrupt({ from: 1010, to: 1060 }, true);
  expect(motion.zeroFrame).toBe(960);
  expect(shown(motion, 1000, 1010, 1060, 1061)).toEqual([90, 100, 100, 101]);
});

it('moves with an edit, running or held', () => {
  const motion = running();
  motion.move(5);
  expect(shown(motion, 1000)).toEqual([45]);
  motion.hold(1002);
  motion.move(-7);
  expect(shown(motion, 0)).toEqual([40]);
});
