import { expect, test } from 'vitest';
import { RateMeter } from '../../../src/runtime/rate-meter.js';

test('a steady stream is measured from its first second on, and is nothing three seconds after its end', () => {
  const meter = new RateMeter();
  expect(meter.kbps(5000)).toBe(0);
  let nowMs = 10_000;
  const feed = (ms: number, kbps: number): void => {
    for (const end = nowMs + ms; nowMs < end; nowMs += 20) meter.add(nowMs, (kbps / 8) * 20);
  };
  feed(1000, 800);
  expect(meter.kbps(nowMs)).toBe(800);
  feed(10_000, 800);
  expect(Math.abs(meter.kbps(nowMs) - 800)).toBeLessThan(80);
  feed(4000, 2400);
  expect(Math.abs(meter.kbps(nowMs) - 2400)).toBeLessThan(240);
  expect(meter.kbps(nowMs + 1500)).toBeLessThan(1400);
  expect(meter.kbps(nowMs + 3000)).toBe(0);
  feed(40, 800);
  expect(meter.kbps(nowMs)).toBeLessThan(800);
});
