/** What the engine and its drawing thread say to each other. */
import type { EngineOverlay } from '../protocol/link.js';
import type { Picture } from './canvas.js';

export type ToDrawing =
  | { type: 'frame'; width: number; height: number; channelName: string }
  /** Answered by `known`; the next waits for that. */
  | { type: 'overlays'; overlays: EngineOverlay[] }
  /** The picture has been handed on; the next of that overlay may come. */
  | { type: 'taken'; pictureId: string };

export type FromDrawing =
  /** It has heard of the overlays, and has yet to draw what is new of them. */
  | { type: 'known' }
  | { type: 'picture'; pictureId: string; picture: Picture }
  /** Drawn and, when hidden, animated out: it may be taken away. */
  | { type: 'gone'; overlayId: string }
  | { type: 'failed'; overlayId: string; message: string };
