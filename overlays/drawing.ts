/** What several drawings share: easing, type that fits, colours. */
import { fitted, type Measure, type Weight } from '../src/protocol/lower-third.js';
import type { CanvasContext, Phase } from './canvas-context.js';

export { pixelSize } from '../src/protocol/lower-third.js';

/** Ours first; what it has no signs for comes from those of the system, where it has them. */
export const FONT = 'Inter, Noto Color Emoji, Noto Sans CJK JP, Noto Sans Arabic, Noto Sans Hebrew, Noto Sans Devanagari, DejaVu Sans';

/** 0 hidden … 1 fully shown, eased; it moves for `durationMs` after the change. */
export function presence(phase: Phase, durationMs: number): number {
  const t = Math.min(1, Math.max(0, phase.sinceMs / durationMs));
  const eased = 1 - (1 - t) ** 3;
  return phase.visible ? eased : 1 - eased;
}

/** What a context says of a text in ours. Leaves its font at that size. */
export const measureWith = (ctx: CanvasContext): Measure => (text, weight, px) => {
  ctx.font = fontOf(weight, px);
  return ctx.measureText(text).width;
};

export const fontOf = (weight: Weight, px: number): string => `${weight} ${px}px ${FONT}`;

/** Sets the largest font up to `px` at which `text` fits into `width`, not below 60 % of it; then shortens the text with "…". */
export function fitText(ctx: CanvasContext, text: string, weight: Weight, px: number, width: number): string {
  const shown = fitted(measureWith(ctx), text, weight, px, width);
  ctx.font = fontOf(weight, shown.px);
  return shown.text;
}
