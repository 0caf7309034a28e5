import { describe, expect, test } from 'vitest';
import { fingerprintOf, fitFileName, otherName, PieceSize, Speed } from '../../../../src/panel/lib/media/pieces.js';
import { nameProblem } from '../../../../src/protocol/media.js';

const MiB = 1024 * 1024;

describe('the size of a piece', () => {
  test('grows on a fast line up to what the studio takes, at most twice at a time', () => {
    const size = new PieceSize();
    expect(size.bytes).toBe(512 * 1024);
    size.took(512 * 1024, 5, 8 * MiB);
    expect(size.bytes).toBe(MiB);
    for (let i = 0; i < 6; i++) size.took(size.bytes, 20, 8 * MiB);
    expect(size.bytes).toBe(8 * MiB);
  });

  test('is what a slow line carries in a second, and halves when a piece was lost', () => {
    const size = new PieceSize();
    size.took(512 * 1024, 4000, 8 * MiB);
    expect(size.bytes).toBe(128 * 1024);
    size.failed();
    size.failed();
    size.failed();
    expect(size.bytes).toBe(64 * 1024);
    size.took(64 * 1024, 60_000, 8 * MiB);
    expect(size.bytes).toBe(64 * 1024);
  });
});

test('speed is that of the last seconds, and not known after a stop', () => {
  const speed = new Speed();
  expect(speed.perSecond(0)).toBeNull();
  speed.began(0);
  speed.sent(1000, 1000);
  expect(speed.perSecond(1000)).toBe(1000);
  speed.sent(3000, 2000);
  expect(speed.perSecond(2000)).toBe(2000);
  // The first second has left the window.
  speed.sent(6000, 8000);
  expect(Math.round(speed.perSecond(8000)!)).toBe(1000);
  speed.stopped();
  expect(speed.perSecond(9000)).toBeNull();
});

test('a file is known again by its size, its beginning and its end', () => {
  const bytes = (...all: number[]) => new Uint8Array(all);
  const one = fingerprintOf(3, bytes(1, 2, 3), bytes(1, 2, 3));
  expect(fingerprintOf(3, bytes(1, 2, 3), bytes(1, 2, 3))).toBe(one);
  for (const other of [fingerprintOf(4, bytes(1, 2, 3), bytes(1, 2, 3)), fingerprintOf(3, bytes(1, 2, 4), bytes(1, 2, 3)), fingerprintOf(3, bytes(1, 2, 3), bytes(3, 2, 1))]) {
    expect(other).not.toBe(one);
  }
});

test('whatever a file is called, the studio takes the name that becomes of it', () => {
  expect(fitFileName('film.mp4')).toBe('film.mp4');
  expect(fitFileName('What? Part 1: "the end".mp4')).toBe('What_ Part 1_ _the end_.mp4');
  expect(fitFileName('.hidden .mp4')).toBe('hidden.mp4');
  expect(fitFileName('  a\u202Eb\n.mp4 ')).toBe('a_b_.mp4');
  expect(fitFileName('u\u0308ber.mp4')).toBe('über.mp4');
  for (const name of ['...', '.mp4', '???.mp4', 'ü'.repeat(400) + '.mp4', 'a/../b.mp4', '\u0000', 'x.'.repeat(20), '\ud800.mp4']) {
    expect([name, nameProblem(fitFileName(name))]).toEqual([name, null]);
  }
});

test('another name is the first that is not taken', () => {
  const taken = new Set(['a.b/film.mp4', 'a.b/film 2.mp4']);
  expect(otherName('a.b/film.mp4', (path) => taken.has(path))).toBe('a.b/film 3.mp4');
});
