import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ActualOf, SidecarDesired } from '../../src/protocol/link.js';
import { LinkServer } from '../../src/runtime/link-server.js';
import { silentLog } from '../../src/runtime/log.js';
import { Paths } from '../../src/runtime/paths.js';
import { repositoryRoot } from '../support/media.js';
import { run, signal, startProcess, type RunningProcess } from '../support/process.js';
import { readTags, writeTag, flvHeader } from '../support/rtmp/flv.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { delay, waitFor } from '../support/wait.js';

type Report = ActualOf['sidecar']['recordings'][number];

class SidecarRig {
  readonly home = tempFolder('v-sc-');
  readonly paths = new Paths(this.home);
  reports: Report[] = [];
  /** What was reported, in order, without repetitions. */
  readonly said: string[] = [];
  /** One word for `test/fakes/ffmpeg`. */
  readonly modeFile = join(this.home, 'mode');
  process: RunningProcess | undefined;
  private desired: SidecarDesired = { finish: [], watch: null, onAir: false };
  readonly link: LinkServer;

  constructor() {
    this.paths.create();
    this.link = new LinkServer({
      socketPath: this.paths.studioSocket, log: silentLog, desired: () => this.desired as never,
      onActual: (_role, actual) => {
        this.reports = (actual as ActualOf['sidecar']).recordings;
        for (const { state, error } of this.reports) {
          const now = [state, error?.message].filter(Boolean).join(': ');
          if (this.said.at(-1) !== now) this.said.push(now);
        }
      },
      onEvent: () => undefined, onPresence: () => undefined,
    });
  }

  async start(): Promise<this> {
    await this.link.start();
    this.startSidecar();
    return this;
  }

  startSidecar(): void {
    this.reports = [];
    this.process = startProcess(process.execPath, [join(repositoryRoot, 'dist/src/sidecar/main.js')], {
      cwd: this.home, env: { PATH: `${join(repositoryRoot, 'test/fakes')}:${process.env['PATH']}`, FAKE_FFMPEG: this.modeFile, VISTTER_HOME: this.home, VISTTER_LOG: 'json' },
    });
  }

  finish(...ids: string[]): void {
    this.desired = { finish: ids.map((recordingId) => ({ recordingId })), watch: null, onAir: false };
    this.link.push('sidecar');
  }

  until(id: string, state: Report['state'], timeoutMs = 20_000): Promise<Report> {
    return waitFor(`${id} ${state}: ${JSON.stringify(this.reports)}`, () => this.reports.find((report) => report.recordingId === id && report.state === state), { timeoutMs });
  }

  async stop(): Promise<void> {
    await this.process?.stop(3000);
    await this.link.stop();
    removeFolder(this.home);
  }
}

const rigs: SidecarRig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.stop();
});
async function startRig(): Promise<SidecarRig> {
  const rig = new SidecarRig();
  rigs.push(rig);
  return rig.start();
}

/** FLV of a few seconds, as the recorder writes it, with stamps from `fromMs`. */
async function makePart(path: string, seconds: number, fromMs: number, options: { preset?: string; profile?: string; size?: string } = {}): Promise<number> {
  const { preset = 'ultrafast', profile = 'baseline', size = '320x180' } = options;
  await run('nice', ['ffmpeg', '-nostdin', '-v', 'error', '-y', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=25:duration=${seconds}`, '-f', 'lavfi', '-i', `sine=duration=${seconds}`,
    '-c:v', 'libx264', '-preset', preset, '-profile:v', profile, '-g', '50', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-ac', '2', '-ar', '48000', '-f', 'flv', path]);
  const tags = readTags(readFileSync(path)).map((tag) => ({ ...tag, timestampMs: tag.timestampMs + fromMs }));
  writeFileSync(path, Buffer.concat([flvHeader, ...tags.map(writeTag)]));
  return tags.filter((tag) => tag.type === 9 && tag.body.length > 5 && tag.body[1] === 1).length;
}

/** Decodes all of it; what FFmpeg complains of is an error. */
async function decode(path: string): Promise<{ frames: number; complaints: string }> {
  let out = '';
  const running = startProcess('nice', ['ffmpeg', '-nostdin', '-v', 'error', '-i', path, '-map', '0:v', '-fps_mode', 'passthrough', '-f', 'framemd5', '-'], { onStdout: (chunk) => { out += chunk.toString(); } });
  const { code } = await running.exited;
  expect(code).toBe(0);
  return { frames: out.split('\n').filter((line) => /^\d/.test(line)).length, complaints: running.stderr() };
}

describe('sidecar', () => {
  it('joins parts with a cut end, an empty one and other encoder settings into one MP4 that decodes to its last frame', async () => {
    const rig = await startRig();
    const folder = rig.paths.recording('rec1');
    mkdirSync(folder, { recursive: true });
    const first = await makePart(join(folder, 'part-0001.flv'), 3, 0);
    writeFileSync(join(folder, 'part-0002.flv'), '');
    const third = await makePart(join(folder, 'part-0003.flv'), 2, 5000, { preset: 'veryfast', profile: 'high' });
    await makePart(join(folder, 'part-0004.flv'), 2, 8000, { preset: 'medium', profile: 'main' });
    const cut = readFileSync(join(folder, 'part-0004.flv'));
    writeFileSync(join(folder, 'part-0004.flv'), cut.subarray(0, cut.length - 777));
    const fourth = readTags(readFileSync(join(folder, 'part-0004.flv'))).filter((tag) => tag.type === 9 && tag.body[1] === 1 && tag.body.length > 5).length;
    writeFileSync(join(folder, 'recording.123.tmp.mp4'), 'left by a killed one');
    const fromMs = performance.now();
    rig.finish('rec1');
    const report = await rig.until('rec1', 'ready');
    console.log(`finished in ${Math.round(performance.now() - fromMs)} ms:`, JSON.stringify(report));
    const file = join(rig.home, report.path!);
    expect(report).toMatchObject({ path: 'recordings/rec1/recording.mp4', bytes: statSync(file).size });
    expect(report.durationMs).toBeGreaterThan(9500);
    expect(report.durationMs).toBeLessThan(10_200);
    expect(readdirSync(folder).sort()).toEqual(['part-0001.flv', 'part-0002.flv', 'part-0003.flv', 'part-0004.flv', 'recording.mp4']);
    expect(await decode(file)).toEqual({ frames: first + third + fourth, complaints: '' });
    // The index stands before the media.
    const bytes = readFileSync(file);
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
  });

  it('leaves out a pause of hours, keeps a hole of seconds, and sound stays with the picture', async () => {
    const rig = await startRig();
    const folder = rig.paths.recording('rec1');
    mkdirSync(folder, { recursive: true });
    const pictures = [
      await makePart(join(folder, 'part-0001.flv'), 3, 0),
      await makePart(join(folder, 'part-0002.flv'), 2, 5 * 3_600_000),
      await makePart(join(folder, 'part-0003.flv'), 2, 5 * 3_600_000 + 6_000),
      // Another month: stamps of 32 bits have wrapped.
      await makePart(join(folder, 'part-0004.flv'), 2, 40 * 24 * 3_600_000),
    ];
    rig.finish('rec1');
    const report = await rig.until('rec1', 'ready');
    expect(Math.abs(report.durationMs - 13_000)).toBeLessThan(150);
    const file = join(rig.home, report.path!);
    expect(await decode(file)).toEqual({ frames: pictures.reduce((sum, n) => sum + n, 0), complaints: '' });
    const holes = async (stream: string): Promise<{ atMs: number; ms: number }[]> => {
      const text = (await run('ffprobe', ['-v', 'error', '-select_streams', stream, '-show_entries', 'packet=dts_time', '-of', 'csv=p=0', file])).toString();
      const times = text.split('\n').filter(Boolean).map((line) => Math.round(1_000 * Number.parseFloat(line)));
      return times.slice(1).map((atMs, i) => ({ atMs, ms: atMs - times[i]! })).filter(({ ms }) => ms > 90);
    };
    const [video, audio] = [await holes('v:0'), await holes('a:0')];
    console.log('holes, ms:', JSON.stringify({ video, audio }));
    // From second 3 + 2 to second 3 + 6.
    for (const found of [video, audio]) {
      expect(found).toHaveLength(1);
      expect(Math.abs(found[0]!.atMs - 9_000)).toBeLessThan(120);
      expect(Math.abs(found[0]!.ms - 4_000)).toBeLessThan(120);
    }
    expect(Math.abs(video[0]!.atMs - audio[0]!.atMs)).toBeLessThan(45);
  });

  it('may be killed in the middle, and does not make again what is there', async () => {
    const rig = await startRig();
    const folder = rig.paths.recording('rec1');
    mkdirSync(folder, { recursive: true });
    await makePart(join(folder, 'part-0001.flv'), 20, 0, { size: '640x360' });
    for (let round = 0; round < 3; round += 1) {
      rig.finish('rec1');
      await waitFor('work', () => rig.reports.length > 0, { everyMs: 1 });
      await delay(round * 30);
      signal(rig.process!.pid, 'SIGKILL');
      await rig.process!.exited;
      if (existsSync(join(folder, 'recording.mp4'))) expect(await decode(join(folder, 'recording.mp4'))).toMatchObject({ complaints: '' });
      rig.startSidecar();
    }
    await rig.until('rec1', 'ready');
    const made = statSync(join(folder, 'recording.mp4')).mtimeMs;
    await rig.process!.stop();
    rig.startSidecar();
    await rig.until('rec1', 'ready');
    expect(statSync(join(folder, 'recording.mp4')).mtimeMs).toBe(made);
    await waitFor('no unfinished file', () => readdirSync(folder).length === 2);
    rig.finish();
    await waitFor('nothing wanted, nothing reported', () => rig.reports.length === 0);
  });

  it('tries again when FFmpeg was killed, three times, and anew when it is started again', async () => {
    const rig = await startRig();
    const folder = rig.paths.recording('rec1');
    mkdirSync(folder, { recursive: true });
    await makePart(join(folder, 'part-0001.flv'), 2, 0);
    writeFileSync(rig.modeFile, 'killed');
    const fromMs = performance.now();
    rig.finish('rec1');
    await waitFor('the first try to be over', () => rig.reports[0]?.error?.code === 'REMUX_KILLED');
    expect(rig.reports[0]).toMatchObject({ state: 'working', error: { message: 'The recording is not one file yet: ffmpeg was killed with signal SIGKILL. It is tried again by itself; its parts are kept.' } });
    const failed = await rig.until('rec1', 'failed');
    console.log(`given up after ${Math.round(performance.now() - fromMs)} ms:`, JSON.stringify(rig.said));
    expect(performance.now() - fromMs).toBeGreaterThan(6_000);
    expect(failed.error).toEqual({ code: 'REMUX_KILLED', message: 'The recording is not one file yet: ffmpeg was killed with signal SIGKILL. That happened 3 times; it is tried again at the next start. Its parts are kept.' });
    expect(readdirSync(folder)).toEqual(['part-0001.flv']);

    await rig.process!.stop();
    rig.startSidecar();
    await waitFor('the next try', () => rig.reports[0]?.error?.code === 'REMUX_KILLED' && rig.reports[0].state === 'working');
    writeFileSync(rig.modeFile, 'real');
    const report = await rig.until('rec1', 'ready');
    expect(report.error).toBeUndefined();
    expect(await decode(join(rig.home, report.path!))).toMatchObject({ frames: 50, complaints: '' });
  });

  it('says why it cannot, keeps the parts, goes on with the next, and touches nothing outside the recordings', async () => {
    const rig = await startRig();
    const outside = join(rig.home, 'outside');
    mkdirSync(outside);
    await makePart(join(outside, 'part-0001.flv'), 1, 0);
    symlinkSync(outside, join(rig.paths.recordings, 'linked'));
    mkdirSync(rig.paths.recording('empty'));
    mkdirSync(rig.paths.recording('garbage'));
    writeFileSync(join(rig.paths.recording('garbage'), 'part-0001.flv'), 'this is no film');
    mkdirSync(rig.paths.recording('inner'));
    symlinkSync(join(outside, 'part-0001.flv'), join(rig.paths.recording('inner'), 'part-0001.flv'));
    mkdirSync(rig.paths.recording('good'));
    await makePart(join(rig.paths.recording('good'), 'part-0001.flv'), 1, 0);
    mkdirSync(rig.paths.recording('unwritten'));
    writeFileSync(join(rig.paths.recording('unwritten'), 'part-0001.flv'), '');
    rig.finish('missing', 'linked', 'empty', 'unwritten', 'garbage', 'inner', 'good');
    await rig.until('good', 'ready');
    for (const id of ['missing', 'empty', 'unwritten']) {
      expect((await rig.until(id, 'failed')).error?.code).toBe('RECORDING_EMPTY');
      expect(existsSync(rig.paths.recording(id))).toBe(false);
    }
    expect((await rig.until('unwritten', 'failed')).error?.message).toBe('Nothing was recorded: it was stopped before the first picture.');
    for (const id of ['linked', 'garbage', 'inner']) {
      const report = await rig.until(id, 'failed');
      console.log(`${id}: ${report.error?.message}`);
      expect(report.error?.code).toBe('REMUX_FAILED');
    }
    expect(readdirSync(outside)).toEqual(['part-0001.flv']);
    expect(readdirSync(rig.paths.recording('garbage'))).toEqual(['part-0001.flv']);

    // All of it removed: said in words, and no fault of the sidecar's.
    rmSync(rig.paths.recordings, { recursive: true });
    rig.finish('removed');
    expect((await rig.until('removed', 'failed')).error).toEqual({ code: 'RECORDING_EMPTY', message: 'Its folder is not there: nothing was recorded, or it was removed.' });
    const errors = rig.process!.stdout().split('\n').filter((line) => /"level":(50|60|"error"|"fatal")/.test(line));
    for (const id of ['missing', 'empty', 'unwritten', 'removed']) expect(errors.filter((line) => line.includes(`"${id}"`))).toEqual([]);
    expect(errors.filter((line) => line.includes('"garbage"'))).toHaveLength(1);
  });
});
