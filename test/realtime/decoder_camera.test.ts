/** A camera through the real decoder: what OBS, phones and hostile senders do to an FLV stream, read back from the ring. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAlive } from '../support/procfs.js';
import { run } from '../support/process.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { waitFor, within } from '../support/wait.js';
import {
  FakeCamera, RunningDump, buildDecoder, decoderPath, encodeFlv, flvHeader, flvTag, play, ringDumpPath, state, type DumpedFrame, type Tag,
} from '../support/decoder.js';

const folder = tempFolder('cam-');
let counter = 0;

/** Brightness counts the frames: frame n has luma 20 + 2n. */
const counted = (frames: number, size = '96x64', rate = 25): string[] =>
  ['-f', 'lavfi', '-i', `color=black:s=${size}:r=${rate}:d=${frames / rate},format=yuv420p,geq=lum='20+N*2':cb=128:cr=128`];
const sine = (seconds: number, rate = 48_000): string[] => ['-f', 'lavfi', '-i', `sine=f=440:r=${rate}:d=${seconds}`];
const x264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-qp', '4', '-g', '25', '-colorspace', 'bt709', '-color_range', 'tv'];
const aac = ['-c:a', 'aac', '-ac', '2'];
const numberOf = (frame: DumpedFrame): number => Math.round((frame.y - 20) / 2);
const upTo = (n: number): number[] => [...Array(n).keys()];

let withB: Tag[];

beforeAll(async () => {
  buildDecoder();
  withB = await encodeFlv([...counted(75), ...sine(3), ...x264, '-bf', '3', '-b_strategy', '0', '-x264-params', 'b-pyramid=normal', ...aac]);
}, 300_000);
afterAll(() => removeFolder(folder));

type OnEnd = (end: () => Promise<void>) => void;

/** A camera of a test's own, closed at its end. */
function newCamera(onEnd: OnEnd): FakeCamera {
  const camera = new FakeCamera(join(folder, `c${counter++}.sock`));
  onEnd(() => camera.close());
  return camera;
}

/** The decoder on a camera's socket, with room for every frame, and the first connection with FLV's header sent. */
async function begin(onEnd: OnEnd, settings: string[] = []): Promise<{ camera: FakeCamera; dump: RunningDump; socket: Socket }> {
  const camera = newCamera(onEnd);
  await camera.listen();
  const connecting = camera.connection();
  const dump = new RunningDump(['--live', '--slots', '64', '--size', '320x240', ...settings], ['camera', '--socket', camera.path]);
  const socket = await within('the connection', 5_000, connecting);
  socket.write(flvHeader);
  return { camera, dump, socket };
}

function expectGrowing(frames: readonly DumpedFrame[], stepUs: number, toleranceUs: number): void {
  for (let i = 1; i < frames.length; i++) {
    expect(Math.abs(frames[i]!.ptsUs - frames[i - 1]!.ptsUs - stepUs), `frame ${i}`).toBeLessThanOrEqual(toleranceUs);
  }
}

// Small pictures in a hurry: several at once are still little work.
describe.concurrent('a camera', () => {
  it('that reorders without saying so in its header still comes in order', async ({ expect, onTestFinished }) => {
    // As some hardware encoders do: the stream's own header says nothing of reordering.
    const tags = await encodeFlv([...counted(50), ...x264, '-bf', '2', '-b_strategy', '0']);
    const { dump, socket } = await begin(onTestFinished, ['--frames', '50']);
    await play(socket, stripReorderHint(tags));
    socket.end();
    const { frames } = await dump.done;
    expect(frames.map(numberOf)).toEqual(upTo(50));
  });

  it.for([['2^24', 2 ** 24], ['2^31', 2 ** 31], ['2^32', 2 ** 32]] as const)('passes %s ms without a seam', async ([, boundary], { expect, onTestFinished }) => {
    const { dump, socket } = await begin(onTestFinished, ['--frames', '75']);
    await play(socket, withB, { shiftMs: boundary - 1500 });
    socket.end();
    const { frames, events } = await dump.done;
    expect(frames.map(numberOf)).toEqual(upTo(75));
    expectGrowing(frames, 40_000, 1_000);
    expect(events.filter((e) => e.event === 'jump')).toEqual([]);
  });

  it.for([['an hour ahead', 3_600_000], ['an hour back', -3_600_000]] as const)('whose clock jumps %s goes on', async ([, jumpMs], { expect, onTestFinished }) => {
    const { dump, socket } = await begin(onTestFinished, ['--frames', '150', '--anchors']);
    await play(socket, withB, { speed: 3, shiftMs: 5_000_000 });
    const media = withB.filter((tag) => tag.type !== 18);
    await play(socket, media, { speed: 3, shiftMs: 5_000_000 + 3_000 + jumpMs });
    socket.end();
    const { frames, anchors, events, summary } = await dump.done;
    expect(frames.map(numberOf)).toEqual([...upTo(75), ...upTo(75)]);
    for (let i = 1; i < frames.length; i++) {
      expect(frames[i]!.ptsUs - frames[i - 1]!.ptsUs).toBeGreaterThan(0);
      expect(frames[i]!.ptsUs - frames[i - 1]!.ptsUs).toBeLessThan(250_000);
    }
    expect(frames.every((f) => f.epoch === 0)).toBe(true);
    expect(events.some((e) => e.event === 'jump')).toBe(true);
    // The picture's clock is the sound's: what the anchor says of the first sample stays within 45 ms of the first frame.
    const last = anchors.at(-1)!;
    const videoSpanUs = frames.at(-1)!.ptsUs - frames[0]!.ptsUs;
    const soundSpanUs = last.ptsUs - frames[0]!.ptsUs;
    expect(Math.abs(soundSpanUs - videoSpanUs)).toBeLessThan(120_000);
    expect(summary.lost).toBe(0);
  });

  it('may change size, rate and channels on the same connection', async ({ expect, onTestFinished }) => {
    const first = await encodeFlv([...counted(25), ...sine(1, 44_100), ...x264, '-c:a', 'aac', '-ac', '1']);
    const second = await encodeFlv([...counted(50, '160x90', 50), ...sine(1), ...x264, '-bf', '2', '-c:a', 'aac', '-ac', '2']);
    const { dump, socket } = await begin(onTestFinished, ['--frames', '75']);
    await play(socket, first, { speed: 1 });
    await play(socket, second, { speed: 1, shiftMs: 1_100 });
    socket.end();
    const { frames, events, summary } = await dump.done;
    expect(frames.map((f) => f.width)).toEqual([...upTo(25).map(() => 96), ...upTo(50).map(() => 160)]);
    expect(frames.map(numberOf)).toEqual([...upTo(25), ...upTo(50)]);
    for (let i = 1; i < frames.length; i++) expect(frames[i]!.ptsUs - frames[i - 1]!.ptsUs).toBeLessThan(150_000);
    expect(frames.every((f) => f.epoch === 0)).toBe(true);
    const formats = events.filter((e) => e.event === 'format');
    expect(formats.some((e) => e.sampleRate === 44_100 && e.channels === 1)).toBe(true);
    expect(formats.at(-1)).toMatchObject({ width: 160, height: 90, sampleRate: 48_000, channels: 2 });
    // Two seconds of sound, give or take a frame at each end and what the change cost.
    expect(Math.abs(summary.heard - 96_000)).toBeLessThan(9_600);
  });

  it('that goes and comes back is waited for and begins a new epoch', async ({ expect, onTestFinished }) => {
    const { camera, dump, socket } = await begin(onTestFinished, ['--frames', '100']);
    await play(socket, withB);
    const again = camera.connection();
    socket.end();
    const second = await within('the second connection', 5_000, again);
    await waitFor('the decoder to wait', () => dump.events.filter((e) => e.event === 'waiting').length === 2);
    second.write(flvHeader);
    await play(second, withB);
    const { frames, events, summary } = await dump.done;
    expect(frames.slice(0, 75).every((f) => f.epoch === 0)).toBe(true);
    expect(frames.slice(75).every((f) => f.epoch === 1)).toBe(true);
    expect(frames.slice(75).map(numberOf)).toEqual(upTo(25));
    expect(summary).toMatchObject({ state: state.running, epoch: 1 });
    expect(events.filter((e) => e.event === 'running')).toHaveLength(2);
  });

  it('that falls silent on an open connection counts as waiting', async ({ expect, onTestFinished }) => {
    const { dump, socket } = await begin(onTestFinished, ['--seconds', '20', '--frames', '150']);
    await play(socket, withB);
    await waitFor('waiting', () => dump.events.filter((e) => e.event === 'waiting').length === 2, { timeoutMs: 6_000 });
    // Published anew over the same connection, its clock begun again.
    await play(socket, withB);
    socket.end();
    const { frames } = await dump.done;
    expect(frames.map(numberOf)).toEqual([...upTo(75), ...upTo(75)]);
    expect(frames.at(-1)!.epoch).toBe(1);
  });

  it('that was not there yet is tried again', async ({ expect, onTestFinished }) => {
    const camera = newCamera(onTestFinished);
    const dump = new RunningDump(['--live', '--size', '320x240', '--frames', '10'], ['camera', '--socket', camera.path]);
    await waitFor('waiting', () => dump.events.some((e) => e.event === 'waiting'));
    const connecting = camera.connection();
    await camera.listen();
    const socket = await within('the connection', 2_000, connecting);
    socket.write(flvHeader);
    await play(socket, withB);
    expect((await dump.done).frames).toHaveLength(10);
  });

  it('that sends nonsense is left and tried again, and one that then behaves is shown', async ({ expect, onTestFinished }) => {
    const { camera, dump, socket } = await begin(onTestFinished, ['--frames', '75']);
    const again = camera.connection();
    await play(socket, withB.slice(0, 40));
    socket.write(Buffer.alloc(4096, 0x5a));
    const second = await within('the second connection', 5_000, again);
    second.write(flvHeader);
    await play(second, withB);
    const { events, summary } = await dump.done;
    expect(events.find((e) => e.event === 'error')).toMatchObject({ code: 'CAMERA_STREAM' });
    expect(summary.exitCode).toBe(0);
  });

  it.for(['h264', 'hevc', 'av1', 'vp9'])('whose %s tags are damaged never ends the decoder', async (codec, { expect, onTestFinished }) => {
    const tags = codec === 'h264' ? withB : await enhanced[codec as keyof typeof enhanced]();
    const lengthMs = tags.at(-1)!.timestampMs + 40;
    const { dump, socket } = await begin(onTestFinished, ['--seconds', '40', '--frames', '100000']);
    let seed = 20_261_120;
    const random = (below: number): number => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % below;
    for (let round = 0; round < 12; round++) {
      for (const tag of tags) {
        const body = Buffer.from(tag.body);
        for (let n = random(4); n > 0 && round > 0 && body.length > 0; n--) body[random(Math.min(body.length, 64))] = random(256);
        const cut = round > 0 && random(20) === 0 ? body.subarray(0, random(body.length + 1)) : body;
        const timestampMs = random(30) === 0 ? random(2 ** 31) : tag.timestampMs + round * lengthMs;
        socket.write(flvTag({ type: tag.type, timestampMs, body: cut }));
      }
      await new Promise((done) => setTimeout(done, 100));
    }
    // Whole again, it is shown again.
    await waitFor('the damage to be through', () => dump.frames.length > 25);
    await play(socket, tags, { shiftMs: 500_000 });
    const frames = Math.round(lengthMs / 40);
    socket.end();
    await waitFor('the last good frame', () => Math.abs(dump.frames.at(-1)!.y - 20 - 2 * (frames - 1)) < 1.6, { timeoutMs: 15_000 });
    expect(dump.frames.slice(-20).map(numberOf).map((n, i) => Math.abs(n - frames + 20 - i) <= 1)).toEqual(upTo(20).map(() => true));
    dump.child.kill('SIGKILL');
    await expect(dump.done).rejects.toThrow('no summary');
  });

  it('in HEVC, AV1 and VP9 by enhanced RTMP is shown', async ({ expect, onTestFinished }) => {
    for (const [codec, make] of Object.entries(enhanced)) {
      const tags = await make();
      const { dump, socket } = await begin(onTestFinished, ['--frames', '25', '--seconds', '10']);
      await play(socket, tags);
      socket.end();
      const { frames, events } = await dump.done;
      expect(events.find((e) => e.event === 'format')?.videoCodec, codec).toBe(codec);
      expect(frames.map((f) => f.sequence), codec).toEqual(upTo(25).map((n) => n + 1));
      frames.forEach((frame, n) => expect(Math.abs(frame.y - 20 - 2 * n), `${codec} ${n}`).toBeLessThan(1.6));
    }
  });

  it('with MP3 sound, with none, and with sound alone', async ({ expect, onTestFinished }) => {
    const kinds: [string[], number, number][] = [
      [[...counted(25), ...sine(1, 44_100), ...x264, '-bf', '0', '-c:a', 'libmp3lame'], 25, 48_000],
      [[...counted(25), ...x264, '-bf', '0'], 25, 0],
      [[...sine(1), ...aac], 0, 48_000],
    ];
    for (const [args, frames, samples] of kinds) {
      const { dump, socket } = await begin(onTestFinished, ['--seconds', '1.5']);
      await play(socket, await encodeFlv(args));
      const result = await dump.done;
      expect(result.frames).toHaveLength(frames);
      expect(Math.abs(result.summary.audioWritten - samples)).toBeLessThan(4_000);
      expect(result.summary.hasAudio).toBe(samples > 0 ? 1 : 0);
      socket.destroy();
    }
  });
});

describe('a camera that is watched to the millisecond', () => {
  it('with B-frames comes out whole and in order, its sound unbroken', async ({ onTestFinished }) => {
    const { dump, socket } = await begin(onTestFinished, ['--frames', '75']);
    await play(socket, withB, { speed: 1 });
    socket.end();
    const { frames, summary, events } = await dump.done;
    expect(frames.map(numberOf)).toEqual(upTo(75));
    expectGrowing(frames, 40_000, 1_000);
    expect(frames.every((f) => f.epoch === 0)).toBe(true);
    expect(summary.heard % 1024).toBe(0);
    expect(summary.largestStep).toBeLessThan(0.02);
    expect(events.filter((e) => e.event === 'error')).toEqual([]);
    expect(events.findLast((e) => e.event === 'format')).toMatchObject({ width: 96, height: 64, fps: 25, videoCodec: 'h264', audioCodec: 'aac', sampleRate: 48000, channels: 2 });
    expect(summary.quitMs).toBeLessThan(300);
  });

  it('without B-frames is shown within its own frame time', async ({ onTestFinished }) => {
    const tags = await encodeFlv([...counted(25), ...x264, '-tune', 'zerolatency']);
    const { dump, socket } = await begin(onTestFinished, ['--frames', '25']);
    await play(socket, tags, { speed: 1 });
    const { frames } = await dump.done;
    const delays = frames.map((f) => f.delayUs).sort((a, b) => a - b);
    expect(delays[12]).toBeLessThan(20_000);
  });

  it('that was held up catches up instead of staying behind', async ({ onTestFinished }) => {
    const tags = await encodeFlv([...counted(100), ...x264, '-bf', '2', '-g', '25']);
    const { dump, socket } = await begin(onTestFinished, ['--frames', '100', '--seconds', '8']);
    const playing = play(socket, tags, { speed: 1 });
    await waitFor('frames', () => dump.frames.length > 10);
    const [pid] = await decodersOf(dump.child.pid!);
    process.kill(pid!, 'SIGSTOP');
    await new Promise((done) => setTimeout(done, 1_500));
    process.kill(pid!, 'SIGCONT');
    await playing;
    socket.end();
    const { frames } = await dump.done;
    expect(frames.slice(-25).map((f) => f.delayUs).sort((a, b) => a - b)[12]).toBeLessThan(150_000);
    expect(frames.slice(-25).map(numberOf)).toEqual(upTo(100).slice(-25));
  });
});

describe('the decoder as a process', () => {
  it('ends with SIGTERM, and with its stdin, within 300 ms', async ({ onTestFinished }) => {
    for (const end of ['SIGTERM', 'stdin'] as const) {
      const { dump, socket } = await begin(onTestFinished, ['--seconds', '10']);
      await play(socket, withB);
      await waitFor('frames', () => dump.frames.length > 50);
      const [pid] = await decodersOf(dump.child.pid!);
      const asked = performance.now();
      // ring-dump asks by `quit` and the end of stdin when it is to end itself; the signal goes to the decoder.
      if (end === 'SIGTERM') {
        process.kill(pid!, 'SIGTERM');
        await waitFor('its end', () => !isAlive(pid!), { everyMs: 5 });
        expect(performance.now() - asked).toBeLessThan(300);
      }
      dump.child.kill('SIGKILL');
      await dump.done.catch(() => undefined);
      await waitFor('its end', () => !isAlive(pid!), { everyMs: 5, timeoutMs: 300 });
      socket.destroy();
    }
  });

  it('dies with its parent, however that ends', async () => {
    const parent = spawn(ringDumpPath, ['--live', '--seconds', '60', decoderPath, 'test'], { stdio: 'ignore' });
    const [pid] = await waitFor('the decoder', async () => {
      const pids = await decodersOf(parent.pid!);
      return pids.length > 0 ? pids : undefined;
    });
    parent.kill('SIGKILL');
    await waitFor('the decoder to die', () => !isAlive(pid!), { timeoutMs: 1_000 });
  });
});

/** 25 frames of each codec that only enhanced RTMP knows, made once. */
const enhanced = {
  hevc: once(hevcTags),
  av1: once(() => ivfTags('av01', ['-c:v', 'libsvtav1', '-preset', '12', '-crf', '20', '-g', '25'])),
  vp9: once(() => ivfTags('vp09', ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '2M', '-auto-alt-ref', '0', '-lag-in-frames', '0'])),
};

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

async function decodersOf(parent: number): Promise<number[]> {
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim();
  return Promise.resolve(children === '' ? [] : children.split(' ').map(Number));
}

/** Cuts out of the H.264 header what it says of reordering (and everything else of its VUI). */
function stripReorderHint(tags: readonly Tag[]): Tag[] {
  return tags.map((tag) => {
    if (tag.type !== 9 || tag.body[1] !== 0) return tag;
    const spsBytes = tag.body.readUInt16BE(5 + 6);
    const sps = tag.body.subarray(13, 13 + spsBytes);
    const stripped = withoutVui(sps);
    const body = Buffer.concat([tag.body.subarray(0, 11), Buffer.from([stripped.length >> 8, stripped.length & 255]), stripped, tag.body.subarray(13 + spsBytes)]);
    return { ...tag, body };
  });
}

/** An SPS with its VUI cut off (H.264 7.3.2.1.1): finds vui_parameters_present_flag, clears it and ends there. */
function withoutVui(sps: Buffer): Buffer {
  const raw = Buffer.from(sps.toString('hex').replace(/(..)/g, '$1 ').replace(/00 00 03 /g, '00 00 ').replace(/ /g, ''), 'hex');
  let at = 32;
  const bit = (): number => (raw[at >> 3]! >> (7 - (at++ & 7))) & 1;
  const bits = (n: number): number => { let v = 0; for (let i = 0; i < n; i++) v = v * 2 + bit(); return v; };
  const ue = (): number => { let zeros = 0; while (bit() === 0) zeros++; return 2 ** zeros - 1 + bits(zeros); };
  ue();
  if ([100, 110, 122, 244].includes(raw[1]!)) {
    if (ue() === 3) bit();
    ue();
    ue();
    bit();
    if (bit() === 1) throw new Error('scaling lists are not handled here');
  }
  ue();
  if (ue() === 0) ue();
  ue();
  bit();
  ue();
  ue();
  if (bit() === 0) bit();
  bit();
  if (bit() === 1) { ue(); ue(); ue(); ue(); }
  const kept: number[] = [];
  for (let i = 0; i < at; i++) kept.push((raw[i >> 3]! >> (7 - (i & 7))) & 1);
  kept.push(0, 1);
  while (kept.length % 8 !== 0) kept.push(0);
  const out: number[] = [];
  for (let i = 0; i < kept.length; i += 8) out.push(kept.slice(i, i + 8).reduce((v, b) => v * 2 + b, 0));
  const escaped: number[] = [];
  for (const byte of out) {
    if (escaped.length >= 2 && escaped.at(-1) === 0 && escaped.at(-2) === 0 && byte <= 3) escaped.push(3);
    escaped.push(byte);
  }
  return Buffer.from(escaped);
}

/** HEVC as enhanced RTMP carries it, from x265's byte stream: FFmpeg 5.1 has no muxer for it. */
async function hevcTags(): Promise<Tag[]> {
  const stream = await run('ffmpeg', ['-v', 'error', '-nostdin', ...counted(25), '-c:v', 'libx265', '-preset', 'ultrafast',
    '-x265-params', 'qp=6:bframes=0:aud=1:repeat-headers=1:keyint=25:log-level=none', '-f', 'hevc', 'pipe:1']);
  const nals = splitAnnexB(stream);
  const kind = (nal: Buffer): number => (nal[0]! >> 1) & 63;
  const sets = [32, 33, 34].map((type) => nals.find((nal) => kind(nal) === type)!);
  const head = Buffer.alloc(23);
  head[0] = 1;
  sets[1]!.copy(head, 1, 3, 15);
  head.writeUInt16BE(0xf000, 13);
  head[15] = 0xfc;
  head[16] = 0xfd;
  head[17] = head[18] = 0xf8;
  head[21] = 0x03;
  head[22] = 3;
  const arrays = sets.map((nal, i) => Buffer.concat([Buffer.from([0x80 | (32 + i), 0, 1, nal.length >> 8, nal.length & 255]), nal]));
  const tags: Tag[] = [{ type: 9, timestampMs: 0, body: Buffer.concat([Buffer.from([0x90]), Buffer.from('hvc1'), head, ...arrays]) }];
  let unit: Buffer[] = [];
  let key = false;
  const flush = (): void => {
    if (unit.length === 0) return;
    const framed = unit.flatMap((nal) => { const n = Buffer.alloc(4); n.writeUInt32BE(nal.length); return [n, nal]; });
    // CodedFramesX for one, CodedFrames with its composition time for the next.
    const extended = tags.length % 2 === 0;
    const lead = Buffer.concat([Buffer.from([0x80 | (key ? 0x10 : 0x20) | (extended ? 3 : 1)]), Buffer.from('hvc1'), extended ? Buffer.alloc(0) : Buffer.alloc(3)]);
    tags.push({ type: 9, timestampMs: (tags.length - 1) * 40, body: Buffer.concat([lead, ...framed]) });
    unit = [];
    key = false;
  };
  for (const nal of nals) {
    if (kind(nal) === 35) flush();
    else if (kind(nal) < 32) {
      unit.push(nal);
      if (kind(nal) >= 16 && kind(nal) <= 21) key = true;
    }
  }
  flush();
  return tags;
}

function splitAnnexB(stream: Buffer): Buffer[] {
  const starts: number[] = [];
  for (let i = 0; i + 3 <= stream.length; i++) if (stream[i] === 0 && stream[i + 1] === 0 && stream[i + 2] === 1) starts.push(i);
  return starts.map((start, i) => {
    let end = starts[i + 1] ?? stream.length;
    while (end > start && stream[end - 1] === 0) end--;
    return stream.subarray(start + 3, end);
  });
}

/** AV1 and VP9 frames out of IVF, without any header tag: some senders never send one. */
async function ivfTags(fourCc: string, codec: string[]): Promise<Tag[]> {
  const path = join(folder, `${fourCc}.ivf`);
  await run('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...counted(25, '128x128'), ...codec, path], { env: { ...process.env, SVT_LOG: '0' } });
  const file = readFileSync(path);
  const tags: Tag[] = [];
  for (let at = 32; at + 12 <= file.length;) {
    const size = file.readUInt32LE(at);
    const lead = Buffer.concat([Buffer.from([0x80 | (tags.length === 0 ? 0x10 : 0x20) | 1]), Buffer.from(fourCc)]);
    tags.push({ type: 9, timestampMs: Number(file.readBigUInt64LE(at + 4)) * 40, body: Buffer.concat([lead, file.subarray(at + 12, at + 12 + size)]) });
    at += 12 + size;
  }
  return tags;
}
