/** What is wrong with a timeline, all of it, each with its place in the document: what a schema cannot see. */
import type { ClipInput, TimelineInput, TimelineReport, TrackInput } from '../../protocol/timeline.js';
import { checkContent } from './check-content.js';
import { checkOverlaps } from './check-overlaps.js';
import { durationOf } from './compile.js';
import type { TimelineLookup } from './model.js';
import { MAX_LAYERS, Nesting } from './nesting.js';
import { byId, Report } from './report.js';

/** What a probe found of a file. */
export type MediaState =
  /** `durationMs` null: unknown, or a picture, which has none. */
  | {
    readonly is: 'ok'; readonly durationMs: number | null;
    /** Of the pictures alone, where the file tells. */
    readonly pictureMs?: number;
  }
  | { readonly is: 'missing' }
  /** `message`: why, for a person. `isPassing`: that is nothing of the file's own, as a disk that is slow; another time it can be opened. */
  | { readonly is: 'unreadable'; readonly message: string; readonly isPassing?: true };

export interface CheckContext extends TimelineLookup {
  /** The id of the timeline that is checked; undefined for a new one. What `timeline` gives for it is not looked at. */
  readonly timelineId?: string;
  /** Of a source with a file; undefined: not probed, so nothing is said. */
  media?(sourceId: string): MediaState | undefined;
  /** Whether a camera is there now; undefined: nothing is said. */
  cameraThere?(sourceId: string): boolean | undefined;
}

/** A clip and where it stands. */
export interface ClipAt {
  readonly clip: ClipInput;
  readonly track: TrackInput;
  /** `tracks.0.clips.3` */
  readonly path: string;
}

/** Checks a document of the schema's shape, with or without ids, whether its tracks are enabled or not. Never throws. */
export function checkTimeline(document: TimelineInput, context: CheckContext): TimelineReport {
  return check(document, context, new Map());
}

/** @param checked what was found of other timelines, so that one that lies in many clips is checked once */
function check(document: TimelineInput, context: CheckContext, checked: Map<string, TimelineReport>): TimelineReport {
  const report = new Report();
  const nesting = new Nesting(document, context);
  const durationMs = durationOf(document);
  checkFiller(document.filler, context, report);
  checkIds(document, report);
  document.tracks.forEach((track, i) => {
    const clips = track.clips.map((clip, j): ClipAt => ({ clip, track, path: `tracks.${i}.clips.${j}` }));
    for (const at of clips) {
      checkContent(at, context, report);
      checkKeyframes(at, report);
      checkTransitions(at, report);
      checkEnd(at, durationMs, report);
      if (at.clip.timelineId !== undefined) checkNested(at.clip.timelineId, `${at.path}.timelineId`, nesting, context, checked, report);
    }
    checkOverlaps(clips, report);
  });
  const layers = nesting.layersAtOnce();
  if (layers > MAX_LAYERS) report.error('tracks', 'too-many-layers', `Up to ${layers} layers at once; ${MAX_LAYERS} is the most.`);
  return report.result();
}

function checkFiller(filler: TimelineInput['filler'], context: CheckContext, report: Report): void {
  if (!filler) return;
  if ('sourceId' in filler) {
    if (!context.source(filler.sourceId)) report.error('filler.sourceId', 'unknown-source', `There is no source ${filler.sourceId}.`, byId(filler.sourceId));
  } else if (!context.scene(filler.sceneId)) {
    report.error('filler.sceneId', 'unknown-scene', `There is no scene ${filler.sceneId}.`, byId(filler.sceneId));
  }
}

/** Tracks and clips share their ids. */
function checkIds(document: TimelineInput, report: Report): void {
  const seen = new Map<string, string>();
  const take = (id: string | undefined, path: string): void => {
    if (id === undefined) return;
    const first = seen.get(id);
    if (first === undefined) seen.set(id, path);
    else report.error(`${path}.id`, 'duplicate-id', `${first} has the id "${id}" too.`);
  };
  document.tracks.forEach((track, i) => {
    take(track.id, `tracks.${i}`);
    track.clips.forEach((clip, j) => take(clip.id, `tracks.${i}.clips.${j}`));
  });
}

function checkKeyframes({ clip, path }: ClipAt, report: Report): void {
  clip.keyframes.forEach(({ atMs }, i) => {
    const at = `${path}.keyframes.${i}.atMs`;
    if (atMs > clip.durationMs) report.error(at, 'keyframe-outside', `The keyframe is at ${atMs} ms of a clip of ${clip.durationMs} ms.`);
    const before = clip.keyframes[i - 1]?.atMs;
    if (before !== undefined && atMs < before) report.error(at, 'keyframe-order', `The keyframe is at ${atMs} ms, and the one before it at ${before} ms.`);
  });
}

function checkTransitions({ clip, track, path }: ClipAt, report: Report): void {
  for (const field of ['transition', 'transitionOut'] as const) {
    const transition = clip[field];
    if (!transition || transition.kind === 'cut') continue;
    if (transition.durationMs > clip.durationMs) {
      report.warning(`${path}.${field}.durationMs`, 'transition-too-long', `The transition takes ${transition.durationMs} ms and its clip ${clip.durationMs} ms; it is cut to that.`);
    }
    if (track.kind === 'audio' && transition.kind !== 'fade') {
      report.warning(`${path}.${field}.kind`, 'no-effect', `Sound fades or is cut: "${transition.kind}" is a cut on an audio track.`);
    }
  }
}

function checkEnd({ clip, path }: ClipAt, durationMs: number, report: Report): void {
  if (clip.startMs >= durationMs) {
    report.warning(`${path}.startMs`, 'past-the-end', `The clip begins at ${clip.startMs} ms, and the timeline is over at ${durationMs} ms: it is never shown.`);
  } else if (clip.startMs + clip.durationMs > durationMs) {
    report.warning(`${path}.durationMs`, 'past-the-end', `The clip ends at ${clip.startMs + clip.durationMs} ms, and the timeline at ${durationMs} ms: the rest is cut off.`);
  }
}

function checkNested(id: string, path: string, nesting: Nesting, context: CheckContext, checked: Map<string, TimelineReport>, report: Report): void {
  switch (nesting.of(id)) {
    case 'unknown': return; // Told by checkContent.
    case 'cycle': return report.error(path, 'cycle', `Timeline ${id} leads back into itself or into this one.`, byId(id));
    case 'too-deep': return report.error(path, 'too-deep', 'Timelines may lie four deep in each other below the first, and no deeper.');
    case 'fine': break;
  }
  let inner = checked.get(id);
  if (!inner) {
    inner = check(context.timeline(id)!, { ...bound(context), timelineId: id }, checked);
    checked.set(id, inner);
  }
  const first = inner.problems[0];
  if (!first) return;
  const more = inner.errors + inner.warnings - 1;
  const message = `In timeline ${id}, ${first.path}: ${first.message}${more > 0 ? ` And ${more} more.` : ''}`;
  if (inner.errors > 0) report.error(path, 'nested', message, byId(id), ...first.names);
  else report.warning(path, 'nested', message, byId(id), ...first.names);
}

/** The context's functions apart from it, so that a context that is an object of a class can be passed on with another id. */
function bound(context: CheckContext): CheckContext {
  return {
    source: (id) => context.source(id), scene: (id) => context.scene(id), overlay: (id) => context.overlay(id), timeline: (id) => context.timeline(id),
    media: (id) => context.media?.(id), cameraThere: (id) => context.cameraThere?.(id),
  };
}
