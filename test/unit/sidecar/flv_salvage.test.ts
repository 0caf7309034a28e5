/** FLV with damage of all kinds: what is whole is found again, in order, and nothing else. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLV_HEADER, TAG_AUDIO, TAG_SCRIPT, TAG_VIDEO, encodeFlvTag, type FlvTag } from '../../../src/rtmp/flv.js';
import { FlvSalvage } from '../../../src/sidecar/flv-salvage.js';

interface Read { tags: FlvTag[]; passed: number[]; isDamaged: boolean }

/** @param step bytes that come at a time */
function read(bytes: Buffer, step = 1 << 20): Read {
  const [tags, passed]: [FlvTag[], number[]] = [[], []];
  const reader = new FlvSalvage((tag) => tags.push(tag), (count) => passed.push(count));
  // As it is read from a file: the piece is used again.
  const piece = Buffer.alloc(step);
  for (let at = 0; at < bytes.length; at += step) reader.push(piece.subarray(0, bytes.copy(piece, 0, at, at + step)));
  reader.end();
  return { tags, passed, isDamaged: reader.isDamaged };
}

const tagsOf = (count: number, bytes = 40): Buffer[] => Array.from({ length: count }, (_, i) => encodeFlvTag(i % 5 === 4 ? TAG_AUDIO : i === 0 ? TAG_SCRIPT : TAG_VIDEO, i * 40, Buffer.alloc(bytes + i, 0x30 + (i % 10))));
const film = (tags: readonly Buffer[]): Buffer => Buffer.concat([FLV_HEADER, ...tags]);
const stamps = ({ tags }: Read): number[] => tags.map(({ timestampMs }) => timestampMs / 40);
const all = (count: number, without: readonly number[] = []): number[] => Array.from({ length: count }, (_, i) => i).filter((i) => !without.includes(i));

describe('FlvSalvage', () => {
  it('reads what is whole as it is, in pieces of any size', () => {
    const tags = tagsOf(20);
    for (const step of [1, 7, 64, 4_096]) {
      const { tags: found, passed, isDamaged } = read(film(tags), step);
      expect(Buffer.concat(found.map(({ type, timestampMs, payload }) => encodeFlvTag(type, timestampMs, payload)))).toEqual(Buffer.concat(tags));
      expect([passed, isDamaged]).toEqual([[], false]);
    }
    // A longer head than usual, and a stamp of 32 bits.
    const head = Buffer.concat([Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 12]), Buffer.alloc(7)]);
    expect(read(Buffer.concat([head, encodeFlvTag(TAG_VIDEO, 0xfedcba98, Buffer.from('x'))])).tags[0]!.timestampMs).toBe(0xfedcba98);
  });

  it('goes on behind a broken tag, whatever is broken of it', () => {
    const breaks: [string, (tag: Buffer) => void][] = [
      ['its type', (tag) => { tag[0] = 77; }], ['its size, too large', (tag) => { tag.writeUIntBE(0xff_ff_ff, 1, 3); }], ['its size, too small', (tag) => { tag.writeUIntBE(3, 1, 3); }],
      ['its stream', (tag) => { tag[9] = 1; }], ['what stands behind it', (tag) => { tag.writeUInt32BE(1, tag.length - 4); }], ['all of it', (tag) => { tag.fill(0); }], ['all of it, to types', (tag) => { tag.fill(9); }],
    ];
    for (const [what, damage] of breaks) {
      for (const step of [5, 100_000]) {
        const tags = tagsOf(20);
        damage(tags[6]!);
        damage(tags[7]!);
        damage(tags[15]!);
        const found = read(film(tags), step);
        expect(stamps(found), what).toEqual(all(20, [6, 7, 15]));
        expect(found.passed, what).toEqual([tags[6]!.length + tags[7]!.length, tags[15]!.length]);
        expect(found.isDamaged).toBe(true);
      }
    }
  });

  it('finds what lies behind a size that leads behind the end, and takes no cut end for more than it is', () => {
    const tags = tagsOf(20);
    tags[17]!.writeUIntBE(0xff_ff_ff, 1, 3);
    expect(stamps(read(film(tags)))).toEqual(all(20, [17]));
    const cut = read(film(tagsOf(20)).subarray(0, -30));
    expect(stamps(cut)).toEqual(all(19));
    expect([cut.passed, cut.isDamaged]).toEqual([[], true]);
  });

  it('of what is no FLV finds nothing, and of one whose head is broken all that follows', () => {
    expect(read(Buffer.from('this is no film'))).toEqual({ tags: [], passed: [], isDamaged: true });
    expect(read(Buffer.alloc(0)).tags).toEqual([]);
    const broken = film(tagsOf(5));
    broken.fill(0xee, 0, 13);
    expect(stamps(read(broken))).toEqual(all(5));
    broken.writeUInt32BE(0xff_ff_ff_ff, 5);
    expect(stamps(read(broken))).toEqual(all(5));
  });

  it('loses the tags that were hit, and no other, whatever hits them', () => {
    fc.assert(fc.property(fc.array(fc.record({ at: fc.nat(3_000), bytes: fc.uint8Array({ minLength: 1, maxLength: 60 }) }), { maxLength: 5 }), fc.constantFrom(13, 333, 100_000), (hits, step) => {
      const tags = tagsOf(40);
      const whole = film(tags);
      const bytes = Buffer.from(whole);
      for (const hit of hits) if (hit.at + FLV_HEADER.length + hit.bytes.length < bytes.length) bytes.set(hit.bytes, FLV_HEADER.length + hit.at);
      let from = FLV_HEADER.length;
      const spared = tags.flatMap((tag, i) => {
        const isSame = bytes.subarray(from, from + tag.length).equals(tag);
        from += tag.length;
        return isSame ? [i * 40] : [];
      });
      const found = read(bytes, step).tags.map(({ timestampMs }) => timestampMs);
      // In their order, and perhaps others between them: a tag whose stamp was hit is whole, and may have come to have the stamp of another.
      let next = 0;
      for (const stamp of found) if (stamp === spared[next]) next += 1;
      expect(spared.slice(next)).toEqual([]);
      expect(found.length).toBeLessThanOrEqual(40);
    }), { numRuns: 300, examples: [[[{ at: 2_891, bytes: Uint8Array.from([1]) }], 13]] });
  });

  it('reads on at once through sixteen megabytes of damage', () => {
    const tags = tagsOf(400, 100_000);
    tags[3]!.writeUIntBE(0xff_ff_ff, 1, 3);
    tags[200]!.fill(8);
    expect(stamps(read(film(tags), 256 * 1024))).toEqual(all(400, [3, 200]));
  });
});
