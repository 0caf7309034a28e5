/**
 * Some keyframes of a recording as a film of their own. To look at a recording of eight hours FFmpeg would read all of it, or its index
 * once for each place: written by the index that is read already, what is looked at is all that is read.
 */
import { open } from 'node:fs/promises';
import type { SampleTable } from '../mp4/read.js';
import { writeMovie } from '../mp4/write.js';
import type { Source } from '../source.js';

export interface KeyframeFilm {
  path: string;
  /** Of the recording's own time, where the film's first picture is. */
  firstSeconds: number;
}

/** Null where the index does not say where they are, or there are none. What a call of the file system throws, it throws. @param path where it is to be written */
export async function writeKeyframes({ path: from, index }: Pick<Source, 'path' | 'index'>, span: { fromSeconds: number; toSeconds: number; most: number }, path: string, signal?: AbortSignal): Promise<KeyframeFilm | null> {
  if (typeof index === 'string' || !index.entry) return null;
  const { timescale, entry, matrix, width, height, samples } = index;
  const chosen = spread(samples, span.fromSeconds * timescale, span.toSeconds * timescale, span.most);
  const [first] = chosen;
  if (first === undefined) return null;
  const file = await open(from, 'r');
  try {
    const pictures = chosen.map((i) => ({ file, offset: samples.offset[i]!, bytes: samples.bytes[i]!, shownAt: samples.shownAt[i]! - samples.shownAt[first]!, isSync: true }));
    await writeMovie(path, { picture: { timescale, entry, matrix, width, height, samples: pictures, lastTicks: timescale }, sound: null, leadSeconds: 0 }, signal);
  } finally {
    await file.close();
  }
  return { path, firstSeconds: samples.shownAt[first]! / timescale };
}

/** The first keyframe in each of `most` equal parts. Exported for its test. */
export function spread({ count, shownAt, isSync }: Pick<SampleTable, 'count' | 'shownAt' | 'isSync'>, from: number, to: number, most: number): number[] {
  const inParts = new Map<number, number>();
  for (let i = 0; i < count; i += 1) {
    const at = shownAt[i]!;
    if (isSync[i] !== 1 || at < from || at >= to) continue;
    const part = Math.floor(((at - from) / (to - from)) * most);
    const before = inParts.get(part);
    if (before === undefined || at < shownAt[before]!) inParts.set(part, i);
  }
  return [...inParts.values()].sort((a, b) => shownAt[a]! - shownAt[b]!);
}
