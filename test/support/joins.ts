/**
 * Join after join between films that have nothing in common: codec, rate, size, sound. What the far end saw of each join,
 * and what the product held meanwhile.
 */
import { film, type Film, type FilmOptions } from './pattern/film.js';
import { memoryBytes, openFileCount } from './procfs.js';
import { clicksAt, compareSound, compareWithLine, type ClickReport, type Line, type LineReport, type Placed, type SoundReport } from './timeline_reading.js';
import type { TimelineRig } from './timeline_rig.js';
import { delay, monotonicMs } from './wait.js';

const ntsc = (fps: 24 | 30 | 60): [number, number] => [fps * 1_000, 1_001];

/** Every codec, rate, shape and sound, each with several of the others. */
const menu: Omit<FilmOptions, 'camera'>[] = [
  { codec: 'h264', rate: ntsc(24), width: 1280, height: 720, sound: 'stereo', bFrames: true },
  { codec: 'hevc', rate: [25, 1], sound: 'mono', bFrames: true },
  { codec: 'vp9', rate: [30, 1], width: 641, height: 361, sound: 'stereo' },
  { codec: 'av1', rate: [24, 1], sound: '5.1' },
  { codec: 'mpeg4', rate: [25, 1], width: 720, height: 404, sound: 'stereo', bFrames: true },
  { codec: 'h264', rate: ntsc(30), width: 854, height: 480, sound: 'mono' },
  { codec: 'hevc', rate: [60, 1], sound: 'stereo' },
  { codec: 'vp9', rate: ntsc(60), width: 427, height: 241, sound: 'none' },
  { codec: 'h264', rate: [50, 1], sound: '5.1', bFrames: true },
  { codec: 'av1', rate: [30, 1], width: 854, height: 480, sound: 'stereo' },
  // So far the short form; each of these meets them all at length.
  { codec: 'mpeg4', rate: [30, 1], sound: 'none' },
  { codec: 'h264', rate: ntsc(60), width: 960, height: 540, sound: 'none', bFrames: true },
  { codec: 'hevc', rate: ntsc(24), width: 1280, height: 720, sound: '5.1', bFrames: true },
  { codec: 'vp9', rate: [24, 1], width: 853, height: 479, sound: 'mono' },
  { codec: 'av1', rate: [50, 1], sound: 'mono' },
  { codec: 'mpeg4', rate: ntsc(24), width: 352, height: 288, sound: 'mono', bFrames: true },
  { codec: 'h264', rate: [25, 1], width: 1280, height: 720, sound: 'none' },
  { codec: 'hevc', rate: ntsc(30), width: 426, height: 240, sound: 'none' },
  { codec: 'vp9', rate: [25, 1], width: 1280, height: 720, sound: '5.1' },
  { codec: 'av1', rate: ntsc(30), sound: 'none' },
  { codec: 'mpeg4', rate: [24, 1], sound: '5.1', bFrames: true },
  { codec: 'h264', rate: [60, 1], sound: 'stereo', bFrames: true },
  { codec: 'hevc', rate: [50, 1], width: 854, height: 480, sound: 'mono', bFrames: true },
  { codec: 'vp9', rate: [60, 1], sound: 'mono' },
];

/** So many of them are what the short form joins. */
export const shortJoinFilms = 10;

/** The first `count` films of the menu. */
export async function joinFilms(count = menu.length): Promise<Film[]> {
  const films: Film[] = [];
  // One after the other: two encoders at once would take as long.
  for (const [i, options] of menu.slice(0, count).entries()) films.push(await film({ ...options, camera: i % 4, firstCounter: 1_000_000 + i * 1_000, seconds: 5 }));
  return films;
}

/** A small generator of the same numbers for the same seed. */
function random(seed: number): () => number {
  let state = (seed * 7_919 + 1) % 2_147_483_647;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/**
 * So many joins, one clip more: neighbours are of different films and pitches. Each clip begins in the middle of a group of
 * pictures, has one beep well inside and digital silence at both its ends.
 */
function joinLine(films: readonly Film[], joins: number, seed: number): Placed[] {
  const next = random(seed);
  const clips: Placed[] = [];
  let startMs = 0;
  while (clips.length <= joins) {
    const before = clips.at(-1)?.film;
    const chosen = films[Math.floor(next() * films.length)]!;
    if (before && (chosen === before || chosen.camera % 4 === before.camera % 4)) continue;
    const leadMs = 500 + Math.floor(next() * 100);
    const durationMs = 1_200 + Math.floor(next() * 100);
    clips.push({ film: chosen, startMs, durationMs, inMs: (1 + Math.floor(next() * 2)) * 1_000 + 500 - leadMs });
    startMs += durationMs;
  }
  return clips;
}

export interface JoinsReport {
  joins: number;
  picture: LineReport;
  sound: SoundReport;
  clicks: ClickReport;
  failedClips: number;
  lateClips: number;
  /** Program frames that the compositor drew late, or left out. */
  lateFrames: number;
  /** Of the five processes without their children, in the second half against the first: megabytes, and open files. */
  growthMb: number;
  moreFiles: number;
  /** Most film players at once. */
  open: number;
}

/** Plays `joins` joins and reads them. */
export async function playJoins(rig: TimelineRig, films: readonly Film[], joins: number, seed: number): Promise<JoinsReport> {
  const clips = joinLine(films, joins, seed);
  const { id } = await rig.timeline(`Joins ${seed}`, [clips], { filler: { sourceId: rig.cameras[0]!.id } });
  const before = await rig.product.api.status();
  rig.watch();
  const { frame, zero } = await rig.play(id);
  const last = clips.at(-1)!;
  const end = zero + Math.round(((last.startMs + last.durationMs) * rig.fps) / 1_000);
  const held: { megabytes: number; files: number; open: number }[] = [];
  while (monotonicMs() < rig.dueMs(end)) {
    await delay(Math.min(2_000, Math.max(50, rig.dueMs(end) - monotonicMs())));
    // Nothing is looked for in all of /proc here: a process whose entry somebody reads keeps its parent from burying it.
    const { pids } = rig.product;
    const { timeline } = await rig.product.api.status();
    held.push({ megabytes: memoryBytes(pids).own / 1e6, files: pids.reduce((sum, pid) => sum + openFileCount(pid), 0), open: timeline?.open ?? 0 });
  }
  const after = await rig.product.api.status();
  const line: Line = { clips, loopMs: null };
  const { fps, anchor } = rig;
  await rig.passed(end);
  const { reading, frames } = await rig.seen(frame);
  const starts = clips.slice(1).map(({ startMs }) => zero + Math.round((startMs * fps) / 1_000));
  const half = Math.floor(held.length / 2);
  const mean = (list: typeof held, of: keyof (typeof held)[0]): number => list.reduce((sum, one) => sum + one[of], 0) / list.length;
  return {
    joins,
    picture: compareWithLine(frames, line, zero, fps, frame, end),
    sound: compareSound(reading, frames, line, zero, fps, frame, end),
    // A quarter of a second behind each join nothing happens either.
    clicks: clicksAt(reading, starts, starts.map((n) => n + Math.round(0.25 * fps)), anchor),
    failedClips: after.timeline?.failedClips ?? NaN, lateClips: after.timeline?.lateClips ?? NaN,
    lateFrames: (after.program?.late ?? NaN) + (after.program?.skipped ?? NaN) - (before.program?.late ?? NaN) - (before.program?.skipped ?? NaN),
    // The first few seconds fill caches.
    growthMb: mean(held.slice(half), 'megabytes') - mean(held.slice(Math.min(3, half), half), 'megabytes'),
    moreFiles: mean(held.slice(half), 'files') - mean(held.slice(Math.min(3, half), half), 'files'),
    open: Math.max(...held.map(({ open }) => open)),
  };
}

/** Sound against picture by film, ms: what is of one kind only is a fault of that kind. */
function bySort({ films, offsetsMs }: SoundReport): string {
  const sorts = new Map<string, number[]>();
  for (const [i, { codec, rate: [num, den], sound }] of films.entries()) {
    const sort = `${codec} ${Number((num / den).toFixed(2))} ${sound}`;
    sorts.set(sort, [...(sorts.get(sort) ?? []), offsetsMs[i]!]);
  }
  return [...sorts].map(([sort, list]) => `${sort} ${Math.min(...list).toFixed(1)} to ${Math.max(...list).toFixed(1)}`).join(', ');
}

export function describeJoins({ joins, picture, sound, clicks, failedClips, lateClips, lateFrames, growthMb, moreFiles, open }: JoinsReport): string {
  return `${joins} joins, ${picture.frames} frames: missing ${picture.missing}, black ${picture.black}, repeated ${picture.repeated}, wrong ${picture.wrong}, drawn late ${lateFrames}; `
    + `clips failed ${failedClips}, late ${lateClips}; sound against picture p99 ${sound.p99Ms.toFixed(1)}, max ${sound.maxMs.toFixed(1)} ms over ${sound.offsetsMs.length} beeps, ${sound.silent} silent; `
    + `loudest at a join ${clicks.loudestDb.toFixed(1)} dBFS, elsewhere in silence ${clicks.floorDb.toFixed(1)}; `
    + `memory ${growthMb.toFixed(1)} MB more in the second half, files ${moreFiles.toFixed(1)}, films open at most ${open}\n  sound by film, ms: ${bySort(sound)}`;
}
