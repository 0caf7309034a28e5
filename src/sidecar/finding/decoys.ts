/** What stands out and is no moment: music and advertisements. What goes on for minutes, spam and bare cuts do not come this far. */
import type { FeatureTable } from '../features/table.js';
import { cutsIn, cutShare } from './cuts.js';
import { meanIn, overall } from './series.js';
import type { Region } from './regions.js';

/** How periodic the onsets of music are, at least, and well so. */
const BEAT_FROM = 0.35;
const BEAT_SURE = 0.6;
/** A jingle or a song that is shorter may be a fanfare. */
const MUSIC_BINS = 12;
/** Seconds in which something is cut, as a share: an advertisement's, at least, and well so. */
const CUTTING_FROM = 0.15;
const CUTTING_SURE = 0.4;
/** Flatness of what is noise whatever else is heard, at least, and well so. */
const NOISE_FROM = 0.2;
const NOISE_SURE = 0.35;
/** What is as loud all through and no noise, from so long on, is doubted by so much. */
const PRESSED_BINS = 15;
const SONG_BINS = 30;
const PRESSED_DOUBT = 0.7;
/** What a decoy that is sure of still counts for. */
const REST = 0.15;

/** Tells what of a region's sound counts, 0.15 to 1. */
export function soundTrust(table: FeatureTable): (region: Region) => number {
  const beat = table.columns.get('beatStrength');
  const flatness = table.columns.get('flatness');
  const cuts = cutsIn(table.columns.get('cut'));
  const loudness = table.columns.get('loudnessMomentary');
  const usualBeat = beat ? overall(beat)?.centre ?? 0 : 0;
  const usualFlatness = flatness ? overall(flatness)?.centre ?? 0 : 0;
  const isSeen = table.columns.get('cut')?.some((distance) => !Number.isNaN(distance)) ?? false;
  return ({ start, end }) => {
    // The beat is of the last eight seconds.
    const beats = rise(meanIn(beat, Math.min(end - 1, start + 6), end), Math.max(BEAT_FROM, usualBeat + 0.1), Math.max(BEAT_SURE, usualBeat + 0.3));
    const tonal = 1 - rise(meanIn(flatness, start, end), Math.min(usualFlatness, NOISE_FROM), Math.min(2 * usualFlatness + 0.1, NOISE_SURE));
    const music = end - start < MUSIC_BINS ? 0 : beats * tonal;
    // Cuts one after the other, while the loudness hardly moves: pressed to one level.
    const steady = unrest(loudness, start + 2, end - 2);
    const advertisement = rise(cutShare(cuts, start, end), CUTTING_FROM, CUTTING_SURE) * (1 - rise(steady, 1.5, 3.5));
    // Songs without a beat, and spots where nothing is seen that could be cut: neither the noise of a crowd nor the rise and fall of somebody who cries out.
    const pressed = end - start < (isSeen ? SONG_BINS : PRESSED_BINS) ? 0 : PRESSED_DOUBT * tonal * (1 - rise(steady, 0.8, 1.6));
    return 1 - (1 - REST) * Math.max(music, advertisement, pressed);
  };
}

function rise(value: number, from: number, to: number): number {
  return Number.isNaN(value) ? 0 : Math.min(1, Math.max(0, (value - from) / (to - from)));
}

/** Deviation of what is known, dB. */
function unrest(values: Float32Array | undefined, from: number, to: number): number {
  const mean = meanIn(values, from, to);
  return Math.sqrt(meanIn(values?.slice(Math.max(0, from), Math.max(0, to)).map((value) => (value - mean) ** 2), 0, Infinity));
}
