/**
 * How the words of a lower third are set: on the picture, and by whoever tells a person what will be seen of them. Type is made smaller
 * first, down to 60 % of its size, and what still has no room is shortened.
 */
import type { Overlay } from './resources.js';

export interface Size {
  width: number;
  height: number;
}

export type Weight = 400 | 700;
/** How wide a text is in type of so many pixels. */
export type Measure = (text: string, weight: Weight, px: number) => number;

/** A text that fits, and the size of its type, pixels. It ends with "…" where it was shortened. */
export interface Fitted {
  text: string;
  px: number;
}

const SMALLEST = 0.6;

export function fitted(measure: Measure, text: string, weight: Weight, px: number, width: number): Fitted {
  const full = measure(text, weight, px);
  if (full <= width) return { text, px };
  const smallest = px * SMALLEST;
  // Small type is set on whole pixels, so its width does not follow its size exactly: try until it fits.
  for (let size = (px * width) / full; size > smallest; size *= 0.97) {
    if (measure(text, weight, size) <= width) return { text, px: size };
  }
  if (measure(text, weight, smallest) <= width) return { text, px: smallest };
  // By code points, so that no emoji is cut in two.
  const characters = [...text];
  let low = 0;
  let high = characters.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (measure(`${characters.slice(0, middle).join('')}…`, weight, smallest) <= width) low = middle;
    else high = middle - 1;
  }
  return { text: `${characters.slice(0, low).join('').trimEnd()}…`, px: smallest };
}

/** An overlay's place as whole, even pixels: the compositor works on 2×2 blocks. */
export function pixelSize(place: Size, frame: Size): Size {
  const even = (part: number, whole: number) => Math.min(4096, Math.max(2, Math.round((part * whole) / 2) * 2));
  return { width: even(place.width, frame.width), height: even(place.height, frame.height) };
}

export interface LowerThirdLines {
  /** Of the plate: its coloured edge, and the room around the words. */
  edge: number;
  pad: number;
  title: Fitted;
  /** null: the title stands alone, and is larger. */
  subtitle: Fitted | null;
}

/** @param size of the overlay, program pixels */
export function lowerThirdLines({ title, subtitle }: Pick<Extract<Overlay, { kind: 'lower-third' }>, 'title' | 'subtitle'>, { width, height }: Size, measure: Measure): LowerThirdLines {
  const edge = Math.max(4, Math.round(height * 0.05));
  const pad = Math.round(height * 0.16);
  const widest = width - edge - pad * 2;
  const alone = subtitle === '';
  return {
    edge, pad,
    title: fitted(measure, title, 700, height * (alone ? 0.36 : 0.32), widest),
    subtitle: alone ? null : fitted(measure, subtitle, 400, height * 0.2, widest),
  };
}
