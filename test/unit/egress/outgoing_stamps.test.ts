import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutgoingStamps } from '../../../src/egress/outgoing-stamps.js';
import type { MediaTag } from '../../../src/egress/program-tag.js';
import { audioHeader, frame, keyframe, sound, videoHeader } from './tags.js';

const take = (stamps: OutgoingStamps, ...tags: MediaTag[]): (number | null)[] => tags.map((tag) => stamps.take(tag));

describe('OutgoingStamps', () => {
  it('gives late picture its own time, however early its sound was', () => {
    expect(take(new OutgoingStamps(), keyframe(1000), sound(1000), sound(1500), sound(2000), frame(1040), frame(1080), sound(2020))).toEqual([0, 0, 500, 1000, 40, 80, 1020]);
  });

  it('leaves out what repeats, steps back or lies before zero, and what cannot be decoded without it', () => {
    const stamps = new OutgoingStamps();
    expect(take(stamps, sound(1000), keyframe(960), frame(1000), keyframe(1040), frame(1080), sound(990), sound(1000), sound(1020))).toEqual([0, null, null, 40, 80, null, null, 20]);
    expect(take(stamps, frame(1080), frame(1120), keyframe(1160))).toEqual([null, null, 160]);
  });

  it('counts from a zero that is given, and puts headers before what they belong to', () => {
    const stamps = new OutgoingStamps(1000);
    expect(stamps.latestMs).toBe(-1);
    expect(take(stamps, keyframe(1200), videoHeader(1100), audioHeader(900), videoHeader(1240), keyframe(1240))).toEqual([200, 200, 0, 240, 240]);
    expect(stamps.latestMs).toBe(240);
    expect(stamps.stampOf(frame(1280))).toBe(280);
    expect(stamps.latestMs).toBe(240);
  });

  it('takes the steps of each kind over, whatever the order of the two', () => {
    const steps = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 40 });
    fc.assert(fc.property(steps, steps, fc.infiniteStream(fc.boolean()), fc.integer({ min: -500, max: 500 }), (pictureSteps, soundSteps, order, soundAheadMs) => {
      const at = (list: number[], fromMs: number): number[] => list.map((_, i) => fromMs + list.slice(0, i).reduce((sum, step) => sum + step, 0));
      const pictures = at(pictureSteps, 10_000).map((ms, i) => (i === 0 ? keyframe(ms) : frame(ms)));
      const sounds = at(soundSteps, 10_000 + soundAheadMs).map((ms) => sound(ms));
      const left = { video: pictures.slice(1), audio: sounds.slice() };
      const tags = [pictures[0]!];
      while (left.video.length + left.audio.length > 0) {
        const kind = left.video.length === 0 ? 'audio' : left.audio.length === 0 ? 'video' : order.next().value ? 'video' : 'audio';
        tags.push(left[kind].shift()!);
      }
      const stamps = new OutgoingStamps();
      for (const tag of tags) expect(stamps.take(tag)).toBe(tag.timeMs < 10_000 ? null : tag.timeMs - 10_000);
    }));
  });

  it('never repeats nor steps back within a kind, whatever comes', () => {
    const anyTag = fc.record({ kind: fc.constantFrom('key', 'frame', 'sound'), ms: fc.integer({ min: 0, max: 400 }) });
    fc.assert(fc.property(fc.array(anyTag, { maxLength: 60 }), fc.option(fc.nat(400)), (specs, zeroMs) => {
      const stamps = new OutgoingStamps(zeroMs);
      const last = { video: -1, audio: -1 };
      for (const { kind, ms } of specs) {
        const tag = kind === 'sound' ? sound(ms) : kind === 'key' ? keyframe(ms) : frame(ms);
        const stampMs = stamps.take(tag);
        if (stampMs === null) continue;
        expect(stampMs).toBeGreaterThan(last[tag.kind]);
        last[tag.kind] = stampMs;
      }
    }));
  });
});
