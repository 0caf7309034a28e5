/** Playing timelines, and keeping them: what asks the studio for more than an edit. */
import { signal } from '@preact/signals';
import type { PlaybackControl } from '../../protocol/playback.js';
import type { TimelineDocument, TimelineImported, TimelineSaved } from '../../protocol/timeline.js';
import { ApiError, request, sentenceOf } from '../lib/api.js';
import { fileProblems, type FileProblem } from '../lib/timeline/file-problems.js';
import { texts } from '../texts.js';
import { attempt, notify, transition } from './actions.js';
import { socket } from './session.js';
import { lastTake, spoken } from './state.js';
import { openId, shown } from './timeline.js';
import { airPlace, asking, isCovered, isOnProgram } from './timeline-view.js';

const t = texts.timelines;

const control = (payload: PlaybackControl) => attempt('playback', socket.request('playback:control', payload));

/** The transition that takes have. */
const chosen = () => ({ ...transition.value });

/** Puts the open timeline on program: at a place, or where it stands. */
export async function play(positionMs?: number): Promise<void> {
  const timelineId = openId.value;
  if (timelineId === null) return;
  const goesOn = isOnProgram.value && positionMs === undefined;
  const message: PlaybackControl = { action: 'play', timelineId, ...(positionMs === undefined ? {} : { positionMs: Math.round(positionMs) }), ...(goesOn ? {} : { transition: chosen() }) };
  if (!(await control(message))) return;
  lastTake.value = null;
  spoken.value = t.playing;
}

export const pause = (live: boolean) => control({ action: 'pause', ...(live ? { live: true } : {}) });
export const stop = () => control({ action: 'stop' });
export const arm = () => control({ action: 'arm', timelineId: openId.value! });
export const disarm = () => control({ action: 'disarm' });

/** What is asked before it is done; null: nothing. */
export const question = signal<{ text: string; yes: string; act(): void } | null>(null);

/** Goes to a position; on air it is asked about first, unless the operator set it otherwise. */
export function seek(ms: number, place: string, text = t.askSeek(place)): void {
  const timelineId = openId.value;
  if (timelineId === null) return;
  const act = () => void control({ action: 'seek', timelineId, positionMs: Math.max(0, Math.round(ms)) });
  if (asking.value && isOnProgram.value && !isCovered.value) question.value = { text, yes: t.seek, act };
  else act();
}

/** Puts something else over the timeline; `release` brings it back. */
export async function takeOver(target: { sourceId: string } | { sceneId: string }, name: string): Promise<void> {
  if (await attempt('take', socket.request('camera:switch', { ...target, transition: chosen() }))) spoken.value = t.tookOver(name);
}

export async function comeBack(resume: 'now' | 'left'): Promise<void> {
  if (await control({ action: 'release', resume, transition: chosen() })) lastTake.value = null;
}

/** Has what is on air go round a region; null: go on past it. Where it is past the region, going there is asked about. */
export function goRound(span: { fromMs: number; toMs: number } | null): void {
  const timelineId = openId.value;
  const document = shown.value;
  const place = airPlace();
  if (timelineId === null || !document || place === null) return;
  const region = span && { fromMs: Math.round(span.fromMs), toMs: Math.round(span.toMs) };
  if (region && !document.loop && place >= region.toMs) {
    const act = () => void control({ action: 'seek', timelineId, positionMs: region.fromMs, region });
    question.value = { text: t.askRegionBehind, yes: t.seek, act };
  } else void control({ action: 'region', timelineId, region });
}

// ---- the list -----------------------------------------------------------------------------------------------------

/** Of a new one: a track for each kind. */
const TRACKS: TimelineDocument['tracks'][number]['kind'][] = ['audio', 'video', 'video', 'overlay'];

/** @returns its id; null after a notice */
export async function create(name: string): Promise<string | null> {
  return make({ name, tracks: TRACKS.map((kind) => ({ kind, clips: [] })) });
}

async function make(body: object): Promise<string | null> {
  const made = await attempt('timelines', request('POST', '/timelines', body));
  return (made as TimelineSaved | undefined)?.id ?? null;
}

export async function duplicate(id: string, name: string): Promise<string | null> {
  const found = await attempt('timelines', request('GET', `/timelines/${encodeURIComponent(id)}`));
  if (!found) return null;
  const { loop, durationMs, filler, tracks } = found as TimelineDocument;
  // Ids are the studio's to give: those of the copy are its own.
  const fresh = tracks.map(({ id: _, ...track }) => ({ ...track, clips: track.clips.map(({ id: __, ...clip }) => clip) }));
  return make({ name, loop, durationMs, filler, tracks: fresh });
}

export const rename = (id: string, name: string) => attempt('timelines', request('PATCH', `/timelines/${encodeURIComponent(id)}`, { name }));
export const remove = (id: string) => attempt('timelines', request('DELETE', `/timelines/${encodeURIComponent(id)}`));
export const exportAddress = (id: string): string => `/api/v1/timelines/${encodeURIComponent(id)}/export`;

/** The file that was refused last, and why: by the place in it, in words; null: none was. */
export const refused = signal<{ file: string; problems: readonly FileProblem[] } | null>(null);

/** Makes a timeline of a file that was exported. @returns its id; null where it was refused, or after a notice */
export async function importFile(file: File): Promise<string | null> {
  refused.value = null;
  let answer: TimelineImported;
  try {
    const read: unknown = JSON.parse(await file.text());
    answer = await request('POST', '/timelines/import', read) as TimelineImported;
  } catch (error) {
    if (error instanceof SyntaxError) refused.value = { file: file.name, problems: [{ where: '', what: t.notJson }] };
    else if (error instanceof ApiError && error.status >= 400) refused.value = { file: file.name, problems: fileProblems(error.message, error.details) };
    else notify('timelines', sentenceOf(error));
    return null;
  }
  if (answer.unmatched.length > 0) notify('timelines', t.unmatched(answer.unmatched.map(({ name, id }) => name ?? id)));
  else spoken.value = t.imported(answer.timeline.name);
  return answer.timeline.id;
}
