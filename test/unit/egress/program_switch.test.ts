import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { ProgramSwitch } from '../../../src/egress/program-switch.js';
import type { MediaTag, ProgramMetadata } from '../../../src/egress/program-tag.js';
import { audioHeader, frame, keyframe, program, sound, videoHeader } from './tags.js';

const metadata: ProgramMetadata = { width: 640, height: 360, fps: 25, videoKbps: 500, audioKbps: 96, sampleRate: 48000, stereo: true, videoCodecId: 7, audioCodecId: 10 };

let nowMs = 0;
let out: MediaTag[] = [];
let described: ProgramMetadata[] = [];
let sw: ProgramSwitch;

const fresh = (): void => {
  nowMs = 0;
  out = [];
  described = [];
  sw = new ProgramSwitch({ nowMs: () => nowMs, sink: { metadata: (m) => described.push(m), tag: (t) => out.push(t) } });
};
beforeEach(fresh);

const feed = (id: number, tags: MediaTag[]): void => tags.forEach((tag) => sw.take(id, { kind: 'media', tag }));
function open(id: number, programMs: number | null, mark = 1): void {
  sw.add(id);
  sw.take(id, { kind: 'metadata', metadata, programMs });
  feed(id, [videoHeader(programMs ?? 0, mark), audioHeader(programMs ?? 0)]);
}
const pictures = (): number[] => out.filter((t) => t.kind === 'video' && t.packet === 'frames').map((t) => t.timeMs);
const sounds = (): number[] => out.filter((t) => t.kind === 'audio' && t.packet === 'frames').map((t) => t.timeMs);
const headers = (): number => out.filter((t) => t.packet === 'header').length;

function everyFrame(fromMs: number, toMs: number, stepMs: number): number[] {
  return Array.from({ length: Math.ceil((toMs - fromMs) / stepMs) }, (_, i) => fromMs + i * stepMs);
}

describe('ProgramSwitch', () => {
  it('goes from the old encoder to the new at the announced time, with no frame lost or twice', () => {
    open(1, 0);
    feed(1, program(0, 3000));
    open(2, 3200);
    // The old one runs ahead of the new one's first output, as encoders with look-ahead do.
    feed(1, program(3000, 3600, 1000).map((t) => ({ ...t, keyframe: false })));
    expect(pictures().at(-1)).toBe(3160);
    feed(2, program(3200, 4000));
    expect(sw.activeId).toBe(2);
    feed(1, [frame(3600), sound(3600)]);
    sw.remove(1);
    expect(pictures()).toEqual(everyFrame(0, 4000, 40));
    expect(sounds()).toEqual(everyFrame(0, 4000, 20));
    expect(headers()).toBe(2);
    expect(described).toHaveLength(1);
  });

  it('sends other headers on before the new keyframe', () => {
    open(1, 0);
    feed(1, program(0, 400));
    open(2, 400, 7);
    feed(2, program(400, 800));
    feed(1, [frame(400), sound(400)]);
    const at = out.findIndex((t) => t.packet === 'header' && t.payload.at(-1) === 7);
    expect(out.slice(at + 1).find((t) => t.kind === 'video')).toMatchObject({ timeMs: 400, keyframe: true });
    expect(out.slice(0, at).every((t) => t.timeMs < 400)).toBe(true);
  });

  it('begins later than announced without a hole', () => {
    open(1, 0);
    feed(1, program(0, 1000));
    open(2, 1000);
    feed(1, program(1000, 1400, 1000).map((t) => ({ ...t, keyframe: false })));
    feed(2, program(1080, 1600));
    expect(pictures()).toEqual(everyFrame(0, 1600, 40));
    expect(sounds()).toEqual(everyFrame(0, 1600, 20));
  });

  it('joins encoders with B-frames, whose sound lies behind their picture, with no hole in either and all in order', () => {
    // Decoding times two frames ahead; the new one's sound begins with a frame that only gets it going.
    const ahead = 80;
    const shownLater = (tag: MediaTag): MediaTag => {
      tag.payload.writeIntBE(ahead, 2, 3);
      return tag;
    };
    const encoder = (fromMs: number, toMs: number, soundFromMs: number, soundBytes = 4): MediaTag[] => [
      ...everyFrame(fromMs - ahead, toMs, 40).map((ms, i) => shownLater(i % 25 === 0 ? keyframe(ms) : frame(ms))),
      ...everyFrame(soundFromMs, toMs, 20).map((ms) => sound(ms, soundBytes)),
    ].sort((x, y) => x.timeMs - y.timeMs);
    for (const soundFromMs of [1980, 1987, 2000]) {
      fresh();
      open(1, 0);
      feed(1, encoder(80, 2600, 80).filter((tag) => tag.timeMs < 1780));
      open(2, 1800);
      feed(1, encoder(80, 2600, 80).filter((tag) => tag.timeMs >= 1780 && tag.timeMs < 1960));
      feed(2, encoder(2000, 3000, soundFromMs, 5).filter((tag) => tag.timeMs < 1990));
      // It has the picture of then, and not yet the sound.
      expect(sw.activeId).toBe(1);
      feed(1, encoder(80, 2600, 80).filter((tag) => tag.timeMs >= 1960 && tag.timeMs <= 2000));
      expect(sw.activeId).toBe(2);
      feed(2, encoder(2000, 3000, soundFromMs, 5).filter((tag) => tag.timeMs >= 1990));
      sw.remove(1);
      expect(pictures()).toEqual(everyFrame(0, 3000, 40));
      const steps = sounds().slice(1).map((ms, i) => ms - sounds()[i]!);
      expect(sounds()[0]).toBe(80);
      expect(Math.min(...steps)).toBeGreaterThanOrEqual(10);
      expect(Math.max(...steps)).toBeLessThanOrEqual(30);
      // The getting-going is not heard: there the old one still speaks, and soon after no more.
      const [firstOfNew] = out.filter((tag) => tag.payload.length === 5).map(({ timeMs }) => timeMs);
      expect(firstOfNew).toBeGreaterThan(soundFromMs);
      expect(firstOfNew).toBeLessThanOrEqual(soundFromMs + 40);
      const times = out.filter((tag) => tag.packet === 'frames').map(({ timeMs }) => timeMs);
      expect(times).toEqual([...times].sort((x, y) => x - y));
    }
  });

  it('sends what is left of the old one\'s sound when the new one has none', () => {
    open(1, 0);
    feed(1, program(0, 1000));
    open(2, 1000);
    feed(1, program(1000, 1400, 1000).map((tag) => ({ ...tag, keyframe: false })));
    feed(2, program(1000, 2000).filter(({ kind }) => kind === 'video'));
    expect(pictures()).toEqual(everyFrame(0, 2000, 40));
    expect(sounds()).toEqual(everyFrame(0, 1400, 20));
  });

  it('waits for the next keyframe when the first is already behind, and knows when that comes', () => {
    open(1, 0);
    feed(1, program(0, 1000));
    sw.add(2);
    feed(2, [videoHeader(500), audioHeader(500), ...program(500, 2490, 25)]);
    expect(sw.activeId).toBe(1);
    feed(1, program(1000, 1600));
    expect(sw.activeId).toBe(2);
    expect(pictures().slice(0, 38)).toEqual(everyFrame(0, 1500, 40));
    expect(pictures()[38]).toBe(1500);
    expect(sounds()).toEqual(everyFrame(0, 2490, 20).filter((t) => t < 1500).concat(everyFrame(1500, 2490, 20)));
  });

  it('takes the new one when the old one has been silent for 0.6 s', () => {
    open(1, 0);
    feed(1, program(0, 1000));
    open(2, 1200);
    feed(2, program(1200, 2000));
    expect(sw.activeId).toBe(1);
    nowMs = 599;
    sw.tick();
    expect(sw.activeId).toBe(1);
    nowMs = 600;
    sw.tick();
    expect(sw.activeId).toBe(2);
    expect(pictures().slice(-20)).toEqual(everyFrame(1200, 2000, 40));
  });

  it('takes the new one after 1.5 s when the old one goes on but stays behind', () => {
    open(1, 0);
    feed(1, program(0, 1000));
    open(2, 1200);
    feed(2, program(1200, 2000));
    for (nowMs = 0; nowMs < 1500; nowMs += 500) {
      feed(1, [sound(1000 + nowMs / 50)]);
      sw.tick();
      expect(sw.activeId).toBe(1);
    }
    sw.tick();
    expect(sw.activeId).toBe(2);
  });

  it('takes the new one at once when the old one has closed, and the first at once', () => {
    open(1, 0);
    feed(1, program(0, 100));
    expect(sw.activeId).toBe(1);
    open(2, 400);
    feed(2, program(400, 500));
    sw.remove(1);
    expect(sw.activeId).toBe(2);
    expect(pictures()).toEqual([0, 40, 80, 400, 440, 480]);
  });

  it('lets the old one go on when the new one only announces itself', () => {
    open(1, 0);
    feed(1, program(0, 1000));
    open(2, 1000);
    feed(1, program(1000, 1200, 1000).map((t) => ({ ...t, keyframe: false })));
    expect(pictures().at(-1)).toBe(960);
    nowMs = 1500;
    sw.tick();
    expect(pictures().at(-1)).toBe(1160);
    feed(1, [frame(1200)]);
    expect(pictures().at(-1)).toBe(1200);
    feed(2, program(1000, 1400, 1000));
    expect(sw.activeId).toBe(1);
    sw.remove(2);
    feed(1, [frame(1240)]);
    expect(pictures()).toEqual(everyFrame(0, 1280, 40));
  });

  it('moves an encoder whose idea of time is far behind, rather than go dark', () => {
    open(1, 0);
    feed(1, program(100_000, 101_000));
    sw.remove(1);
    open(2, null);
    feed(2, program(5000, 5400));
    expect(pictures().at(-1)).toBeGreaterThan(101_000);
    expect(pictures()).toHaveLength(25 + 10);
  });

  it('drops what steps back in time, picture up to the next keyframe', () => {
    open(1, 0);
    feed(1, [keyframe(0), sound(0), frame(40), sound(40), frame(20), sound(20), frame(80), sound(80), keyframe(30), frame(120), keyframe(160), frame(200)]);
    expect(pictures()).toEqual([0, 40, 160, 200]);
    expect(sounds()).toEqual([0, 40, 80]);
    expect(sw.dropped).toBe(5);
  });

  it('bounds what it holds', () => {
    open(1, 0);
    feed(1, program(0, 400));
    open(2, 400);
    const huge = Buffer.alloc(20 * 1024 * 1024);
    const heavy = (timeMs: number): MediaTag => ({ ...frame(timeMs), payload: huge });
    feed(1, [heavy(400), heavy(440)]);
    expect(pictures().at(-1)).toBe(440);
  });

  it('whatever encoders do, picture strictly grows, begins with keyframes, and sound never steps back', () => {
    const action = fc.oneof(
      { weight: 2, arbitrary: fc.record({ do: fc.constant('open' as const), atMs: fc.option(fc.integer({ min: -500, max: 3000 })) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const), which: fc.nat(5) }) },
      { weight: 8, arbitrary: fc.record({ do: fc.constant('run' as const), which: fc.nat(5), forMs: fc.integer({ min: 20, max: 900 }), gop: fc.constantFrom(5, 10, 25) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), forMs: fc.integer({ min: 10, max: 2000 }) }) },
    );
    fc.assert(fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      nowMs = 0;
      out = [];
      sw = new ProgramSwitch({ nowMs: () => nowMs, sink: { metadata: () => undefined, tag: (t) => out.push(t) } });
      const lanes: { id: number; timeMs: number }[] = [];
      let id = 0;
      for (const step of actions) {
        if (step.do === 'open') {
          const startMs = Math.max(0, Math.round((nowMs + (step.atMs ?? 0)) / 20) * 20);
          open(++id, step.atMs === null ? null : startMs, id % 3);
          lanes.push({ id, timeMs: startMs });
        } else if (step.do === 'close') {
          const [lane] = lanes.splice(step.which, 1);
          if (lane) sw.remove(lane.id);
        } else if (step.do === 'run') {
          const lane = lanes[step.which];
          if (!lane) continue;
          const toMs = lane.timeMs + Math.round(step.forMs / 20) * 20;
          feed(lane.id, program(lane.timeMs, toMs, step.gop));
          lane.timeMs = toMs;
        } else {
          nowMs += step.forMs;
          sw.tick();
        }
      }
      const frames = out.filter((t) => t.kind === 'video' && t.packet === 'frames');
      frames.forEach((t, i) => expect(i === 0 ? t.keyframe : t.timeMs > frames[i - 1]!.timeMs).toBe(true));
      const heard = sounds();
      heard.forEach((ms, i) => expect(i === 0 || ms >= heard[i - 1]!).toBe(true));
      // A picture header is followed by a keyframe, never by the middle of a GOP.
      out.forEach((t, i) => {
        if (t.kind !== 'video' || t.packet !== 'header') return;
        const next = out.slice(i + 1).find((n) => n.kind === 'video' && n.packet === 'frames');
        expect(next === undefined || next.keyframe).toBe(true);
      });
    }), { numRuns: 500 });
  });
});
