import { describe, expect, it } from 'vitest';
import { PreviewViewer, type ViewerSocket } from '../../../src/egress/preview-viewer.js';
import { ProgramHub } from '../../../src/egress/program-hub.js';
import { ProgramStream, type ProgramItem } from '../../../src/egress/program-stream.js';
import { metadataPayload, parseMetadata, type MediaTag } from '../../../src/egress/program-tag.js';
import { FLV_HEADER, FlvParser, TAG_AUDIO, TAG_SCRIPT, TAG_VIDEO, encodeFlvTag, type FlvTag } from '../../../src/rtmp/flv.js';
import { audioHeader, frame, keyframe, program, sound, videoHeader } from './tags.js';

const metadata = { width: 640, height: 360, fps: 25, videoKbps: 500, audioKbps: 96, sampleRate: 48000, stereo: true, videoCodecId: 7, audioCodecId: 10 };

class FakeSocket implements ViewerSocket {
  bufferedAmount = 0;
  sent: Buffer[] = [];
  terminated = false;
  reads = true;
  send(data: Buffer): void {
    this.sent.push(data);
    if (!this.reads) this.bufferedAmount += data.length;
  }
  terminate(): void { this.terminated = true; }
  get tags(): FlvTag[] {
    const tags: FlvTag[] = [];
    new FlvParser((tag) => tags.push(tag)).push(Buffer.concat(this.sent));
    return tags;
  }
}

describe('PreviewViewer', () => {
  it('skips picture while the viewer is behind, begins again at a keyframe, and never skips sound', () => {
    let nowMs = 0;
    const socket = new FakeSocket();
    const viewer = new PreviewViewer(socket, () => nowMs);
    viewer.begin({ metadata, headers: [videoHeader(0), audioHeader(0)], tags: [keyframe(0)] });
    socket.reads = false;
    socket.bufferedAmount = 2e6;
    [frame(40), sound(40), keyframe(80), frame(120), sound(120)].forEach((tag) => viewer.tag(tag));
    expect(viewer.droppedFrames).toBe(3);
    socket.bufferedAmount = 1e5;
    [frame(160), sound(160), keyframe(200), frame(240)].forEach((tag) => viewer.tag(tag));
    expect(viewer.droppedFrames).toBe(4);
    expect(socket.tags.filter((tag) => tag.payload[1] !== 0 || tag.type === TAG_SCRIPT).map((tag) => [tag.type, tag.timestampMs]))
      .toEqual([[TAG_SCRIPT, 0], [9, 0], [8, 40], [8, 120], [8, 160], [9, 200], [9, 240]]);
    socket.bufferedAmount = 2e6;
    viewer.tick();
    nowMs = 14_999;
    viewer.tick();
    expect(socket.terminated).toBe(false);
    nowMs = 15_000;
    viewer.tick();
    expect(socket.terminated).toBe(true);
  });
});

describe('ProgramHub', () => {
  it('gives a newcomer the GOP, nothing that is stale, and nothing of before a change of headers', () => {
    let nowMs = 0;
    const hub = new ProgramHub(() => nowMs);
    const tags = [videoHeader(0), audioHeader(0), ...program(0, 1500)];
    tags.forEach((tag) => hub.tag(tag));
    const begin = hub.begin();
    expect(begin.headers).toHaveLength(2);
    expect(begin.tags[0]).toMatchObject({ timeMs: 1000, keyframe: true });
    expect(begin.tags).toEqual(tags.filter((tag) => tag.timeMs >= 1000));
    hub.tag(videoHeader(1500, 9));
    expect(hub.begin().tags).toEqual([]);
    hub.tag(keyframe(1500));
    expect(hub.begin().tags).toHaveLength(1);
    nowMs = 6000;
    expect(hub.begin()).toMatchObject({ tags: [] });
    expect(hub.begin().headers[0]!.payload.at(-1)).toBe(9);
  });

  it('keeps no GOP that is longer than anybody may set, counts it once, and keeps the next', () => {
    const hub = new ProgramHub(() => 0);
    hub.tag(keyframe(0));
    for (let ms = 40; ms < 13_000; ms += 40) hub.tag(frame(ms));
    expect(hub.begin().tags).toEqual([]);
    expect(hub.cacheOverflows).toBe(1);
    for (const tag of [keyframe(13_000), frame(13_040)]) hub.tag(tag);
    expect(hub.begin().tags).toHaveLength(2);
    for (let i = 0; i < 70; i++) hub.tag(frame(13_080 + i, 1024 * 1024));
    expect(hub.begin().tags).toEqual([]);
    expect(hub.cacheOverflows).toBe(2);
  });
});

describe('ProgramStream', () => {
  function read(nowMs: number, extra: Record<string, string>, tags: [number, number, Buffer][]): { items: ProgramItem[]; guessed: boolean } {
    const items: ProgramItem[] = [];
    const stream = new ProgramStream(() => nowMs, (item) => items.push(item));
    stream.push(Buffer.concat([FLV_HEADER, encodeFlvTag(TAG_SCRIPT, 0, metadataPayload(metadata, extra)),
      ...tags.map(([type, ms, payload]) => encodeFlvTag(type as 8 | 9, ms, payload))]));
    return { items, guessed: stream.guessedTime };
  }
  const media = (items: ProgramItem[]): MediaTag[] => items.flatMap((item) => (item.kind === 'media' ? [item.tag] : []));
  const picture = Buffer.from([0x17, 1, 0, 0, 0]);

  it('puts stamps into program time, over 2³¹ ms as well', () => {
    const { items, guessed } = read(5_000_100, { program_ms: '5000000.4' }, [[TAG_VIDEO, 0x7fffffff, picture], [TAG_AUDIO, 10, Buffer.from([0xaf, 1])]]);
    expect(guessed).toBe(true);
    expect(media(items)[1]!.timeMs - media(items)[0]!.timeMs).toBe(11);
    const plain = read(5_000_100, { program_ms: '5000000.4' }, [[TAG_VIDEO, 40, picture]]);
    expect(plain.guessed).toBe(false);
    expect(media(plain.items)[0]!.timeMs).toBe(5_000_040);
    expect(plain.items[0]).toMatchObject({ kind: 'metadata', programMs: 5_000_000 });
  });

  it('takes the time of arrival for a program time that is missing or cannot be', () => {
    for (const extra of [{}, { program_ms: 'NaN' }, { program_ms: '-5' }, { program_ms: '17' }, { program_ms: '99999999999' }] as Record<string, string>[]) {
      const { items, guessed } = read(5_000_100.6, extra, [[TAG_VIDEO, 40, picture]]);
      expect(guessed).toBe(true);
      expect(media(items)[0]!.timeMs).toBe(5_000_101);
    }
  });

  it('drops "end of sequence" and refuses what runs ahead of the clock', () => {
    expect(media(read(1000, { program_ms: '1000' }, [[TAG_VIDEO, 0, Buffer.from([0x17, 2, 0, 0, 0])], [TAG_VIDEO, 0, Buffer.alloc(0)]]).items)).toEqual([]);
    expect(() => read(1000, { program_ms: '1000' }, [[TAG_VIDEO, 0, picture], [TAG_VIDEO, 3_600_000, picture]])).toThrow(/ahead/);
  });

  it('passes on what far ends use of the description, and not our own field', () => {
    const { items } = read(1000, { program_ms: '1000' }, []);
    expect(items[0]).toMatchObject({ kind: 'metadata', metadata });
    expect(parseMetadata(metadataPayload(metadata))).toEqual({ metadata, programMs: null });
  });
});
