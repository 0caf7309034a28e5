/** What a clip shows: is it there, does it belong on this track, and is there enough of it. */
import { shownLayers } from '../../protocol/scene-rules.js';
import type { ClipAt, CheckContext } from './check.js';
import { isFile, type SourceFacts } from './model.js';
import { byId, type Named, type Report } from './report.js';

/** Lengths of files are told to within a few frames: what lacks less than this is not worth a word. */
const SLACK_MS = 100;

/** What a message begins with. */
interface Where {
  readonly words: string;
  readonly names: readonly Named[];
}
const NOWHERE: Where = { words: '', names: [] };

export function checkContent(at: ClipAt, context: CheckContext, report: Report): void {
  const { clip, track, path } = at;
  if (clip.sourceId !== undefined) return checkSource(clip.sourceId, at, context, report);
  const wrongTrack = (field: string, what: string, kind: string): boolean => {
    if (track.kind === kind) return false;
    report.error(`${path}.${field}`, 'wrong-kind', `${what} belongs on a track of kind "${kind}", and this one is "${track.kind}".`);
    return true;
  };
  if (clip.overlayId !== undefined) {
    if (wrongTrack('overlayId', 'An overlay', 'overlay')) return;
    if (!context.overlay(clip.overlayId)) report.error(`${path}.overlayId`, 'unknown-overlay', `There is no overlay ${clip.overlayId}.`, byId(clip.overlayId));
  } else if (clip.sceneId !== undefined) {
    if (wrongTrack('sceneId', 'A scene', 'video')) return;
    checkScene(clip.sceneId, `${path}.sceneId`, context, report);
  } else if (clip.timelineId !== undefined) {
    if (wrongTrack('timelineId', 'A timeline', 'video')) return;
    const known = clip.timelineId === context.timelineId || context.timeline(clip.timelineId) !== undefined;
    if (!known) report.error(`${path}.timelineId`, 'unknown-timeline', `There is no timeline ${clip.timelineId}.`, byId(clip.timelineId));
  }
  const { left, top, right, bottom } = clip.crop;
  if (left + top + right + bottom > 0) report.warning(`${path}.crop`, 'no-effect', 'Only a source is cropped; a scene, an overlay and a timeline are not.');
}

function checkSource(id: string, at: ClipAt, context: CheckContext, report: Report): void {
  const path = `${at.path}.sourceId`;
  const source = context.source(id);
  if (!source) return report.error(path, 'unknown-source', `There is no source ${id}.`, byId(id));
  const { kind } = at.track;
  if (kind === 'overlay') return report.error(path, 'wrong-kind', 'An overlay track has overlays only; a source belongs on a video or audio track.');
  if (kind === 'video' && source.kind === 'audio') return report.error(path, 'wrong-kind', 'A sound file belongs on an audio track.');
  if (kind === 'audio' && (source.kind === 'image' || source.kind === 'color')) {
    return report.error(path, 'wrong-kind', 'A picture has no sound; it belongs on a video track.');
  }
  checkThere(id, source, path, NOWHERE, context, report);
  if (isFile(source.kind)) checkLength(source, at, context.media?.(id), report);
}

function checkScene(id: string, path: string, context: CheckContext, report: Report): void {
  const scene = context.scene(id);
  if (!scene) return report.error(path, 'unknown-scene', `There is no scene ${id}.`, byId(id));
  const where: Where = { words: `In scene ${id}: `, names: [byId(id)] };
  // What is hidden can fail nobody.
  const layers = shownLayers(scene.layers);
  for (const sourceId of new Set(layers.flatMap((layer) => layer.sourceId ?? []))) {
    const source = context.source(sourceId);
    if (source) checkThere(sourceId, source, path, where, context, report);
    else report.error(path, 'unknown-source', `${where.words}There is no source ${sourceId}.`, ...where.names, byId(sourceId));
  }
  for (const overlayId of new Set(layers.flatMap((layer) => layer.overlayId ?? []))) {
    if (!context.overlay(overlayId)) report.error(path, 'unknown-overlay', `${where.words}There is no overlay ${overlayId}.`, ...where.names, byId(overlayId));
  }
}

function checkThere(id: string, source: SourceFacts, path: string, { words, names }: Where, context: CheckContext, report: Report): void {
  if (source.kind === 'camera') {
    if (context.cameraThere?.(id) === false) report.warning(path, 'camera-away', `${words}The camera ${id} is not there now.`, ...names, byId(id));
    return;
  }
  const media = context.media?.(id);
  if (media?.is === 'missing') report.error(path, 'file-missing', `${words}The file of ${id} is not there.`, ...names, byId(id));
  if (media?.is === 'unreadable') report.error(path, 'file-unreadable', `${words}The file of ${id} cannot be played: ${media.message}`, ...names, byId(id));
}

/** A file that loops is never too short. */
function checkLength(source: SourceFacts, { clip, path }: ClipAt, media: ReturnType<NonNullable<CheckContext['media']>>, report: Report): void {
  if (source.loop) return;
  const fileMs = media?.is === 'ok' ? media.durationMs : null;
  const endMs = Math.min(fileMs ?? Infinity, source.outMs ?? Infinity);
  if (endMs === Infinity) return;
  const inMs = (source.inMs ?? 0) + clip.inMs;
  if (inMs >= endMs) {
    report.error(`${path}.inMs`, 'in-after-end', `The clip begins ${inMs} ms into its file, which is over at ${endMs} ms.`);
  } else if (inMs + clip.durationMs > endMs + SLACK_MS) {
    report.error(`${path}.durationMs`, 'longer-than-file', `The clip takes ${clip.durationMs} ms, and its file has ${endMs - inMs} ms from where it begins.`);
  }
}
