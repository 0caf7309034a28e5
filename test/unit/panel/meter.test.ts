import { expect, it } from 'vitest';
import { MeterHold, part } from '../../../src/panel/lib/meter.js';

it('a peak is shown at once, falls back, and leaves a line that stands for a while', () => {
  const meter = new MeterHold(-0.1);
  meter.take(-6, -12, 0);
  expect([meter.peak, meter.rms, meter.hold]).toEqual([-6, -12, -6]);
  for (let ms = 50; ms <= 1000; ms += 50) meter.take(-100, -100, ms);
  expect(meter.peak).toBeCloseTo(-32);
  expect(meter.hold).toBe(-6);
  for (let ms = 1050; ms <= 5000; ms += 50) meter.take(-100, -100, ms);
  expect([meter.peak, meter.rms, meter.hold]).toEqual([-60, -60, -60]);
  // A higher one takes its place.
  meter.take(-3, -9, 5050);
  expect(meter.hold).toBe(-3);
});

it('says that it was too much until somebody has seen it', () => {
  const meter = new MeterHold(-0.1);
  meter.take(-0.2, -3, 0);
  expect(meter.clipped).toBe(false);
  meter.take(0, -3, 50);
  meter.take(-100, -100, 9000);
  expect(meter.clipped).toBe(true);
  meter.clipped = false;
  meter.take(-100, -100, 9050);
  expect(meter.clipped).toBe(false);
});

it('lies on a scale of 60 dB', () => {
  expect([-100, -60, -30, 0, 3].map(part)).toEqual([0, 0, 0.5, 1, 1]);
});
