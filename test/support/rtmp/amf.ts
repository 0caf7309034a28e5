/** AMF0, as much of it as RTMP commands need. Written apart from src/rtmp on purpose: a bug there must not hide here. */

export type Amf = number | boolean | string | null | undefined | { [key: string]: Amf } | Amf[];

export function encodeAmf(...values: Amf[]): Buffer {
  return Buffer.concat(values.map(encodeOne));
}

function encodeOne(value: Amf): Buffer {
  if (value === null) return Buffer.from([5]);
  if (value === undefined) return Buffer.from([6]);
  if (typeof value === 'number') {
    const out = Buffer.alloc(9);
    out.writeDoubleBE(value, 1);
    return out;
  }
  if (typeof value === 'boolean') return Buffer.from([1, value ? 1 : 0]);
  if (typeof value === 'string') return Buffer.concat([Buffer.from([2]), shortText(value)]);
  if (Array.isArray(value)) {
    const head = Buffer.alloc(5);
    head[0] = 10;
    head.writeUInt32BE(value.length, 1);
    return Buffer.concat([head, ...value.map(encodeOne)]);
  }
  const parts = Object.entries(value).flatMap(([key, item]) => [shortText(key), encodeOne(item)]);
  return Buffer.concat([Buffer.from([3]), ...parts, Buffer.from([0, 0, 9])]);
}

function shortText(text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = Buffer.alloc(2);
  head.writeUInt16BE(bytes.length);
  return Buffer.concat([head, bytes]);
}

/** All values of a command. Throws a RangeError when they are cut short. */
export function decodeAmf(bytes: Buffer): Amf[] {
  const values: Amf[] = [];
  const at = { i: 0 };
  while (at.i < bytes.length) values.push(decodeOne(bytes, at));
  return values;
}

function decodeOne(bytes: Buffer, at: { i: number }): Amf {
  const kind = bytes.readUInt8(at.i++);
  const text = (length: number): string => {
    at.i += length;
    return bytes.toString('utf8', at.i - length, at.i);
  };
  const short = (): string => {
    at.i += 2;
    return text(bytes.readUInt16BE(at.i - 2));
  };
  const pairs = (): { [key: string]: Amf } => {
    const object: { [key: string]: Amf } = {};
    for (;;) {
      const key = short();
      if (key === '' && bytes[at.i] === 9) {
        at.i++;
        return object;
      }
      object[key] = decodeOne(bytes, at);
    }
  };
  switch (kind) {
    case 0: at.i += 8; return bytes.readDoubleBE(at.i - 8);
    case 1: return bytes.readUInt8(at.i++) !== 0;
    case 2: return short();
    case 3: return pairs();
    case 5: return null;
    case 6: return undefined;
    case 8: at.i += 4; return pairs();
    case 10: {
      at.i += 4;
      return Array.from({ length: bytes.readUInt32BE(at.i - 4) }, () => decodeOne(bytes, at));
    }
    case 12: at.i += 4; return text(bytes.readUInt32BE(at.i - 4));
    default: throw new RangeError(`AMF type ${kind}`);
  }
}
