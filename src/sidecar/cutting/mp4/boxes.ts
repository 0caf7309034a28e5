/** Boxes of the ISO base media file format (ISO/IEC 14496-12, 4.2): found in bytes, and made of parts. */

export interface Box {
  type: string;
  /** What is in it, without its head. */
  body: Buffer;
  /** All of it. */
  whole: Buffer;
}

/** The boxes that lie one after another in `bytes`. What does not fit ends the list: a damaged box hides those behind it. */
export function boxesIn(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  let at = 0;
  while (at + 8 <= bytes.length) {
    const head = boxHead(bytes.subarray(at), bytes.length - at);
    if (!head || at + head.size > bytes.length) break;
    boxes.push({ type: head.type, body: bytes.subarray(at + head.headBytes, at + head.size), whole: bytes.subarray(at, at + head.size) });
    at += head.size;
  }
  return boxes;
}

export function boxIn(bytes: Buffer, ...path: string[]): Buffer | null {
  let body: Buffer | null = bytes;
  for (const type of path) body = body && (boxesIn(body).find((box) => box.type === type)?.body ?? null);
  return body;
}

export interface BoxHead { type: string; headBytes: number; size: number }

/** @param rest bytes from the box's start to the end of what it lies in: a size of 0 means all of it. Null when it makes no sense. */
export function boxHead(bytes: Buffer, rest: number): BoxHead | null {
  if (bytes.length < 8) return null;
  const short = bytes.readUInt32BE(0);
  const type = bytes.toString('latin1', 4, 8);
  if (short === 1) {
    if (bytes.length < 16) return null;
    const size = Number(bytes.readBigUInt64BE(8));
    return size >= 16 ? { type, headBytes: 16, size } : null;
  }
  if (short === 0) return { type, headBytes: 8, size: rest };
  return short >= 8 ? { type, headBytes: 8, size: short } : null;
}

export function box(type: string, ...parts: (Buffer | readonly Buffer[])[]): Buffer {
  const body = Buffer.concat(parts.flat());
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

/** With a version and flags in front. */
export function fullBox(type: string, version: number, flags: number, ...parts: Buffer[]): Buffer {
  return box(type, u32((version << 24) | flags), parts);
}

/** Big-endian, 32 bits each. */
export const u32 = (...values: number[]): Buffer => u32s(values);

/** The same of a list, however long. */
export function u32s(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => bytes.writeUInt32BE(value >>> 0, i * 4));
  return bytes;
}

export function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, i) => bytes.writeUInt16BE(value & 0xffff, i * 2));
  return bytes;
}

export function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
