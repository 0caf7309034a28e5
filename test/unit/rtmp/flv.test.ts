import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FLV_HEADER, FlvError, FlvParser, TAG_AUDIO, TAG_SCRIPT, TAG_VIDEO, FlvTimestampUnwrapper, describeAudio, describeVideo,
  encodeFlvTag, type FlvTag,
} from '../../../src/rtmp/flv.js';

function parse(bytes: Buffer, cut: number): FlvTag[] {
  const tags: FlvTag[] = [];
  const parser = new FlvParser((tag) => tags.push(tag));
  for (let at = 0; at < bytes.length; at += cut) parser.push(bytes.subarray(at, at + cut));
  return tags;
}

describe('FLV', () => {
  it('reads back what it wrote, however the bytes are cut', () => {
    const tag = fc.record({
      type: fc.constantFrom(TAG_AUDIO, TAG_VIDEO, TAG_SCRIPT),
      timestampMs: fc.oneof(fc.nat(0xffffffff), fc.constantFrom(0xffffff, 0x1000000, 0x7fffffff, 0x80000000, 0xffffffff)),
      payload: fc.uint8Array({ maxLength: 70 }).map((bytes) => Buffer.from(bytes)),
    });
    fc.assert(fc.property(fc.array(tag, { maxLength: 12 }), fc.integer({ min: 1, max: 40 }), (tags, cut) => {
      const bytes = Buffer.concat([FLV_HEADER, ...tags.map((t) => encodeFlvTag(t.type, t.timestampMs, t.payload))]);
      expect(parse(bytes, cut)).toEqual(tags);
    }));
  });

  it('says where a tag border is', () => {
    const parser = new FlvParser(() => undefined);
    const tag = encodeFlvTag(TAG_AUDIO, 5, Buffer.from([1, 2, 3]));
    parser.push(Buffer.concat([FLV_HEADER, tag.subarray(0, 7)]));
    expect(parser.atBoundary).toBe(false);
    parser.push(tag.subarray(7));
    expect(parser.atBoundary).toBe(true);
  });

  it('refuses garbage and never throws anything else', () => {
    expect(() => parse(Buffer.from('GET / HTTP/1.1\r\n\r\n'), 5)).toThrow(FlvError);
    expect(() => parse(Buffer.concat([FLV_HEADER, Buffer.from([7, ...new Array<number>(10).fill(0)])]), 30)).toThrow(FlvError);
    const outOfStep = encodeFlvTag(TAG_AUDIO, 1, Buffer.alloc(4));
    outOfStep.writeUInt32BE(3, outOfStep.length - 4);
    expect(() => parse(Buffer.concat([FLV_HEADER, outOfStep]), 9)).toThrow(/out of step/);
    const tooLarge = new FlvParser(() => undefined, { maxTagBytes: 10 });
    expect(() => tooLarge.push(Buffer.concat([FLV_HEADER, encodeFlvTag(TAG_VIDEO, 0, Buffer.alloc(11))]))).toThrow(FlvError);
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        parse(Buffer.concat([FLV_HEADER, Buffer.from(bytes)]), 7);
      } catch (error) {
        expect(error).toBeInstanceOf(FlvError);
      }
    }));
  });

  it('unwraps stamps at 2³¹ (FFmpeg) and 2³² (others), and keeps small steps back', () => {
    const ffmpeg = new FlvTimestampUnwrapper();
    expect([0x7ffffff0, 0x7fffffff, 5, 3, 40].map((t) => ffmpeg.unwrap(t)))
      .toEqual([0x7ffffff0, 0x7fffffff, 0x80000005, 0x80000003, 0x80000028]);
    const other = new FlvTimestampUnwrapper();
    expect([0xfffffff0, 0xffffffff, 7].map((t) => other.unwrap(t))).toEqual([0xfffffff0, 0xffffffff, 0x100000007]);
  });

  it('tells headers, keyframes, frames and ends apart', () => {
    const video = (...bytes: number[]): unknown => describeVideo(Buffer.from(bytes));
    expect(video(0x17, 0)).toEqual({ packet: 'header', codec: 'avc', keyframe: false });
    expect(video(0x17, 1)).toEqual({ packet: 'frames', codec: 'avc', keyframe: true });
    expect(video(0x27, 1)).toEqual({ packet: 'frames', codec: 'avc', keyframe: false });
    expect(video(0x17, 2)).toEqual({ packet: 'end', codec: 'avc', keyframe: false });
    expect(video(0x90, 0x68, 0x76, 0x63, 0x31)).toEqual({ packet: 'header', codec: 'hevc', keyframe: false });
    expect(video(0x91, 0x68, 0x76, 0x63, 0x31)).toEqual({ packet: 'frames', codec: 'hevc', keyframe: true });
    expect(video(0xa3, 0x61, 0x76, 0x30, 0x31)).toEqual({ packet: 'frames', codec: 'av1', keyframe: false });
    expect(video(0x90)).toMatchObject({ packet: 'other' });
    expect(video()).toMatchObject({ packet: 'other' });
    expect(describeAudio(Buffer.from([0xaf, 0]))).toMatchObject({ packet: 'header', codec: 'aac' });
    expect(describeAudio(Buffer.from([0xaf, 1]))).toMatchObject({ packet: 'frames', codec: 'aac' });
    expect(describeAudio(Buffer.from('\x90Opus', 'latin1'))).toMatchObject({ packet: 'header', codec: 'opus' });
  });
});
