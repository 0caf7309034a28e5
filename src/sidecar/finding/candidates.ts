/** From regions of the four modes to candidates: those of one moment are one, and what each mode says of it adds up. */
import type { HighlightKind } from '../../protocol/highlights.js';
import type { FeatureTable } from '../features/table.js';
import { soundTrust } from './decoys.js';
import { MODES, type Mode, type Signals } from './modes.js';
import { regionsOf, type Region } from './regions.js';

/** What each mode weighs. */
export type Weights = Readonly<Record<Mode, number>>;

/** A moment in bins, with what each mode says of it. */
export interface Found {
  start: number;
  end: number;
  peak: number;
  kind: HighlightKind;
  score: number;
  /** 0 to 1 each. */
  modes: Readonly<Record<Mode, number>>;
}

/** Deviations from which on a mode has something to say. */
const THRESHOLDS: Readonly<Record<Mode, number>> = { sound: 2.8, picture: 2.6, chat: 3.2, event: 6 };
/** More than that tells no more: very loud is not more of a moment than loud. */
const MOST_DEVIATIONS = 10;
/** Weighted deviations that make a score of 0.63. */
const SCALE = 9;
/** Between the regions of two modes that are of one moment: the chat answers a little sooner or later. */
const NEAR_BINS = 2;
const KIND_SHARE = 0.25;

export function foundIn(table: FeatureTable, signals: Signals, weights: Weights): Found[] {
  const trust = soundTrust(table);
  const regions = Object.fromEntries(MODES.map((mode) => [mode, weights[mode] > 0 ? regionsOf(signals.z[mode], THRESHOLDS[mode]) : []])) as Record<Mode, Region[]>;
  const weigh = (mode: Mode, region: Region): number => weights[mode] * Math.min(MOST_DEVIATIONS, region.strength) * (mode === 'sound' ? trust(region) : 1);
  const all = MODES.flatMap((mode) => regions[mode].map((region) => ({ mode, region, weight: weigh(mode, region) }))).sort((a, b) => b.weight - a.weight);
  const used = new Set<Region>();
  const found: Found[] = [];
  for (const seed of all) {
    if (used.has(seed.region)) continue;
    const group = [seed];
    for (const mode of MODES) {
      if (mode === seed.mode) continue;
      const same = all.filter((one) => one.mode === mode && !used.has(one.region) && isOfOneMoment(seed.region, one.region));
      if (same.length > 0) group.push(same.reduce((a, b) => (overlap(b.region, seed.region) > overlap(a.region, seed.region) ? b : a)));
    }
    for (const { region } of group) used.add(region);
    found.push(combined(group));
  }
  return found.sort((a, b) => b.score - a.score || a.start - b.start);
}

interface Part { mode: Mode; region: Region; weight: number }

function overlap(a: Region, b: Region): number {
  return Math.min(a.end, b.end) - Math.max(a.start, b.start);
}

function isOfOneMoment(a: Region, b: Region): boolean {
  return overlap(a, b) > -NEAR_BINS;
}

function combined(group: readonly Part[]): Found {
  const total = group.reduce((sum, { weight }) => sum + weight, 0);
  const strong = group.filter(({ weight }) => weight >= KIND_SHARE * total);
  // Sound and picture tell when it was; the chat only where nothing else does, and a marker as little.
  const exact = group.filter(({ mode, weight }) => (mode === 'sound' || mode === 'picture') && weight >= KIND_SHARE * total);
  const telling = exact.length > 0 ? exact : strong;
  const share = telling.reduce((sum, { weight }) => sum + weight, 0);
  const mean = (pick: (region: Region) => number): number => telling.reduce((sum, { region, weight }) => sum + pick(region) * weight, 0) / share;
  const start = Math.floor(mean(({ start: at }) => at));
  const end = Math.max(start + 1, Math.ceil(mean(({ end: at }) => at)));
  const modes = { sound: 0, picture: 0, chat: 0, event: 0 };
  for (const { mode, weight } of group) modes[mode] = scored(weight);
  const peak = Math.min(end - 1, Math.max(start, telling.reduce((a, b) => (b.weight > a.weight ? b : a)).region.peak));
  return { start, end, peak, kind: strong.length > 1 ? 'combined' : strong[0]!.mode, score: scored(total), modes };
}

function scored(weight: number): number {
  return 1 - Math.exp(-weight / SCALE);
}
