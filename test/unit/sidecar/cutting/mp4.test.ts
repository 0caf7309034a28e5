import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { avcConfig, freeSetId, sampleUnits, withSets } from '../../../../src/sidecar/cutting/avc.js';
import { box, u16, u32 } from '../../../../src/sidecar/cutting/mp4/boxes.js';
import { IndexError, readTracks } from '../../../../src/sidecar/cutting/mp4/read.js';
import { reorderTicks, writeMovie } from '../../../../src/sidecar/cutting/mp4/write.js';
import { removeFolder, tempFolder } from '../../../support/temp.js';

const folder = tempFolder('v-mp4-');
afterAll(() => removeFolder(folder));

const entry = (sps: Buffer[], pps: Buffer[], { profile = 100, level = 40 } = {}): Buffer => box('avc1', Buffer.alloc(78), box('avcC',
  Buffer.from([1, profile, 0, level, 0xff, 0xe0 | sps.length]), sps.flatMap((set) => [u16(set.length), set]), Buffer.from([pps.length]), pps.flatMap((set) => [u16(set.length), set]), Buffer.from([0xfd, 0xf8, 0xf8, 0])), box('pasp', u32(1, 1)));
/** ue(v) of 0 is one bit, of 1 and 2 three, of 3 five. */
const IDS = [0x80, 0x40, 0x60, 0x20] as const;
const sps = (id: 0 | 1 | 2 | 3, more = 7): Buffer => Buffer.from([0x67, 100, 0, 40, IDS[id], more]);
const pps = (id: 0 | 1 | 2 | 3): Buffer => Buffer.from([0x68, IDS[id]]);

describe('an MP4 that is written', () => {
  it('is read back as it was', async () => {
    const source = join(folder, 'source');
    await writeFile(source, Buffer.from(Array.from({ length: 4096 }, (_, i) => i & 255)));
    const file = await open(source, 'r');
    let n = 0;
    const frames = fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 40 }), offset: fc.integer({ min: 0, max: 4000 }), isSync: fc.boolean() }), { minLength: 1, maxLength: 60 });
    await fc.assert(fc.asyncProperty(frames, fc.integer({ min: 0, max: 6 }), async (pieces, mix) => {
      // In groups that are decoded last first.
      const shownAt = pieces.map((_, i) => (i - (i % (mix + 1)) + (mix - (i % (mix + 1)))) * 512);
      const least = Math.min(...shownAt);
      const samples = pieces.map((piece, i) => ({ ...piece, file, shownAt: shownAt[i]! - least }));
      const path = join(folder, `${n++}.mp4`);
      const sound = pieces.map(({ offset }) => ({ file, offset, bytes: 9 }));
      const bytes = await writeMovie(path, {
        picture: { timescale: 15_360, entry: entry([sps(0)], [pps(0)]), matrix: Buffer.alloc(36, 3), width: 640 << 16, height: 360 << 16, samples, lastTicks: 512 },
        sound: { timescale: 48_000, entry: box('mp4a', Buffer.alloc(28)), samples: sound, ticksEach: 1024 }, leadSeconds: 0.1,
      });
      const made = await open(path, 'r');
      try {
        expect((await made.stat()).size).toBe(bytes);
        const [picture, audio] = await readTracks(made);
        expect([...picture!.samples.shownAt]).toEqual(samples.map((sample) => sample.shownAt));
        expect([...picture!.samples.isSync]).toEqual(samples.map(({ isSync }) => Number(isSync)));
        expect(picture).toMatchObject({ kind: 'video', timescale: 15_360, width: 640 << 16, matrix: Buffer.alloc(36, 3) });
        expect(audio).toMatchObject({ kind: 'sound', timescale: 48_000 });
        for (const [track, expected] of [[picture!, samples], [audio!, sound]] as const) {
          for (const [i, { offset, bytes: length }] of expected.entries()) {
            const read = Buffer.alloc(length);
            await made.read(read, 0, length, track.samples.offset[i]!);
            expect(read).toEqual(Buffer.from(Array.from({ length }, (_, k) => (offset + k) & 255)));
          }
        }
      } finally {
        await made.close();
      }
    }), { numRuns: 30 });
    await file.close();
  });

  it('needs as much lead as its frames are late', () => {
    expect(reorderTicks([0, 3, 1, 2])).toBe(1);
    expect(reorderTicks([0, 1, 2])).toBe(0);
    expect(reorderTicks([0, 4, 2, 1, 3])).toBe(2);
  });
});

describe('an index that is damaged', () => {
  it('is refused, never believed and never looped over', async () => {
    const path = join(folder, 'damaged.mp4');
    const samples = [{ file: await open(join(folder, 'source'), 'r'), offset: 0, bytes: 4, shownAt: 0, isSync: true }];
    await writeMovie(join(folder, 'good.mp4'), { picture: { timescale: 1000, entry: entry([sps(0)], [pps(0)]), matrix: Buffer.alloc(36), width: 0, height: 0, samples, lastTicks: 40 }, sound: null, leadSeconds: 0 });
    const good = await open(join(folder, 'good.mp4'), 'r');
    const bytes = await good.readFile();
    await good.close();
    await samples[0]!.file.close();
    await fc.assert(fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), async (at, value) => {
      const damaged = Buffer.from(bytes);
      damaged[at] = value;
      await writeFile(path, damaged);
      const file = await open(path, 'r');
      try {
        await readTracks(file).catch((error: unknown) => expect(error).toBeInstanceOf(IndexError));
      } finally {
        await file.close();
      }
    }), { numRuns: 300, examples: [[43, 8]] });
  });
});

describe('parameter sets', () => {
  it('of two encoders stand side by side under numbers of their own', () => {
    const config = avcConfig(entry([sps(0)], [pps(0)]))!;
    expect(freeSetId(config)).toBe(1);
    const other = avcConfig(entry([sps(1)], [pps(1)]))!;
    expect(freeSetId(other)).toBe(2);
    expect(freeSetId({ sps: [sps(0), sps(1)], pps: [pps(2)] })).toBe(3);
    expect(freeSetId({ sps: [sps(1), sps(3)], pps: [pps(2)] })).toBe(4);
    const both = avcConfig(withSets(entry([sps(0)], [pps(0)]), config, other)!)!;
    expect([both.sps, both.pps]).toEqual([[sps(0), sps(1)], [pps(0), pps(1)]]);
    expect(withSets(entry([sps(0)], [pps(0)]), config, other)!.includes('pasp')).toBe(true);
    expect(withSets(entry([sps(0)], [pps(0)]), config, avcConfig(entry([sps(0, 8)], [pps(0)]))!)).toBeNull();
    // Players choose a decoder by the higher level; another profile stands in no record with this one.
    expect(avcConfig(withSets(entry([sps(0)], [pps(0)]), config, avcConfig(entry([sps(1)], [pps(1)], { level: 51 }))!)!)!.level).toBe(51);
    expect(withSets(entry([sps(0)], [pps(0)]), config, avcConfig(entry([sps(1)], [pps(1)], { profile: 77 }))!)).toBeNull();
  });

  it('are found in a frame, and whether decoding can begin there', () => {
    const units = (...list: Buffer[]): Buffer => Buffer.concat(list.flatMap((unit) => [u32(unit.length), unit]));
    expect(sampleUnits(units(sps(0), pps(0), Buffer.from([0x65, 1])), 4)).toEqual({ isIdr: true, sps: [sps(0)], pps: [pps(0)] });
    expect(sampleUnits(units(Buffer.from([0x41, 1])), 4).isIdr).toBe(false);
    expect(sampleUnits(units(Buffer.from([0x41, 1]), Buffer.from([0x65, 1])), 4).isIdr).toBe(false);
    expect(sampleUnits(Buffer.from([0, 0, 9, 9, 0x65]), 4).isIdr).toBe(false);
  });
});
