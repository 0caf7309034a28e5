import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Admission } from '../../../src/ingest/admission.js';
import { addressGroup, remoteAddress } from '../../../src/runtime/peer-address.js';
import { aacSound, avcPicture, hevcPicture } from '../../../src/ingest/sequence-header.js';
import { FakeClock } from '../../fakes/fake-clock.js';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');

/** Written by x264, as FFmpeg 5.1 puts them into FLV: high, baseline, interlaced, cropped, 4:4:4. */
const AVC_RECORDS: [number, number, string][] = [
  [1920, 1080, '01640028ffe1001b67640028acd940780227e5c044000003000400000300c83c60c65801000468ef8fcbfdf8f800'],
  [1920, 1080, '0142c028ffe100196742c028da01e0089f97011000000300100000030320f1832a01000468ce0fc8'],
  [1920, 1080, '01640028ffe1001a67640028acd94078044fde0220000003002000000643e2c5b2c001000468fe8fcbfdf8f800'],
  [640, 360, '0164001effe1001a6764001eacd940a063f3e022000003000200000300643e28532c01000468fe8fcbfdf8f800'],
  [642, 358, '0164001effe1001b6764001eacd940a42fe226c044000003000400000300c83c58b65801000468ef8fcbfdf8f800'],
  [642, 358, '0142c01effe100196742c01eda0290bf889b011000000300100000030320f162ea01000468ce0fc8'],
  [128, 66, '01f4000affe1001a67f4000a919b28417f1f80880000030008000003019078912cb001000668ebe3c44844fff8f8'],
];
const HEVC_RECORD =
  '0101600000009000000000003ff000fcfdf8f800000f01210001002c42010101600000030090000003000003003fa005120169c9596566924caf016808000003000800000300c840';

describe('codec headers', () => {
  it.each(AVC_RECORDS)('H.264 %ix%i (%s)', (width, height, record) => {
    expect(avcPicture(hex(record))).toEqual({ width, height });
  });

  it('HEVC, cropped', () => {
    expect(hevcPicture(hex(HEVC_RECORD))).toEqual({ width: 642, height: 358 });
  });

  it('never throws and never claims nonsense', () => {
    const good = AVC_RECORDS[0]?.[2] ?? '';
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat({ max: 60 }), (bytes, cut) => {
        for (const record of [Buffer.from(bytes), hex(good).subarray(0, cut)]) {
          for (const size of [avcPicture(record), hevcPicture(record)]) {
            if (size !== null) expect(size.width > 0 && size.height > 0 && size.width <= 16_384 && size.height <= 16_384).toBe(true);
          }
          aacSound(record);
        }
      }),
    );
  });

  it('AAC', () => {
    expect(aacSound(hex('1190'))).toEqual({ sampleRate: 48_000, channels: 2 });
    expect(aacSound(hex('1208'))).toEqual({ sampleRate: 44_100, channels: 1 });
    expect(aacSound(hex('15b8'))).toEqual({ sampleRate: 8000, channels: 8 });
    expect(aacSound(hex('17800bb810'))).toEqual({ sampleRate: 6000, channels: 2 });
    expect(aacSound(hex('11'))).toEqual({});
  });
});

describe('admission', () => {
  it('doubles the wait of an address up to 5 s, and forgets after a minute', () => {
    const clock = new FakeClock();
    const admission = new Admission(clock);
    expect(Array.from({ length: 7 }, () => admission.failed('10.0.0.1').delayMs)).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000]);
    expect(admission.failed('10.0.0.2').delayMs).toBe(250);
    clock.pass(61_000);
    expect(admission.failed('10.0.0.1').delayMs).toBe(250);
  });

  it('says so at most each 10 s, and remembers a bounded number of addresses', () => {
    const clock = new FakeClock();
    const admission = new Admission(clock);
    expect([admission.failed('a').log, admission.failed('a').log]).toEqual([true, false]);
    clock.pass(10_000);
    expect(admission.failed('a').log).toBe(true);
    for (let count = 0; count < 11_000; count += 1) admission.failed(`10.0.${count >> 8}.${count & 255}`);
    expect(admission.size).toBe(10_000);
  });

  it('takes an IPv6 host for one peer, whatever address of its network it uses', () => {
    expect(addressGroup('2001:db8:1:2:3:4:5:6')).toBe(addressGroup('2001:db8:1:2::9'));
    expect(addressGroup('2001:db8::1')).not.toBe(addressGroup('2001:db8:0:1::1'));
    expect(addressGroup('::1')).toBe('0:0:0:0::/64');
    expect(addressGroup('10.0.0.1')).toBe('10.0.0.1');
    expect(remoteAddress('::ffff:10.0.0.1')).toBe('10.0.0.1');
    expect(remoteAddress(undefined)).toBe('unknown');
  });
});
