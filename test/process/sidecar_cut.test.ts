import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutClip, type CutOptions, type CutResult } from '../../src/sidecar/cutting/cut-clip.js';
import { readSource } from '../../src/sidecar/cutting/source.js';
import { MOST_THUMBNAIL_BYTES, pickThumbnails } from '../../src/sidecar/cutting/thumbnails/pick.js';
import { repositoryRoot, sharedMedia } from '../support/media.js';
import { findBeeps } from '../support/pattern/analyse.js';
import { film, filmTimeMs, litFrames, type Film } from '../support/pattern/film.js';
import { readPattern, type Reading } from '../support/pattern/read.js';
import { isAlive, processTree } from '../support/procfs.js';
import { run, startProcess } from '../support/process.js';
import { SmallDisk } from '../support/small_disk.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { waitFor } from '../support/wait.js';

const folder = tempFolder('v-cut-');
afterAll(() => removeFolder(folder));

const FIRST = 5_000;
/** Large enough for its code to be read, and for captions. */
const SMALL = { width: 384, height: 216 } as const;
let recording: Film;
beforeAll(async () => {
  recording = await film({ camera: 3, firstCounter: FIRST, seconds: 12, bFrames: true, ...SMALL });
});

let clips = 0;
/** Frames from `first` to before `end` of a film, by the milliseconds that a person would have. */
async function cut(of: Film, first: number, end: number, more: Partial<CutOptions> = {}): Promise<CutResult & { path: string }> {
  const path = join(folder, `clip-${clips++}.mp4`);
  const result = await cutClip({ input: of.path, startMs: Math.round(filmTimeMs(of, first)), endMs: Math.round(filmTimeMs(of, end)), output: path, shape: 'wide', ...more });
  expect(existsSync(`${path}.tmp`)).toBe(false);
  return { ...result, path };
}

/** What a far end sees: every frame once, in order, none more, and each beep with its flash. */
function expectFrames(reading: Reading, of: Film, first: number, end: number): void {
  expect(reading.frames.map(({ codes }) => codes[0]?.counter)).toEqual(Array.from({ length: end - first }, (_, i) => of.firstCounter + first + i));
  const begin = reading.frames[0]!.ptsMs;
  reading.frames.forEach(({ ptsMs }, i) => expect(Math.abs(ptsMs - begin - filmTimeMs(of, i))).toBeLessThan(1.5));
  expect(reading.warnings).toBe('');
  const beeps = findBeeps(reading, [of.camera]);
  // A beep that is cut off at the end is not looked for.
  for (const lit of litFrames(of).filter((k) => k >= first && k + 6 < end)) {
    const shownMs = reading.frames[lit - first]!.ptsMs;
    const offMs = Math.min(...beeps.map(({ onsetMs }) => Math.abs(onsetMs - shownMs)));
    expect(offMs, `the beep of frame ${lit}`).toBeLessThan(20);
  }
}

/** The same numbers for the same seed. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % below;
  };
}

describe('cutClip', () => {
  const next = random(20_261);
  const somewhere = Array.from({ length: 3 }, () => {
    const first = next(280);
    return { first, end: first + 2 + next(358 - first) };
  });
  const cases: readonly { first: number; end: number; wanted?: CutResult['cut'] }[] = [
    { first: 60, end: 181, wanted: 'copy' }, { first: 180, end: 360, wanted: 'copy' },
    { first: 59, end: 180, wanted: 'smart' }, { first: 61, end: 190 }, { first: 60, end: 183 }, { first: 299, end: 360, wanted: 'smart' },
    { first: 61, end: 119, wanted: 'full' }, { first: 240, end: 241 }, ...somewhere,
  ];
  const ways = new Set<string>();

  it.each(cases)('gives frames $first to $end and no other', async ({ first, end, wanted }) => {
    const result = await cut(recording, first, end);
    ways.add(result.cut);
    if (wanted) expect(result.cut, result.notes.join('; ')).toBe(wanted);
    expect(result.frames).toBe(end - first);
    expect(result.firstFrameMs).toBeCloseTo(filmTimeMs(recording, first), 1);
    expectFrames(await readPattern(result.path), recording, first, end);
  });

  it('has gone all three ways', () => expect([...ways].sort()).toEqual(['copy', 'full', 'smart']));

  it('keeps sound and picture together for players that know no edit lists', async () => {
    const { path, cut: way } = await cut(recording, 47, 200);
    expect(way).toBe('smart');
    expectFrames(await readPattern(path, { inputArguments: ['-ignore_editlist', '1'] }), recording, 47, 200);
  });

  it('copies frames bit by bit, and describes both encoders in one place', async () => {
    const { path } = await cut(recording, 50, 200);
    const hashes = async (file: string, fromSeconds: number): Promise<Set<string>> => {
      const lines = await run('ffmpeg', ['-v', 'error', '-ss', String(fromSeconds), '-i', file, '-map', '0:v', '-c', 'copy', '-f', 'framemd5', '-']);
      return new Set(lines.toString().split('\n').filter((line) => line.startsWith('0,')).map((line) => line.split(',').at(-1)!.trim()));
    };
    const source = await hashes(recording.path, 0);
    const copied = [...await hashes(path, 0)].filter((hash) => source.has(hash));
    expect(copied.length).toBeGreaterThanOrEqual(200 - 60 - 3);
    const { index } = await readSource(path);
    expect(typeof index).toBe('object');
  });

  it.each([
    [{ codec: 'hevc', bFrames: true, sound: '5.1' }], [{ codec: 'vp9', rate: [30_000, 1_001], sound: 'mono' }], [{ codec: 'av1', sound: 'none' }],
  ] as const)('cuts %o', async (options) => {
    const other = await film({ camera: 2, firstCounter: 9_000, seconds: 3, ...SMALL, ...options });
    const result = await cut(other, 31, 70);
    expect(result.frames).toBe(39);
    const hasSound = options.sound !== 'none';
    const reading = await readPattern(result.path, { sound: hasSound });
    if (hasSound) expectFrames(reading, other, 31, 70);
    else expect(reading.frames.map(({ codes }) => codes[0]?.counter)).toEqual(Array.from({ length: 39 }, (_, i) => 9_031 + i));
    if (hasSound) expect(Math.abs(result.lufs! + 14)).toBeLessThan(0.5);
    else expect(result.lufs).toBeNull();
  });

  it('makes a vertical clip with captions', async () => {
    const result = await cut(recording, 50, 90, { shape: 'vertical', threads: 2, captions: [{ startMs: 1_700, endMs: 2_900, text: 'Look {\\b1}at that' }] });
    expect(result).toMatchObject({ cut: 'full', frames: 40 });
    const { picture } = await readSource(result.path);
    expect([picture.width, picture.height]).toEqual([1080, 1920]);
    const letters = async (at: number): Promise<number> => (await run('ffmpeg', ['-v', 'error', '-ss', String(at), '-i', result.path, '-frames:v', '1', '-vf', 'crop=1080:300:0:1180,format=gray', '-f', 'rawvideo', '-'])).reduce((sum, value) => sum + Number(value > 220), 0);
    expect(await letters(0)).toBe(0);
    expect(await letters(1)).toBeGreaterThan(5_000);
  });

  it('makes thumbnails of a film', async ({ skip }) => {
    const input = sharedMedia('film/bbb-480p.mp4');
    if (!input) return skip('it is not there');
    const thumbnails = await pickThumbnails({ input, startMs: 0, endMs: 8_000, count: 3, outputFolder: join(folder, 'thumbnails') });
    expect(thumbnails).toHaveLength(3);
    for (const { path, bytes, atMs } of thumbnails) {
      expect(bytes).toBeLessThanOrEqual(MOST_THUMBNAIL_BYTES);
      expect(atMs).toBeLessThan(8_000);
      expect((await readSource(path)).picture).toMatchObject({ width: 1280, height: 720 });
    }
    expect(readdirSync(join(folder, 'thumbnails'))).toHaveLength(3);
  });

  it('does not believe an index that calls a frame a keyframe', async () => {
    const bytes = readFileSync(recording.path);
    const at = bytes.indexOf('stss') + 12;
    expect(bytes.readUInt32BE(at + 4)).toBe(61);
    bytes.writeUInt32BE(70, at + 4);
    const path = join(folder, 'lies.mp4');
    writeFileSync(path, bytes);
    const lying = { ...recording, path };
    const result = await cut(lying, 69, 150);
    expect(result.cut).toBe('full');
    expect(result.notes.join()).toMatch(/calls a keyframe is none/);
    expectFrames(await readPattern(result.path), recording, 69, 150);
  });

  it('says what cannot be cut', async () => {
    await expect(cut(recording, 500, 600)).rejects.toMatchObject({ code: 'VALIDATION' });
    await expect(cut({ ...recording, path: join(folder, 'gone.mp4') }, 0, 60)).rejects.toMatchObject({ code: 'MEDIA_MISSING' });
    const path = join(folder, 'text.mp4');
    writeFileSync(path, 'no film');
    await expect(cut({ ...recording, path }, 0, 60)).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE' });
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('ends at once when it is no longer wanted, and leaves nothing', async () => {
    const ending = new AbortController();
    const hevc = await film({ camera: 2, firstCounter: 9_000, seconds: 3, codec: 'hevc', bFrames: true, sound: '5.1', ...SMALL });
    const output = join(folder, 'ended.mp4');
    const cutting = cutClip({ input: hevc.path, startMs: 500, endMs: 2_900, output, shape: 'vertical', signal: ending.signal });
    await waitFor('FFmpeg to run', () => processTree(process.pid).some(({ comm }) => comm === 'ffmpeg'));
    ending.abort();
    await expect(cutting).rejects.toMatchObject({ name: 'AbortError' });
    expect(existsSync(output) || existsSync(`${output}.tmp`)).toBe(false);
    expect(processTree(process.pid).some(({ comm, state }) => comm === 'ffmpeg' && state !== 'Z')).toBe(false);
  });

  it('tells of an FFmpeg that somebody killed', async () => {
    const cutting = cut(recording, 61, 350, { shape: 'vertical' });
    const outcome = expect(cutting).rejects.toMatchObject({ code: 'CUT_KILLED' });
    const child = await waitFor('FFmpeg to run', () => processTree(process.pid).find(({ comm }) => comm === 'ffmpeg'));
    process.kill(child.pid, 'SIGKILL');
    await outcome;
  });

  it('takes its children with it when it is killed, and is whole the next time', async () => {
    const output = join(folder, 'killed.mp4');
    const script = `const { cutClip } = await import(${JSON.stringify(join(repositoryRoot, 'dist/src/sidecar/cutting/cut-clip.js'))});
      await cutClip({ input: ${JSON.stringify(recording.path)}, startMs: 1000, endMs: 11000, output: ${JSON.stringify(output)}, shape: 'vertical' });`;
    const node = startProcess(process.execPath, ['--input-type=module', '-e', script]);
    const encoding = await waitFor('FFmpeg to encode', () => existsSync(join(`${output}.tmp`, 'whole.mp4')) && processTree(node.pid).filter(({ comm }) => comm === 'ffmpeg'));
    process.kill(node.pid, 'SIGKILL');
    await node.exited;
    await waitFor('its children to end', () => encoding.every(({ pid }) => !isAlive(pid)));
    expect(existsSync(output)).toBe(false);
    expect(existsSync(`${output}.tmp`)).toBe(true);
    const result = await cutClip({ input: recording.path, startMs: 1000, endMs: 2000, output, shape: 'wide' });
    expect(result.frames).toBe(30);
    expect(existsSync(`${output}.tmp`)).toBe(false);
  });

  it('says that the disk is full, and leaves nothing', async ({ onTestFinished, skip }) => {
    const disk = new SmallDisk(1);
    onTestFinished(() => disk.remove());
    if (!disk.isMounted) return skip('nothing can be mounted here');
    const hog = disk.hog();
    try {
      const output = join(disk.folder, 'clip.mp4');
      await expect(cutClip({ input: recording.path, startMs: 0, endMs: 6000, output, shape: 'wide' })).rejects.toMatchObject({ code: 'DISK_FULL' });
      expect(readdirSync(disk.folder)).toEqual(['hog']);
    } finally {
      hog.stop();
    }
  });
});

describe('real films', () => {
  const films = ['film/bbb-480p.mp4', 'camera/iphone-vertical.mov', 'flv/obs-capture.flv', 'broken/amt-scte35.ts'];
  it.for(films)('%s', async (name, { skip }) => {
    const input = sharedMedia(name);
    if (!input) return skip('it is not there');
    const source = await readSource(input);
    const startMs = Math.round(source.durationMs * 0.3);
    const endMs = Math.min(source.durationMs, startMs + 1_000);
    const output = join(folder, `${createHash('md5').update(name).digest('hex')}.mp4`);
    const result = await cutClip({ input, source, startMs, endMs, output, shape: 'wide' });
    expect(Math.abs(result.frames - ((endMs - startMs) * source.picture.rate[0]) / source.picture.rate[1] / 1000)).toBeLessThan(1.5);
    if (result.lufs !== null) expect(Math.abs(result.lufs + 14)).toBeLessThan(0.5);
    expect(result.truePeakDb ?? -99).toBeLessThanOrEqual(-1);
  });
});
