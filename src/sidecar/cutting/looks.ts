/** Where a clip and its recording are looked at to be compared. Pure. */
import type { Look } from './picture-args.js';
import type { PicturePlan } from './plan.js';

/** Decoded so much earlier where nobody says where keyframes are: longer than they are apart in most files. */
export const ROLL_SECONDS = 10;

export interface LooksOf {
  plan: PicturePlan | null;
  firstSeconds: number;
  /** Seconds from frame to frame. */
  step: number;
  /** Keyframes are not where they are said to be, or nobody says where. */
  isDoubtful: boolean;
  isH264: boolean;
}

/** In a clip at a steady rate: its first, middle and last frame. */
const placesIn = (frames: number): number[] => [0, Math.floor(frames / 2), frames - 1];

/** At its first frame, at one in its middle, where there is one at a keyframe, and at its last. */
export function looksAt({ plan, firstSeconds, step, isDoubtful, isH264 }: LooksOf, frames: number): Look[] {
  const [, middle, last] = placesIn(frames).map((n) => firstSeconds + n * step);
  const isPlanned = plan?.frames === frames;
  const key = isPlanned ? plan.middleKeySeconds : null;
  // Only of H.264 is a keyframe known to be one; else it is seen from the one before.
  const isSureKey = isPlanned && plan.smart?.head === null && isH264 && !isDoubtful;
  const look = (place: Look['place'], atSeconds: number, isKey: boolean): Look => ({ place, atSeconds, stepSeconds: step, before: isKey ? 0 : 1, after: 1, rollSeconds: isDoubtful ? ROLL_SECONDS : 0 });
  return [look('first', firstSeconds, isSureKey), look('middle', key ?? middle!, key !== null), look('last', isPlanned ? plan.lastSeconds : last!, false)];
}

/**
 * Of a clip that is copied, all or most of it. Of copied frames the last is what it is if those before it are, and to see it all since its
 * keyframe would have to be decoded, in the recording and in the clip: it is looked at only where it is encoded anew, or nothing else but
 * the first could be.
 */
export function looksAtCopied(of: LooksOf & { plan: PicturePlan }, isLastAnew: boolean): Look[] {
  const looks = looksAt(of, of.plan.frames);
  return of.isDoubtful || isLastAnew || of.plan.middleKeySeconds === null ? looks : looks.filter(({ place }) => place !== 'last');
}
