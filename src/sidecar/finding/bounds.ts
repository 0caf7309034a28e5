/** When a highlight begins and ends: with what leads up to it, at a shot, a silence or the end of a sentence where one is near, and of a length that can be watched. */
import { BIN_MS, type FeatureTable } from '../features/table.js';
import type { Found } from './candidates.js';

export interface Span { startMs: number; endMs: number }

/** What leads up to it, and until one has seen that it is over. */
const BEFORE_MS = 2_000;
const AFTER_MS = 1_000;
/** A chat tells later when it was, and less exactly: it needs more room. */
const BEFORE_CHAT_MS = 3_000;
const AFTER_CHAT_MS = 3_000;
export const SHORTEST_MS = 12_000;
export const LONGEST_MS = 60_000;
/** Of what is added to what is too short: the story is before the peak. */
const SHARE_BEFORE = 0.6;
/** How far a bound goes to meet a shot or a silence, outwards and inwards. */
const OUT_MS = 2_000;
const IN_MS = 1_000;

/** Never outside of the file. `sentences` are in order. */
export function boundsOf(found: Found, table: FeatureTable, sentences: readonly Span[]): Span {
  const { durationMs } = table;
  const byChat = found.kind === 'chat';
  let startMs = found.start * BIN_MS - (byChat ? BEFORE_CHAT_MS : BEFORE_MS);
  let endMs = found.end * BIN_MS + (byChat ? AFTER_CHAT_MS : AFTER_MS);
  const missing = Math.max(0, SHORTEST_MS - (endMs - startMs));
  startMs -= missing * SHARE_BEFORE;
  endMs += missing * (1 - SHARE_BEFORE);
  // At an edge of the file the length is kept by the other side.
  if (startMs < 0) [startMs, endMs] = [0, endMs - startMs];
  if (endMs > durationMs) [startMs, endMs] = [startMs - (endMs - durationMs), durationMs];
  startMs = Math.max(0, startMs);
  const peakMs = Math.min(endMs, Math.max(startMs, found.peak * BIN_MS));
  startMs = moved(startMs, [startMs - OUT_MS, Math.min(startMs + IN_MS, peakMs)], beginnings(table, sentences, startMs));
  endMs = moved(endMs, [Math.max(endMs - IN_MS, peakMs + BIN_MS), endMs + OUT_MS], endings(table, sentences, endMs));
  if (endMs - startMs > LONGEST_MS) {
    startMs = Math.max(startMs, Math.min(peakMs - LONGEST_MS * SHARE_BEFORE, endMs - LONGEST_MS));
    endMs = startMs + LONGEST_MS;
  }
  return { startMs: Math.round(Math.max(0, startMs)), endMs: Math.round(Math.min(durationMs, endMs)) };
}

/** To the nearest place within the range that a viewer takes for a beginning or an end; else it stays. */
function moved(atMs: number, [from, to]: readonly [number, number], places: readonly number[]): number {
  let best = atMs;
  let nearest = Infinity;
  for (const place of places) {
    if (place < from || place > to || Math.abs(place - atMs) >= nearest) continue;
    [best, nearest] = [place, Math.abs(place - atMs)];
  }
  return best;
}

/** A shot; where a silence ends; where a sentence begins. */
function beginnings({ shotsMs, silences }: FeatureTable, sentences: readonly Span[], aroundMs: number): number[] {
  return [...near(shotsMs, (ms) => ms, aroundMs), ...near(silences, ({ endMs }) => endMs, aroundMs).map(({ endMs }) => endMs - 100), ...near(sentences, ({ startMs }) => startMs, aroundMs).map(({ startMs }) => startMs - 50)];
}

/** A shot; where a silence begins; where a sentence ends. */
function endings({ shotsMs, silences }: FeatureTable, sentences: readonly Span[], aroundMs: number): number[] {
  return [...near(shotsMs, (ms) => ms, aroundMs), ...near(silences, ({ startMs }) => startMs, aroundMs).map(({ startMs }) => startMs + 100), ...near(sentences, ({ endMs }) => endMs, aroundMs).map(({ endMs }) => endMs + 50)];
}

/** Those of a sorted list that lie a few seconds around. */
function near<T>(list: readonly T[], at: (item: T) => number, aroundMs: number): T[] {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const half = (low + high) >> 1;
    if (at(list[half]!) < aroundMs - OUT_MS) low = half + 1;
    else high = half;
  }
  const out: T[] = [];
  for (let i = low; i < list.length && at(list[i]!) <= aroundMs + OUT_MS; i++) out.push(list[i]!);
  return out;
}
