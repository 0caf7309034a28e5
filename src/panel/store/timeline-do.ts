/** What a person does to the clips that are chosen: by a key, a button or the mouse, it is one and the same. */
import type { Clip, TimelineDocument, Track } from '../../protocol/timeline.js';
import { copied, pasted } from '../lib/timeline/clipboard.js';
import { clipsById, endOf, inOrder, makeClip } from '../lib/timeline/document.js';
import { inserted, joinedUp, moved, movedOnto, removed, split, trimmed, withChanged } from '../lib/timeline/edits.js';
import { framesOn } from '../lib/timeline/time.js';
import { trackAdded } from '../lib/timeline/tracks.js';
import { texts } from '../texts.js';
import { notify } from './actions.js';
import { snapshot, spoken } from './state.js';
import { commit, shown } from './timeline.js';
import { hasTime, nameOf, thingOf, trackKindOf, type Thing } from './timeline-things.js';
import { clipboard, cursorMs, focused, moveCursor, region, ripple, select, selection } from './timeline-view.js';

const t = texts.timelines;
/** Of a thing that has no length of its own. */
const USUAL_MS = 10_000;

export const fps = (): number => snapshot.value?.settings.video.fps ?? 30;
export const frame = (): number => 1000 / fps();

/** Those that an action is about: what is chosen, else what has the focus. */
export const subject = (): ReadonlySet<string> => (selection.value.size > 0 ? selection.value : new Set(focused.value === null ? [] : [focused.value]));

const said = (done: boolean, words: string, otherwise: string): void => {
  if (done) spoken.value = words;
  else notify('timeline', otherwise);
};

export function nudge(frames: number): void {
  const document = shown.value;
  const first = document && firstOf(document);
  if (!first) return;
  const by = framesOn(first.startMs, frames, fps()) - first.startMs;
  commit(moved(document, subject(), by, 0, ripple.value), t.did.move);
  const now = clipsById(shown.value!).get(first.id)!.clip;
  spoken.value = t.movedTo(now.startMs);
}

/** The earliest that an action is about. */
function firstOf(document: TimelineDocument): Clip | undefined {
  return [...subject()].flatMap((id) => clipsById(document).get(id)?.clip ?? []).sort((a, b) => a.startMs - b.startMs)[0];
}

/** @param by 1: to the track above */
export function moveToTrack(by: number): void {
  const document = shown.value;
  if (!document || subject().size === 0) return;
  const ids = subject();
  const own = moved(document, ids, 0, by, 'off');
  said(commit(own === document ? nextKind(document, ids, by) : own, t.did.move), t.movedTrack, t.noTrack);
}

/** Onto the nearest track of another kind that takes them, up or down. */
function nextKind(document: TimelineDocument, ids: ReadonlySet<string>, by: number): TimelineDocument {
  const from = document.tracks.findIndex(({ clips }) => clips.some(({ id }) => ids.has(id)));
  for (let i = from + by; from >= 0 && document.tracks[i]; i += by) {
    const track = document.tracks[i]!;
    const result = track.kind === document.tracks[from]!.kind ? null : movedToKind(document, ids, 0, track);
    if (result && 'document' in result) return result.document;
  }
  return document;
}

/** Moves clips of one track to one of another kind, where that takes them: of a film on an audio track only the sound is left. Else it tells why not. */
export function movedToKind(document: TimelineDocument, ids: ReadonlySet<string>, byMs: number, target: Track): { document: TimelineDocument } | { refused: string } {
  const from = document.tracks.filter(({ clips }) => clips.some(({ id }) => ids.has(id)));
  if (from.length !== 1) return { refused: t.severalTracks };
  for (const clip of from[0]!.clips) {
    const thing = ids.has(clip.id) ? thingOf(clip) : undefined;
    if (ids.has(clip.id) && !(thing && takes(target, thing))) return { refused: t.wrongTrack(nameOf(clip)) };
  }
  const result = movedOnto(document, ids, byMs, target.id);
  return result === document ? { refused: t.noRoom } : { document: result };
}

/** One end of each, by frames. */
export function trimBy(edge: 'start' | 'end', frames: number): void {
  const document = shown.value;
  if (!document) return;
  let result = document;
  for (const id of subject()) {
    const clip = clipsById(result).get(id)?.clip;
    if (!clip) continue;
    const at = edge === 'start' ? clip.startMs : endOf(clip);
    result = trimmed(result, id, edge, framesOn(at, frames, fps()) - at, ripple.value, hasTime, frame());
  }
  said(commit(result, t.did.trim), t.trimmed, t.noTrim);
}

/** One end of each comes to the cursor. */
export function trimToCursor(edge: 'start' | 'end'): void {
  const document = shown.value;
  if (!document) return;
  let result = document;
  for (const id of subject()) {
    const clip = clipsById(result).get(id)?.clip;
    if (clip) result = trimmed(result, id, edge, cursorMs.value - (edge === 'start' ? clip.startMs : endOf(clip)), ripple.value, hasTime, frame());
  }
  said(commit(result, t.did.trim), t.trimmed, t.noTrim);
}

/** Cuts what is chosen at the cursor; when nothing is, whatever is there. */
export function splitAtCursor(): void {
  const document = shown.value;
  if (!document) return;
  const ids = subject().size > 0 ? subject() : new Set(clipsById(document).keys());
  const { document: result, made } = split(document, ids, cursorMs.value, hasTime);
  said(commit(result, t.did.split), t.splitDone(made.length), t.noSplit);
}

export function join(): void {
  const document = shown.value;
  if (document) said(commit(joinedUp(document, subject(), hasTime), t.did.join), t.joinedDone, t.noJoin);
}

export function removeChosen(rippling = ripple.value): void {
  const document = shown.value;
  const ids = subject();
  if (!document || ids.size === 0) return;
  const next = neighbour(document, ids);
  if (commit(removed(document, ids, rippling), t.did.remove)) {
    select([], next);
    spoken.value = t.removedDone(ids.size);
  }
}

/** The clip that has the focus when those are gone. */
function neighbour(document: TimelineDocument, gone: ReadonlySet<string>): string | null {
  const at = clipsById(document).get([...gone][0]!);
  if (!at) return null;
  const list = inOrder(at.track);
  const from = list.findIndex(({ id }) => id === at.clip.id);
  const beside = list.slice(from).find(({ id }) => !gone.has(id)) ?? list.slice(0, from).findLast(({ id }) => !gone.has(id));
  if (beside) return beside.id;
  const others = [...clipsById(document).values()].filter(({ clip }) => !gone.has(clip.id));
  return others.sort((a, b) => Math.abs(a.clip.startMs - at.clip.startMs) - Math.abs(b.clip.startMs - at.clip.startMs))[0]?.clip.id ?? null;
}

export function copy(): boolean {
  const document = shown.value;
  const what = document && copied(document, subject());
  if (!what) return false;
  clipboard.value = what;
  spoken.value = t.copiedDone(subject().size);
  return true;
}

export function cut(): void {
  if (copy()) removeChosen();
}

export function paste(): void {
  const document = shown.value;
  if (!document || !clipboard.value) return;
  const onto = focused.value === null ? undefined : clipsById(document).get(focused.value)?.track.id;
  const { document: result, made } = pasted(document, clipboard.value, cursorMs.value, ripple.value, onto);
  const done = commit(result, t.did.paste);
  said(done, t.pastedDone(made.length), t.noRoom);
  if (!done) return;
  select(made, made[0] ?? null);
  const end = made.reduce((ms, id) => Math.max(ms, endOf(clipsById(shown.value!).get(id)!.clip)), 0);
  moveCursor(end);
}

export function duplicateChosen(): void {
  const document = shown.value;
  if (!document || !copy()) return;
  const end = [...subject()].reduce((ms, id) => Math.max(ms, endOf(clipsById(document).get(id)!.clip)), 0);
  cursorMs.value = end;
  paste();
}

/** Changes fields of what is chosen. */
export function change(how: (clip: Clip, track: Track) => Clip, what: string): void {
  const document = shown.value;
  if (document) commit(withChanged(document, subject(), how), what);
}

/**
 * Puts a thing on a track at a moment, to the nearest place where there is room; without a track on the first of its kind, which is
 * made where there is none.
 * @returns whether it was done
 */
export function put(thing: Thing, startMs: number, trackId?: string): boolean {
  const before = shown.value;
  if (!before) return false;
  const placed = placedIn(before, thing, startMs, trackId);
  if (!placed) {
    notify('timeline', t.wrongTrack(thing.name));
    return false;
  }
  const done = placed.hasRoom && commit(placed.document, t.did.add);
  said(done, t.added(thing.name), t.noRoom);
  if (done) select([placed.clipId], placed.clipId);
  return done;
}

/** What would come of it; null: no track takes it. */
export function placedIn(before: TimelineDocument, thing: Thing, startMs: number, trackId?: string): { document: TimelineDocument; clipId: string; hasRoom: boolean } | null {
  let document = before;
  const kind = trackKindOf(thing);
  const find = () => document.tracks.find((track) => (trackId === undefined ? track.kind === kind : track.id === trackId));
  if (!find()) document = trackAdded(document, kind);
  const track = find();
  if (!track || !takes(track, thing)) return null;
  const clip = makeClip(thing.content, startMs, lengthOfThing(thing), { inMs: 0 });
  const result = inserted(document, track.id, [clip], ripple.value);
  return { document: result, clipId: clip.id, hasRoom: result !== document };
}

export const lengthOfThing = ({ durationMs }: Thing): number => durationMs ?? USUAL_MS;

/** Which things lie on which tracks: the studio's rule (src/domain/timeline/check-content.ts). */
export function takes(track: Pick<Track, 'kind'>, thing: Thing): boolean {
  if (track.kind === 'overlay' || 'overlayId' in thing.content) return track.kind === 'overlay' && 'overlayId' in thing.content;
  if (track.kind === 'audio') return 'sourceId' in thing.content && thing.kind !== 'image' && thing.kind !== 'color';
  return thing.kind !== 'audio';
}

/** Takes what lies in the region out of time: clips that reach into it are cut at its edges. */
export function cutRegion(): void {
  const document = shown.value;
  const span = region.value;
  if (!document || !span) return;
  const all = new Set(clipsById(document).keys());
  const left = split(document, all, span.fromMs, hasTime);
  const both = split(left.document, new Set([...all, ...left.made]), span.toMs, hasTime).document;
  const inside = new Set([...clipsById(both).values()].filter(({ clip }) => clip.startMs >= span.fromMs && endOf(clip) <= span.toMs).map(({ clip }) => clip.id));
  said(commit(removed(both, inside, ripple.value === 'off' ? 'all' : ripple.value), t.did.remove), t.removedDone(inside.size), t.nothingThere);
  region.value = null;
}
