/**
 * A document → an index in which a frame is found by binary search. What is decided here once: which clip has a moment of a
 * track, which clips meet in a transition, and how long each is seen. The rules, for the clips of a track by start (of equal
 * ones by their order in the document):
 * - a clip has the track from its start until its end, the next clip's start or the timeline's end, whichever comes first;
 * - its `transition` covers the first part of that and no more;
 * - out of the clip whose end it touches or overlaps, which runs on behind it for that long. In a loop, what ends at the end
 *   touches what begins at the start: a join is a place like any other;
 * - `transitionOut` covers the last part, as far as the transition leaves it, where no clip touches the end.
 */
import type { Transition } from '../../protocol/resources.js';
import type { Clip, TimelineDocument, Track, TrackKind } from '../../protocol/timeline.js';
import { fillerContent, ContentMaker, type Content } from './content.js';
import { curvesOf, type Curves } from './curves.js';
import { gapsOf, NO_GAPS, type Gaps } from './gaps.js';
import { MAX_NESTING, type MixKind, type TimelineLookup } from './model.js';
import type { Place } from './place.js';
import type { Rate } from './rate.js';

export interface CompiledTransition {
  readonly kind: MixKind;
  readonly color: string | undefined;
  /** As long as there is room for, above 0. */
  readonly durationMs: number;
}
export interface CompiledEntry extends CompiledTransition {
  /** The clip before it in this track, the track's last one of the lap before (none in lap 0), or nothing. */
  readonly from: 'previous' | 'lap-before' | 'nothing';
}

export interface CompiledClip {
  readonly id: string;
  readonly startMs: number;
  /** It has the track until here. */
  readonly endMs: number;
  /** It is seen until here: later than `endMs` when the next one comes in over it, past the lap's end when that is in the next lap. */
  readonly seenUntilMs: number;
  readonly inMs: number;
  readonly content: Content;
  readonly place: Place;
  readonly opacity: number;
  /** The track's and the clip's, dB; -Infinity when muted. */
  readonly gainDb: number;
  readonly curves: Curves | null;
  readonly entry: CompiledEntry | null;
  readonly exit: CompiledTransition | null;
}

export interface CompiledTrack {
  readonly kind: TrackKind;
  /** Those that are ever seen, by start. */
  readonly clips: readonly CompiledClip[];
  /** Their `startMs` and `seenUntilMs`; both rise. */
  readonly starts: Float64Array;
  readonly seenUntil: Float64Array;
}

export interface CompiledDocument {
  readonly loop: boolean;
  /** Of one lap; 0: there is nothing to play. */
  readonly durationMs: number;
  /** Those that are enabled, from the bottom to the top. */
  readonly tracks: readonly CompiledTrack[];
}

export interface CompiledTimeline {
  readonly rate: Rate;
  readonly document: CompiledDocument;
  readonly filler: Content | null;
  /** Where it stands by itself; none when there is none. */
  readonly gaps: Gaps;
}

/** How long a timeline (or one lap of it) is, ms: what it says, or to the end of its last clip, be its track enabled or not. */
export function durationOf(document: { durationMs: number | null; tracks: readonly { clips: readonly { startMs: number; durationMs: number }[] }[] }): number {
  if (document.durationMs !== null) return document.durationMs;
  let end = 0;
  for (const { clips } of document.tracks) for (const clip of clips) end = Math.max(end, clip.startMs + clip.durationMs);
  return end;
}

/**
 * Takes any document that has the schema's shape. What `checkTimeline` would refuse is shown as far as it goes: an unknown source
 * by its slate; an unknown scene, overlay or timeline, a clip that does not belong on its track, a timeline within itself or
 * too deep, not at all.
 */
export function compileTimeline(document: TimelineDocument & { readonly id?: string }, rate: Rate, lookup: TimelineLookup): CompiledTimeline {
  // Timelines may lie in several clips, and (wrongly) in each other: each is compiled once, and filled in after it is named.
  const root: CompiledDocument = { loop: false, durationMs: 0, tracks: [] };
  const compiled = new Map<string, CompiledDocument>(document.id === undefined ? [] : [[document.id, root]]);
  let found: { into: CompiledDocument; document: TimelineDocument }[] = [{ into: root, document }];
  const content = new ContentMaker(lookup, (id) => {
    const known = compiled.get(id);
    const inner = known ? undefined : lookup.timeline(id);
    if (known || !inner) return known ?? null;
    const into: CompiledDocument = { loop: false, durationMs: 0, tracks: [] };
    compiled.set(id, into);
    found.push({ into, document: inner });
    return into;
  });
  for (let depth = 0; depth <= MAX_NESTING && found.length > 0; depth++) {
    const level = found;
    found = [];
    for (const { into, document: inner } of level) Object.assign(into, compileDocument(inner, content));
  }
  const filler = document.filler && fillerContent(document.filler, content);
  return { rate, document: root, filler, gaps: filler ? gapsOf(root) : NO_GAPS };
}

function compileDocument(document: TimelineDocument, content: ContentMaker): CompiledDocument {
  const durationMs = durationOf(document);
  return {
    loop: document.loop,
    durationMs,
    tracks: document.tracks.filter((track) => track.enabled).map((track) => compileTrack(track, document.loop, durationMs, content)),
  };
}

interface Span {
  clip: Clip;
  /** While it has the track. */
  startMs: number;
  endMs: number;
}

function compileTrack(track: Track, loop: boolean, durationMs: number, content: ContentMaker): CompiledTrack {
  const spans = spansOf(track.clips, durationMs);
  const last = spans.at(-1);
  const joins = loop && spans[0]?.startMs === 0 && last?.endMs === durationMs;
  const entries = spans.map((span, i): CompiledEntry | null => {
    const transition = usable(track.kind, span.clip.transition, span.endMs - span.startMs);
    if (!transition) return null;
    const before = i === 0 ? (joins ? 'lap-before' : 'nothing') : spans[i - 1]!.endMs === span.startMs ? 'previous' : 'nothing';
    return { ...transition, from: before };
  });
  const clips = spans.map((span, i): CompiledClip => {
    const { clip, startMs, endMs } = span;
    const isLast = i === spans.length - 1;
    const touched = isLast ? joins : spans[i + 1]!.startMs === endMs;
    const over = touched ? entries[isLast ? 0 : i + 1]! : null;
    const entry = entries[i]!;
    return {
      id: clip.id, startMs, endMs,
      seenUntilMs: endMs + (over?.durationMs ?? 0),
      inMs: clip.inMs,
      content: content.of(track.kind, clip),
      place: { x: clip.x, y: clip.y, width: clip.width, height: clip.height },
      opacity: clip.opacity,
      gainDb: clip.audio.muted ? -Infinity : track.gainDb + clip.audio.gainDb,
      curves: curvesOf(clip.keyframes),
      entry,
      exit: touched ? null : usable(track.kind, clip.transitionOut, endMs - startMs - (entry?.durationMs ?? 0)),
    };
  });
  return {
    kind: track.kind, clips,
    starts: Float64Array.from(clips, (clip) => clip.startMs),
    seenUntil: Float64Array.from(clips, (clip) => clip.seenUntilMs),
  };
}

/** Who has the track when. Those that never have it are left out. */
function spansOf(clips: readonly Clip[], durationMs: number): Span[] {
  const sorted = clips.filter((clip) => clip.startMs < durationMs).sort((a, b) => a.startMs - b.startMs);
  return sorted.flatMap((clip, i): Span[] => {
    const endMs = Math.min(clip.startMs + clip.durationMs, durationMs, sorted[i + 1]?.startMs ?? Infinity);
    return endMs > clip.startMs ? [{ clip, startMs: clip.startMs, endMs }] : [];
  });
}

/** null for a cut. Sound knows fades only. */
function usable(kind: TrackKind, transition: Transition | undefined, roomMs: number): CompiledTransition | null {
  if (!transition || transition.kind === 'cut' || (kind === 'audio' && transition.kind !== 'fade')) return null;
  const durationMs = Math.min(transition.durationMs, roomMs);
  return durationMs > 0 ? { kind: transition.kind, color: transition.kind === 'dip' ? transition.color : undefined, durationMs } : null;
}
