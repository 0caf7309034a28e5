/**
 * The loop region of a timeline that is played: having come to its end it goes on at its beginning, and round again. Positions count on
 * meanwhile, so that each frame has one of its own; how often it has gone round by then is the *pass*, and where that is in the
 * timeline the *place*. A pass is whole frames long: each is like the one before, frame by frame.
 */
import { MIN_REGION_MS } from '../../protocol/playback.js';
import type { CompiledTimeline } from './compile.js';
import { frameAt, momentOf, type Rate } from './rate.js';

/** Places, frames: from the first one to the one after the last. */
export interface Region {
  readonly from: number;
  readonly to: number;
}

/** The same in ms. */
export interface RegionMs {
  readonly fromMs: number;
  readonly toMs: number;
}

/** null: it has not one frame at this rate. */
export function regionOf({ fromMs, toMs }: RegionMs, rate: Rate): Region | null {
  const region = { from: frameAt(Math.round(fromMs), rate), to: frameAt(Math.round(toMs), rate) };
  return region.from < region.to ? region : null;
}

function isLongEnough({ fromMs, toMs }: RegionMs): boolean {
  return toMs - fromMs >= MIN_REGION_MS;
}

/** By what is changed before it it lies elsewhere. null: too little of it is left. */
export function movedRegion({ fromMs, toMs }: RegionMs, byMs: number): RegionMs | null {
  const moved = { fromMs: Math.max(0, fromMs + byMs), toMs: toMs + byMs };
  return isLongEnough(moved) ? moved : null;
}

/** 0 until it has come to the region's end for the first time. */
export function passAt(region: Region | null, position: number): number {
  return region === null || position < region.to ? 0 : Math.floor((position - region.from) / (region.to - region.from));
}

/** How far the positions of a pass are from their places. */
export function shiftOf(region: Region | null, pass: number): number {
  return region === null ? 0 : pass * (region.to - region.from);
}

export function placeAt(region: Region | null, position: number): number {
  return position - shiftOf(region, passAt(region, position));
}

/** What is seen of the timeline in a pass, in places: what has begun before is in sight from there on. */
export function sightOf(region: Region | null, pass: number): Region {
  return { from: region === null || pass === 0 ? 0 : region.from, to: region?.to ?? Infinity };
}

/** Before the keys of a pass: each pass has playouts of its own. No id has this sign. */
export function keysOf(pass: number): string {
  return pass === 0 ? '' : `~${pass}/`;
}

/** The key without its pass. */
export function bareKey(key: string): string {
  return key.replace(/^~\d+\//, '');
}

/**
 * The next one that a timeline comes to from a place on: the one that has the place or lies ahead; of a timeline that loops that is in
 * this lap or the next, of one that does not as much of it as comes before the end. null: it has passed it, or next to nothing of it does.
 */
export function comingRegion(span: RegionMs, place: number, { rate, document: { durationMs, loop } }: CompiledTimeline): Region | null {
  if (!loop || durationMs === 0) {
    const isCut = durationMs > 0 && span.toMs > durationMs;
    const within = isCut ? { fromMs: span.fromMs, toMs: durationMs } : span;
    const region = isCut && !isLongEnough(within) ? null : regionOf(within, rate);
    return region && place < region.to ? region : null;
  }
  const fromMs = span.fromMs % durationMs;
  const lengthMs = span.toMs - span.fromMs;
  const lap = Math.max(0, Math.floor(momentOf(place, rate) / durationMs));
  for (const lapMs of [lap * durationMs, (lap + 1) * durationMs]) {
    const region = regionOf({ fromMs: lapMs + fromMs, toMs: lapMs + fromMs + lengthMs }, rate);
    if (region && place < region.to) return region;
  }
  return null;
}

/** What an edit leaves of one. null: too little, as of a second in frames, which may be one fewer. */
export function leftOf(region: Region, { rate, document: { durationMs, loop } }: CompiledTimeline): Region | null {
  const to = loop || durationMs === 0 ? region.to : Math.min(region.to, frameAt(durationMs, rate));
  return to - region.from >= frameAt(MIN_REGION_MS, rate) - 1 ? { from: region.from, to } : null;
}
