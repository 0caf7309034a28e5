/** What several drawings share: easing, type that fits, colours. */
import type { CanvasContext, Phase, Size } from './canvas-context.js';

/** Ours first; what it has no signs for comes from those of the system, where it has them. */
export const FONT = 'Inter, Noto Color Emoji, Noto Sans CJK JP, Noto Sans Arabic, Noto Sans Hebrew, Noto Sans Devanagari, DejaVu Sans';

/** An overlay's place as whole, even pixels: the compositor works on 2×2 blocks. */
export function pixelSize(place: Size, frame: Size): Size {
  const even = (part: number, whole: number) => Math.min(4096, Math.max(2, Math.round((part * whole) / 2) * 2));
  return { width: even(place.width, frame.width), height: even(place.height, frame.height) };
}

/** 0 hidden … 1 fully shown, eased; it moves for `durationMs` after the change. */
export function presence(phase: Phase, durationMs: number): number {
  const t = Math.min(1, Math.max(0, phase.sinceMs / durationMs));
  const eased = 1 - (1 - t) ** 3;
  return phase.visible ? eased : 1 - eased;
}

/** Sets the largest font up to `px` at which `text` fits into `width`, not below 60 % of it; then shortens the text with "…". */
export function fitText(ctx: CanvasContext, text: string, weight: 400 | 700, px: number, width: number): string {
  const measure = (size: number, shown: string) => {
    ctx.font = `${weight} ${size}px ${FONT}`;
    return ctx.measureText(shown).width;
  };
  const full = measure(px, text);
  if (full <= width) return text;
  const smallest = px * 0.6;
  // Small type is set on whole pixels, so its width does not follow its size exactly: try until it fits.
  for (let size = (px * width) / full; size > smallest; size *= 0.97) {
    if (measure(size, text) <= width) return text;
  }
  const size = smallest;
  if (measure(size, text) <= width) return text;
  // By code points, so that no emoji is cut in two.
  const characters = [...text];
  let low = 0;
  let high = characters.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (measure(size, `${characters.slice(0, middle).join('')}…`) <= width) low = middle;
    else high = middle - 1;
  }
  return `${characters.slice(0, low).join('').trimEnd()}…`;
}
