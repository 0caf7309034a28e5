/** The filter that makes a vertical picture of a wide one: faces over the game as a scene has them, or a window that follows what happens. */
import { followWindow } from './vertical/follow.js';
import type { Source } from './source.js';

const VERTICAL = { width: 1080, height: 1920 } as const;

/** A part of the picture, 0 to 1 of it. */
export interface Part { x: number; y: number; width: number; height: number }
/** Where the camera on a face and the game lie in the recording. */
export interface VerticalLayout { face: Part; game: Part }

/** Of the height, what the face gets: at least and at most. */
const FACE_SHARE = { least: 0.25, most: 0.45 };
/** A part that is smaller is a mistake. */
const LEAST_PART = 0.02;

export interface ShapeJob {
  source: Source;
  firstSeconds: number;
  seconds: number;
  shape: 'wide' | 'vertical';
  layout: VerticalLayout | undefined;
  threads: number;
  signal?: AbortSignal | undefined;
}

/** Null for a wide one, whose pictures keep their shape. */
export async function shapeOf({ source, firstSeconds, seconds, shape, layout, threads, signal }: ShapeJob): Promise<{ filter: string; notes: string[] } | null> {
  if (shape === 'wide') return null;
  const { width, height } = source.picture;
  if (layout) return { filter: stacked(layout, width, height), notes: [] };
  // Already as narrow, or nearly: there is nothing to choose.
  if (width / height <= (VERTICAL.width / VERTICAL.height) * 1.02) return { filter: filled(), notes: [] };
  const { x, windowWidth, notes } = await followWindow({ source, firstSeconds, seconds, threads, signal });
  return { filter: `crop=w=${windowWidth}:h=${even(height)}:x='${x}':y=0,scale=${VERTICAL.width}:${VERTICAL.height}:flags=bicubic,setsar=1`, notes };
}

const filled = (width: number = VERTICAL.width, height: number = VERTICAL.height): string => `scale=${width}:${height}:force_original_aspect_ratio=increase:flags=bicubic,crop=${width}:${height},setsar=1`;

/** Pure: the face above, the game below, each cut to fill its place. Sizes are of the recording. */
export function stacked({ face, game }: VerticalLayout, width: number, height: number): string {
  const [faceBox, gameBox] = [cropOf(face, width, height), cropOf(game, width, height)];
  const share = Math.min(FACE_SHARE.most, Math.max(FACE_SHARE.least, (VERTICAL.width * faceBox.height) / faceBox.width / VERTICAL.height));
  const faceHeight = even(VERTICAL.height * share);
  const crop = ({ x, y, width: w, height: h }: Part): string => `crop=${w}:${h}:${x}:${y}`;
  return `split[f][g];[f]${crop(faceBox)},${filled(VERTICAL.width, faceHeight)}[a];[g]${crop(gameBox)},${filled(VERTICAL.width, VERTICAL.height - faceHeight)}[b];[a][b]vstack=inputs=2,setsar=1`;
}

/** In whole, even pixels, and within the picture. */
function cropOf(part: Part, width: number, height: number): Part {
  const size = (value: number, of: number): number => Math.max(2, Math.min(even(of), even(Math.max(LEAST_PART, value) * of)));
  const box = { width: size(part.width, width), height: size(part.height, height) };
  const place = (value: number, of: number, length: number): number => even(Math.max(0, Math.min(of - length, value * of)));
  return { ...box, x: place(part.x, width, box.width), y: place(part.y, height, box.height) };
}

export const even = (value: number): number => Math.floor(value / 2) * 2;
