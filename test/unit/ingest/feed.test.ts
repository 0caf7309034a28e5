import { beforeEach, describe, expect, it } from 'vitest';

import { CameraFeed, type Publication } from '../../../src/ingest/feed.js';
import { FEED_LIMITS } from '../../../src/ingest/limits.js';
import { describeVideo, FlvParser, TAG_AUDIO, TAG_SCRIPT, TAG_VIDEO, type FlvTag } from '../../../src/rtmp/flv.js';
import { encodeAmf0, EcmaArray } from '../../../src/rtmp/amf0.js';
import { FakeClock } from '../../fakes/fake-clock.js';

const VIDEO_HEADER = Buffer.from('17000000000142c01effe100', 'hex');
const AUDIO_HEADER = Buffer.from('af001190', 'hex');
const key = (bytes = 10): Buffer => Buffer.concat([Buffer.from('1701000000', 'hex'), Buffer.alloc(bytes, 1)]);
const frame = (bytes = 10): Buffer => Buffer.concat([Buffer.from('2701000000', 'hex'), Buffer.alloc(bytes, 2)]);
const sound = (): Buffer => Buffer.from('af0122222222', 'hex');
const metadata = (): Buffer => encodeAmf0(['onMetaData', new EcmaArray({ width: 640, height: 360, framerate: 29.97 })]);

/** A reader that takes what it gets, or keeps it in its queue while `stuck`. */
class Sink {
  readonly tags: FlvTag[] = [];
  writableLength = 0;
  stuck = false;
  readonly #parser = new FlvParser((tag) => this.tags.push(tag));

  write(bytes: Buffer): boolean {
    if (this.stuck) this.writableLength += bytes.length;
    this.#parser.push(bytes);
    return !this.stuck;
  }

  get times(): number[] {
    return this.tags.map((tag) => tag.timestampMs);
  }

  get kinds(): string {
    return this.tags
      .map((tag) => (tag.type === TAG_SCRIPT ? 'S' : tag.type === TAG_AUDIO ? (tag.payload[1] === 0 ? 'A' : 'a') : describeVideo(tag.payload).packet === 'header' ? 'V' : describeVideo(tag.payload).keyframe ? 'K' : 'f'))
      .join('');
  }
}

let clock: FakeClock;
let feed: CameraFeed;
beforeEach(() => {
  clock = new FakeClock();
  feed = new CameraFeed('cam', clock, { ...FEED_LIMITS, cacheBytes: 1000, cacheMs: 2000, queueBytes: 500 });
});

function start(): Publication {
  const publication = feed.begin('10.0.0.1');
  feed.media(publication, TAG_SCRIPT, 0, metadata());
  feed.media(publication, TAG_VIDEO, 0, VIDEO_HEADER);
  feed.media(publication, TAG_AUDIO, 0, AUDIO_HEADER);
  return publication;
}

describe('a camera feed', () => {
  it('keeps a reader waiting, then gives it all', () => {
    const sink = new Sink();
    feed.addReader(sink);
    expect(sink.tags).toEqual([]);
    const publication = start();
    feed.media(publication, TAG_VIDEO, 0, key());
    feed.media(publication, TAG_VIDEO, 40, frame());
    expect(sink.kinds).toBe('SVAKf');
  });

  it('gives a late reader headers and everything since the last keyframe', () => {
    const publication = start();
    for (const [time, payload] of [[0, key()], [40, frame()], [80, key()], [120, frame()]] as const) feed.media(publication, TAG_VIDEO, time, payload);
    feed.media(publication, TAG_AUDIO, 121, sound());
    const sink = new Sink();
    feed.addReader(sink);
    expect(sink.kinds).toBe('SVAKfa');
    expect(sink.times).toEqual([0, 0, 0, 80, 120, 121]);
  });

  it('gives up a GOP that grows too big or too long, and a reader then waits for a keyframe', () => {
    for (const grow of [(p: Publication) => feed.media(p, TAG_VIDEO, 40, frame(2000)), (p: Publication) => feed.media(p, TAG_VIDEO, 2100, frame())]) {
      const publication = start();
      feed.media(publication, TAG_VIDEO, 0, key());
      grow(publication);
      const sink = new Sink();
      feed.addReader(sink);
      feed.media(publication, TAG_VIDEO, 2200, frame());
      feed.media(publication, TAG_AUDIO, 2200, sound());
      feed.media(publication, TAG_VIDEO, 2240, key());
      expect(sink.kinds).toBe('SVAaK');
    }
  });

  it('continues one timeline over publishers, at the pace of the clock', () => {
    const sink = new Sink();
    feed.addReader(sink);
    const first = feed.begin('10.0.0.1');
    for (const [time, payload] of [[0, VIDEO_HEADER], [0, key()], [40, frame()]] as const) feed.media(first, TAG_VIDEO, 5_000_000_000 + time, payload);
    feed.end(first);
    clock.pass(10_000);
    const second = feed.begin('10.0.0.2');
    feed.media(second, TAG_VIDEO, 7, VIDEO_HEADER);
    feed.media(second, TAG_VIDEO, 7, key());
    feed.media(second, TAG_VIDEO, 47, frame());
    expect(sink.times).toEqual([0, 0, 40, 10_000, 10_000, 10_040]);
  });

  it('never steps below 0, whatever the publisher does', () => {
    const sink = new Sink();
    feed.addReader(sink);
    const publication = start();
    for (const time of [0, 3_600_000, 0, -3_600_000, -3_599_960]) feed.media(publication, TAG_VIDEO, time, key());
    expect(sink.times.slice(3)).toEqual([0, 3_600_000, 0, 3_600_001, 3_600_041]);
  });

  it('listens to the present publisher alone, and shows new frames only from a keyframe on', () => {
    const sink = new Sink();
    feed.addReader(sink);
    const old = start();
    feed.media(old, TAG_VIDEO, 0, key());
    const next = feed.begin('10.0.0.2');
    feed.media(old, TAG_VIDEO, 40, frame());
    feed.end(old);
    expect(feed.publication).toBe(next);
    feed.media(next, TAG_VIDEO, 0, VIDEO_HEADER);
    feed.media(next, TAG_VIDEO, 0, frame());
    feed.media(next, TAG_VIDEO, 40, key());
    expect(sink.kinds).toBe('SVAKVK');
  });

  it('drops whole GOP tails for a slow reader, counts them, and repeats the headers', () => {
    const slow = new Sink();
    const quick = new Sink();
    const reader = feed.addReader(slow);
    feed.addReader(quick);
    const publication = start();
    slow.stuck = true;
    feed.media(publication, TAG_VIDEO, 0, key(200));
    for (let time = 40; time < 400; time += 40) feed.media(publication, TAG_VIDEO, time, frame(100));
    const before = slow.kinds;
    expect(before).toBe('SVAKff');
    feed.media(publication, TAG_VIDEO, 400, key(100));
    expect(slow.kinds).toBe(before);
    slow.stuck = false;
    slow.writableLength = 0;
    reader?.drained();
    feed.media(publication, TAG_AUDIO, 420, sound());
    feed.media(publication, TAG_VIDEO, 440, frame());
    feed.media(publication, TAG_VIDEO, 480, key());
    expect(slow.kinds).toBe(`${before}SVAK`);
    expect(quick.kinds).toBe('SVAKfffffffffKafK');
    expect(feed.dropped).toBe(10);
  });

  it('does not count what a late reader was given from the cache against its queue', () => {
    const publication = start();
    feed.media(publication, TAG_VIDEO, 0, key(800));
    const sink = new Sink();
    sink.stuck = true;
    feed.addReader(sink);
    feed.media(publication, TAG_VIDEO, 40, frame(100));
    expect(sink.kinds).toBe('SVAKf');
  });

  it('drops and resumes sound alone', () => {
    const sink = new Sink();
    feed.addReader(sink);
    const publication = feed.begin('10.0.0.1');
    feed.media(publication, TAG_AUDIO, 0, AUDIO_HEADER);
    sink.stuck = true;
    for (let time = 0; time < 1000; time += 20) feed.media(publication, TAG_AUDIO, time, sound());
    sink.stuck = false;
    sink.writableLength = 0;
    feed.media(publication, TAG_AUDIO, 1000, sound());
    expect(sink.times.at(-1)).toBe(1000);
    expect(feed.dropped).toBeGreaterThan(10);
  });

  it('takes so many readers and no more', () => {
    for (let count = 0; count < FEED_LIMITS.maxReaders; count += 1) expect(feed.addReader(new Sink())).not.toBeNull();
    expect(feed.addReader(new Sink())).toBeNull();
  });

  it('knows rate, frame rate and age', () => {
    const publication = start();
    for (let index = 0; index <= 60; index += 1) {
      feed.media(publication, TAG_VIDEO, Math.round((index * 1001) / 30), index % 30 === 0 ? key(995) : frame(995));
      clock.pass(1001 / 30);
    }
    expect(publication.facts.video).toMatchObject({ codec: 'h264', width: 640, height: 360, fps: 29.97 });
    expect(publication.facts.audio).toEqual({ codec: 'aac', sampleRate: 48_000, channels: 2 });
    expect(publication.facts.kbps).toBeGreaterThan(220);
    expect(publication.facts.kbps).toBeLessThan(260);
    clock.pass(5000);
    expect(publication.facts.ageMs).toBeGreaterThan(4900);
    expect(publication.facts.kbps).toBe(0);
  });
});
