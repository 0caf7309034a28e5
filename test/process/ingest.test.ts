/** Real publishers into a real ingest process, read back from the camera's unix socket. */
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { describeAudio, describeVideo, TAG_AUDIO, TAG_SCRIPT, TAG_VIDEO, type FlvTag } from '../../src/rtmp/flv.js';
import { acknowledgement } from '../../src/rtmp/messages.js';
import { sharedMedia } from '../support/media.js';
import { run, startProcess, type RunningProcess } from '../support/process.js';
import { monotonicMs, waitFor } from '../support/wait.js';
import { FeedClient, flvFile, Ingest, INGEST_MAIN, ingestEnvironment, play, RawClient, smallFilm } from './ingest-harness.js';

const KEY = 'canary-key-91aa03';
let ingest: Ingest;
const open: { close(): void }[] = [];
const publishers: RunningProcess[] = [];

beforeAll(async () => {
  ingest = await Ingest.start({ cam_a: KEY, cam_b: 'key-b' });
});
afterAll(() => ingest?.stop());
afterEach(async () => {
  for (const one of open.splice(0)) one.close();
  for (const one of publishers.splice(0)) await one.stop();
  await waitFor('the cameras to be idle', () => ingest.actual?.cameras.every((camera) => camera.state === 'idle'));
});

function read(id: string): FeedClient {
  const client = new FeedClient(ingest.socket(id));
  open.push(client);
  return client;
}

async function publish(key: string): Promise<RawClient> {
  const client = await RawClient.publish(ingest.port, key);
  open.push(client);
  return client;
}

function ffmpeg(...args: string[]): RunningProcess {
  const process = startProcess('ffmpeg', ['-nostdin', '-loglevel', 'error', ...args]);
  publishers.push(process);
  return process;
}

const kinds = (tags: readonly FlvTag[]): string[] =>
  tags.map(({ type, payload }) => {
    if (type === TAG_SCRIPT) return 'script';
    const { packet, keyframe } = type === TAG_VIDEO ? describeVideo(payload) : describeAudio(payload);
    return `${type === TAG_VIDEO ? 'video' : 'audio'} ${keyframe ? 'key' : packet}`;
  });
const video = (tags: readonly FlvTag[]): FlvTag[] => tags.filter((tag) => tag.type === TAG_VIDEO && describeVideo(tag.payload).packet === 'frames');
const TEST_PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=s=640x360:r=30'];
const X264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '30'];

/** What an independent reader makes of the first seconds of a live camera. */
async function probe(id: string): Promise<Record<string, string | number>[]> {
  const json = await run('ffprobe', ['-v', 'error', '-analyzeduration', '1500000', '-show_streams', '-of', 'json', `unix:${ingest.socket(id)}`]);
  return (JSON.parse(json.toString()) as { streams: Record<string, string | number>[] }).streams;
}

describe('publishers', () => {
  it.each([
    { what: 'H.264 and AAC', sound: ['-ac', '2', '-ar', '48000'], picture: ['-bf', '0'], expected: { channels: 2, sampleRate: 48_000 } },
    { what: 'B-frames, mono, 44.1 kHz', sound: ['-ac', '1', '-ar', '44100'], picture: ['-preset', 'veryfast', '-bf', '3'], expected: { channels: 1, sampleRate: 44_100 } },
  ])('$what from FFmpeg', async ({ sound, picture, expected }) => {
    ffmpeg('-re', ...TEST_PICTURE, '-re', '-f', 'lavfi', '-i', 'sine=r=48000', ...X264, ...picture, '-c:a', 'aac', ...sound, '-f', 'flv', ingest.url(KEY));
    await waitFor('fps and rate to be known', () => ingest.camera('cam_a')?.video?.fps === 30 && (ingest.camera('cam_a')?.kbps ?? 0) > 0);
    const camera = ingest.camera('cam_a');
    expect(camera).toMatchObject({ state: 'live', remote: '127.0.0.1', video: { codec: 'h264', width: 640, height: 360 }, audio: { codec: 'aac', ...expected } });
    const [one, two] = await probe('cam_a');
    expect(one).toMatchObject({ codec_name: 'h264', width: 640, height: 360, has_b_frames: picture.includes('3') ? 2 : 0 });
    expect(two).toMatchObject({ codec_name: 'aac', channels: expected.channels, sample_rate: String(expected.sampleRate) });
  });

  it('no sound', async () => {
    ffmpeg('-re', ...TEST_PICTURE, ...X264, '-f', 'flv', ingest.url(KEY));
    const reader = read('cam_a');
    await waitFor('frames', () => video(reader.tags).length > 30);
    expect(ingest.camera('cam_a')?.audio).toBeNull();
    expect(reader.tags.some((tag) => tag.type === TAG_AUDIO)).toBe(false);
  });

  it('sound alone, MP3', async () => {
    ffmpeg('-re', '-f', 'lavfi', '-i', 'sine=r=44100', '-c:a', 'libmp3lame', '-ac', '2', '-f', 'flv', ingest.url(KEY));
    const reader = read('cam_a');
    await waitFor('sound', () => reader.tags.filter((tag) => tag.type === TAG_AUDIO).length > 20);
    await waitFor('its facts', () => ingest.camera('cam_a')?.audio !== null);
    expect(ingest.camera('cam_a')).toMatchObject({ state: 'live', video: null, audio: { codec: 'mp3', sampleRate: 44_100, channels: 2 } });
  });

  it('what OBS sent, tag for tag', async (context) => {
    const path = sharedMedia('flv/obs-capture.flv');
    if (path === null) return context.skip('there is no sample footage');
    const tags = flvFile(readFileSync(path)).filter((tag) => tag.type !== TAG_VIDEO || describeVideo(tag.payload).packet !== 'end');
    const reader = read('cam_a');
    await play(await publish(KEY), tags);
    await waitFor('the whole capture', () => reader.tags.length >= tags.length, { timeoutMs: 5000 });
    const media = (all: readonly FlvTag[]): string[] => all.filter((tag) => tag.type !== TAG_SCRIPT).map((tag) => `${tag.type} ${tag.payload.toString('base64')}`);
    expect(media(reader.tags)).toEqual(media(tags));
    await waitFor('its facts', () => ingest.camera('cam_a')?.video?.fps);
    expect(ingest.camera('cam_a')?.video).toMatchObject({ codec: 'h264', width: 1280, height: 720, fps: 30 });
    const step = (all: readonly FlvTag[]): number[] => video(all).map((tag, index, list) => tag.timestampMs - (list[0]?.timestampMs ?? 0));
    expect(step(reader.tags)).toEqual(step(tags));
  });

  it('HEVC by enhanced RTMP', async (context) => {
    const path = sharedMedia('codecs/red5-mov_h265.mp4');
    if (path === null) return context.skip('there is no sample footage');
    const tags = await enhancedHevc(path, 2);
    const reader = read('cam_a');
    await play(await publish(KEY), tags);
    await waitFor('the whole film', () => reader.tags.length >= tags.length, { timeoutMs: 5000 });
    await waitFor('its facts', () => ingest.camera('cam_a')?.video?.fps !== undefined);
    expect(reader.tags.map((tag) => tag.payload.toString('base64'))).toEqual(tags.map((tag) => tag.payload.toString('base64')));
    expect(ingest.camera('cam_a')?.video).toMatchObject({ codec: 'hevc', width: 640, height: 368, fps: 25 });
  });
});

/** An HEVC film's first seconds as enhanced FLV tags, made by hand: FFmpeg 5.1 cannot write them. */
async function enhancedHevc(path: string, seconds: number): Promise<FlvTag[]> {
  // The mp4 has hvcC and length-prefixed NAL units as FLV wants them; a copy into a fragment makes them easy to find.
  const probe = await run('ffprobe', ['-v', 'error', '-select_streams', 'v', '-show_packets', '-show_entries', 'packet=pts_time,dts_time,flags,pos,size', '-read_intervals', `%+${seconds}`, '-of', 'json', path]);
  const file = readFileSync(path);
  const at = file.indexOf('hvcC');
  const record = file.subarray(at + 4, at - 4 + file.readUInt32BE(at - 4));
  const head = (frame: number, packet: number): Buffer => Buffer.concat([Buffer.from([0x80 | (frame << 4) | packet]), Buffer.from('hvc1')]);
  const { packets } = JSON.parse(probe.toString()) as { packets: { pts_time: string; dts_time: string; flags: string; pos: string; size: string }[] };
  const first = Number(packets[0]?.dts_time);
  return [
    { type: TAG_VIDEO, timestampMs: 0, payload: Buffer.concat([head(1, 0), record]) },
    ...packets.map(({ pts_time, dts_time, flags, pos, size }): FlvTag => {
      const dts = Math.round((Number(dts_time) - first) * 1000);
      const composition = Buffer.alloc(3);
      composition.writeIntBE(Math.round((Number(pts_time) - first) * 1000) - dts, 0, 3);
      const data = file.subarray(Number(pos), Number(pos) + Number(size));
      return { type: TAG_VIDEO, timestampMs: dts, payload: Buffer.concat([head(flags.startsWith('K') ? 1 : 2, 1), composition, data]) };
    }),
  ];
}

describe('readers', () => {
  it('get headers and the last GOP at once when they come late', async () => {
    const film = await smallFilm(2);
    await play(await publish(KEY), film);
    await waitFor('the film to be in', () => ingest.camera('cam_a')?.state === 'live');
    const reader = read('cam_a');
    await waitFor('the GOP', () => video(reader.tags).length >= 25);
    const seen = kinds(reader.tags);
    expect(seen.slice(0, 4)).toEqual(['script', 'video header', 'audio header', 'video key']);
    // 50 frames at a keyframe each 25: the second GOP and nothing of the first.
    expect(video(reader.tags).length).toBe(25);
  });

  it('wait while nobody publishes, and go on with the next publisher on one timeline', async () => {
    const film = await smallFilm(1);
    const reader = read('cam_a');
    const first = await publish(KEY);
    await play(first, film, { timeMs: 2 ** 31 });
    // All but the end mark, which says nothing to a reader who stays.
    await waitFor('the first film', () => reader.tags.length >= film.length - 1);
    first.close();
    await waitFor('the camera to be idle', () => ingest.camera('cam_a')?.state === 'idle');
    const before = reader.tags.length;
    await play(await publish(KEY), film, { timeMs: 5 });
    await waitFor('the second film', () => video(reader.tags).length >= 50);
    expect(kinds(reader.tags.slice(before)).slice(0, 3)).toEqual(['script', 'video header', 'audio header']);
    const times = video(reader.tags).map((tag) => tag.timestampMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    // Since the camera's first publisher, whatever the publisher's own clock says.
    expect(times[0]).toBeLessThan(600_000);
    expect(reader.closed).toBe(false);
    expect(reader.failure).toBeUndefined();
  });

  it('goes on over 2^32 ms of the publisher', async () => {
    const film = await smallFilm(1);
    const reader = read('cam_a');
    await play(await publish(KEY), film, { timeMs: 2 ** 32 - 500 });
    await waitFor('the film', () => video(reader.tags).length >= 25);
    const times = video(reader.tags).map((tag) => tag.timestampMs);
    const sent = video(film).map((tag) => tag.timestampMs);
    expect(times.map((time) => time - (times[0] ?? 0))).toEqual(sent.map((time) => time - (sent[0] ?? 0)));
  });

  it('that do not read lose whole GOP tails, and cost a bounded queue', async () => {
    const film = await smallFilm(1);
    const reader = read('cam_a');
    reader.socket.pause();
    const publisher = await publish(KEY);
    // Each frame padded to 100 kB: 50 of these GOPs are 125 MB.
    const big = film.map((tag) => ({ ...tag, payload: tag.type === TAG_VIDEO && describeVideo(tag.payload).packet === 'frames' ? Buffer.concat([tag.payload, Buffer.alloc(100_000)]) : tag.payload }));
    const beforeMb = ingest.rssMb;
    for (let turn = 0; turn < 50; turn += 1) {
      await play(publisher, big, { timeMs: turn * 1000 });
      await waitFor('it to be read', () => publisher.socket.writableLength === 0);
    }
    await waitFor('drops', () => (ingest.actual?.counters.droppedToSubscribers ?? 0) > 500);
    console.log(`a reader that never reads: ${beforeMb} MiB before, ${ingest.rssMb} MiB after 125 MB`);
    expect(ingest.rssMb - beforeMb).toBeLessThan(100);
    reader.socket.resume();
    await waitFor('what was queued', () => video(reader.tags).length > 20);
    // It has to catch up first: until then whole GOPs are left out.
    let timeMs = 100_000;
    await waitFor('the end', async () => {
      await play(publisher, film, { timeMs });
      timeMs += 1000;
      return reader.tags.some((tag) => tag.timestampMs > 100_900);
    });
    expect(reader.failure).toBeUndefined();
    // Wherever frames are missing, the next one is a keyframe.
    const frames = video(reader.tags);
    frames.forEach((tag, index) => {
      const last = frames[index - 1];
      if (last && tag.timestampMs - last.timestampMs > 41) expect(describeVideo(tag.payload).keyframe).toBe(true);
    });
  });
});

describe('keys', () => {
  it('taken over within a second, the reader going on', async () => {
    const film = await smallFilm(2);
    const reader = read('cam_a');
    const old = await publish(KEY);
    void play(old, film, { paced: true });
    await waitFor('the first', () => video(reader.tags).length >= 10);
    const seen = video(reader.tags).length;
    const startMs = performance.now();
    const next = await publish(KEY);
    void play(next, film, { paced: true });
    await waitFor('the second at the reader', () => kinds(reader.tags).filter((kind) => kind === 'video header').length === 2, { everyMs: 5 });
    await waitFor('frames of the second', () => video(reader.tags).length > seen + 5, { everyMs: 5 });
    console.log(`takeover: frames of the second publisher after ${Math.round(performance.now() - startMs)} ms`);
    await old.untilClosed(1000);
    expect(old.codes()).toEqual(['NetStream.Publish.Start', 'NetStream.Publish.BadName']);
    expect(next.closed).toBe(false);
    expect(reader.closed).toBe(false);
    await waitFor('the counter', () => (ingest.actual?.counters.takeovers ?? 0) >= 1);
  });

  it('shared by two encoders that both come back: the one that was there first stays, and it is told once', async () => {
    const film = await smallFilm(2);
    const reader = read('cam_b');
    const encoder = async (): Promise<RawClient> => {
      const client = await publish('key-b');
      void (async () => {
        for (let timeMs = 0; !client.closed; timeMs += 2000) await play(client, film, { timeMs, paced: true });
      })();
      const from = video(reader.tags).length;
      await waitFor('half a second of it', () => video(reader.tags).length > from + 12);
      return client;
    };
    const first = await encoder();
    const second = await encoder();
    await first.untilClosed(1000);
    const back = await encoder();
    await second.untilClosed(1000);
    for (let tries = 0; tries < 2; tries += 1) {
      const refused = await publish('key-b');
      await refused.untilClosed(2000);
      expect(refused.codes()).toEqual(['NetStream.Publish.BadName']);
    }
    expect(back.closed).toBe(false);
    await waitFor('both to be told', () => ingest.camera('cam_b')?.rival === '127.0.0.1' && ingest.camera('cam_b')?.remote === '127.0.0.1');
    expect(ingest.process.stdout().split('two encoders push with its key')).toHaveLength(2);
    // One whose network has vanished is still there, and sends nothing.
    back.media = () => undefined;
    const startMs = monotonicMs();
    await waitFor('the other to be let in', async () => (await publish('key-b')).codes()[0] === 'NetStream.Publish.Start', { timeoutMs: 8000 });
    console.log(`another is let in ${Math.round(monotonicMs() - startMs)} ms after the one that was there fell silent`);
    await back.untilClosed(1000);
  });

  it('wrong: refused late, with the reason, and FFmpeg says it; a right one meanwhile is not kept waiting', async () => {
    const first = ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=64x64', ...X264, '-f', 'flv', ingest.url('wrong'));
    const exit = await first.exited;
    expect(exit.code).not.toBe(0);
    expect(first.stderr()).toContain('This stream key is not known here.');
    const startMs = monotonicMs();
    const guesses = await Promise.all([1, 2, 3].map((n) => RawClient.publish(ingest.port, `guess-${n}`)));
    await Promise.all(guesses.map((guess) => guess.untilClosed(8000)));
    expect(monotonicMs() - startMs).toBeGreaterThan(500);
    const right = await publish(KEY);
    expect(right.codes()).toEqual(['NetStream.Publish.Start']);
    expect(ingest.process.stdout()).not.toContain('guess-1');
  });

  it('changed or deleted while live: the publisher is let go', async () => {
    const old = await publish('key-b');
    ingest.desire({ cam_a: KEY, cam_b: 'key-b2' });
    await old.untilClosed(2000);
    expect((await RawClient.publish(ingest.port, 'key-b')).codes()).toEqual(['NetStream.Publish.BadName']);
    const renewed = await publish('key-b2?param=ignored');
    expect(renewed.codes()).toEqual(['NetStream.Publish.Start']);
    const reader = read('cam_b');
    await waitFor('the reader to be in', () => !reader.socket.connecting);
    ingest.desire({ cam_a: KEY });
    await renewed.untilClosed(2000);
    await waitFor('the reader to be let go', () => reader.closed);
    ingest.desire({ cam_a: KEY, cam_b: 'key-b' });
    await waitFor('it to be back', () => ingest.actual?.cameras.length === 2);
  });

  it('are nowhere in the log', () => {
    for (const key of [KEY, 'key-b2']) expect(ingest.process.stdout() + ingest.process.stderr()).not.toContain(key);
  });
});

describe('connections', () => {
  it('are called by the camera\'s name in the log, and by the new one when it is renamed on air', async () => {
    const keys = { cam_a: KEY, cam_b: 'key-b' };
    const client = await publish(KEY);
    ingest.desire(keys, { cam_a: 'Main' });
    await waitFor('the camera', () => ingest.camera('cam_a')?.remote);
    client.close();
    const line = (text: string): unknown => ingest.process.stdout().split('\n').find((one) => one.includes('"cam_a"') && one.includes(JSON.stringify(text).slice(1, -1)));
    await waitFor('the end in the log', () => line('camera "Main" disconnected'));
    expect(line('camera "CAM_A" connected')).toBeDefined();
    ingest.desire(keys);
  });

  it('are closed when nothing comes: no handshake 5 s, no publish 10 s, a silent camera 12 s and reported gone after 4', async () => {
    const film = await smallFilm(1);
    const idle = await RawClient.open(ingest.port);
    const greeted = await RawClient.connect(ingest.port);
    const silent = await publish(KEY);
    await play(silent, film);
    const startMs = performance.now();
    const keepAlive = setInterval(() => greeted.send(acknowledgement(0)), 1000);
    try {
      await waitFor('it to be live', () => ingest.camera('cam_a')?.state === 'live');
      await waitFor('it to count as gone', () => ingest.camera('cam_a')?.state === 'idle', { timeoutMs: 7000 });
      const goneMs = performance.now() - startMs;
      await idle.untilClosed(7000);
      await greeted.untilClosed(12_000);
      await silent.untilClosed(15_000);
      const [handshake, publishing, silence] = [idle, greeted, silent].map((client) => Math.round(client.closedMs - startMs)) as [number, number, number];
      console.log(`closed after: handshake ${handshake} ms, publish ${publishing} ms, silence ${silence} ms (reported gone after ${Math.round(goneMs)} ms)`);
      expect(goneMs).toBeGreaterThan(3500);
      expect(handshake).toBeGreaterThan(4500);
      expect(publishing).toBeGreaterThan(9000);
      expect(silence).toBeGreaterThan(10_000);
    } finally {
      clearInterval(keepAlive);
    }
  });
});

describe('the process', () => {
  it('comes back after a kill -9: the cameras are known, the sockets are new', async () => {
    const own = await Ingest.start({ cam_x: 'key-x' });
    let second: RunningProcess | undefined;
    try {
      const film = await smallFilm(1);
      const publisher = await RawClient.publish(own.port, 'key-x');
      const before = new FeedClient(own.socket('cam_x'));
      await waitFor('the reader to be in', () => !before.socket.connecting);
      own.process.child.kill('SIGKILL');
      await own.process.exited;
      await waitFor('both to see it', () => publisher.closed && before.closed);
      own.actual = undefined;
      second = startProcess(process.execPath, [INGEST_MAIN], { env: ingestEnvironment(own.home, own.port) });
      await waitFor('it to know its cameras', () => own.actual?.cameras.length === 1);
      const reader = new FeedClient(own.socket('cam_x'));
      const again = await RawClient.publish(own.port, 'key-x');
      await play(again, film);
      await waitFor('the film', () => video(reader.tags).length >= 25);
      again.close();
      reader.close();
    } finally {
      await second?.stop();
      await own.stop();
    }
  });

  it('goes on with what it knows when the studio is gone', async () => {
    const film = await smallFilm(1);
    const reader = read('cam_a');
    const first = await publish(KEY);
    await ingest.studio.stop();
    await play(first, film);
    await waitFor('the film', () => video(reader.tags).length >= 25);
    const second = await publish('key-b');
    expect(second.codes()).toEqual(['NetStream.Publish.Start']);
    first.close();
    second.close();
    // The other tests are over: nobody reports from here on.
    ingest.actual?.cameras.forEach((camera) => (camera.state = 'idle'));
  });

  it('says so in one line and ends with 1 when the port is taken', async () => {
    const second = startProcess(process.execPath, [INGEST_MAIN], { env: ingestEnvironment(ingest.home, ingest.port) });
    const exit = await second.exited;
    expect(exit.code).toBe(1);
    expect(second.stdout() + second.stderr()).toContain(`RTMP port 127.0.0.1:${ingest.port} is in use`);
    expect(second.stdout() + second.stderr()).toContain('PORT_IN_USE');
    expect(ingest.alive).toBe(true);
  });

  it('stops at once and takes its sockets with it', async () => {
    const publisher = await RawClient.publish(ingest.port, KEY);
    const startMs = performance.now();
    const exit = await ingest.process.stop();
    expect(exit.code).toBe(0);
    expect(performance.now() - startMs).toBeLessThan(2500);
    await publisher.untilClosed(1000);
    const probe = new FeedClient(ingest.socket('cam_a'));
    await waitFor('the socket to be gone', () => probe.closed);
  });
});
