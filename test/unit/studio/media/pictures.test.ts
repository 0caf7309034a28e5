/** What makes small pictures: arguments, the lane, what is kept, and what a file says of itself. */
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MediaFacts } from '../../../../src/protocol/media.js';
import { factsOf, mediaKind, mediaStateOf, type FileKind } from '../../../../src/studio/media/facts.js';
import { FileCache } from '../../../../src/studio/media/file-cache.js';
import { ANSWER_MS, JobLane, MOST_WAITING } from '../../../../src/studio/media/lane.js';
import { bucketFor, PeakReader, thumbnailArgs, waveformArgs, widthFor } from '../../../../src/studio/media/picture-args.js';
import { FakeClock, settled } from '../../../fakes/fake-clock.js';
import { removeFolder, tempFolder } from '../../../support/temp.js';

describe('arguments', () => {
  test('of a small picture: one thread, one file of a known kind, the keyframe before', () => {
    expect(thumbnailArgs({ real: '/m/a.mp4', kind: 'media', atMs: 1500, width: 160, nearest: 'before' }).map((arg) => (arg.length > 60 && arg.includes('matroska') ? 'FORMATS' : arg)).join(' ')).toBe(
      '-nostdin -v error -threads 1 -protocol_whitelist file -format_whitelist FORMATS -max_pixels 134217728 -noaccurate_seek -skip_frame nokey -ss 1.5 -i file:/m/a.mp4 ' +
      '-map 0:V:0 -frames:v 1 -vf scale=160:160:force_original_aspect_ratio=decrease:force_divisible_by=2,format=yuvj420p -threads 1 -q:v 5 -f mjpeg pipe:1',
    );
    expect(thumbnailArgs({ real: '/m/a.png', kind: 'image', atMs: 0, width: 160, nearest: 'before' }).join(' ')).not.toContain('-ss');
    expect([1, 80, 81, 320, 641].map(widthFor)).toEqual([80, 80, 160, 320, 640]);
  });

  test('of a waveform: never more than 36,000 peaks, each of a whole number of samples', () => {
    expect(bucketFor(null)).toBe(20);
    expect(bucketFor(600_000)).toBe(20);
    expect(bucketFor(7_200_000)).toBe(200);
    expect(bucketFor(30 * 24 * 3600_000) % 10).toBe(0);
    expect(waveformArgs({ real: '/m/a.mp4', kind: 'media', bucketMs: 20 }).join(' ')).toContain('asetnsamples=n=320:p=0');
  });

  test('peaks are read as they come, cut anywhere', () => {
    const text = 'frame:0 pts:0 pts_time:0\nlavfi.astats.Overall.Peak_level=-6.0206\nframe:1 pts:320\nlavfi.astats.Overall.Peak_level=-inf\nlavfi.astats.Overall.Peak_level=3.5\nlavfi.astats.Overall.Peak_level=nan\n';
    for (const step of [1, 7, text.length]) {
      const reader = new PeakReader();
      for (let at = 0; at < text.length; at += step) reader.add(text.slice(at, at + step));
      expect(reader.result(20)).toEqual({ bucketMs: 20, peaks: [0.5, 0, 1, 0] });
    }
  });
});

describe('what a file says of itself', () => {
  const said = (answer: object, kind: FileKind): MediaFacts | undefined => {
    const looked = factsOf(JSON.stringify(answer), kind);
    return looked.is === 'found' ? looked.facts : undefined;
  };
  test('is how long it is, and how long its pictures are where it tells', () => {
    const film = (duration: string, picture?: string, kind: FileKind = 'media') =>
      mediaStateOf(factsOf(JSON.stringify({ format: { duration }, streams: [{ codec_type: 'video', duration: picture }, { codec_type: 'audio' }] }), kind));
    expect(film('12.3456', '12')).toEqual({ is: 'ok', durationMs: 12_346, pictureMs: 12_000 });
    expect([film('12', '13'), film('12'), film('N/A', '12')]).toEqual([{ is: 'ok', durationMs: 12_000 }, { is: 'ok', durationMs: 12_000 }, { is: 'ok', durationMs: null }]);
    expect([film('12', '12', 'audio'), film('0.04', '0.04', 'image')]).toEqual([{ is: 'ok', durationMs: 12_000 }, { is: 'ok', durationMs: null }]);
  });

  test('is told as far as it says it', () => {
    const streams = [
      { codec_type: 'video', codec_name: 'mjpeg', width: 600, height: 600, disposition: { attached_pic: 1 } },
      { codec_type: 'video', codec_name: 'h264', width: 1920, height: 1080, avg_frame_rate: '30000/1001', side_data_list: [{ rotation: -90 }] },
      { codec_type: 'audio', codec_name: 'aac', channels: 6, sample_rate: '44100' },
    ];
    expect(said({ format: { duration: '12.345678' }, streams }, 'media'))
      .toEqual({ durationMs: 12_346, width: 1080, height: 1920, fps: 29.97, videoCodec: 'h264', audioCodec: 'aac', channels: 6, sampleRate: 44_100 });
    expect(said({ format: {}, streams: [streams[1]] }, 'media')).toMatchObject({ durationMs: null, audioCodec: null, channels: null });
    expect(said({ format: { duration: '9' }, streams: [streams[0], streams[2]] }, 'audio')).toMatchObject({ durationMs: 9000, width: null, videoCodec: null });
    expect(said({ streams: [{ codec_type: 'video', avg_frame_rate: '0/0' }] }, 'media')).toMatchObject({ fps: null, width: null });
  });

  test('or why it cannot be played', () => {
    expect(factsOf('', 'media')).toEqual({ is: 'unreadable', message: expect.stringContaining('no answer') });
    expect(factsOf('{}', 'media')).toEqual({ is: 'unreadable', message: expect.stringContaining('neither') });
    expect(factsOf(JSON.stringify({ streams: [{ codec_type: 'audio' }] }), 'image')).toEqual({ is: 'unreadable', message: expect.stringContaining('no picture') });
    expect(factsOf(JSON.stringify({ streams: [{ codec_type: 'video' }] }), 'audio')).toEqual({ is: 'unreadable', message: expect.stringContaining('no sound') });
    expect(['a/b.MP4', 'x.m4a', 'x.avif', 'x.gif', 'x.srt', 'mp4'].map(mediaKind)).toEqual(['video', 'audio', 'image', 'video', 'other', 'other']);
  });
});

describe('the lane', () => {
  const held = () => {
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    const work = (key: string) => () => new Promise<string>((resolve) => {
      begun.push(key);
      ends.set(key, () => resolve(key));
    });
    return { begun, work, end: async (key: string) => { ends.get(key)!(); await settled(); } };
  };

  test('does one at a time, the one asked for last first, and the same for all who ask', async () => {
    const lane = new JobLane(new FakeClock());
    const { begun, work, end } = held();
    const answers = ['a', 'b', 'c', 'b'].map((key) => lane.run(key, work(key)));
    expect(begun).toEqual(['a']);
    await end('a');
    // Asked for again, it is wanted now.
    expect(begun).toEqual(['a', 'b']);
    await end('b');
    await end('c');
    expect(await Promise.all(answers)).toEqual(['a', 'b', 'c', 'b']);
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  test('answers in time, though the job goes on, and a failure fails nobody else', async () => {
    const clock = new FakeClock();
    const lane = new JobLane(clock);
    const { work, end } = held();
    const first = lane.run('slow', work('slow')).catch((error: { code: string }) => error.code);
    await clock.advance(ANSWER_MS);
    expect(await first).toBe('NOT_READY');
    const again = lane.run('slow', work('slow'));
    await end('slow');
    expect(await again).toBe('slow');
    await expect(lane.run('bad', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await lane.run('good', () => Promise.resolve(1))).toBe(1);
  });

  test('begins nothing for who has gone before it was asked', async () => {
    const lane = new JobLane(new FakeClock());
    const { begun, work } = held();
    await expect(lane.run('a', work('a'), AbortSignal.abort())).rejects.toMatchObject({ code: 'NOT_READY' });
    expect(begun).toEqual([]);
  });

  test('drops what nobody waits for any more, and the oldest beyond its bound', async () => {
    const lane = new JobLane(new FakeClock());
    const { begun, work, end } = held();
    const first = lane.run('first', work('first'));
    const gone = new AbortController();
    const left = lane.run('left', work('left'), gone.signal).catch((error: { code: string }) => error.code);
    gone.abort();
    expect(await left).toBe('NOT_READY');
    const codes = Array.from({ length: MOST_WAITING + 1 }, (_, i) => lane.run(`${i}`, work(`${i}`)).catch((error: { code: string }) => error.code));
    expect(await codes[0]).toBe('NOT_READY');
    expect(lane.dropped).toBe(2);
    await end('first');
    expect(begun).toEqual(['first', `${MOST_WAITING}`]);
    lane.stop();
    expect(await codes[5]).toBe('NOT_READY');
    expect(await first).toBe('first');
  });
});

describe('what is kept', () => {
  let folder: string;
  beforeEach(() => { folder = tempFolder(); });
  afterEach(() => removeFolder(folder));

  test('is what was used last, up to the bound, over a restart too', async () => {
    const at = join(folder, 'cache');
    const cache = new FileCache({ folder: at, maxBytes: 250, room: async () => 1e9 });
    cache.start();
    for (const name of ['a', 'b']) await cache.write(name, Buffer.alloc(100));
    expect(await cache.read('a')).toHaveLength(100);
    await cache.write('c', Buffer.alloc(100));
    expect(await cache.read('b')).toBeUndefined();
    expect(readdirSync(at).sort()).toEqual(['a', 'c']);
    await cache.write('c', Buffer.alloc(50));
    expect(cache.bytes).toBe(150);
    utimesSync(join(at, 'a'), 1, 1);
    writeFileSync(join(at, 'd.new'), 'half');
    const again = new FileCache({ folder: at, maxBytes: 120, room: async () => 1e9 });
    again.start();
    expect(await again.read('a')).toBeUndefined();
    expect(await again.read('c')).toHaveLength(50);
    expect(existsSync(join(at, 'd.new'))).toBe(false);
  });

  test('is there for two who ask at the same moment; what somebody else deleted is not', async () => {
    const cache = new FileCache({ folder, maxBytes: 1000, room: async () => 1e9 });
    cache.start();
    await cache.write('a', Buffer.alloc(100));
    expect((await Promise.all([cache.read('a'), cache.read('a')])).map((content) => content?.length)).toEqual([100, 100]);
    rmSync(join(folder, 'a'));
    expect(await Promise.all([cache.read('a'), cache.read('a')])).toEqual([undefined, undefined]);
    expect(cache.bytes).toBe(0);
  });

  test('is answered from memory when the disk has no room for it', async () => {
    mkdirSync(join(folder, 'cache'));
    const cache = new FileCache({ folder: join(folder, 'cache'), maxBytes: 1000, room: async () => 10 });
    cache.start();
    await cache.write('a', Buffer.from('picture that is too large'));
    expect(String(await cache.read('a'))).toBe('picture that is too large');
    expect(readdirSync(join(folder, 'cache'))).toEqual([]);
    for (let i = 0; i < 16; i++) await cache.write(`${i}`, Buffer.alloc(20));
    expect(await cache.read('a')).toBeUndefined();
  });
});
