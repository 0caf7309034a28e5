import { expect, it } from 'vitest';
import { LevelBoard, type Level } from '../../../src/panel/lib/level-board.js';

const level = (id: string, db: number): Level => ({ id, peak: [db, -100], rms: [db - 10, -100] });

it('hands each level to whoever draws it, until that stops', () => {
  const seen: string[] = [];
  const board = new LevelBoard(() => {});
  const stop = board.show('a', ({ id, peak }) => seen.push(`${id} ${peak[0]}`));
  board.show('program', ({ peak }) => seen.push(`program ${peak[0]}`));
  board.take([level('a', -20), level('b', -5), level('program', -3)], 0);
  expect(seen.splice(0)).toEqual(['a -20', 'program -3']);
  stop();
  board.take([level('a', -20), level('program', -4)], 50);
  expect(seen.splice(0)).toEqual(['program -4']);
  board.clear();
  expect(seen).toEqual(['program -100']);
});

it('tells who has been silent for five seconds, once, and when that ends', () => {
  const told: string[][] = [];
  const board = new LevelBoard((ids) => told.push([...ids]));
  for (let ms = 0; ms < 10_000; ms += 50) board.take([level('quiet', -80), level('loud', ms % 1000 === 0 ? -30 : -90)], ms);
  expect(told).toEqual([['quiet']]);
  board.take([level('quiet', -40), level('loud', -30)], 10_000);
  expect(told).toEqual([['quiet'], []]);
});

it('counts anew for one that was away, and after the connection was', () => {
  const told: string[][] = [];
  const board = new LevelBoard((ids) => told.push([...ids]));
  board.take([level('a', -80)], 0);
  board.take([], 4_000);
  board.take([level('a', -80)], 6_000);
  expect(told).toEqual([]);
  board.take([level('a', -80)], 11_000);
  board.clear();
  board.take([level('a', -80)], 12_000);
  expect(told).toEqual([['a'], []]);
});
