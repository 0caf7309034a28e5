/** Thumbnails of a stretch of a recording: looked at in small, judged, and the best of them made in full. */
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ServerError } from '../../../runtime/errors.js';
import { makeFolder } from '../../../runtime/make-folder.js';
import { ours } from '../../offline/args.js';
import { runOffline } from '../../offline/run.js';
import { toCutError } from '../errors.js';
import { ROLL_SECONDS } from '../looks.js';
import { frameTimes } from '../picture-args.js';
import { readSource, type Source } from '../source.js';
import { LOOK_WIDTH, looksArgs, stillsArgs } from './args.js';
import { choose, judge } from './judge.js';
import { writeKeyframes } from './keyframes.js';

/** What YouTube takes. */
export const MOST_THUMBNAIL_BYTES = 2_000_000;
const MOST_COUNT = 20;
const MOST_LOOKS = 240;
const LOOKS_EVERY_SECONDS = 0.25;
/** A longer stretch is looked at by its keyframes. */
const LONGEST_DECODED_SECONDS = 90;
/** Tried one after another until the file is small enough. */
const QUALITIES = [3, 6, 12, 24] as const;

export interface ThumbnailOptions {
  input: string;
  /** What `readSource` said of it. */
  source?: Source;
  startMs: number;
  endMs: number;
  count: number;
  /** Nothing of these is chosen while there is anything else, as of what stood in for a picture. */
  avoid?: readonly { startMs: number; endMs: number }[];
  /** Is made if it is not there; `thumbnail-1.jpg` is the best one. */
  outputFolder: string;
  threads?: number;
  signal?: AbortSignal;
}

export interface Thumbnail {
  path: string;
  /** Of the recording. */
  atMs: number;
  bytes: number;
}

/**
 * The best first. Fewer than asked for where there are no more different pictures, none where all is dark or flat.
 * @throws ServerError VALIDATION, MEDIA_MISSING, MEDIA_UNREADABLE, DISK_FULL, DISK_READ_ONLY, CUT_KILLED, CUT_FAILED; the signal's reason.
 */
export async function pickThumbnails(options: ThumbnailOptions): Promise<Thumbnail[]> {
  const { outputFolder, signal } = options;
  const folder = join(outputFolder, '.thumbnails.tmp');
  try {
    const source = options.source ?? await readSource(options.input, signal);
    await rm(folder, { recursive: true, force: true });
    await makeFolder(folder);
    return await pick(options, source, folder);
  } catch (error) {
    signal?.throwIfAborted();
    throw toCutError(error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function pick({ startMs, endMs, count, outputFolder, avoid = [], threads = 1, signal }: ThumbnailOptions, source: Source, folder: string): Promise<Thumbnail[]> {
  const { width, height } = source.picture;
  const end = source.durationMs > 0 ? Math.min(endMs, source.durationMs) : endMs;
  if (!(startMs >= 0) || !(end > startMs) || !(count >= 1)) throw new ServerError('VALIDATION', `There is nothing between ${startMs} and ${endMs} ms of a recording of ${source.durationMs} ms.`);
  const length = (end - startMs) / 1000;
  const lookHeight = Math.max(2, Math.round((LOOK_WIDTH * height) / width));
  const rollSeconds = source.findsKeyframes ? 0 : ROLL_SECONDS;
  const fromSeconds = source.startSeconds + startMs / 1000;
  const isLong = length > LONGEST_DECODED_SECONDS;
  const film = isLong ? await writeKeyframes(source, { fromSeconds, toSeconds: fromSeconds + length, most: MOST_LOOKS }, join(folder, 'keyframes.mp4'), signal) : null;
  // Their own time runs from the first of them; from here on all times are those of what is looked at.
  const [file, offsetSeconds] = film ? [ours(film.path), film.firstSeconds] : [source, 0];
  const looks = await runOffline({
    program: 'ffmpeg', moreOutputs: 1, signal,
    args: looksArgs({
      file, fromSeconds: film ? 0 : fromSeconds, seconds: length, rollSeconds: film ? 0 : rollSeconds, height: lookHeight, threads,
      keyframesOnly: isLong, everySeconds: film ? 0 : Math.max(LOOKS_EVERY_SECONDS, length / MOST_LOOKS),
    }),
  });
  const bytes = LOOK_WIDTH * lookHeight * 3;
  const pictures = frameTimes(looks.outputs[1]!.toString('utf8')).map((atSeconds, i) => ({ atSeconds, rgb: looks.outputs[0]!.subarray(i * bytes, (i + 1) * bytes) })).filter(({ rgb }) => rgb.length === bytes);
  const inRecording = (atSeconds: number): number => (atSeconds + offsetSeconds - source.startSeconds) * 1000;
  const judged = judge(pictures, LOOK_WIDTH, lookHeight);
  const wanted = judged.filter(({ atSeconds }) => !avoid.some((span) => inRecording(atSeconds) >= span.startMs && inRecording(atSeconds) < span.endMs));
  const chosen = choose(wanted.length > 0 ? wanted : judged, Math.min(count, MOST_COUNT));
  const jobs = chosen.map(({ atSeconds }, i) => ({ atSeconds, output: join(folder, `${i + 1}.jpg`) }));
  let left = jobs;
  for (const quality of QUALITIES) {
    if (left.length === 0) break;
    await runOffline({ program: 'ffmpeg', args: stillsArgs(file, left, { aspect: width / height, rollSeconds: film ? 0 : rollSeconds, quality, threads }), signal });
    const sizes = await Promise.all(left.map(({ output }) => stat(output).then(({ size }) => size)));
    left = left.filter((_, i) => sizes[i]! > MOST_THUMBNAIL_BYTES);
  }
  signal?.throwIfAborted();
  return Promise.all(jobs.map(async ({ atSeconds, output }, i) => {
    const path = join(outputFolder, `thumbnail-${i + 1}.jpg`);
    const { size } = await stat(output);
    await rename(output, path);
    return { path, atMs: Math.round(inRecording(atSeconds)), bytes: size };
  }));
}
