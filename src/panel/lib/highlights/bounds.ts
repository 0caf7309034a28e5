/** Where a highlight begins and ends while it is trimmed, and what of the recording is shown around it. Pure. */
import { LONGEST_HIGHLIGHT_MS, SHORTEST_HIGHLIGHT_MS, type Analysis } from '../../../protocol/analysis.js';

export interface Bounds { startMs: number; endMs: number }
export type Edge = 'start' | 'end';
export type OneHighlight = Analysis['highlights'][number];

/** As it was decided, else as it was found. */
export const boundsOf = ({ startMs, endMs, decision }: OneHighlight): Bounds => (decision?.verdict === 'accepted' ? { startMs: decision.startMs, endMs: decision.endMs } : { startMs, endMs });

/** An edge moved to a moment: within the recording, and as long as a highlight may be. */
export function moved({ startMs, endMs }: Bounds, edge: Edge, toMs: number, durationMs: number): Bounds {
  const at = Math.round(toMs);
  if (edge === 'start') return { startMs: clamp(at, Math.max(0, endMs - LONGEST_HIGHLIGHT_MS), Math.max(0, endMs - SHORTEST_HIGHLIGHT_MS)), endMs };
  return { startMs, endMs: clamp(at, Math.min(durationMs, startMs + SHORTEST_HIGHLIGHT_MS), Math.min(durationMs, startMs + LONGEST_HIGHLIGHT_MS)) };
}

/** What is shown of the recording while a highlight is trimmed: itself, and half its length on both sides, but 10 s at least. */
export function around({ startMs, endMs }: Bounds, durationMs: number): Bounds {
  const marginMs = Math.max(10_000, (endMs - startMs) / 2);
  return { startMs: Math.max(0, startMs - marginMs), endMs: Math.min(durationMs, endMs + marginMs) };
}

/** The curve as the path of an area in a box of 1000 by 100; empty where there is none. */
export function areaOf(curve: Analysis['curve'], view: Bounds): string {
  if (!curve || curve.values.length === 0 || view.endMs <= view.startMs) return '';
  const from = Math.max(0, Math.floor(view.startMs / curve.stepMs) - 1);
  const points = curve.values.slice(from, Math.ceil(view.endMs / curve.stepMs) + 1).map((value, i) => {
    const x = (((from + i + 0.5) * curve.stepMs - view.startMs) / (view.endMs - view.startMs)) * 1000;
    return [x.toFixed(1), (100 - clamp(value, 0, 1) * 100).toFixed(1)] as const;
  });
  if (points.length === 0) return '';
  return `M${points[0]![0]} 100 ${points.map(([x, y]) => `L${x} ${y}`).join(' ')} L${points.at(-1)![0]} 100 Z`;
}

/** A moment's place in what is shown, percent. */
export const placeOf = (atMs: number, { startMs, endMs }: Bounds): number => (endMs > startMs ? clamp(((atMs - startMs) / (endMs - startMs)) * 100, 0, 100) : 0);

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), Math.max(low, high));
