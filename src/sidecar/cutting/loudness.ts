/**
 * How loud sound is, and what brings it to where it should be: integrated loudness and true peak after EBU R 128 and ITU-R BS.1770, as
 * FFmpeg's ebur128 measures them. Pure.
 */

/** Nothing is measured below it (BS.1770's absolute gate). */
const SILENCE_LUFS = -70;
/** Loudness needs one block of 400 ms. */
export const LEAST_MEASURED_SECONDS = 0.4;
/** So far below the limit, because AAC's own errors add to the peaks. */
export const PEAK_ROOM_DB = 0.5;
/** Between samples it is higher than they are; where it is by more than this, that is seen of what is made. */
const BETWEEN_SAMPLES_DB = 0.5;
/** LU: put right beyond the first, told of beyond the second. */
const LOUDNESS_TOLERANCE = 0.4;
const TOLD_TOLERANCE = 0.5;
/** What is limited comes out less loud than what is put in: so much more gain is needed, before it was seen how much, and at most. */
const LIMITED_FACTOR = 2;
const MOST_FACTOR = 4;
/** No gain is worth more noise than this. */
const MOST_GAIN_DB = 40;

export interface SoundTarget { targetLufs: number; truePeakDb: number }

export interface Loudness {
  /** Null where it is silent, or too short to be measured. */
  lufs: number | null;
  /** Of samples or the true one, as it was asked for; null where it is silent. */
  peakDb: number | null;
}

export interface Gain { gainDb: number; limitDb: number | null }

/** The filter that measures; `said` holds what it found once the run is over. @param peak the true one costs four times as many samples */
export const meter = (peak: 'sample' | 'true'): string => `ebur128=peak=${peak}:framelog=verbose`;

/** Of what ebur128 says at its end; null where it said nothing. */
export function readLoudness(said: string): Loudness | null {
  const summary = said.slice(said.lastIndexOf('Summary:'));
  const number = (pattern: RegExp): number | null => {
    const text = pattern.exec(summary)?.[1];
    if (text === undefined) return null;
    return text === '-inf' ? -Infinity : Number(text);
  };
  const lufs = number(/I:\s+(-?[\d.]+|-inf|nan) LUFS/);
  const peak = number(/Peak:\s+(-?[\d.]+|-inf|nan) dBFS/);
  if (!said.includes('Summary:') || lufs === null) return null;
  return { lufs: lufs > SILENCE_LUFS ? lufs : null, peakDb: peak !== null && Number.isFinite(peak) ? peak : null };
}

/** What makes it as loud as wanted; null where that cannot be said. @param loudness with the peak of its samples */
export function gainFor({ lufs, peakDb }: Loudness, { targetLufs, truePeakDb: limit }: SoundTarget): Gain | null {
  if (lufs === null) return null;
  const gainDb = Math.min(MOST_GAIN_DB, targetLufs - lufs);
  const ceiling = limit - PEAK_ROOM_DB;
  return { gainDb, limitDb: peakDb !== null && peakDb + BETWEEN_SAMPLES_DB + gainDb <= ceiling ? null : ceiling };
}

export interface Try { gain: Gain; got: Loudness }

/** The gain put right by what came of it; null where it is as wanted. @param got with the true peak @param last the try before it: from both comes how much a gain does */
export function corrected({ gain, got }: Try, { targetLufs, truePeakDb: limit }: SoundTarget, last: Try | null = null): Gain | null {
  const quieter = got.lufs === null ? 0 : targetLufs - got.lufs;
  const over = got.peakDb === null ? 0 : got.peakDb - limit;
  const isOff = Math.abs(quieter) > LOUDNESS_TOLERANCE;
  if (!isOff && over <= 0) return null;
  const ceiling = limit - PEAK_ROOM_DB;
  const isTooHigh = over > 0 || (isOff && got.peakDb !== null && got.peakDb + quieter > ceiling);
  const limitDb = gain.limitDb === null ? (isTooHigh ? ceiling : null) : over > 0 ? gain.limitDb - over - 0.1 : gain.limitDb;
  return { gainDb: Math.min(MOST_GAIN_DB, gain.gainDb + (isOff ? quieter * (limitDb === null ? 1 : factorOf({ gain, got }, last)) : 0)), limitDb };
}

/** LU of gain for one LU more. Where the limiter has hardly anything to do it is one, and twice as much would swing to and fro for ever. */
function factorOf({ gain, got }: Try, last: Try | null): number {
  if (!last || last.got.lufs === null || got.lufs === null) return LIMITED_FACTOR;
  const [put, came] = [gain.gainDb - last.gain.gainDb, got.lufs - last.got.lufs];
  return put * came <= 0 ? LIMITED_FACTOR : Math.min(MOST_FACTOR, Math.max(1, put / came));
}

/** Whether it is so far off that a person is to be told. */
export function isTold({ lufs, peakDb }: Loudness, { targetLufs, truePeakDb: limit }: SoundTarget): boolean {
  return Math.abs((lufs ?? targetLufs) - targetLufs) > TOLD_TOLERANCE || (peakDb ?? -Infinity) > limit;
}
