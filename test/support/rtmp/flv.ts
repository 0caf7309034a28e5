/** FLV tags, read and written, for tests. */

export interface Tag {
  /** 8 sound, 9 picture, 18 data. */
  type: number;
  timestampMs: number;
  body: Buffer;
}

export const flvHeader = Buffer.from([0x46, 0x4c, 0x56, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0]);

/** Every whole tag of a file; a cut end is left out. */
export function readTags(file: Buffer): Tag[] {
  if (file.length < 13 || file.toString('latin1', 0, 3) !== 'FLV') throw new Error('not FLV');
  const tags: Tag[] = [];
  for (let at = 13; at + 11 <= file.length;) {
    const size = file.readUIntBE(at + 1, 3);
    if (at + 11 + size > file.length) break;
    tags.push({
      type: file[at]! & 31,
      timestampMs: file.readUIntBE(at + 4, 3) + file[at + 7]! * 0x1000000,
      body: file.subarray(at + 11, at + 11 + size),
    });
    at += 11 + size + 4;
  }
  return tags;
}

export function writeTag({ type, timestampMs, body }: Tag): Buffer {
  const head = Buffer.alloc(11);
  head[0] = type;
  head.writeUIntBE(body.length, 1, 3);
  head.writeUIntBE(timestampMs & 0xffffff, 4, 3);
  head[7] = (timestampMs >>> 24) & 0xff;
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(11 + body.length);
  return Buffer.concat([head, body, tail]);
}

export function isSequenceHeader({ type, body }: Tag): boolean {
  if (type === 9) return (body[0]! & 0x80) !== 0 ? (body[0]! & 15) === 0 : (body[0]! & 15) === 7 && body[1] === 0;
  return type === 8 && body[0]! >> 4 === 10 && body[1] === 0;
}

export function isKeyframe({ type, body }: Tag): boolean {
  return type === 9 && ((body[0]! >> 4) & 7) === 1;
}

/** Presentation time of a picture tag: its timestamp and AVC's composition offset. */
export function pictureTimeMs(tag: Tag): number {
  if ((tag.body[0]! & 0x80) !== 0 || (tag.body[0]! & 15) !== 7) return tag.timestampMs;
  const offset = tag.body.readIntBE(2, 3);
  return tag.timestampMs + offset;
}
