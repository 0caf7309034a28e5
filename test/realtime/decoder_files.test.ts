/** Files, pictures, colours and the test card through the real decoder, read back from the ring frame by frame. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sharedMedia } from '../support/media.js';
import { run } from '../support/process.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { waitFor } from '../support/wait.js';
import { buildDecoder, dump, flag, RunningDump, state, type DumpedFrame, type Summary } from '../support/decoder.js';

const folder = tempFolder('dec-');
const at = (name: string): string => join(folder, name);
const ffmpeg = (...args: string[]): Promise<Buffer> => run('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args]);
const sampleUs = 1e6 / 48_000;

/** 50 frames of 25 fps whose brightness counts the frames, with a sweep that no two moments share. */
const counted = ['-f', 'lavfi', '-i', "color=black:s=96x54:r=25:d=2,format=yuv420p,geq=lum='20+N*4':cb=128:cr=128"];
const sweep = ['-f', 'lavfi', '-i', "aevalsrc='0.5*sin(2*PI*(200+400*t)*t)':s=48000:d=2"];
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', '-g', '12', '-pix_fmt', 'yuv420p', '-colorspace', 'bt709', '-color_range', 'tv'];

beforeAll(async () => {
  buildDecoder();
  await ffmpeg(...counted, ...sweep, ...h264, '-qp', '4', '-c:a', 'pcm_s16le', at('counted.mov'));
  await ffmpeg(...sweep, '-c:a', 'aac', at('sound.m4a'));
}, 300_000);
afterAll(() => removeFolder(folder));

/** The number a frame of `counted` was made with. */
const numberOf = (frame: DumpedFrame): number => Math.round((frame.y - 20) / 4);

/** Source time of the first sample, µs, by the newest anchor. */
const soundBegins = ({ anchorPtsUs, anchorSample }: Summary): number => anchorPtsUs - anchorSample * sampleUs;

describe('a file', () => {
  it('gives every frame once, in order, and its sound to the sample', async () => {
    const { frames, summary, events } = await dump([], ['file', '--path', at('counted.mov')]);
    expect(frames.map(numberOf)).toEqual([...Array(50).keys()]);
    expect(frames.map((f) => f.ptsUs)).toEqual([...Array(50).keys()].map((n) => n * 40_000));
    expect(summary).toMatchObject({ state: state.ended, exitCode: 0, heard: 96_000, lost: 0, hasAudio: 1, hasVideo: 1 });
    expect(events.find((e) => e.event === 'format')).toMatchObject({ width: 96, height: 54, fps: 25, videoCodec: 'h264', sampleRate: 48000, channels: 1 });
    expect(events.some((e) => e.event === 'ended')).toBe(true);
    expect(summary.quitMs).toBeLessThan(300);
  });

  it('keeps to its in- and out-point', async () => {
    const { frames, summary } = await dump(['--pcm', at('cut.pcm')], ['file', '--path', at('counted.mov'), '--in-us', '500000', '--out-us', '1400000']);
    // 0.5 s lies in the middle of frame 12, which is shown from there on for what is left of it.
    expect(frames.map(numberOf)).toEqual([...Array(23).keys()].map((n) => n + 12));
    expect(frames[0]).toMatchObject({ ptsUs: 0, durationUs: 20_000 });
    expect(frames[1]?.ptsUs).toBe(20_000);
    expect(frames.at(-1)!.ptsUs + frames.at(-1)!.durationUs).toBe(900_000);
    expect(summary.heard).toBe(43_200);
    const cut = readPcm(at('cut.pcm'));
    await dump(['--pcm', at('whole.pcm'), '--quiet'], ['file', '--path', at('counted.mov')]);
    const whole = readPcm(at('whole.pcm'));
    expect(cut).toEqual(whole.subarray(24_000 * 2, 24_000 * 2 + 43_200 * 2));
  });

  it('loops without a seam', async () => {
    const { frames } = await dump(['--slots', '4', '--frames', '170', '--pcm', at('loop.pcm')], ['file', '--path', at('counted.mov'), '--loop']);
    expect(frames.map(numberOf)).toEqual([...Array(170).keys()].map((n) => n % 50));
    expect(frames.map((f) => f.ptsUs)).toEqual([...Array(170).keys()].map((n) => n * 40_000));
    expect(new Set(frames.map((f) => f.epoch))).toEqual(new Set([0]));
    const pcm = readPcm(at('loop.pcm'));
    const lap = 96_000 * 2;
    for (let n = 1; (n + 1) * lap <= pcm.length; n++) {
      expect(Buffer.compare(bytesOf(pcm.subarray(0, lap)), bytesOf(pcm.subarray(n * lap, (n + 1) * lap)))).toBe(0);
    }
  });

  it('loops between its points', async () => {
    const { frames } = await dump(['--slots', '4', '--frames', '60'], ['file', '--path', at('counted.mov'), '--loop', '--in-us', '480000', '--out-us', '1280000']);
    expect(frames.map(numberOf)).toEqual([...Array(60).keys()].map((n) => 12 + (n % 20)));
    expect(frames.map((f) => f.ptsUs)).toEqual([...Array(60).keys()].map((n) => n * 40_000));
  });

  it('that is emptied while it loops is played to where it was read, then given up, so that it is opened anew', async () => {
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=20', ...h264, at('emptied.flv'));
    const running = new RunningDump(['--slots', '4', '--seconds', '20', '--pace', '2000'], ['file', '--path', at('emptied.flv'), '--loop']);
    await waitFor('pictures', () => running.frames.length > 10, { everyMs: 5 });
    truncateSync(at('emptied.flv'));
    const { frames, summary, events } = await running.done;
    expect(summary).toMatchObject({ state: state.failed, exitCode: 1 });
    expect(events.find((e) => e.event === 'error')).toMatchObject({ code: 'MEDIA_UNREADABLE', message: expect.stringMatching(/^[A-Z].*\.$/) });
    // Nothing is missing but, at most, the two B-pictures that the file's last whole picture was sent ahead of.
    const whole = frames.slice(0, -1).map((f) => f.ptsUs);
    expect(whole).toEqual([...whole.keys()].map((n) => n * 40_000));
    const behind = (frames.at(-1)!.ptsUs - whole.at(-1)!) / 40_000;
    expect([1, 2, 3]).toContain(behind);
  });

  it('goes where it is sent, as a new epoch', async () => {
    const { frames, summary, anchors } = await dump(
      ['--slots', '4', '--pace', '10000', '--frames', '30', '--anchors', '--on-frame', '5', 'seek 1220000', '--on-frame', '12', 'seek 0'],
      ['file', '--path', at('counted.mov'), '--loop'],
    );
    // In mid-file the frame that stands there keeps its own time; the sound begins to the sample.
    const first = frames.find((f) => f.epoch === 1)!;
    expect(first).toMatchObject({ ptsUs: 1_200_000, durationUs: 40_000 });
    expect(numberOf(first)).toBe(30);
    const again = frames.find((f) => f.epoch === 2)!;
    expect(again.ptsUs).toBe(0);
    expect(numberOf(again)).toBe(0);
    expect(summary.epoch).toBe(2);
    expect(anchors.find((a) => a.epoch === 1)?.ptsUs).toBe(1_220_000);
  });

  it('begins where it is told, with the frame that stands there at its own time, and the sound to the sample', async () => {
    await dump(['--pcm', at('whole.pcm'), '--quiet'], ['file', '--path', at('counted.mov')]);
    const whole = readPcm(at('whole.pcm'));
    for (const fromUs of [1_220_000, 1_200_000, 1_239_999, 1_240_000]) {
      const { frames, summary } = await dump(['--pcm', at('from.pcm')], ['file', '--path', at('counted.mov'), '--from-us', String(fromUs)]);
      const first = Math.floor(fromUs / 40_000);
      expect(frames.map(numberOf), String(fromUs)).toEqual(Array.from({ length: 50 - first }, (_, i) => first + i));
      expect(frames.map((f) => f.ptsUs)).toEqual(frames.map((_, i) => (first + i) * 40_000));
      expect(frames[0]!.durationUs).toBe(40_000);
      expect(summary).toMatchObject({ state: state.ended, epoch: 0 });
      expect(Math.abs(soundBegins(summary) - fromUs)).toBeLessThan(2);
      const sample = Math.round(fromUs / sampleUs);
      expect(bytesOf(readPcm(at('from.pcm'))).equals(bytesOf(whole.subarray(sample * 2)))).toBe(true);
    }
  });

  it('decodes nothing that its first picture does not need', async () => {
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=30:d=6', '-f', 'lavfi', '-i', 'sine=d=6', ...h264, '-g', '60', '-keyint_min', '60', '-sc_threshold', '0', '-bf', '2', at('gops.mp4'));
    const whole = await dump(['--slots', '8'], ['file', '--path', at('gops.mp4')]);
    expect(whole.frames).toHaveLength(180);
    for (const [fromUs, first, mostBefore] of [[4_000_000, 120, 0], [3_900_000, 117, 40]] as const) {
      const decoder = ['file', '--path', at('gops.mp4'), '--from-us', String(fromUs)];
      const { frames } = await dump(['--slots', '8'], decoder);
      // The same pictures as when it is played from its beginning.
      expect(frames.map((f) => f.crc)).toEqual(whole.frames.slice(first).map((f) => f.crc));
      const { events } = await dump(['--slots', '8', '--pace', '100000', '--frames', '25'], decoder);
      const decoded = Number(events.find(({ event }) => event === 'stats')!.framesDecoded);
      expect(decoded).toBeGreaterThan(8);
      // It counts after its first second: those taken, some more on a machine that stood still, and those that lie ready. A
      // keyframe stands at 4 s; of the 57 pictures between the one before it and 3.9 s, others refer to some.
      expect(decoded).toBeLessThanOrEqual(mostBefore + 10 + 5 + 8 + 4);
    }
  });

  it('counts where it begins from its in-point, and ends at its out-point', async () => {
    const { frames, summary } = await dump([], ['file', '--path', at('counted.mov'), '--in-us', '500000', '--from-us', '310000', '--out-us', '1400000']);
    // 0.81 s of the file lies in frame 20, which began at 0.8 s.
    expect(frames.map(numberOf)).toEqual(Array.from({ length: 15 }, (_, i) => 20 + i));
    expect(frames[0]).toMatchObject({ ptsUs: 300_000, durationUs: 40_000 });
    expect(frames.at(-1)!.ptsUs + frames.at(-1)!.durationUs).toBe(900_000);
    expect(summary).toMatchObject({ state: state.ended, heard: Math.round(590_000 / sampleUs) });
  });

  it('begins in a later lap of a loop as if it had played until then', async () => {
    const { frames, summary } = await dump(['--slots', '4', '--frames', '90'], ['file', '--path', at('counted.mov'), '--loop', '--from-us', '7221000']);
    // Three laps of 2 s, and 1.221 s.
    expect(frames.map(numberOf)).toEqual(Array.from({ length: 90 }, (_, i) => (30 + i) % 50));
    expect(frames.map((f) => f.ptsUs)).toEqual(frames.map((_, i) => 7_200_000 + i * 40_000));
    expect(new Set(frames.map((f) => f.epoch))).toEqual(new Set([0]));
    expect(Math.abs(soundBegins(summary) - 7_221_000)).toBeLessThan(2);
    const between = await dump(['--slots', '4', '--frames', '45'], ['file', '--path', at('counted.mov'), '--loop', '--in-us', '480000', '--out-us', '1280000', '--from-us', '1610000']);
    expect(between.frames.map(numberOf)).toEqual(Array.from({ length: 45 }, (_, i) => 12 + (i % 20)));
    expect(between.frames[0]!.ptsUs).toBe(1_600_000);
  });

  it('plays on from where it is sent after it has ended', async () => {
    const { frames, summary } = await dump(['--frames', '60', '--on-frame', '50', 'seek 1600000'], ['file', '--path', at('counted.mov')]);
    expect(frames.slice(50).map(numberOf)).toEqual([40, 41, 42, 43, 44, 45, 46, 47, 48, 49]);
    expect(summary.epoch).toBe(1);
  });

  it('may be sound alone, with or without a cover', async () => {
    const plain = await dump([], ['file', '--path', at('sound.m4a')]);
    expect(plain.summary).toMatchObject({ state: state.ended, hasVideo: 0, exitCode: 0 });
    expect(Math.abs(plain.summary.heard - 96_000)).toBeLessThan(1024);
    expect(plain.summary.meanSquare[0]).toBeCloseTo(0.125, 2);

    await ffmpeg('-f', 'lavfi', '-i', 'color=red:s=64x64', '-frames:v', '1', at('cover.png'));
    await ffmpeg(...sweep, '-i', at('cover.png'), '-map', '0', '-map', '1', '-c:a', 'libmp3lame', '-c:v', 'copy', '-disposition:v', 'attached_pic', at('cover.mp3'));
    const cover = await dump(['--seconds', '5', '--frames', '2'], ['file', '--path', at('cover.mp3')]);
    expect(cover.frames).toHaveLength(1);
    expect(cover.frames[0]).toMatchObject({ width: 64, height: 64 });
    expect(cover.frames[0]!.flags & flag.still).toBe(flag.still);
  });

  it('may be used for its sound only', async () => {
    const { frames, summary } = await dump([], ['file', '--path', at('counted.mov'), '--sound-only']);
    expect(frames).toEqual([]);
    expect(summary).toMatchObject({ state: state.ended, hasVideo: 0, heard: 96_000 });
  });

  it('fits the ring, upright, with square pixels', async () => {
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=720x576:r=25:d=0.2', ...h264, '-vf', 'setsar=64/45', at('wide.mp4'));
    const wide = await dump([], ['file', '--path', at('wide.mp4')]);
    expect(wide.frames[0]).toMatchObject({ width: 1024, height: 576 });
    const small = await dump(['--size', '640x360'], ['file', '--path', at('wide.mp4')]);
    expect(small.frames[0]).toMatchObject({ width: 640, height: 360 });
  });

  it('is refused if it is a playlist or a script that names other files', async () => {
    const target = at('counted.mov');
    writeFileSync(at('list.m3u8'), `#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n${target}\n#EXT-X-ENDLIST\n`);
    writeFileSync(at('list.ffconcat'), `ffconcat version 1.0\nfile '${target}'\n`);
    writeFileSync(at('list.sdp'), 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n');
    for (const name of ['list.m3u8', 'list.ffconcat', 'list.sdp']) {
      const { summary, events } = await dump(['--seconds', '10'], ['file', '--path', at(name)]);
      expect(summary, name).toMatchObject({ state: state.failed, exitCode: 1, frames: 0 });
      expect(events.find((e) => e.event === 'error')?.code).toBe('MEDIA_INVALID');
    }
  });

  it('that is missing, a folder or nonsense says so and ends with 1', async () => {
    writeFileSync(at('noise.mp4'), Buffer.alloc(5000, 'noise '));
    for (const [path, code] of [['missing.mp4', 'MEDIA_MISSING'], ['.', 'MEDIA_INVALID'], ['noise.mp4', 'MEDIA_INVALID']] as const) {
      const { summary, events } = await dump(['--seconds', '10'], ['file', '--path', at(path), '--loop']);
      expect(summary, path).toMatchObject({ state: state.failed, exitCode: 1 });
      const error = events.find((e) => e.event === 'error');
      expect(error?.code).toBe(code);
      expect(error?.message).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('comes over http only where that is allowed', async () => {
    await ffmpeg('-i', at('counted.mov'), '-c', 'copy', at('counted.mkv'));
    const body = readFileSync(at('counted.mkv'));
    let requests = 0;
    const server = createServer((_, response) => { requests++; response.end(body); });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/counted.mkv`;
    try {
      const refused = await dump(['--seconds', '10'], ['file', '--path', url]);
      expect(refused.summary).toMatchObject({ state: state.failed, exitCode: 1 });
      expect(requests).toBe(0);
      const allowed = await dump(['--seconds', '10'], ['file', '--allow-http', '--path', url]);
      expect(allowed.frames.map(numberOf)).toEqual([...Array(50).keys()]);
    } finally {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
  });
});

describe('pictures, colours and the test card', () => {
  it('shows a picture of each kind once and for ever', async () => {
    for (const kind of ['png', 'jpg', 'bmp', 'webp', 'gif', 'tiff']) {
      const path = at(`red.${kind}`);
      await ffmpeg('-f', 'lavfi', '-i', 'color=0xc04020:s=90x50,format=rgb24,scale=91:51,setsar=1', '-frames:v', '1', path);
      const { frames, summary } = await dump(['--seconds', '10'], ['image', '--path', path]);
      expect(frames, kind).toHaveLength(1);
      expect(frames[0]!.flags & flag.still).toBe(flag.still);
      expect([frames[0]!.width, frames[0]!.height]).toEqual([91, 51]);
      // BT.709 of #c04020, by the long way round.
      expect(Math.abs(frames[0]!.y - 92.3)).toBeLessThan(2.5);
      expect(Math.abs(frames[0]!.v - 185.5)).toBeLessThan(2.5);
      expect(summary).toMatchObject({ exitCode: 0, hasVideo: 1 });
    }
  });

  it('keeps a picture\'s transparency', async () => {
    await ffmpeg('-f', 'lavfi', '-i', 'color=red@0.5:s=64x48,format=rgba', '-frames:v', '1', at('half.png'));
    const { frames } = await dump([], ['image', '--path', at('half.png')]);
    expect(frames[0]!.flags).toBe(flag.alpha | flag.still);
    expect(frames[0]!.alpha).toBeCloseTo(127, 0);
  });

  it('does not take a film for a picture', async () => {
    const { summary, events } = await dump(['--seconds', '10'], ['image', '--path', '/dev/null']);
    expect(summary).toMatchObject({ state: state.failed, exitCode: 1 });
    expect(events.find((e) => e.event === 'error')?.code).toBe('IMAGE_INVALID');
  });

  it('fills the frame with a colour', async () => {
    const { frames } = await dump(['--size', '640x360'], ['color', '--color', 'ff0000']);
    expect(frames).toHaveLength(1);
    expect(frames[0]).toMatchObject({ width: 640, height: 360, y: 63, u: 102, v: 240, flags: flag.still });
  });

  it('draws the test card at its pace, with a tone at −20 dBFS', async () => {
    const { frames, summary } = await dump(['--live', '--size', '640x360', '--seconds', '3', '--frames', '61'], ['test', '--tone']);
    expect(frames.map((f) => f.ptsUs)).toEqual([...Array(61).keys()].map((n) => Math.floor((n * 1_000_000) / 30)));
    expect(new Set(frames.map((f) => f.crc)).size).toBe(61);
    expect(summary.heard).toBeGreaterThanOrEqual(60 * 1600);
    expect(10 * Math.log10(summary.meanSquare[0])).toBeCloseTo(-23.01, 1);
    // No jump from one sample to the next larger than a sine's own: 0.1·2π·1000/48000.
    expect(summary.largestStep).toBeLessThan(0.0132);
  });

  it('refuses arguments that make no sense', async () => {
    for (const args of [['nothing'], ['file'], ['camera', '--path', 'x'], ['color', '--color', 'red'], ['file', '--path', 'x', '--in-us', '-5'], ['test', '--loud']]) {
      const { summary } = await dump(['--seconds', '5'], args);
      expect(summary.exitCode, args.join(' ')).toBe(64);
    }
  });
});

describe('the sample footage', () => {
  // Frames as ffprobe counts them.
  const footage: [file: string, frames: number, width: number, height: number][] = [
    ['film/exo-bbb.mp4', 240, 480, 360],
    ['film/tears-of-steel-alfg.mp4', 50, 1920, 800],
    ['camera/iphone-vertical.mov', 278, 320, 568],
    ['camera/fire2.mp4', 25, 1280, 720],
    ['camera/exo-hdr10.mp4', 28, 1920, 1080],
    ['codecs/tc-av1.mkv', 125, 640, 360],
    ['codecs/tc-h264-10bit.mp4', 30, 200, 200],
    ['codecs/tc-bt709-full-range.mp4', 30, 1280, 720],
    ['codecs/osu-h264.flv', 500, 480, 270],
    ['shapes/decord-rot90.mov', 3, 320, 568],
    ['shapes/decord-rot180.mov', 3, 568, 320],
    ['shapes/moviepy-transparent.webm', 150, 200, 200],
    ['broken/exo-bear-vp9-odd-dimensions.webm', 30, 161, 121],
    ['broken/amt-scte35.ts', 252, 640, 360],
    ['flv/obs-capture.flv', 125, 1280, 720],
  ];
  for (const [file, count, width, height] of footage) {
    const path = sharedMedia(file);
    it.skipIf(path === null)(`${file} comes whole`, async () => {
      const { frames, summary } = await dump([], ['file', '--path', path!]);
      expect(frames).toHaveLength(count);
      expect(new Set(frames.map((f) => `${f.width}x${f.height}`))).toEqual(new Set([`${width}x${height}`]));
      expect(frames[0]!.ptsUs).toBe(0);
      for (let i = 1; i < frames.length; i++) expect(frames[i]!.ptsUs).toBeGreaterThan(frames[i - 1]!.ptsUs);
      if (summary.hasAudio) {
        // The sound is as long as the pictures, give or take the last packet.
        const lengthUs = frames.at(-1)!.ptsUs + frames.at(-1)!.durationUs;
        expect(summary.heard * sampleUs).toBeGreaterThan(lengthUs - 2 * sampleUs);
      }
      if (file.includes('transparent')) expect(frames.every((f) => f.flags === flag.alpha)).toBe(true);
    });
  }
});

function readPcm(path: string): Float32Array {
  const bytes = readFileSync(path);
  return new Float32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4));
}

const bytesOf = (samples: Float32Array): Buffer => Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
