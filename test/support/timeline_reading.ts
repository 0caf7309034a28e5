/**
 * What the far end saw of a timeline, frame by frame, beside what its position says. The arithmetic is written apart from
 * src/domain on purpose: the slowest and most obvious way.
 */
import { findBeeps, percentile, sampleTimeMs } from './pattern/analyse.js';
import type { Code } from './pattern/code.js';
import { filmTimeMs, litFrames, type Film } from './pattern/film.js';
import type { ReadFrame, Reading } from './pattern/read.js';

/** A clip of a film, or of a live camera. */
export interface Placed {
  film?: Film;
  camera?: number;
  startMs: number;
  durationMs: number;
  inMs?: number;
}

/** One track that is alone, or on top wherever it has a clip. */
export interface Line {
  /** Later ones lie over earlier ones. */
  clips: readonly Placed[];
  /** Of a lap; null: it is played once. */
  loopMs: number | null;
}

/** A picture of the reading with the program frame that it is. */
export interface ProgramFrame {
  n: number;
  ptsMs: number;
  code: Code | null;
  luma: number;
}

/** One program frame and its time in the stream: all others follow. */
export interface Anchor {
  frame: number;
  mediaMs: number;
  fps: number;
}

const blackLuma = 20;
/** Stamps are whole ms in some files: of two frames that are as near to each other as this, either may be shown. */
const tieMs = 1.2;

function mediaMsOf({ frame, mediaMs, fps }: Anchor, n: number): number {
  return mediaMs + ((n - frame) * 1_000) / fps;
}

export function programFrames(frames: readonly ReadFrame[], { frame, mediaMs, fps }: Anchor): ProgramFrame[] {
  return frames.map(({ ptsMs, codes, luma }) => ({ n: frame + Math.round(((ptsMs - mediaMs) * fps) / 1_000), ptsMs, code: codes[0] ?? null, luma }));
}

/** One showing of a clip in a lap, in positions. */
export interface Showing {
  clip: Placed;
  lap: number;
  first: number;
  end: number;
}

/** The clip that has a position; undefined where there is none. */
function showingAt({ clips, loopMs }: Line, position: number, fps: number): Showing | undefined {
  const frameAt = (ms: number): number => Math.round((ms * fps) / 1_000);
  const near = loopMs === null ? 0 : Math.floor((position * 1_000) / fps / loopMs);
  for (const clip of [...clips].reverse()) {
    for (const lap of loopMs === null ? [0] : [near - 1, near, near + 1]) {
      const startMs = lap * (loopMs ?? 0) + clip.startMs;
      const first = frameAt(startMs);
      const end = frameAt(startMs + clip.durationMs);
      if (lap >= 0 && position >= first && position < end) return { clip, lap, first, end };
    }
  }
  return undefined;
}

/** The film's frames of which one is due: that of the nearest time. */
function nearestFrames(film: Pick<Film, 'rate' | 'frames'>, ms: number): number[] {
  const [num, den] = film.rate;
  const below = Math.floor((ms * num) / (den * 1_000));
  const apart = Math.abs(filmTimeMs(film, below + 1) - ms) - Math.abs(ms - filmTimeMs(film, below));
  const due = Math.abs(apart) < tieMs ? [below, below + 1] : [apart < 0 ? below + 1 : below];
  return due.map((k) => Math.min(Math.max(k, 0), film.frames - 1));
}

export interface LineReport {
  frames: number;
  /** Holes in the program's own frames. */
  missing: number;
  black: number;
  /** Frames that show what the frame before showed, and should not. */
  repeated: number;
  /** Frames that show anything else that they should not. */
  wrong: number;
  /** The first of what is wrong, for whoever reads the failure. */
  examples: string[];
}

/**
 * Compares every program frame in [from, to) with what `line` has at its position.
 * @param zero the program frame of position 0
 */
export function compareWithLine(frames: readonly ProgramFrame[], line: Line, zero: number, fps: number, from: number, to: number): LineReport {
  const seen = frames.filter(({ n }) => n >= from && n < to);
  const report: LineReport = { frames: seen.length, missing: 0, black: 0, repeated: 0, wrong: 0, examples: [] };
  const steady = cameraSteadiness();
  for (const [i, frame] of seen.entries()) {
    const before = seen[i - 1];
    report.missing += frame.n - (before ? before.n + 1 : from);
    if (frame.luma < blackLuma) report.black++;
    const fault = faultOf(frame, showingAt(line, frame.n - zero, fps), zero, fps, steady);
    if (fault === null) continue;
    if (before?.code && frame.code && before.code.camera === frame.code.camera && before.code.counter === frame.code.counter) report.repeated++;
    else report.wrong++;
    if (report.examples.length < 8) report.examples.push(`frame ${frame.n} (position ${frame.n - zero}): ${fault}`);
  }
  if (Number.isFinite(to)) report.missing += Math.max(0, to - 1 - (seen.at(-1)?.n ?? from - 1));
  return report;
}

/** A live camera moves on by one frame a program frame, through everything that is shown in between. */
type Steadiness = (camera: number, counter: number, n: number) => boolean;

function cameraSteadiness(): Steadiness {
  const known = new Map<number, number>();
  return (camera, counter, n) => {
    const apart = counter - n;
    const before = known.get(camera);
    known.set(camera, apart);
    // The footage begins again after 64 s.
    return before === undefined || (apart - before) % (64 * 30) === 0;
  };
}

function faultOf(frame: ProgramFrame, showing: Showing | undefined, zero: number, fps: number, steady: Steadiness): string | null {
  if (!showing) return null;
  const { clip, first } = showing;
  const { code } = frame;
  const is = code ? `${code.camera}/${code.counter}` : `unreadable, luma ${frame.luma.toFixed(0)}`;
  if (!clip.film) {
    if (code?.camera !== clip.camera) return `${is}, not camera ${clip.camera}`;
    return steady(code!.camera, code!.counter, frame.n) ? null : `${is}: the camera has jumped`;
  }
  const { film } = clip;
  const due = nearestFrames(film, (clip.inMs ?? 0) + ((frame.n - zero - first) * 1_000) / fps).map((k) => film.firstCounter + k);
  return code?.camera === film.camera && due.includes(code.counter) ? null : `${is}, not ${film.camera}/${due.join(' or ')}`;
}

export interface SoundReport {
  /** Sound minus picture of each beep of each showing, ms: positive when the sound comes late. */
  offsetsMs: number[];
  /** Whose they are. */
  films: Film[];
  p99Ms: number;
  maxMs: number;
  /** Lit frames that were shown and whose beep is nowhere near. */
  silent: number;
}

/** Of each showing of a film: its beeps against where its pictures say that they belong. */
export function compareSound(reading: Reading, frames: readonly ProgramFrame[], line: Line, zero: number, fps: number, from: number, to: number): SoundReport {
  const beeps = findBeeps(reading, [0, 1, 2, 3]);
  const report: SoundReport = { offsetsMs: [], films: [], p99Ms: NaN, maxMs: NaN, silent: 0 };
  for (const { showing, frames: shown } of showings(frames, line, zero, fps, from, to)) {
    const { film, inMs = 0, durationMs } = showing.clip;
    if (!film || film.sound === 'none') continue;
    // A picture is up to half a frame from its time, either way alike: together they say when the film began.
    const ownMs = shown.flatMap(({ code, ptsMs }) => (code?.camera === film.camera ? [ptsMs - filmTimeMs(film, code.counter - film.firstCounter)] : []));
    if (ownMs.length === 0) continue;
    const beganMs = ownMs.reduce((sum, ms) => sum + ms, 0) / ownMs.length;
    const seenMs = beganMs + inMs + ((shown.at(-1)!.n - shown[0]!.n) * 1_000) / fps;
    for (const k of litFrames(film)) {
      const at = filmTimeMs(film, k);
      const wholeIn = at >= inMs + 30 && at <= inMs + durationMs - 100 && beganMs + at <= seenMs - 100;
      if (!wholeIn || shown[0]!.n > showing.first + zero) continue;
      const offset = beeps.filter(({ camera }) => camera === film.camera % 4).map(({ onsetMs }) => onsetMs - beganMs - at)
        .reduce((best, one) => (Math.abs(one) < Math.abs(best) ? one : best), Infinity);
      if (Math.abs(offset) >= 300) {
        report.silent++;
        continue;
      }
      report.offsetsMs.push(offset);
      report.films.push(film);
    }
  }
  const sizes = report.offsetsMs.map(Math.abs);
  return { ...report, p99Ms: percentile(sizes, 99), maxMs: percentile(sizes, 100) };
}

/** The showings that lie in [from, to), with their frames. */
function showings(frames: readonly ProgramFrame[], line: Line, zero: number, fps: number, from: number, to: number): { showing: Showing; frames: ProgramFrame[] }[] {
  const all = new Map<string, { showing: Showing; frames: ProgramFrame[] }>();
  for (const frame of frames) {
    if (frame.n < from || frame.n >= to) continue;
    const showing = showingAt(line, frame.n - zero, fps);
    if (!showing) continue;
    const key = `${line.clips.indexOf(showing.clip)}@${showing.lap}`;
    const known = all.get(key);
    if (known) known.frames.push(frame);
    else all.set(key, { showing, frames: [frame] });
  }
  return [...all.values()];
}

export interface ClickReport {
  joins: number;
  /** The loudest sample within 60 ms of a join with silence on both sides, dBFS; -Infinity: not one. */
  loudestDb: number;
  /** The same in the middle of silence, where nothing happens: what the codecs themselves make of silence. */
  floorDb: number;
}

/** How loud it is where one silence follows another. `joins`: program frames that begin a clip. */
export function clicksAt(reading: Reading, joins: readonly number[], quiet: readonly number[], anchor: Anchor): ClickReport {
  const loudness = (n: number): number => peak(reading, mediaMsOf(anchor, n) - 60, mediaMsOf(anchor, n) + 60);
  const decibels = (list: readonly number[]): number => 20 * Math.log10(Math.max(0, ...list.map(loudness)));
  return { joins: joins.length, loudestDb: decibels(joins), floorDb: decibels(quiet) };
}

/** Amplitude of the loudest sample between two moments of the stream. */
export function peak(reading: Reading, fromMs: number, toMs: number): number {
  let top = 0;
  for (const { ptsMs, first, count } of reading.blocks) {
    if (ptsMs + (count * 1_000) / reading.soundRate < fromMs || ptsMs > toMs) continue;
    for (let i = first; i < first + count; i++) {
      const at = sampleTimeMs(reading, i);
      if (at >= fromMs && at < toMs) top = Math.max(top, Math.abs(reading.samples[i] ?? 0));
    }
  }
  return top;
}
