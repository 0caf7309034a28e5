/**
 * Which frames of a recording a clip has, and which of them can be taken as they are. Pure: from the index of its file.
 *
 * Copied frames are a stretch in the order of decoding that begins where decoding can begin. At its end, B-frames stand after
 * the frames that are shown after them, so a stretch is cut only where all that was decoded so far is shown before all that
 * follows. The few frames between there and the clip's end are encoded anew; at its start, those up to the next keyframe.
 */
import type { SampleTable } from './mp4/read.js';

/** A frame's own moment may be this far beside the one asked for, as where stamps are whole milliseconds. In frames. */
const HALF = 0.5;
/** Frames that are shown one after another, to be encoded anew. */
export interface Stretch {
  /** When each is shown, seconds of the file's time. */
  shownAt: readonly number[];
}

export interface CopiedSamples {
  /** In the order of decoding. */
  first: number;
  count: number;
}

export interface PicturePlan {
  /** Of the first and the last frame, seconds of the file's time. */
  firstSeconds: number;
  lastSeconds: number;
  /** From frame to frame, as it is for most of them. */
  stepSeconds: number;
  frames: number;
  /** The keyframe nearest its middle, which is found at once; null where there is none inside. */
  middleKeySeconds: number | null;
  /** The sample, in the order of decoding, where that has to begin for its first frame to be seen. */
  decodedFrom: number;
  /** All of it as it is; null with the reason in `whyNot`. */
  copy: { copied: CopiedSamples } | null;
  /** Only its ends encoded anew. */
  smart: { head: Stretch | null; copied: CopiedSamples; tail: Stretch | null } | null;
  whyNot: string[];
}

interface Shown { sample: number; at: number }

/** Null where there is no frame in it. @param startSeconds of the file's own time, as the end is */
export function planPicture(samples: SampleTable, timescale: number, startSeconds: number, endSeconds: number): PicturePlan | null {
  const window = around(samples, startSeconds * timescale, endSeconds * timescale);
  if (!window) return null;
  const shown: Shown[] = [];
  for (let i = window.first; i < window.end; i += 1) shown.push({ sample: i, at: samples.shownAt[i]! });
  shown.sort((a, b) => a.at - b.at);
  const step = usualStep(shown);
  const from = startSeconds * timescale - step * HALF;
  const to = endSeconds * timescale - step * HALF;
  const wanted = shown.filter(({ at }) => at >= from && at < to);
  const first = wanted[0];
  if (!first) return null;
  const whyNot: string[] = [];
  const plan: PicturePlan = {
    firstSeconds: first.at / timescale, lastSeconds: wanted.at(-1)!.at / timescale, stepSeconds: step / timescale, frames: wanted.length, decodedFrom: window.first, middleKeySeconds: middleKey(samples, wanted, timescale),
    copy: null, smart: null, whyNot,
  };
  // A picture that stands since before the clip's start has to be shown from its start.
  if (first.at - from > step * 2) {
    whyNot.push('no frame begins where the clip does');
    return plan;
  }
  const inClip = new Set(wanted.map(({ sample }) => sample));
  const key = wanted.find(({ sample }) => samples.isSync[sample] === 1);
  if (!key) {
    whyNot.push('there is no keyframe in it');
    return plan;
  }
  const isWhole = (count: number): boolean => Array.from({ length: count }, (_, i) => key.sample + i).every((sample) => inClip.has(sample));
  const toEnd = wanted.filter(({ at }) => at >= key.at).length;
  if (key !== first) whyNot.push('it does not begin with a keyframe');
  else if (!isWhole(toEnd)) whyNot.push('frames at its end need later ones');
  else plan.copy = { copied: { first: key.sample, count: toEnd } };

  const count = cleanCount(samples, window.end, key, to);
  if (count === 0) {
    whyNot.push('nothing of it can be copied');
    return plan;
  }
  const stretch = (list: readonly Shown[]): Stretch | null => (list.length === 0 ? null : { shownAt: list.map(({ at }) => at / timescale) });
  plan.smart = {
    head: stretch(wanted.filter(({ at }) => at < key.at)), copied: { first: key.sample, count },
    tail: stretch(wanted.filter(({ sample, at }) => at >= key.at && sample >= key.sample + count)),
  };
  return plan;
}

function middleKey({ isSync }: SampleTable, wanted: readonly Shown[], timescale: number): number | null {
  const middle = wanted[wanted.length >> 1]!.at;
  const inside = wanted.slice(1, -1).filter(({ sample }) => isSync[sample] === 1);
  const nearest = inside.sort((a, b) => Math.abs(a.at - middle) - Math.abs(b.at - middle))[0];
  return nearest ? nearest.at / timescale : null;
}

/** All samples that frames between two moments may be among: from the keyframe before to the second one after. */
function around({ count, shownAt, isSync }: SampleTable, start: number, end: number): { first: number; end: number } | null {
  if (count === 0) return null;
  let first = 0;
  let after = 0;
  for (let i = 0; i < count; i += 1) {
    if (isSync[i] !== 1) continue;
    if (shownAt[i]! <= start) first = i;
    else if (shownAt[i]! > end && (after += 1) === 2) return { first, end: i };
  }
  return { first, end: count };
}

function usualStep(shown: readonly Shown[]): number {
  const steps = shown.slice(1).map(({ at }, i) => at - shown[i]!.at).filter((step) => step > 0).sort((a, b) => a - b);
  const median = steps[Math.floor(steps.length / 2)] ?? 1;
  // A recording's stamps are whole ms: of 33, 33 and 34 the median is a frame off after three seconds, and the mean is not.
  const usual = steps.filter((step) => Math.abs(step - median) <= median / 10);
  return usual.length === 0 ? median : usual.reduce((sum, step) => sum + step, 0) / usual.length;
}

/** How many samples from the keyframe on can be copied so that all of them are shown before `to` and before all that follow. */
function cleanCount({ shownAt }: SampleTable, end: number, key: Shown, to: number): number {
  const soonestAfter = new Float64Array(end - key.sample + 1).fill(Infinity);
  for (let i = end - 1; i >= key.sample; i -= 1) soonestAfter[i - key.sample] = Math.min(shownAt[i]!, soonestAfter[i - key.sample + 1]!);
  // Frames that are shown before the keyframe although they are decoded after it would be lost.
  if (soonestAfter[0]! < key.at) return 0;
  let most = -Infinity;
  let count = 0;
  for (let i = key.sample; i < end; i += 1) {
    most = Math.max(most, shownAt[i]!);
    if (most >= to) break;
    if (most < soonestAfter[i - key.sample + 1]!) count = i - key.sample + 1;
  }
  return count;
}
