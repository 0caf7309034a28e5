/**
 * Where layers lie, and what moving them does. Places are 0..1 of the frame, crops 0..1 of the picture; an aspect is width divided
 * by height, of the frame or of a picture. What is drawn where follows native/compositor/geometry.cpp, but for its even pixels. Pure.
 */
import type { Layer } from '../../../protocol/resources.js';

export interface Place { x: number; y: number; width: number; height: number }
export type Crop = Layer['crop'];
export type Laid = Pick<Layer, 'x' | 'y' | 'width' | 'height' | 'fit' | 'crop'>;

/** Of a picture that is not known yet, or a frame without a size. */
export const WIDE = 16 / 9;
/** Smaller than this part of the frame nothing is made by hand: it would be lost. */
export const LEAST = 0.01;
/** Of what the schema takes: places reach that far out of the frame. */
const REACH = { from: -1, to: 2, size: 3 };

/** The sides that a handle moves: -1 the left or upper one, 1 the right or lower one, 0 none. */
export interface Handle { across: -1 | 0 | 1; down: -1 | 0 | 1 }
export const HANDLES: readonly Handle[] = [
  { across: -1, down: -1 }, { across: 0, down: -1 }, { across: 1, down: -1 }, { across: 1, down: 0 },
  { across: 1, down: 1 }, { across: 0, down: 1 }, { across: -1, down: 1 }, { across: -1, down: 0 },
];

export interface Drawn {
  /** In the frame; may reach out of it. */
  to: Place;
  /** The part of the picture that is seen there. */
  from: Place;
}

/** What is drawn of a layer, and where. */
export function drawn({ x, y, width, height, fit, crop }: Laid, pictureAspect: number, frameAspect: number): Drawn {
  const from = { x: crop.left, y: crop.top, width: 1 - crop.left - crop.right, height: 1 - crop.top - crop.bottom };
  // How much wider than its place the cropped picture is by nature.
  const wider = (from.width * pictureAspect) / from.height / ((width * frameAspect) / height);
  if (fit === 'contain') {
    const [w, h] = wider > 1 ? [width, height / wider] : [width * wider, height];
    return { to: { x: x + (width - w) / 2, y: y + (height - h) / 2, width: w, height: h }, from };
  }
  if (fit === 'cover') {
    const [w, h] = wider > 1 ? [from.width / wider, from.height] : [from.width, from.height * wider];
    return { to: { x, y, width, height }, from: { x: from.x + (from.width - w) / 2, y: from.y + (from.height - h) / 2, width: w, height: h } };
  }
  return { to: { x, y, width, height }, from };
}

/** A place that the studio takes: no less than can be grasped, no further out than the schema allows. */
export function bounded({ x, y, width, height }: Place): Place {
  const size = (n: number) => clamp(n, LEAST, REACH.size);
  return { x: clamp(x, REACH.from, REACH.to), y: clamp(y, REACH.from, REACH.to), width: size(width), height: size(height) };
}

export const moved = (place: Place, dx: number, dy: number): Place => bounded({ ...place, x: place.x + dx, y: place.y + dy });

/**
 * A place with the sides of a handle moved by a part of the frame. What lies opposite stays; with `keep` the proportions stay too, and
 * a side's handle takes the other direction along about its middle.
 */
export function resized(place: Place, { across, down }: Handle, dx: number, dy: number, keep: boolean): Place {
  const grown = (size: number, side: number, by: number) => clamp(size + side * by, LEAST, REACH.size);
  let width = grown(place.width, across, dx);
  let height = grown(place.height, down, dy);
  if (keep) {
    // The direction in which the hand went further counts; both stay within what is allowed.
    const wish = across === 0 ? height / place.height : down === 0 ? width / place.width : furthest(width / place.width, height / place.height);
    const scale = clamp(wish, Math.max(LEAST / place.width, LEAST / place.height), Math.min(REACH.size / place.width, REACH.size / place.height));
    width = place.width * scale;
    height = place.height * scale;
  }
  return bounded({
    x: place.x + anchored(across, place.width - width), y: place.y + anchored(down, place.height - height), width, height,
  });
}

const anchored = (side: number, less: number): number => (side < 0 ? less : side > 0 ? 0 : less / 2);
const furthest = (a: number, b: number): number => (Math.abs(a - 1) > Math.abs(b - 1) ? a : b);

/**
 * A layer with sides of its picture cut off, or given back, by a handle: what is left neither moves nor changes its size. Of a picture
 * that does not fill its place, or is cut to it, the place becomes what is seen.
 */
export function cropped(layer: Laid, { across, down }: Handle, dx: number, dy: number, pictureAspect: number, frameAspect: number): Pick<Laid, 'x' | 'y' | 'width' | 'height' | 'crop'> {
  const { to, from } = drawn(layer, pictureAspect, frameAspect);
  const x = cutSide(to.x, to.width, from.x, from.width, across, dx);
  const y = cutSide(to.y, to.height, from.y, from.height, down, dy);
  return {
    x: x.at, y: y.at, width: x.size, height: y.size,
    crop: { left: part(x.first), right: part(1 - x.first - x.seen), top: part(y.first), bottom: part(1 - y.first - y.seen) },
  };
}

/** One direction: the span in the frame, the span of the picture in it, and how far the hand moved a side. */
function cutSide(at: number, size: number, first: number, seen: number, side: number, by: number): { at: number; size: number; first: number; seen: number } {
  if (side === 0) return { at, size, first, seen };
  // Parts of the picture for a part of the frame.
  const scale = seen / size;
  const least = Math.min(LEAST * scale, seen);
  const back = side < 0 ? Math.max(-first, (REACH.from - at) * scale) : first + seen - 1;
  const cut = clamp(side < 0 ? by * scale : -by * scale, Math.max(back, (size - REACH.size) * scale), seen - least);
  const inFrame = cut / scale;
  return side < 0 ? { at: at + inFrame, size: size - inFrame, first: first + cut, seen: seen - cut } : { at, size: size - inFrame, first, seen: seen - cut };
}

const part = (n: number): number => clamp(round(n), 0, 1);

/** To a hundred-thousandth: a fiftieth of a pixel of 1920, and short to read. */
export const round = (n: number): number => Math.round(n * 1e5) / 1e5 + 0;

export function roundedPlace<P extends Place>(place: P): P {
  return { ...place, x: round(place.x), y: round(place.y), width: round(place.width), height: round(place.height) };
}

export function clamp(n: number, least: number, most: number): number {
  return Math.min(Math.max(n, least), Math.max(least, most));
}
