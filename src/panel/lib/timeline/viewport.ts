/** What part of time is in view, and how large. Pixels are those of the style sheet. */

export interface Viewport {
  /** What lies at the left edge, ms. */
  readonly fromMs: number;
  readonly pxPerMs: number;
  readonly width: number;
}

/** From a tenth of a frame's width to a month in view. */
const MAX_PX_PER_MS = 2;
const MIN_PX_PER_MS = 1e-7;

export const toX = (view: Viewport, ms: number): number => (ms - view.fromMs) * view.pxPerMs;
export const toMs = (view: Viewport, x: number): number => view.fromMs + x / view.pxPerMs;
export const spanMs = (view: Viewport): number => view.width / view.pxPerMs;

/** How far one may scroll: the end of what is there may stand in the middle. */
function clamped(view: Viewport, lengthMs: number): Viewport {
  const most = Math.max(0, lengthMs - spanMs(view) / 2);
  return { ...view, fromMs: Math.min(most, Math.max(0, view.fromMs)) };
}

export function scrolled(view: Viewport, byPx: number, lengthMs: number): Viewport {
  return clamped({ ...view, fromMs: view.fromMs + byPx / view.pxPerMs }, lengthMs);
}

/** Larger by a factor; what lies at `x` stays there. */
export function zoomed(view: Viewport, factor: number, x: number, lengthMs: number): Viewport {
  const pxPerMs = Math.min(MAX_PX_PER_MS, Math.max(fitting(lengthMs, view.width) / 2, view.pxPerMs * factor));
  const ms = toMs(view, x);
  return clamped({ ...view, pxPerMs, fromMs: ms - x / pxPerMs }, lengthMs);
}

const fitting = (lengthMs: number, width: number): number => Math.max(MIN_PX_PER_MS, Math.max(1, width - 24) / Math.max(1000, lengthMs));

/** All of a span in view, from its start on. */
export function fitted(view: Viewport, fromMs: number, toMs: number): Viewport {
  return { ...view, fromMs, pxPerMs: Math.min(MAX_PX_PER_MS, fitting(toMs - fromMs, view.width)) };
}

/** Scrolled just so far that a moment is in view; the same when it is. */
export function withInView(view: Viewport, ms: number, lengthMs: number): Viewport {
  const x = toX(view, ms);
  if (x >= 0 && x <= view.width) return view;
  return clamped({ ...view, fromMs: ms - spanMs(view) * 0.2 }, Math.max(lengthMs, ms));
}

const STEPS = [40, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000, 172_800_000, 604_800_000];

/** How far marks of the ruler are from each other, ms, so that their words have room. */
export function rulerStep(pxPerMs: number, leastPx = 84): number {
  return STEPS.find((step) => step * pxPerMs >= leastPx) ?? STEPS.at(-1)!;
}
