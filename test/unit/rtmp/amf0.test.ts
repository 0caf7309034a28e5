import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { AMF0_LIMITS, amf0Fields, decodeAmf0, EcmaArray, encodeAmf0, type Amf0Value } from '../../../src/rtmp/amf0.js';
import { RtmpError } from '../../../src/rtmp/errors.js';

const leaf = fc.oneof(
  fc.double(),
  fc.boolean(),
  fc.string({ unit: 'binary' }),
  fc.constant(null),
  fc.constant(undefined),
  fc.date({ noInvalidDate: true }),
);
const { value } = fc.letrec<{ value: Amf0Value; fields: Record<string, Amf0Value> }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true, maxDepth: 6 },
    leaf,
    fc.array(tie('value'), { maxLength: 4 }),
    tie('fields'),
    tie('fields').map((fields) => new EcmaArray(fields)),
  ),
  // Keys that look like an array index are moved to the front by JavaScript, which only changes their order.
  fields: fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), tie('value'), { maxKeys: 4, noNullPrototype: false }),
}));

/** Null prototypes of decoded objects are on purpose; compare what they hold. */
function plain(input: Amf0Value): unknown {
  if (input instanceof EcmaArray) return { ecma: plain(input.fields) };
  if (Array.isArray(input)) return input.map(plain);
  const fields = amf0Fields(input);
  return fields === null ? input : Object.entries(fields).map(([key, inner]) => [key, plain(inner)]);
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof RtmpError) return error.code;
    throw error;
  }
  return 'none';
}

describe('amf0', () => {
  it('gives back what was written', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 4 }), (values) => {
        expect(decodeAmf0(encodeAmf0(values)).map(plain)).toEqual(values.map(plain));
      }),
    );
  });

  it('answers any bytes with values or an RtmpError', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void codeOf(() => decodeAmf0(Buffer.from(bytes)))));
  });

  it('says truncated for every prefix of a value', () => {
    const whole = encodeAmf0([{ a: [1, 'x', new Date(5)], b: new EcmaArray({ c: null }), long: 'y'.repeat(70_000) }]);
    for (let end = 1; end < whole.length; end += end < 100 ? 1 : 997) {
      const code = codeOf(() => decodeAmf0(whole.subarray(0, end), { ...AMF0_LIMITS, maxStringBytes: 100_000 }));
      expect(code).toBe('AMF_TRUNCATED');
    }
  });

  it('refuses what goes beyond a limit', () => {
    const nested = Buffer.concat(Array.from({ length: 3000 }, () => Buffer.from([3, 0, 1, 0x61])));
    expect(codeOf(() => decodeAmf0(nested))).toBe('AMF_DEPTH');
    const keys = Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`k${index}`, null]));
    expect(codeOf(() => decodeAmf0(encodeAmf0([keys])))).toBe('AMF_KEYS');
    expect(codeOf(() => decodeAmf0(encodeAmf0(['x'.repeat(65_537)])))).toBe('AMF_STRING');
    expect(codeOf(() => decodeAmf0(Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff])))).toBe('AMF_VALUES');
    expect(codeOf(() => decodeAmf0(Buffer.alloc(5000, 5)))).toBe('AMF_VALUES');
    expect(codeOf(() => decodeAmf0(Buffer.from([0x07, 0, 0])))).toBe('AMF_UNSUPPORTED');
    expect(codeOf(() => decodeAmf0(Buffer.from([0x11, 1])))).toBe('AMF_UNSUPPORTED');
    expect(codeOf(() => decodeAmf0(Buffer.from([0x0c, 0xff, 0xff, 0xff, 0xff])))).toBe('AMF_STRING');
    const cycle: Amf0Value[] = [];
    cycle.push(cycle);
    expect(codeOf(() => encodeAmf0(cycle))).toBe('AMF_DEPTH');
  });

  it('keeps a hostile key a key', () => {
    const [decoded] = decodeAmf0(encodeAmf0([JSON.parse('{"__proto__": {"polluted": true}}') as Amf0Value]));
    expect(Object.keys(amf0Fields(decoded) ?? {})).toEqual(['__proto__']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
