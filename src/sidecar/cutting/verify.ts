/** A clip compared with its recording after it is written: each frame's time and size, some of its pictures, and its sound. */
import { runOffline } from '../offline/run.js';
import { isRightPicture, soundLags } from './likeness.js';
import { readLoudness, type Loudness } from './loudness.js';
import type { PictureTrack } from './mp4/write.js';
import { checkArgs, listedFrames, lookOutputs, type Look } from './picture-args.js';
import { seenIn, type Seen } from './rungs.js';
import { COMPARE_RATE, samplesOf } from './sound.js';

/** Sound may be this far beside its picture, ms. */
const MOST_LAG_MS = 20;
/** What was made louder or limited is still much like itself. */
const LEAST_CORRELATION = 0.4;
/** Between what is written and what is read of a frame's time. */
const MOST_OFF_SECONDS = 0.0005;

export interface Wanted {
  path: string;
  track: PictureTrack;
  stepSeconds: number;
  /** Of the recording's own time, and when the clip begins in it. */
  looks: readonly Look[];
  firstSeconds: number;
  /** What the recording shows there. Null where the clip's pictures are of another shape: then they are only decoded. */
  seen: readonly Seen[] | null;
  /** Its pictures were put on a steady rate: which of two near ones stands there is not said. */
  isResampled: boolean;
  /** Of the recording, at COMPARE_RATE; null for a clip without sound. */
  reference: Int16Array | null;
  /** Its loudness is wanted. */
  isMetered: boolean;
  threads: number;
  signal?: AbortSignal | undefined;
}

export interface Verdict {
  frames: number;
  /** What is wrong with it, in words; empty when it is as it should be. */
  faults: string[];
  /** Null where it was not wanted, or could not be measured. */
  loudness: Loudness | null;
}

export async function verify({ path, track, stepSeconds, looks, firstSeconds, seen, isResampled, reference, isMetered, threads, signal }: Wanted): Promise<Verdict> {
  const inClip = looks.map(({ place, atSeconds }) => ({ place, atSeconds: atSeconds - firstSeconds, stepSeconds, before: 0, after: 0, rollSeconds: 0 }));
  const sound = reference === null ? 'none' : isMetered ? 'metered' : 'compared';
  const { outputs, said } = await runOffline({ program: 'ffmpeg', args: checkArgs(path, inClip, COMPARE_RATE, sound, threads), moreOutputs: lookOutputs(looks.length) + 1, signal });
  const listed = listedFrames(outputs[1 + lookOutputs(looks.length)]!.toString('utf8')).sort((a, b) => a.atSeconds - b.atSeconds);
  const faults = frameFaults(listed, track, stepSeconds);
  looks.forEach((look, i) => {
    const got = seenIn(outputs[1 + i * 2]!, outputs[2 + i * 2]!);
    const fault = pictureFault(got, look, seen?.[i] ?? null, isResampled);
    if (fault) faults.push(`its ${look.place} picture ${fault}`);
  });
  // One place may have no frame of its own where the rate varies, but not all of them.
  if (seen?.every((one) => one.length === 0)) faults.push('its pictures could not be found in the recording');
  if (reference) faults.push(...soundFaults(reference, samplesOf(outputs[0]!)));
  return { frames: listed.length, faults, loudness: sound === 'metered' ? readLoudness(said) : null };
}

/**
 * Whether FFmpeg finds the frames that were written, each of its size at its time: so those between the pictures that are looked at are the
 * ones that were taken. Exported for its test. @param listed by time
 */
export function frameFaults(listed: readonly { atSeconds: number; bytes: number }[], { samples, timescale }: Pick<PictureTrack, 'samples' | 'timescale'>, stepSeconds: number): string[] {
  const faults: string[] = [];
  if (Math.abs(listed.length - samples.length) > 1) faults.push(`it has ${listed.length} frames instead of ${samples.length}`);
  if (Math.abs(listed[0]?.atSeconds ?? Infinity) > stepSeconds / 2) faults.push('it does not begin at its beginning');
  const wanted = samples.toSorted((a, b) => a.shownAt - b.shownAt);
  const isOther = listed.some(({ atSeconds, bytes }, i) => wanted[i] !== undefined && (bytes !== wanted[i].bytes || Math.abs(atSeconds - wanted[i].shownAt / timescale) > MOST_OFF_SECONDS));
  if (isOther) faults.push('its frames are not those that were taken');
  return faults;
}

/** Exported for its test. @param expected null: it is only to be there */
export function pictureFault(got: Seen, { atSeconds, stepSeconds }: Look, expected: Seen | null, isResampled: boolean): string | null {
  const picture = got[0];
  if (!picture) return 'cannot be decoded';
  if (!expected) return null;
  const [right, ...others] = expected.toSorted((a, b) => Math.abs(a.atSeconds - atSeconds) - Math.abs(b.atSeconds - atSeconds));
  const isFound = right !== undefined && Math.abs(right.atSeconds - atSeconds) < stepSeconds / 2;
  if (isResampled && !(isFound && isEven(expected, stepSeconds))) {
    // Of a rate that varies, one from before may stand there, which was not looked at.
    return expected.length === 0 || expected.some(({ small }) => isRightPicture(picture.small, small, [])) || !isFound ? null : 'is not the recording\'s';
  }
  if (!isFound) return 'could not be found in the recording';
  return isRightPicture(picture.small, right.small, others.map(({ small }) => small)) ? null : 'is not the recording\'s';
}

function isEven(seen: Seen, stepSeconds: number): boolean {
  const times = seen.map(({ atSeconds }) => atSeconds).sort((a, b) => a - b);
  return times.slice(1).every((at, i) => Math.abs(at - times[i]! - stepSeconds) < stepSeconds / 5);
}

/** Exported for its test. */
export function soundFaults(reference: Int16Array, got: Int16Array): string[] {
  const lags = soundLags(reference, got, COMPARE_RATE);
  if (lags.length === 0) return [];
  const sure = lags.filter(({ correlation }) => correlation >= LEAST_CORRELATION);
  if (sure.length === 0) return ['its sound is not the recording\'s'];
  const worst = sure.reduce((most, { ms }) => (Math.abs(ms) > Math.abs(most) ? ms : most), 0);
  return Math.abs(worst) > MOST_LAG_MS ? [`its sound is ${worst.toFixed(0)} ms off`] : [];
}
