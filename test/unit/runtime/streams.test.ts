import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Backoff } from '../../../src/runtime/backoff.js';
import { readLines } from '../../../src/runtime/lines.js';

function linesOf(chunks: (Buffer | string)[], maxBytes = 1000): { lines: string[]; overflows: number } {
  const stream = new PassThrough();
  const result = { lines: [] as string[], overflows: 0 };
  readLines(stream, maxBytes, (line) => result.lines.push(line), () => { result.overflows += 1; });
  for (const chunk of chunks) stream.emit('data', chunk);
  return result;
}

test('lines come out whole however they were cut', () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: 'grapheme' }).filter((s) => !s.includes('\n')), { maxLength: 8 }), fc.array(fc.nat(20), { maxLength: 60 }), (lines, cuts) => {
    let rest = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    const chunks: Buffer[] = [];
    for (const cut of cuts) {
      chunks.push(rest.subarray(0, cut));
      rest = rest.subarray(cut);
    }
    expect(linesOf([...chunks, rest]).lines).toEqual(lines);
  }));
});

test('a line beyond the bound is dropped to its end and said once; the next is whole', () => {
  expect(linesOf(['aaaa', 'aaaa', 'aaaa', '\nok\n'], 10)).toEqual({ lines: ['ok'], overflows: 1 });
  expect(linesOf(['exactly10!\n'], 10)).toEqual({ lines: ['exactly10!'], overflows: 0 });
  expect(linesOf(['no newline yet'], 100).lines).toEqual([]);
});

test('backoff doubles to its ceiling, never above it, never below half, and starts anew after a success', () => {
  const most = new Backoff(100, 30_000, () => 1);
  expect(Array.from({ length: 11 }, () => most.nextMs())).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
  most.reset();
  expect(most.nextMs()).toBe(100);
  fc.assert(fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(5000), (random, tries) => {
    const backoff = new Backoff(100, 30_000, () => random);
    let last = 0;
    for (let i = 0; i <= tries % 60; i++) last = backoff.nextMs();
    expect(last).toBeGreaterThanOrEqual(50);
    expect(last).toBeLessThanOrEqual(30_000);
  }));
});
