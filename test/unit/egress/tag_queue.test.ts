import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MediaTag } from '../../../src/egress/program-tag.js';
import { TagQueue } from '../../../src/egress/tag-queue.js';
import { frame, keyframe, sound, videoHeader } from './tags.js';

type Step = { take: number } | { put: 'key' | 'frame' | 'sound' | 'header'; bytes: number };

const steps = fc.array(fc.oneof(
  { weight: 6, arbitrary: fc.record({ put: fc.constantFrom<'key' | 'frame' | 'sound' | 'header'>('key', 'frame', 'frame', 'frame', 'frame', 'sound', 'sound', 'header'), bytes: fc.integer({ min: 2, max: 60 }) }) },
  { weight: 1, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 8 }) }) },
), { maxLength: 200 }) as fc.Arbitrary<Step[]>;

describe('TagQueue', () => {
  it('never drops sound or headers, drops whole GOP tails, keeps the order and its bounds', () => {
    fc.assert(fc.property(steps, fc.integer({ min: 30, max: 400 }), fc.integer({ min: 40, max: 1000 }), (all, maxBytes, maxMs) => {
      const queue = new TagQueue({ maxBytes, maxMs });
      const put: MediaTag[] = [keyframe(0, 4)];
      const got: MediaTag[] = [];
      queue.push(put[0]!);
      let timeMs = 0;
      for (const step of all) {
        if ('take' in step) {
          for (let i = 0; i < step.take; i += 1) {
            const tag = queue.shift();
            if (tag) got.push(tag);
          }
          continue;
        }
        timeMs += 10;
        const make = { key: keyframe, frame, sound, header: videoHeader }[step.put];
        const tag = step.put === 'header' ? videoHeader(timeMs) : make(timeMs, step.bytes);
        put.push(tag);
        queue.push(tag);
        // Within bounds, unless what is left may not be dropped.
        if (queue.pictureSpanMs > 0) {
          expect(queue.bytes).toBeLessThanOrEqual(maxBytes);
          expect(queue.pictureSpanMs).toBeLessThanOrEqual(maxMs);
        }
      }
      for (let tag = queue.shift(); tag; tag = queue.shift()) got.push(tag);
      expect(queue.bytes).toBe(0);
      const isPicture = (tag: MediaTag): boolean => tag.kind === 'video' && tag.packet !== 'header';
      expect(got.filter((tag) => !isPicture(tag))).toEqual(put.filter((tag) => !isPicture(tag)));
      expect(got).toEqual(put.filter((tag) => got.includes(tag)));
      expect(queue.droppedFrames).toBe(put.length - got.length);
      // Each GOP arrives as a beginning of itself: nothing after its first missing frame.
      let broken = false;
      for (const tag of put.filter(isPicture)) {
        if (tag.keyframe) broken = false;
        if (!got.includes(tag)) broken = true;
        else expect(broken).toBe(false);
      }
    }), { numRuns: 300 });
  });

  it('lets all go but the headers, where it is told to, when sound has waited for too long', () => {
    const queue = new TagQueue({ maxBytes: 1e6, maxMs: 100, maxAllMs: 1000 });
    const rest = (): number[] => Array.from({ length: queue.length }, () => queue.shift()!.timeMs);
    queue.push(videoHeader(0));
    for (let ms = 0; ms <= 1000; ms += 40) for (const tag of [ms % 400 === 0 ? keyframe(ms) : frame(ms), sound(ms)]) queue.push(tag);
    expect(queue.length).toBeGreaterThan(26);
    queue.push(sound(1040));
    expect([queue.length, queue.bytes]).toEqual([1, 6]);
    for (const tag of [frame(1080), sound(1080), keyframe(1200), frame(1240), sound(1240)]) queue.push(tag);
    expect(queue.droppedFrames).toBe(27);
    expect(rest()).toEqual([0, 1080, 1200, 1240, 1240]);
    expect(queue.bytes).toBe(0);
  });

  it('goes on at the next keyframe, with what is newest', () => {
    const queue = new TagQueue({ maxBytes: 1e6, maxMs: 100 });
    for (const tag of [keyframe(0), frame(40), sound(50), frame(80), keyframe(120), frame(160)]) queue.push(tag);
    expect(queue.droppedFrames).toBe(3);
    expect([queue.shift()?.timeMs, queue.shift()?.timeMs, queue.shift()?.timeMs]).toEqual([50, 120, 160]);
  });

  it('waits for a keyframe when the only GOP it holds is too long', () => {
    const queue = new TagQueue({ maxBytes: 100, maxMs: 1e6 });
    for (const tag of [keyframe(0, 60), frame(40, 50), frame(80, 5), sound(90), keyframe(120, 50)]) queue.push(tag);
    expect(drain(queue).map((tag) => tag.timeMs)).toEqual([90, 120]);
    expect(queue.droppedFrames).toBe(3);
  });
});

function drain(queue: TagQueue): MediaTag[] {
  const tags: MediaTag[] = [];
  for (let tag = queue.shift(); tag; tag = queue.shift()) tags.push(tag);
  return tags;
}
