/** Edges catch what is moved near them. */
import type { TimelineDocument } from '../../../protocol/timeline.js';
import { endOf } from './document.js';

export interface SnapOptions {
  /** How near, ms. */
  withinMs: number;
  /** Steps of the ruler that catch as well, ms; 0: none. */
  stepMs: number;
}

/** Where something may be caught, rising. */
export function snapPoints(document: TimelineDocument, except: ReadonlySet<string>, more: readonly (number | null)[]): Float64Array {
  const points = [0];
  for (const { clips } of document.tracks) for (const clip of clips) if (!except.has(clip.id)) points.push(clip.startMs, endOf(clip));
  for (const ms of more) if (ms !== null) points.push(Math.round(ms));
  return new Float64Array(points).sort();
}

/**
 * The move nearest to a wished one that brings an edge onto a point; an edge of a clip wins over a step of the ruler.
 * @param edges what is moved, as it stands before, ms
 * @returns `atMs` the point; null when none is near
 */
export function snapped(edges: readonly number[], byMs: number, points: Float64Array, { withinMs, stepMs }: SnapOptions): { byMs: number; atMs: number | null } {
  let best: { byMs: number; atMs: number } | null = null;
  let least = withinMs;
  const consider = (edge: number, point: number): void => {
    const off = Math.abs(point - edge - byMs);
    if (off > least || (best && off === least)) return;
    least = off;
    best = { byMs: point - edge, atMs: point };
  };
  for (const edge of edges) for (const point of around(points, edge + byMs)) consider(edge, point);
  if (!best && stepMs > 0) for (const edge of edges) consider(edge, Math.max(0, Math.round((edge + byMs) / stepMs) * stepMs));
  return best ?? { byMs, atMs: null };
}

/** The points on both sides of a moment. */
function around(points: Float64Array, ms: number): number[] {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (points[middle]! < ms) low = middle + 1;
    else high = middle;
  }
  return [points[low - 1], points[low]].filter((point) => point !== undefined);
}
