import { RtmpError } from './errors.js';

/** AMF0 (Adobe "Action Message Format -- AMF 0", 2007), as far as RTMP needs it, with bounds on what a peer may send. */
export type Amf0Value = number | boolean | string | null | undefined | Date | EcmaArray | Amf0Value[] | Amf0Object;

/** An anonymous object. Decoded ones have no prototype, so that a key named `__proto__` is only a key. */
export interface Amf0Object {
  [key: string]: Amf0Value;
}

/** An associative array, which is what `onMetaData` carries; it differs from an object only on the wire. */
export class EcmaArray {
  constructor(readonly fields: Amf0Object) {}
}

/** Bounds on one decoded message. `maxKeys` counts one object's keys, `maxValues` all values of the message. */
export interface Amf0Limits {
  maxDepth: number;
  maxKeys: number;
  maxStringBytes: number;
  maxValues: number;
}

export const AMF0_LIMITS: Readonly<Amf0Limits> = {
  maxDepth: 16,
  maxKeys: 256,
  maxStringBytes: 65_536,
  maxValues: 4096,
};

const enum Marker {
  Number = 0x00,
  Boolean = 0x01,
  String = 0x02,
  Object = 0x03,
  Null = 0x05,
  Undefined = 0x06,
  EcmaArray = 0x08,
  ObjectEnd = 0x09,
  StrictArray = 0x0a,
  Date = 0x0b,
  LongString = 0x0c,
  Unsupported = 0x0d,
  XmlDocument = 0x0f,
  TypedObject = 0x10,
}

class Decoder {
  private at = 0;
  private values = 0;

  constructor(
    private readonly bytes: Buffer,
    private readonly limits: Readonly<Amf0Limits>,
  ) {}

  all(): Amf0Value[] {
    const out: Amf0Value[] = [];
    while (this.at < this.bytes.length) out.push(this.value(0));
    return out;
  }

  private take(count: number): number {
    const start = this.at;
    if (count > this.bytes.length - start) throw new RtmpError('AMF_TRUNCATED', 'AMF0 value is cut short');
    this.at = start + count;
    return start;
  }

  private text(length: number): string {
    if (length > this.limits.maxStringBytes) throw new RtmpError('AMF_STRING', 'AMF0 string is too long');
    const start = this.take(length);
    return this.bytes.toString('utf8', start, start + length);
  }

  private shortText(): string {
    return this.text(this.bytes.readUInt16BE(this.take(2)));
  }

  private fields(depth: number): Amf0Object {
    const object = Object.create(null) as Amf0Object;
    for (let keys = 0; ; keys += 1) {
      const key = this.shortText();
      if (key === '' && this.bytes[this.at] === Marker.ObjectEnd) {
        this.at += 1;
        return object;
      }
      if (keys >= this.limits.maxKeys) throw new RtmpError('AMF_KEYS', 'AMF0 object has too many keys');
      object[key] = this.value(depth + 1);
    }
  }

  private value(depth: number): Amf0Value {
    if (depth >= this.limits.maxDepth) throw new RtmpError('AMF_DEPTH', 'AMF0 value is nested too deep');
    if ((this.values += 1) > this.limits.maxValues) throw new RtmpError('AMF_VALUES', 'AMF0 holds too many values');
    const marker = this.bytes[this.take(1)];
    switch (marker) {
      case Marker.Number:
        return this.bytes.readDoubleBE(this.take(8));
      case Marker.Boolean:
        return this.bytes[this.take(1)] !== 0;
      case Marker.String:
        return this.shortText();
      case Marker.LongString:
      case Marker.XmlDocument:
        return this.text(this.bytes.readUInt32BE(this.take(4)));
      case Marker.Object:
        return this.fields(depth);
      case Marker.TypedObject:
        this.shortText();
        return this.fields(depth);
      case Marker.EcmaArray:
        // The count is only a hint, and peers get it wrong; the end marker decides.
        this.take(4);
        return new EcmaArray(this.fields(depth));
      case Marker.StrictArray: {
        const count = this.bytes.readUInt32BE(this.take(4));
        if (count > this.limits.maxValues) throw new RtmpError('AMF_VALUES', 'AMF0 array is too long');
        const items: Amf0Value[] = [];
        for (let index = 0; index < count; index += 1) items.push(this.value(depth + 1));
        return items;
      }
      case Marker.Date: {
        const start = this.take(10);
        return new Date(this.bytes.readDoubleBE(start));
      }
      case Marker.Null:
        return null;
      case Marker.Undefined:
      case Marker.Unsupported:
        return undefined;
      default:
        // References could build cycles and AMF3 has no use here: both are refused.
        throw new RtmpError('AMF_UNSUPPORTED', `AMF0 marker ${String(marker)} is not supported`);
    }
  }
}

/**
 * Decode every value in `bytes`, one after another.
 * @throws RtmpError `AMF_*`, and nothing else.
 */
export function decodeAmf0(bytes: Buffer, limits: Readonly<Amf0Limits> = AMF0_LIMITS): Amf0Value[] {
  return new Decoder(bytes, limits).all();
}

function key(out: Buffer[], name: string): void {
  const text = Buffer.from(name, 'utf8');
  if (text.length > 0xffff) throw new RtmpError('AMF_STRING', 'AMF0 key is too long');
  const head = Buffer.allocUnsafe(2);
  head.writeUInt16BE(text.length, 0);
  out.push(head, text);
}

function encodeFields(out: Buffer[], fields: Amf0Object, depth: number): void {
  for (const [name, value] of Object.entries(fields)) {
    key(out, name);
    encodeValue(out, value, depth + 1);
  }
  out.push(Buffer.from([0, 0, Marker.ObjectEnd]));
}

function marked(marker: Marker, length: number): Buffer {
  const head = Buffer.alloc(1 + length);
  head[0] = marker;
  return head;
}

function encodeValue(out: Buffer[], value: Amf0Value, depth: number): void {
  if (depth >= AMF0_LIMITS.maxDepth) throw new RtmpError('AMF_DEPTH', 'AMF0 value is nested too deep');
  if (value === null) out.push(marked(Marker.Null, 0));
  else if (value === undefined) out.push(marked(Marker.Undefined, 0));
  else if (typeof value === 'number') {
    const head = marked(Marker.Number, 8);
    head.writeDoubleBE(value, 1);
    out.push(head);
  } else if (typeof value === 'boolean') out.push(Buffer.from([Marker.Boolean, value ? 1 : 0]));
  else if (typeof value === 'string') {
    const text = Buffer.from(value, 'utf8');
    const long = text.length > 0xffff;
    const head = marked(long ? Marker.LongString : Marker.String, long ? 4 : 2);
    if (long) head.writeUInt32BE(text.length, 1);
    else head.writeUInt16BE(text.length, 1);
    out.push(head, text);
  } else if (value instanceof Date) {
    const head = marked(Marker.Date, 10);
    head.writeDoubleBE(value.getTime(), 1);
    out.push(head);
  } else if (value instanceof EcmaArray) {
    const head = marked(Marker.EcmaArray, 4);
    head.writeUInt32BE(Object.keys(value.fields).length, 1);
    out.push(head);
    encodeFields(out, value.fields, depth);
  } else if (Array.isArray(value)) {
    const head = marked(Marker.StrictArray, 4);
    head.writeUInt32BE(value.length, 1);
    out.push(head);
    for (const item of value) encodeValue(out, item, depth + 1);
  } else {
    out.push(marked(Marker.Object, 0));
    encodeFields(out, value, depth);
  }
}

/**
 * Encode values one after another; strings above 65,535 bytes become long strings.
 * @throws RtmpError `AMF_DEPTH` (also for cycles) or `AMF_STRING` for a key that cannot be written.
 */
export function encodeAmf0(values: readonly Amf0Value[]): Buffer {
  const out: Buffer[] = [];
  for (const value of values) encodeValue(out, value, 0);
  return Buffer.concat(out);
}

/** The fields of an object or associative array; null for every other value. */
export function amf0Fields(value: Amf0Value): Amf0Object | null {
  if (value instanceof EcmaArray) return value.fields;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Date) return null;
  return value;
}
