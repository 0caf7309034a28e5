import { describe, expect, it } from 'vitest';
import { JitterBuffer } from '../../../src/panel/lib/jitter-buffer.js';

/** A packet of a flat level. */
const flat = (frames: number, level = 16384) => new Int16Array(frames * 2).fill(level);
const QUANTUM = 128;

class Player {
  readonly buffer = new JitterBuffer();
  readonly played: number[] = [];

  pull(frames: number): void {
    for (let i = 0; i < frames; i += QUANTUM) {
      const [left, right] = [new Float32Array(QUANTUM), new Float32Array(QUANTUM)];
      this.buffer.pull(left, right);
      expect([...right]).toEqual([...left]);
      this.played.push(...left);
    }
  }

  /** The largest step from one sample to the next. */
  get step(): number {
    return this.played.reduce((most, sample, i) => (i === 0 ? most : Math.max(most, Math.abs(sample - this.played[i - 1]!))), 0);
  }
}

describe('the buffer of what is listened to', () => {
  it('begins when there is enough, and plays every sample of it', () => {
    const player = new Player();
    const ramp = (from: number) => Int16Array.from({ length: 3200 }, (_, i) => from + (i >> 1));
    player.buffer.push(ramp(0));
    player.buffer.push(ramp(1600));
    player.pull(1280);
    expect(Math.max(...player.played)).toBe(0);
    player.buffer.push(ramp(3200));
    player.pull(3840);
    // Past the fade at its beginning.
    for (let i = 300; i < 3840; i++) expect(player.played[1280 + i]! * 32768).toBeCloseTo(i, 2);
    expect(player.buffer.waiting).toBe(4800 - 3840);
  });

  it('stays within 0.2 s of what comes, whatever has piled up, and does not click', () => {
    const player = new Player();
    for (let i = 0; i < 4; i++) player.buffer.push(flat(1600));
    player.pull(1280);
    for (let i = 0; i < 12; i++) player.buffer.push(flat(1600));
    player.pull(1280);
    expect(player.buffer.waiting).toBeLessThan(0.2 * 48_000);
    for (let i = 0; i < 30; i++) {
      player.buffer.push(flat(1600));
      player.pull(1536);
    }
    expect(player.buffer.waiting).toBeLessThan(0.2 * 48_000);
    expect(player.step).toBeLessThan(0.5 / 100);
    expect(player.buffer.gaps).toBe(0);
  });

  it('runs out without a click, waits until there is enough, and keeps back more from then on, up to a bound', () => {
    const player = new Player();
    const before = player.buffer.targetS;
    for (let round = 0; round < 12; round++) {
      for (let i = 0; i < 6; i++) player.buffer.push(flat(1600));
      player.pull(11_520);
      expect(player.buffer.gaps).toBe(round + 1);
    }
    expect(player.step).toBeLessThan(0.5 / 50);
    expect(player.buffer.targetS).toBeGreaterThan(before);
    expect(player.buffer.targetS).toBeLessThanOrEqual(0.14);
  });

  it('tries less again after a while without a gap', () => {
    const player = new Player();
    const before = player.buffer.targetS;
    for (let i = 0; i < 31 * 30; i++) {
      player.buffer.push(flat(1600));
      if (i > 3) player.buffer.pull(new Float32Array(1600), new Float32Array(1600));
    }
    expect(player.buffer.targetS).toBeLessThan(before);
  });

  it('forgets what was of another mix', () => {
    const player = new Player();
    for (let i = 0; i < 6; i++) player.buffer.push(flat(1600));
    player.buffer.clear();
    player.pull(1280);
    expect(Math.max(...player.played)).toBe(0);
    expect(player.buffer.waiting).toBe(0);
  });

  it('keeps the newest while nobody plays', () => {
    const player = new Player();
    for (let i = 0; i < 200; i++) player.buffer.push(flat(1600, i));
    expect(player.buffer.waiting).toBeLessThan(0.4 * 48_000);
    player.pull(1280);
    expect(player.played.at(-1)! * 32768).toBeGreaterThan(150);
  });
});
