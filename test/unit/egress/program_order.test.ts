import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { ProgramOrder } from '../../../src/egress/program-order.js';
import { NO_METADATA, type MediaTag } from '../../../src/egress/program-tag.js';
import { FakeClock } from '../../fakes/fake-clock.js';
import { audioHeader, frame, keyframe, program, sound, videoHeader } from './tags.js';

let clock: FakeClock;
let out: MediaTag[];
let order: ProgramOrder;
beforeEach(() => {
  clock = new FakeClock();
  out = [];
  order = new ProgramOrder({ clock, sink: { metadata: () => undefined, tag: (tag) => out.push(tag) } });
});

const give = (...tags: MediaTag[]): void => tags.forEach((tag) => order.tag(tag));
const seen = (): string[] => out.map(({ kind, timeMs, packet }) => `${kind[0]}${packet === 'header' ? 'h' : ''}${timeMs}`);

describe('ProgramOrder', () => {
  it('holds nothing of a program in order', () => {
    order.metadata({ ...NO_METADATA, fps: 25 });
    const tags = [videoHeader(0), audioHeader(0), ...program(0, 2000)];
    tags.forEach((tag, i) => {
      order.tag(tag);
      expect(out).toHaveLength(i + 1);
    });
    expect(out).toEqual(tags);
  });

  it('holds early sound until the pictures that belong before it have come', () => {
    give(keyframe(0), frame(40), sound(40), sound(60), sound(100), sound(140), frame(80));
    expect(seen()).toEqual(['v0', 'v40', 'a40', 'a60', 'v80', 'a100']);
    give(frame(120), sound(160), frame(160));
    expect(seen().slice(6)).toEqual(['v120', 'a140', 'a160', 'v160']);
  });

  it('lets sound go after a second without its picture, which then comes with the time it has', async () => {
    give(keyframe(0), frame(40), sound(500));
    await clock.advance(400);
    give(sound(520));
    await clock.advance(599);
    expect(seen()).toEqual(['v0', 'v40']);
    await clock.advance(1);
    expect(seen()).toEqual(['v0', 'v40', 'a500']);
    await clock.advance(400);
    give(frame(80));
    expect(seen()).toEqual(['v0', 'v40', 'a500', 'a520', 'v80']);
  });

  it('keeps sound that is held before a header of its kind, and is bounded', () => {
    give(keyframe(0), sound(500), audioHeader(520, 2), sound(520));
    expect(seen()).toEqual(['v0', 'a500', 'ah520']);
    give(sound(540, 5 * 1024 * 1024));
    expect(seen().slice(3)).toEqual(['a520', 'a540']);
  });

  it('drops nothing, keeps the order of each kind, and keeps nothing longer than a second', async () => {
    const step = fc.record({ isSound: fc.boolean(), byMs: fc.integer({ min: 1, max: 300 }), waitMs: fc.integer({ min: 0, max: 700 }) });
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      out = [];
      order = new ProgramOrder({ clock, sink: { metadata: () => undefined, tag: (tag) => out.push(tag) } });
      const given: { tag: MediaTag; atMs: number }[] = [];
      const lastMs = { video: 0, audio: 0 };
      for (const { isSound, byMs, waitMs } of steps) {
        const kind = isSound ? 'audio' : 'video';
        lastMs[kind] += byMs;
        const tag = isSound ? sound(lastMs.audio) : frame(lastMs.video);
        given.push({ tag, atMs: clock.monotonicMs() });
        order.tag(tag);
        if (!isSound) expect(out).toContain(tag);
        await clock.advance(waitMs);
        for (const { tag: earlier, atMs } of given) if (clock.monotonicMs() - atMs >= 1000) expect(out).toContain(earlier);
      }
      await clock.advance(1000);
      for (const kind of ['video', 'audio']) expect(out.filter((tag) => tag.kind === kind)).toEqual(given.map(({ tag }) => tag).filter((tag) => tag.kind === kind));
    }), { numRuns: 50 });
  });
});
