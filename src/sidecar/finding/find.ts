/** The door of this folder: from a feature table to highlights, and to the candidates that they are chosen from. */
import { FindingPreset, type Highlight, type HighlightKind, type RecordedMoment } from '../../protocol/highlights.js';
import { BIN_MS, type FeatureTable } from '../features/table.js';
import { boundsOf, type Span } from './bounds.js';
import type { Candidate } from './candidate.js';
import { foundIn, type Found, type Weights } from './candidates.js';
import { classicFound } from './classic.js';
import { idOf } from './identity.js';
import { signalsOf, type Signals } from './modes.js';
import { reasonsOf } from './reasons.js';
import { vectorsOf } from './vector.js';

export const PRESETS = FindingPreset.options;
export type Preset = FindingPreset;

/** `auto` hears, sees and reads, and heeds what a person marked; the others do one of these alone. */
const WEIGHTS: Readonly<Record<Exclude<Preset, 'classic'>, Weights>> = {
  auto: { sound: 1, picture: 1.3, chat: 1.6, event: 1 },
  sound: { sound: 1, picture: 0, chat: 0, event: 0 },
  picture: { sound: 0, picture: 1.3, chat: 0, event: 0 },
  chat: { sound: 0, picture: 0, chat: 1.6, event: 0 },
};

export interface FindOptions {
  /** Default `auto`. */
  preset?: Preset;
  /** What was done or happened, with its words, for the reasons; their columns are the table's. */
  moments?: readonly RecordedMoment[];
  /** Of a transcript, in order. */
  sentences?: readonly Span[];
}

export interface RankOptions {
  /** That of the candidates. Default `auto`. */
  preset?: Preset;
  /** At most so many; default 10. */
  top?: number;
  /** Ranks candidates by what people chose before; 0 to 1 each, in their order. The heuristic still says how many stand out. */
  ranker?: (candidates: readonly Candidate[]) => readonly number[];
}

export type HighlightOptions = FindOptions & RankOptions;

/** A highlight, and the candidate that it was. */
export interface Ranked { highlight: Highlight; candidate: Candidate }

/** Between one and the next. */
export const LEAST_GAP_MS = 10_000;
/** Fewer stand out: what scores below is not shown, nor what is far below the best ones. A chat alone is excited about many things that nobody sees. */
const LEAST_SCORE = 0.36;
const LEAST_CHAT_SCORE = 0.44;
const LEAST_SHARE = 0.42;
/** Kept for a ranker to choose from. */
const MOST_CANDIDATES = 60;
const LEAST_CANDIDATE_SCORE = 0.15;

/** The best first, without overlaps or two less than 10 s apart; those that do not stand out enough to be shown are among them, down to half of that. */
export function findCandidates(table: FeatureTable, options: FindOptions = {}, signals: Signals = signalsOf(table)): Candidate[] {
  const { preset = 'auto', moments = [], sentences = [] } = options;
  if (table.bins === 0 || table.durationMs <= 0) return [];
  const vectorOf = vectorsOf(table, signals.chatLagBins);
  const found = preset === 'classic' ? classicFound(table) : foundIn(table, signals, WEIGHTS[preset]).filter(({ score }) => score >= LEAST_CANDIDATE_SCORE);
  const placed = found.map((one) => ({ found: one, span: preset === 'classic' ? chunkSpan(one, table) : boundsOf(one, table, sentences) }));
  return apart(placed, ({ span }) => span, MOST_CANDIDATES).map(({ found: one, span }) => ({
    ...span, peakMs: Math.min(span.endMs, Math.max(span.startMs, Math.round((one.peak + 0.5) * BIN_MS))), kind: one.kind, score: one.score,
    reasons: preset === 'classic' ? [`sound ${one.modes.sound.toFixed(2)}, picture ${one.modes.picture.toFixed(2)} of the best`] : reasonsOf(one, signals, table, preset === 'auto' ? moments : []), vector: vectorOf(one),
  }));
}

/** The best first. Fewer than `top` where fewer stand out. */
export function findHighlights(table: FeatureTable, options: HighlightOptions = {}): Highlight[] {
  return rankHighlights(findCandidates(table, options), options).map(({ highlight }) => highlight);
}

/** Those of the candidates that are shown. @param candidates as `findCandidates` gives them */
export function rankHighlights(candidates: readonly Candidate[], { top = 10, preset = 'auto', ranker }: RankOptions = {}): Ranked[] {
  const third = (candidates[2] ?? candidates.at(-1))?.score ?? 0;
  const enough = (kind: HighlightKind): number => (preset === 'classic' ? 0 : Math.max(kind === 'chat' ? LEAST_CHAT_SCORE : LEAST_SCORE, LEAST_SHARE * third));
  const standing = candidates.filter(({ score, kind }) => score >= enough(kind));
  const all = ranker ? candidates : standing;
  const scores = ranker?.(all) ?? all.map(({ score }) => score);
  return all.map((candidate, i) => ({ candidate, score: Math.min(1, Math.max(0, scores[i] ?? 0)) }))
    .sort((a, b) => b.score - a.score || a.candidate.startMs - b.candidate.startMs)
    .slice(0, Math.min(top, standing.length))
    .map(({ candidate, score }) => {
      const { startMs, endMs, peakMs, kind, reasons } = candidate;
      return { candidate, highlight: { id: idOf(startMs, endMs, peakMs), startMs, endMs, peakMs, score, kind, reasons } };
    });
}

/** Of two that overlap or lie too near each other the first is kept. */
function apart<T>(items: readonly T[], spanOf: (item: T) => Span, most: number): T[] {
  const kept: T[] = [];
  for (const item of items) {
    const { startMs, endMs } = spanOf(item);
    if (endMs > startMs && kept.every((other) => startMs >= spanOf(other).endMs + LEAST_GAP_MS || endMs + LEAST_GAP_MS <= spanOf(other).startMs)) kept.push(item);
    if (kept.length === most) break;
  }
  return kept;
}

function chunkSpan({ start, end }: Found, table: FeatureTable): Span {
  return { startMs: start * BIN_MS, endMs: Math.min(table.durationMs, end * BIN_MS) };
}
