/** The ghost under the mouse: what is shown while it is down, and is not done yet. */
import { signal } from '@preact/signals';
import type { TimelineDocument } from '../../../protocol/timeline.js';

export interface DragGhost {
  document?: TimelineDocument;
  /** The clip in it that would be new. */
  landing?: string;
  /** Where the line of the program is dragged to. */
  airMs?: number;
  /** What caught. */
  snapMs: number | null;
  /** The point of a curve that is dragged. */
  point?: { clipId: string; atMs: number };
  box: [number, number, number, number] | null;
  /** Where it is, or how long, said beside the pointer. */
  words: string;
  x: number;
  y: number;
}

/** The thing of the list that is being dragged: a browser does not tell before it is dropped. */
export const draggedThing = signal<string | null>(null);

export const ghost = signal<DragGhost | null>(null);
