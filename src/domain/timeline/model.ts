/** What goes into the resolution of a timeline and what comes out. Positions are whole program frames since the timeline's start. */
import type { Layer, SourceKind, TransitionKind } from '../../protocol/resources.js';
import type { TimelineDocument } from '../../protocol/timeline.js';
import type { Place } from './place.js';

/** How deep timelines may lie within each other: this many below the one that is played. */
export const MAX_NESTING = 4;

export type Fit = Layer['fit'];
export type Crop = Layer['crop'];

/** A source as far as time is concerned. `loop`, `inMs` and `outMs` are those of a file. */
export interface SourceFacts {
  readonly kind: SourceKind;
  readonly inMs?: number;
  readonly outMs?: number | null;
  readonly loop?: boolean;
}

/** The things that clips name; undefined: there is none of that id. */
export interface TimelineLookup {
  source(id: string): SourceFacts | undefined;
  scene(id: string): { readonly layers: readonly Layer[] } | undefined;
  /** An overlay's own place in the frame. */
  overlay(id: string): Place | undefined;
  timeline(id: string): TimelineDocument | undefined;
}

/** Films and sounds run from a start of their own, and pictures are opened when they are due; everything else is shown as it comes. */
export function isFile(kind: SourceKind): boolean {
  return kind === 'media' || kind === 'audio' || kind === 'image';
}

/** What runs as it comes: one for all that show it. A source that nobody knows is also one: its slate stands in. */
export interface SharedPlayer {
  readonly type: 'shared';
  readonly sourceId: string;
}
export interface OverlayPlayer {
  readonly type: 'overlay';
  readonly overlayId: string;
}
/** Of a file that is played: one of its playouts, as a frame names it. */
export interface ClipPlayer {
  readonly type: 'clip';
  /**
   * The clip's id and lap, below those of the clips it is nested in: `c3@17/c1@0`; of a file in a scene its source as well.
   * Of one playout in all of a timeline's time. An edit leaves it as it is, except of laps in front of it (see edits.ts).
   */
  readonly key: string;
  readonly sourceId: string;
  /** The first frame that shows it. */
  readonly startPosition: number;
  /**
   * The file's time at that frame, whole µs: the in-points of source and clip, and what a nested clip had run before it came
   * into sight. Not wrapped: in a source that loops, or past a file's end, it may lie behind the end.
   */
  readonly inUs: number;
}
export type Player = SharedPlayer | OverlayPlayer | ClipPlayer;

export interface ResolvedLayer extends Place {
  readonly player: Player;
  readonly fit: Fit;
  readonly opacity: number;
  readonly crop: Crop;
  /** Linear; 0 is silence. */
  readonly gain: number;
}

export type MixKind = Exclude<TransitionKind, 'cut'>;

/** `from` or `to` may be empty, not both; a fade always has both. */
export interface Mix {
  readonly type: 'mix';
  readonly from: Node[];
  readonly to: Node[];
  readonly kind: MixKind;
  /** `dip` only: "#rrggbb". */
  readonly color?: string;
  /** 0..frames-1; `to` has come in by (step + 1) / (frames + 1). */
  readonly step: number;
  readonly frames: number;
  /** Of a nested timeline that does not have the whole frame: the place within which it goes on. */
  readonly area?: Place;
}
export type Node = { readonly type: 'layer'; readonly layer: ResolvedLayer } | Mix;

/** A source that is only heard. */
export interface Sound {
  readonly player: Player;
  /** Linear, with every fade in it. */
  readonly gain: number;
}

export interface Resolved {
  /** From the bottom to the top. The sound of a mix's layers is still to be faded with it. */
  readonly nodes: Node[];
  readonly sounds: Sound[];
  /** The first position after this one at which anything above may differ; Infinity: it never does. */
  readonly next: number;
  /** The timeline is over; its filler, if there is one, stands for ever. */
  readonly ended: boolean;
}

/** A file played once, from the first frame that needs it to the one after the last. What an insert has is an *airing* (protocol/link.ts). */
export interface Playout {
  readonly key: string;
  readonly sourceId: string;
  readonly startPosition: number;
  /** Infinity: a filler's. */
  readonly endPosition: number;
  readonly inUs: number;
  /** Nobody sees it: of a film, only the sound is needed. */
  readonly heardOnly: boolean;
}
