/**
 * How far each second stands out from the minutes around it, by sound, by picture, by chat and by what was done: in robust deviations, so that the
 * modes can be added up. What only seems exciting is taken off here where a second alone shows it: cuts are no motion, one text by many is no chat.
 */
import { CHAT_WINDOW_BINS } from '../features/chat.js';
import type { FeatureName, FeatureTable } from '../features/table.js';
import { cutsIn } from './cuts.js';
import { LONGEST_BINS } from './regions.js';
import { meanOver, quantileOver, rollingBaseline } from './series.js';

export type Mode = 'sound' | 'picture' | 'chat' | 'event';
export const MODES: readonly Mode[] = ['sound', 'picture', 'chat', 'event'];

/** Nearly seven minutes to both sides: what goes on for minutes in it does not become its middle. */
const BASELINE_BINS = 400;
/** Nobody hears a smaller rise as one; a still room's own deviation is far below. And ten decibels are much in any restless one. */
const DEVIATION_DB = [2, 4] as const;
/** Of the logarithm of motion. */
const DEVIATION_MOTION = [0.4, 0.6] as const;
/** LUFS; what is quieter is as good as silent. */
const QUIETEST_LUFS = -60;
/** Below it is no room and no microphone, but a sound that is switched off. What follows it is loud beside it, and yet nothing: where at least half is heard, the rest is no measure. */
const MUTE_LUFS = -70;
const SHARE_HEARD = 0.5;
/** Sounds like that of a crowd or of somebody who cries out have their energy higher up: a small weight beside loudness. */
const BRIGHTNESS_WEIGHT = 0.2;
const MOST_BRIGHTNESS = 4;

/** Of motion that still counts as none: what an encoder makes of a still picture. */
const STILL = 0.35;
/** Action moves nearly all the time, a cut moves once. */
const MOTION_RADIUS = 4;
const MOTION_SHARE = 0.45;
/** Between cuts there is little that tells of motion. Across so many seconds of which nothing is known it is what it is at both sides. */
const FEWEST_KNOWN = 2;
const MOST_BRIDGED = 8;

/** Who answer to a moment: two or three are a talk. */
const FEWEST_PEOPLE = 6;

/** What a person's marker counts for, and what the rest does: it is seen in the curve, and finds nothing by itself. */
const EVENT_WEIGHTS = { markers: 8, overrides: 1, takes: 0.5 } as const;
/** A marker is set when it has happened. */
const MARKER_BEFORE_BINS = 15;
const MARKER_AFTER_BINS = 5;
/** Highlights lie 10 s apart, when each has been given what leads up to it and has been moved to a shot or a silence. */
const MARKER_APART_BINS = 17;
/** With less before it a marker shows nothing of what it was set for. */
const MARKER_LEAST_BINS = 6;

export interface Signals {
  /** Deviations; 0 where nothing is known. Of the chat at the moment that it answers to. */
  z: Readonly<Record<Mode, Float32Array>>;
  /** Seconds that the chat is behind. */
  chatLagBins: number;
  /** dB above what is usual around, averaged over five seconds. */
  riseDb: Float32Array;
  /** How many times the motion that is usual around. */
  motionRatio: Float32Array;
  /** Messages that are no spam, in the nine seconds around, and what is usual. */
  messages: Float32Array;
  usualMessages: Float32Array;
}

export function signalsOf(table: FeatureTable): Signals {
  const column = (name: FeatureName): Float32Array => {
    // A chat may be told of for a second more or less than could be decoded.
    const whole = new Float32Array(table.bins).fill(NaN);
    whole.set(table.columns.get(name)?.subarray(0, table.bins) ?? []);
    return whole;
  };
  const sound = soundSignal(column);
  const picture = pictureSignal(column);
  const chat = chatSignal(column);
  const chatLagBins = lagOf(chat.z, sound.z, picture.z);
  return {
    z: { sound: sound.z, picture: picture.z, chat: chat.z.map((_, i) => chat.z[i + chatLagBins] ?? 0), event: eventSignal(column, table.bins) },
    chatLagBins, riseDb: sound.rise, motionRatio: picture.ratio, messages: chat.counted, usualMessages: chat.usual,
  };
}

type Column = (name: FeatureName) => Float32Array;

function soundSignal(column: Column): { z: Float32Array; rise: Float32Array } {
  const power = meanOver(column('loudnessMomentary').map((lufs) => (Number.isNaN(lufs) ? NaN : 10 ** (Math.max(lufs, -90) / 10))), 2, 2);
  const exact = power.map((value) => 10 * Math.log10(value));
  const level = exact.map((lufs) => Math.max(QUIETEST_LUFS, lufs));
  const isHeard = exact.reduce((count, lufs) => count + Number(lufs > MUTE_LUFS), 0) >= SHARE_HEARD * level.length;
  const base = rollingBaseline(isHeard ? level.map((lufs, i) => (exact[i]! > MUTE_LUFS ? lufs : NaN)) : level, BASELINE_BINS);
  const rise = level.map((lufs, i) => known(lufs - base.centre[i]!));
  const bright = deviations(meanOver(column('centroidHz'), 2, 2), 100);
  return {
    rise,
    z: rise.map((db, i) => {
      const loud = db / within(DEVIATION_DB, base.spread[i]!);
      return loud + (loud > 0 ? BRIGHTNESS_WEIGHT * Math.min(MOST_BRIGHTNESS, Math.max(0, bright[i]!), loud) : 0);
    }),
  };
}

function pictureSignal(column: Column): { z: Float32Array; ratio: Float32Array } {
  const cuts = cutsIn(column('cut'));
  const black = column('black');
  // Beside a cut the difference of two pictures tells of the cut; it may begin within the bin before.
  const now = column('motionNow');
  // Where it is not known at all, as of two pictures a second, what changes from one to the next has to do.
  const motion = (now.some((value) => !Number.isNaN(value)) ? now : column('motionMean')).map((value, i) => (cuts[i] || cuts[i + 1] || black[i]! > 0.5 ? NaN : Math.log(STILL + Math.max(0, value))));
  const steady = bridged(quantileOver(motion, MOTION_RADIUS, MOTION_SHARE, FEWEST_KNOWN));
  const base = rollingBaseline(steady, BASELINE_BINS);
  const over = steady.map((value, i) => known(value - base.centre[i]!));
  return { z: over.map((value, i) => value / within(DEVIATION_MOTION, base.spread[i]!)), ratio: over.map(Math.exp) };
}

/** As of counts, whose deviation is the root of their mean (Anscombe, 1948). */
function chatSignal(column: Column): { z: Float32Array; counted: Float32Array; usual: Float32Array } {
  const [messages, chatters, repetition, emotes] = [column('messages'), column('chatters'), column('repetition'), column('emoteShare')];
  const said = sumOver(messages.map((count, i) => known(count * (1 - known(repetition[i]!)) * (1 + 0.3 * known(emotes[i]!)))));
  // Different people, by the window that is centred here; one who writes much is one.
  const people = (i: number): number => known(chatters[Math.min(chatters.length - 1, i + CHAT_WINDOW_BINS / 2)]!);
  const counted = said.map((count, i) => Math.min(count, 1.5 * people(i)));
  const steadied = counted.map((count) => 2 * Math.sqrt(count + 0.375));
  const base = rollingBaseline(steadied, BASELINE_BINS);
  const z = steadied.map((value, i) => {
    const deviations = (value - base.centre[i]!) / Math.max(1, base.spread[i]!);
    return people(i) < FEWEST_PEOPLE ? Math.min(deviations, 1) : deviations;
  });
  return { z, counted, usual: base.centre.map((value) => Math.max(0, (value / 2) ** 2 - 0.375)) };
}

function eventSignal(column: Column, bins: number): Float32Array {
  const z = new Float32Array(bins);
  for (const [name, weight] of Object.entries(EVENT_WEIGHTS)) {
    const at = [...column(name as keyof typeof EVENT_WEIGHTS).entries()].flatMap(([bin, count]) => (count > 0 ? [bin] : []));
    const spans = name === 'markers' ? markedSpans(at) : at.map((bin) => ({ start: bin - MARKER_BEFORE_BINS, end: bin + MARKER_AFTER_BINS + 1 }));
    for (const { start, end } of spans) {
      for (let i = Math.max(0, start); i < Math.min(bins, end); i++) z[i] = Math.max(z[i]!, weight);
    }
  }
  return z;
}

/**
 * Markers near each other are of one moment, as long as that can be one; the next begins where it may. Else what is marked again and again
 * would go on for too long to be a moment at all. @param at bins, in order
 */
function markedSpans(at: readonly number[]): { start: number; end: number }[] {
  const spans: { start: number; end: number }[] = [];
  for (const bin of at) {
    const last = spans.at(-1);
    const end = bin + MARKER_AFTER_BINS + 1;
    const start = Math.max(bin - MARKER_BEFORE_BINS, last ? last.end + MARKER_APART_BINS : -Infinity);
    if (last && end - last.start <= LONGEST_BINS) last.end = end;
    else if (bin - start >= MARKER_LEAST_BINS) spans.push({ start, end });
  }
  return spans;
}

/** What most people need to see and write. */
const USUAL_LAG_BINS = 6;
const MOST_LAG_BINS = 14;

/** How far the chat is behind sound and picture, by where they agree best; the usual where they never clearly do. */
function lagOf(chat: Float32Array, sound: Float32Array, picture: Float32Array): number {
  const clipped = (value: number): number => Math.min(5, Math.max(0, value - 1.5));
  let best = USUAL_LAG_BINS;
  let most = 0;
  for (let lag = 0; lag <= MOST_LAG_BINS; lag++) {
    let agreement = 0;
    for (let i = 0; i + lag < chat.length; i++) agreement += clipped(chat[i + lag]!) * (clipped(sound[i]!) + clipped(picture[i]!));
    if (agreement > most) [best, most] = [lag, agreement];
  }
  // Some ten seconds in which both stand out.
  return most > 60 ? best : USUAL_LAG_BINS;
}

function bridged(values: Float32Array): Float32Array {
  const out = values.slice();
  let last = -1;
  for (const [i, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    if (last >= 0 && i - last <= MOST_BRIDGED + 1) out.fill(Math.min(value, values[last]!), last + 1, i);
    last = i;
  }
  return out;
}

function deviations(values: Float32Array, least: number): Float32Array {
  const base = rollingBaseline(values, BASELINE_BINS);
  return values.map((value, i) => known((value - base.centre[i]!) / Math.max(least, base.spread[i]!)));
}

/** In the nine seconds around. */
function sumOver(values: Float32Array): Float32Array {
  return meanOver(values, 4, 4).map((value) => value * 9);
}

function within([least, most]: readonly [number, number], value: number): number {
  return Math.min(most, Math.max(least, known(value)));
}

function known(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
