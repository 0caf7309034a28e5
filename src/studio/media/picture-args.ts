/** FFmpeg's arguments for a small picture and for the loudness of a file, and what it answers to the latter. Pure. */
import type { Waveform } from '../../protocol/media.js';
import { fileOnly, type FileKind } from './facts.js';

/** Widths that are made: few, so that the same picture is seldom made twice. */
const WIDTHS = [80, 160, 320, 640] as const;
/** Moments are whole steps of this, for the same reason. */
export const STEP_MS = 500;
/** A picture of more is not opened: it would take gigabytes. */
const MOST_PIXELS = 128 * 1024 * 1024;
/** Peaks that a waveform has at most; beyond them each stands for longer. */
const MOST_PEAKS = 36_000;
const LEAST_BUCKET_MS = 20;
/** Enough to see how loud it is, and a third of the work of 48 kHz. */
const SAMPLE_RATE = 16_000;

export const widthFor = (wanted: number): number => WIDTHS.find((width) => width >= wanted) ?? WIDTHS.at(-1)!;

const QUIET = ['-nostdin', '-v', 'error', '-threads', '1'];

/** Which picture of a moment: the keyframe at or before it, or the first after it, which cost some milliseconds wherever it lies; or exactly it. */
export type Nearest = 'before' | 'after' | 'exact';

const SEEK: Record<Nearest, string[]> = { before: ['-noaccurate_seek', '-skip_frame', 'nokey'], after: ['-skip_frame', 'nokey'], exact: [] };

/** One JPEG on stdout, within width × width. */
export function thumbnailArgs({ real, kind, format = null, atMs, width, nearest }: { real: string; kind: FileKind; format?: string | null; atMs: number; width: number; nearest: Nearest }): string[] {
  const seek = kind === 'media' ? [...SEEK[nearest], '-ss', String(atMs / 1000)] : [];
  return [
    ...QUIET, ...fileOnly(kind, format), '-max_pixels', String(MOST_PIXELS), ...seek, '-i', `file:${real}`,
    // Of sound, the picture of its cover.
    '-map', kind === 'audio' ? '0:v:0' : '0:V:0', '-frames:v', '1',
    '-vf', `scale=${width}:${width}:force_original_aspect_ratio=decrease:force_divisible_by=2,format=yuvj420p`,
    '-threads', '1', '-q:v', '5', '-f', 'mjpeg', 'pipe:1',
  ];
}

/** @param durationMs null: not known */
export function bucketFor(durationMs: number | null): number {
  return Math.max(LEAST_BUCKET_MS, Math.ceil((durationMs ?? 0) / MOST_PEAKS / 10) * 10);
}

/** The peak of each stretch, a line each on stdout. FFmpeg finds them: the studio's event loop has no time for samples. */
export function waveformArgs({ real, kind, bucketMs }: { real: string; kind: FileKind; bucketMs: number }): string[] {
  return [
    ...QUIET, ...fileOnly(kind), '-vn', '-i', `file:${real}`, '-map', '0:a:0',
    '-af', `aresample=${SAMPLE_RATE},asetnsamples=n=${(SAMPLE_RATE * bucketMs) / 1000}:p=0,` +
      'astats=metadata=1:reset=1:measure_perchannel=none:measure_overall=Peak_level,ametadata=mode=print:key=lavfi.astats.Overall.Peak_level:file=-',
    '-threads', '1', '-f', 'null', '-',
  ];
}

/** Reads those lines as they come. */
export class PeakReader {
  readonly #peaks: number[] = [];
  #rest = '';

  add(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) {
      const db = /^lavfi\.astats\.Overall\.Peak_level=(.+)$/.exec(line)?.[1];
      // A file that is longer than it says is told of as far as it says.
      if (db !== undefined && this.#peaks.length < MOST_PEAKS) this.#peaks.push(linear(db));
    }
  }

  result(bucketMs: number): Waveform {
    this.add('\n');
    return { bucketMs, peaks: this.#peaks };
  }
}

/** dBFS → 0 to 1, with three digits. */
function linear(db: string): number {
  const value = 10 ** (Number(db) / 20);
  return Number.isFinite(value) ? Math.min(1, Math.round(value * 1000) / 1000) : 0;
}
