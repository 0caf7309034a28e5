import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { FLV_HEADER, FlvParser, TAG_AUDIO, TAG_VIDEO, encodeFlvTag, type FlvTag } from '../../../src/rtmp/flv.js';
import { parameterSets, withParameterSets } from '../../../src/sidecar/avc-parameter-sets.js';
import { PartJoiner } from '../../../src/sidecar/part-joiner.js';

const folder = mkdtempSync(join(tmpdir(), 'v-join-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A sequence header with one SPS and one PPS, marked. */
const header = (mark: number): Buffer => Buffer.from([0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, 3, 0x67, mark, 1, 1, 0, 2, 0x68, mark]);
const key = Buffer.from([0x17, 1, 0, 0, 0, 0, 0, 0, 1, 0x65]);
const inter = Buffer.from([0x27, 1, 0, 0, 0, 0, 0, 0, 1, 0x41]);

async function joined(parts: Buffer[]): Promise<{ tags: FlvTag[]; joiner: PartJoiner }> {
  const paths = parts.map((bytes, i) => {
    const path = join(folder, `${i}.flv`);
    writeFileSync(path, bytes);
    return path;
  });
  const tags: FlvTag[] = [];
  const parser = new FlvParser((tag) => tags.push(tag));
  const joiner = new PartJoiner();
  for await (const piece of joiner.join(paths)) parser.push(piece);
  expect(parser.atBoundary).toBe(true);
  return { tags, joiner };
}

describe('PartJoiner', () => {
  it('carries other parameter sets in the keyframes, and the first ones again when they come back', async () => {
    const part = (mark: number, atMs: number): Buffer => Buffer.concat([FLV_HEADER, encodeFlvTag(TAG_VIDEO, atMs, header(mark)), encodeFlvTag(TAG_VIDEO, atMs, key), encodeFlvTag(TAG_VIDEO, atMs + 40, inter)]);
    const { tags } = await joined([part(1, 0), part(2, 100), part(1, 200)]);
    expect(tags.map((tag) => tag.timestampMs)).toEqual([0, 0, 40, 100, 140, 200, 240]);
    const sets = (mark: number): Buffer => Buffer.from([0, 0, 0, 3, 0x67, mark, 1, 0, 0, 0, 2, 0x68, mark]);
    expect(tags[1]!.payload).toEqual(key);
    expect(tags[3]!.payload).toEqual(withParameterSets(key, sets(2)));
    expect(tags[4]!.payload).toEqual(inter);
    expect(tags[5]!.payload).toEqual(withParameterSets(key, sets(1)));
  });

  it('cuts off damaged ends, and time only grows whatever the parts say', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.record({ fromMs: fc.nat(5000), cut: fc.nat(60), noise: fc.boolean() }), { minLength: 1, maxLength: 4 }), async (specs) => {
      const { tags, joiner } = await joined(specs.map(({ fromMs, cut, noise }) => {
        const whole = Buffer.concat([FLV_HEADER, encodeFlvTag(TAG_VIDEO, fromMs, header(1)), ...[0, 1, 2, 3].flatMap((i) => [
          encodeFlvTag(TAG_VIDEO, fromMs + i * 40, i === 0 ? key : inter), encodeFlvTag(TAG_AUDIO, fromMs + i * 40 + 5, Buffer.from([0xaf, 1, i])),
        ])]);
        const bytes = whole.subarray(0, whole.length - cut);
        return noise ? Buffer.concat([bytes, Buffer.from('some noise that is no tag at all')]) : bytes;
      }));
      for (const type of [TAG_VIDEO, TAG_AUDIO]) {
        const stamps = tags.filter((tag) => tag.type === type && tag.payload[1] === 1).map((tag) => tag.timestampMs);
        stamps.slice(1).forEach((stamp, i) => expect(stamp).toBeGreaterThan(stamps[i]!));
      }
      expect(joiner.damaged).toBeLessThanOrEqual(specs.length);
    }), { numRuns: 60 });
  });

  it('keeps the time of a part that begins with a picture from before the last sound, and gives no sound twice', async () => {
    const tag = (type: FlvTag['type'], atMs: number): Buffer => encodeFlvTag(type, atMs, type === TAG_AUDIO ? Buffer.from([0xaf, 1, 0]) : key);
    const first = Buffer.concat([FLV_HEADER, encodeFlvTag(TAG_VIDEO, 0, header(1)), tag(TAG_VIDEO, 0), tag(TAG_AUDIO, 0), tag(TAG_AUDIO, 500)]);
    const { tags } = await joined([first, Buffer.concat([FLV_HEADER, encodeFlvTag(TAG_VIDEO, 40, header(1)), tag(TAG_VIDEO, 40), tag(TAG_AUDIO, 500), tag(TAG_AUDIO, 520)])]);
    expect(tags.filter(({ payload }) => payload[1] === 1).map(({ type, timestampMs }) => [type, timestampMs]))
      .toEqual([[TAG_VIDEO, 0], [TAG_AUDIO, 0], [TAG_AUDIO, 500], [TAG_VIDEO, 40], [TAG_AUDIO, 520]]);
  });

  describe('holes', () => {
    const sound = Buffer.from([0xaf, 1, 0]);
    /** Picture every 40 ms and sound every 20 ms in [fromMs, fromMs + forMs). */
    const part = (fromMs: number, forMs = 200): Buffer => Buffer.concat([FLV_HEADER, encodeFlvTag(TAG_VIDEO, fromMs, header(1)), ...Array.from({ length: forMs / 20 }, (_, i) => Buffer.concat([
      ...(i % 2 === 0 ? [encodeFlvTag(TAG_VIDEO, fromMs + i * 20, i === 0 ? key : inter)] : []), encodeFlvTag(TAG_AUDIO, fromMs + i * 20, sound),
    ]))]);
    const pictures = (tags: FlvTag[]): number[] => tags.filter(({ type, payload }) => type === TAG_VIDEO && payload[1] === 1).map(({ timestampMs }) => timestampMs);
    const run = (fromMs: number): number[] => [0, 40, 80, 120, 160].map((ms) => fromMs + ms);

    it('of up to ten seconds stay, so that the time in the file is the program\'s', async () => {
      const { tags, joiner } = await joined([part(0), part(3_000), part(13_180)]);
      expect(pictures(tags)).toEqual([...run(0), ...run(3_000), ...run(13_180)]);
      expect(joiner.durationMs).toBe(13_360);
      expect(joiner.pauses).toEqual([]);
    });

    it('that are longer are left out: time runs on, for the parts after it as well', async () => {
      const hourMs = 3_600_000;
      const { tags, joiner } = await joined([part(0), part(hourMs), part(hourMs + 5_000), part(9 * hourMs)]);
      expect(pictures(tags)).toEqual([...run(0), ...run(200), ...run(5_200), ...run(5_400)]);
      // The sound keeps its place beside the picture.
      const sounds = tags.filter(({ type }) => type === TAG_AUDIO).map(({ timestampMs }) => timestampMs);
      expect(sounds).toEqual([0, 200, 5_200, 5_400].flatMap((fromMs) => Array.from({ length: 10 }, (_, i) => fromMs + i * 20)));
      expect(joiner.durationMs).toBe(5_580);
      expect(joiner.pauses).toEqual([{ atMs: 200, lengthMs: hourMs - 200 }, { atMs: hourMs + 5_200, lengthMs: 8 * hourMs - 5_200 }]);
    });

    it('show nothing before what was shown, though pictures that were to come between are not there', async () => {
      // An encoder that died: the last picture is shown after two that it never made.
      const late = Buffer.from([0x27, 1, 0, 0, 120, 0, 0, 0, 1, 0x41]);
      const { tags } = await joined([Buffer.concat([part(0), encodeFlvTag(TAG_VIDEO, 200, late), part(60_000).subarray(FLV_HEADER.length)])]);
      const shown = tags.filter(({ type, payload }) => type === TAG_VIDEO && payload[1] === 1).map(({ timestampMs, payload }) => timestampMs + payload.readIntBE(2, 3));
      expect(shown).toEqual([...run(0), 320, ...run(360)]);
    });

    it('in the middle of a part are treated alike, and stamps beyond 32 bits as well', async () => {
      const later = part(60_000).subarray(FLV_HEADER.length);
      expect(pictures((await joined([Buffer.concat([part(0), later])])).tags)).toEqual([...run(0), ...run(200)]);
      // What is not there of the beginning: the file begins with the first picture.
      expect((await joined([part(3_000)])).joiner.pauses).toEqual([{ atMs: 0, lengthMs: 3_000 }]);
      const beyond = 2 ** 32 - 100;
      expect(pictures((await joined([part(0), part(beyond), part(beyond + 1_000)])).tags)).toEqual([...run(0), ...run(200), ...run(1_200)]);
    });

    it('behind a cut end begin after what is there of it', async () => {
      const cut = part(0).subarray(0, -40);
      const { tags } = await joined([cut, part(60_000)]);
      const stamps = pictures(tags);
      expect(stamps.slice(1).every((ms, i) => ms - stamps[i]! >= 40 && ms - stamps[i]! <= 80)).toBe(true);
    });
  });

  describe('damage', () => {
    const sound = Buffer.from([0xaf, 1, 0]);
    /** Picture every 40 ms and sound every 20 ms for two seconds; each tag by itself. */
    const tagsFrom = (fromMs: number): Buffer[] => [encodeFlvTag(TAG_VIDEO, fromMs, header(1)), ...Array.from({ length: 100 }, (_, i) => [
      ...(i % 2 === 0 ? [encodeFlvTag(TAG_VIDEO, fromMs + i * 20, i % 10 === 0 ? key : inter)] : []), encodeFlvTag(TAG_AUDIO, fromMs + i * 20, sound),
    ]).flat()];
    const joinedTags = (...parts: Buffer[][]): ReturnType<typeof joined> => joined(parts.map((tags) => Buffer.concat([FLV_HEADER, ...tags])));

    it('in the middle of a part is left out, told with its place, and what follows is there', async () => {
      const tags = tagsFrom(0);
      const hit = [50, 51, 100];
      tags[50]!.writeUIntBE(0xff_ff_ff, 1, 3);
      tags[51]!.fill(0);
      tags[100]![0] = 99;
      const whole = await joinedTags(tagsFrom(0), tagsFrom(2_000));
      const { tags: found, joiner } = await joinedTags(tags, tagsFrom(2_000));
      expect(found.length).toBe(whole.tags.length - hit.length);
      expect(joiner.durationMs).toBe(whole.joiner.durationMs);
      expect(joiner.pauses).toEqual([]);
      expect(joiner.damaged).toBe(1);
      expect(joiner.damage.map(({ bytes }) => bytes)).toEqual([tags[50]!.length + tags[51]!.length, tags[100]!.length]);
      // Of each the last that is there before it.
      joiner.damage.forEach(({ atMs }, i) => expect(Math.abs(atMs - [640, 1_320][i]!)).toBeLessThanOrEqual(40));
      expect(whole.joiner.damage).toEqual([]);
    });

    it('of one stamp moves nothing: the tag is left out', async () => {
      const whole = await joinedTags(tagsFrom(100_000), tagsFrom(102_000));
      for (const [stampMs, i] of [[3_600_000, 40], [0, 40], [0xffff_ffff, 41], [90_000_000, 20], [105_000, 40], [105_000, 41]] as const) {
        const tags = tagsFrom(100_000);
        tags[i]!.writeUIntBE(stampMs & 0xff_ff_ff, 4, 3);
        tags[i]!.writeUInt8(stampMs >>> 24, 7);
        const { tags: found, joiner } = await joinedTags(tags, tagsFrom(102_000));
        expect(found.length, String(stampMs)).toBe(whole.tags.length - 1);
        expect(joiner.pauses).toEqual(whole.joiner.pauses);
        expect(joiner.durationMs).toBe(whole.joiner.durationMs);
        expect(joiner.damage).toHaveLength(1);
      }
    });

    it('of any kind throws nothing, and time only grows', async () => {
      await fc.assert(fc.asyncProperty(fc.array(fc.record({ at: fc.nat(7_000), bytes: fc.uint8Array({ minLength: 1, maxLength: 30 }) }), { minLength: 1, maxLength: 8 }), fc.nat(5_000_000), async (hits, fromMs) => {
        const bytes = Buffer.concat([FLV_HEADER, ...tagsFrom(fromMs)]);
        for (const hit of hits) if (hit.at + hit.bytes.length < bytes.length) bytes.set(hit.bytes, hit.at);
        const { tags } = await joined([bytes, Buffer.concat([FLV_HEADER, ...tagsFrom(fromMs + 2_000)])]);
        // Of the part that was not hit all but the sound behind which a stamp led that was broken by a little.
        expect(tags.length).toBeGreaterThanOrEqual(150 - 26);
        const stamps = tags.filter(({ type, payload }) => type === TAG_AUDIO && payload[1] === 1).map(({ timestampMs }) => timestampMs);
        stamps.slice(1).forEach((stamp, i) => expect(stamp).toBeGreaterThan(stamps[i]!));
      }), { numRuns: 150 });
    });
  });

  it('refuses parameter sets that it cannot use', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      parameterSets(Buffer.from(bytes));
    }));
    const short = header(1);
    short[9] = 0xfd;
    expect(parameterSets(short)).toBeNull();
  });
});
