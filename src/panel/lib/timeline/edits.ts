/** What is done to clips. Each takes a document and gives another, or the same when it cannot be done. */
import { coverOf } from '../../../protocol/clip-rules.js';
import { MAX_MS } from '../../../protocol/resources.js';
import type { Clip, TimelineDocument, Track } from '../../../protocol/timeline.js';
import { clipsById, contentId, endOf, inOrder, newId, replaced, withClips, type Located } from './document.js';
import { cutKeyframes, joinKeyframes } from './keyframes.js';
import { nearestMove, overlapping, type Meeting } from './overlap.js';
import { closed, rippling, shifted, type Ripple } from './ripple.js';

/** Whether what a clip shows has a time of its own, so that its start is a place in it. */
export type HasTime = (clip: Clip) => boolean;

const located = (document: TimelineDocument, ids: Iterable<string>): Located[] => {
  const index = clipsById(document);
  return [...ids].flatMap((id) => index.get(id) ?? []);
};

/** Whether clips of a track of one kind may be moved to one of another without becoming something else. */
const mayLieOn = (from: Track['kind'], to: Track['kind']): boolean => from === to;

/**
 * Moves clips in time and between tracks, to the nearest place where they may lie.
 * @param byTracks tracks down, counted among those of the clips' own kind
 */
export function moved(document: TimelineDocument, ids: ReadonlySet<string>, byMs: number, byTracks: number, ripple: Ripple): TimelineDocument {
  const clips = located(document, ids);
  if (clips.length === 0) return document;
  const target = byTracks === 0 ? (at: Located) => at.track : targetTrack(document, clips, byTracks);
  if (!target) return document;
  if (ripple !== 'off' && byTracks === 0) return pushed(document, clips, byMs, ripple);
  return movedTo(document, clips, ids, byMs, target);
}

/** Moves clips onto one track, of whatever kind, to the nearest place where they may lie. Whether that takes them is its caller's to know. */
export function movedOnto(document: TimelineDocument, ids: ReadonlySet<string>, byMs: number, trackId: string): TimelineDocument {
  const track = document.tracks.find(({ id }) => id === trackId);
  const clips = located(document, ids);
  return track && clips.length > 0 ? movedTo(document, clips, ids, byMs, () => track) : document;
}

function movedTo(document: TimelineDocument, clips: readonly Located[], ids: ReadonlySet<string>, byMs: number, target: (at: Located) => Track): TimelineDocument {
  const meetings = meetingsOf(document, clips, ids, target);
  for (const touching of [false, true]) {
    const by = nearestMove(meetings, byMs, touching);
    if (by === null) continue;
    const result = placed(document, clips, ids, by, target);
    if (touching || !worse(document, result, clips.map(target))) return result;
  }
  return document;
}

/** With all that begins later, on these tracks or on all. */
function pushed(document: TimelineDocument, clips: readonly Located[], byMs: number, ripple: Ripple): TimelineDocument {
  const tracks = new Set(clips.map(({ track }) => track.id));
  const from = Math.min(...clips.map(({ clip }) => clip.startMs));
  return shifted(document, (track) => ripple === 'all' || tracks.has(track.id), from, Math.round(byMs));
}

function targetTrack(document: TimelineDocument, clips: readonly Located[], byTracks: number): ((at: Located) => Track) | null {
  const ofKind = (kind: Track['kind']) => document.tracks.filter((track) => mayLieOn(kind, track.kind));
  const goal = ({ track }: Located): Track | undefined => {
    const list = ofKind(track.kind);
    return list[list.findIndex(({ id }) => id === track.id) + byTracks];
  };
  return clips.every((at) => goal(at) !== undefined) ? (at) => goal(at)! : null;
}

function meetingsOf(document: TimelineDocument, clips: readonly Located[], ids: ReadonlySet<string>, target: (at: Located) => Track): Meeting[] {
  const onto = new Map<Track, Clip[]>();
  for (const at of clips) {
    const list = onto.get(target(at));
    if (list) list.push(at.clip);
    else onto.set(target(at), [at.clip]);
  }
  return [...onto].map(([track, moving]) => ({ kind: track.kind, moving, standing: track.clips.filter((clip) => !ids.has(clip.id)) }));
}

function placed(document: TimelineDocument, clips: readonly Located[], ids: ReadonlySet<string>, by: number, target: (at: Located) => Track): TimelineDocument {
  const changed = new Map(clips.map(({ clip }) => [clip.id, by === 0 ? clip : { ...clip, startMs: clip.startMs + Math.round(by) }]));
  const arriving = new Map<string, Clip[]>();
  const leaving = new Set<string>();
  for (const at of clips) {
    const track = target(at);
    if (track.id === at.track.id) continue;
    leaving.add(at.clip.id);
    arriving.set(track.id, [...(arriving.get(track.id) ?? []), changed.get(at.clip.id)!]);
  }
  return withClips(document, (track) => {
    const stay = track.clips.some((clip) => leaving.has(clip.id)) ? track.clips.filter((clip) => !leaving.has(clip.id)) : track.clips;
    const list = stay.some((clip) => ids.has(clip.id)) ? replaced(stay, changed) : stay;
    const more = arriving.get(track.id);
    return more ? [...list, ...more] : list;
  });
}

/** Whether something lies where it may not that did not before. */
function worse(before: TimelineDocument, after: TimelineDocument, tracks: readonly Track[]): boolean {
  return [...new Set(tracks.map(({ id }) => id))].some((id) => {
    const old = before.tracks.find((track) => track.id === id);
    const now = after.tracks.find((track) => track.id === id);
    if (!now) return false;
    const wrong = overlapping(now);
    if (wrong.size === 0) return false;
    const known = old ? overlapping(old) : new Set<string>();
    return [...wrong].some((one) => !known.has(one));
  });
}

/**
 * Moves one end of a clip, as far as goes: to the clip beside it, to the beginning of the file, to a length of `leastMs`.
 * With ripple the other end of time moves: what lies later goes along, and at the start the clip stays and begins later in its file.
 */
export function trimmed(document: TimelineDocument, id: string, edge: 'start' | 'end', byMs: number, ripple: Ripple, hasTime: HasTime, leastMs = 1): TimelineDocument {
  const at = clipsById(document).get(id);
  if (!at) return document;
  const attempt = (by: number) => (edge === 'end' ? endTrimmed(document, at, by, ripple, leastMs) : startTrimmed(document, at, by, ripple, hasTime, leastMs));
  const whole = attempt(Math.round(byMs));
  const tracks = ripple === 'all' ? document.tracks : [at.track];
  if (!worse(document, whole, tracks)) return whole;
  // As far as nothing comes to lie where it may not.
  let best = document;
  let [good, bad] = [0, Math.round(byMs)];
  while (Math.abs(bad - good) > 1) {
    const middle = Math.trunc((good + bad) / 2);
    const result = attempt(middle);
    if (worse(document, result, tracks)) bad = middle;
    else [good, best] = [middle, result];
  }
  return best;
}

function endTrimmed(document: TimelineDocument, { clip, track }: Located, wished: number, ripple: Ripple, leastMs: number): TimelineDocument {
  let by = Math.min(MAX_MS - endOf(clip), Math.max(Math.min(0, leastMs - clip.durationMs), wished));
  if (ripple === 'off') by = Math.min(by, roomAfter(track, clip));
  if (by === 0) return document;
  return resized(document, { clip, track }, cut(clip, { ...clip, durationMs: clip.durationMs + by }, 0), by, ripple);
}

function startTrimmed(document: TimelineDocument, { clip, track }: Located, wished: number, ripple: Ripple, hasTime: HasTime, leastMs: number): TimelineDocument {
  let by = Math.min(Math.max(0, clip.durationMs - leastMs), wished);
  if (hasTime(clip)) by = Math.max(by, -clip.inMs);
  if (ripple === 'off') by = Math.max(by, -clip.startMs, -roomBefore(track, clip));
  if (by === 0) return document;
  const startMs = ripple === 'off' ? clip.startMs + by : clip.startMs;
  const shorter = cut(clip, { ...clip, startMs, durationMs: clip.durationMs - by, inMs: hasTime(clip) ? clip.inMs + by : clip.inMs }, by);
  return ripple === 'off' ? withClip(document, shorter) : resized(document, { clip, track }, shorter, -by, ripple);
}

/** The clip as it is now, and what begins after it where that ends. */
function resized(document: TimelineDocument, { clip, track }: Pick<Located, 'clip' | 'track'>, now: Clip, by: number, ripple: Ripple): TimelineDocument {
  if (ripple === 'off') return withClip(document, now);
  // What comes in over the clip's end begins before it: its start is where what lies later begins.
  const next = inOrder(track).find((other) => other.startMs > clip.startMs);
  const from = next ? Math.min(next.startMs, endOf(clip)) : endOf(clip);
  const isIn = rippling(ripple, track.id);
  return by > 0 ? withClip(shifted(document, isIn, from, by, new Set([clip.id])), now) : shifted(withClip(document, now), isIn, from, by);
}

/** Keyframes stay where they are in the picture. */
function cut(clip: Clip, now: Clip, fromMs: number): Clip {
  if (clip.keyframes.length === 0) return now;
  if (fromMs >= 0) return { ...now, keyframes: cutKeyframes(clip.keyframes, fromMs, fromMs + now.durationMs) };
  return { ...now, keyframes: clip.keyframes.map((keyframe) => ({ ...keyframe, atMs: keyframe.atMs - fromMs })) };
}

/** How much longer a clip may get before it lies over the next more than that one's transition covers. */
function roomAfter(track: Track, clip: Clip): number {
  const next = inOrder(track).find((other) => other.id !== clip.id && other.startMs > clip.startMs);
  return next ? Math.max(0, next.startMs + coverOf(next, track.kind) - endOf(clip)) : Infinity;
}

function roomBefore(track: Track, clip: Clip): number {
  const before = inOrder(track).filter((other) => other.id !== clip.id && other.startMs <= clip.startMs);
  if (before.length === 0) return Infinity;
  const end = before.reduce((ms, other) => Math.max(ms, endOf(other)), 0);
  const start = before.reduce((ms, other) => Math.max(ms, other.startMs), 0);
  return Math.max(0, Math.min(clip.startMs - end + coverOf(clip, track.kind), clip.startMs - start - 1));
}

function withClip(document: TimelineDocument, clip: Clip): TimelineDocument {
  return withClips(document, ({ clips }) => replaced(clips, new Map([[clip.id, clip]])));
}

/** Puts other clips in the place of those of the same ids. */
export function withChanged(document: TimelineDocument, ids: ReadonlySet<string>, change: (clip: Clip, track: Track) => Clip): TimelineDocument {
  return withClips(document, (track) => (track.clips.some((clip) => ids.has(clip.id)) ? track.clips.map((clip) => (ids.has(clip.id) ? change(clip, track) : clip)) : track.clips));
}

/**
 * Cuts in two at a moment whatever of these clips is on then, but for those that share that moment with another of their track.
 * @returns the document, and the ids of the second halves
 */
export function split(document: TimelineDocument, ids: ReadonlySet<string>, atMs: number, hasTime: HasTime, makeId: () => string = () => newId('clp')): { document: TimelineDocument; made: string[] } {
  const at = Math.round(atMs);
  const made: string[] = [];
  const result = withClips(document, (track) => {
    const on = track.clips.filter((clip) => clip.startMs <= at && at < endOf(clip));
    if (on.length !== 1 || on[0]!.startMs === at || !ids.has(on[0]!.id)) return track.clips;
    return track.clips.flatMap((clip) => {
      if (clip !== on[0]) return [clip];
      const id = makeId();
      made.push(id);
      const left = at - clip.startMs;
      const { transitionOut, ...first } = clip;
      const { transition: _, ...second } = clip;
      return [
        { ...first, durationMs: left, keyframes: cutKeyframes(clip.keyframes, 0, left) },
        {
          ...second, id, startMs: at, durationMs: clip.durationMs - left, inMs: hasTime(clip) ? clip.inMs + left : clip.inMs,
          keyframes: cutKeyframes(clip.keyframes, left, clip.durationMs), ...(transitionOut ? { transitionOut } : {}),
        },
      ];
    });
  });
  return { document: result, made };
}

/** Whether two clips are what one was before it was cut. */
export function canJoin(left: Clip, right: Clip, hasTime: HasTime): boolean {
  if (endOf(left) !== right.startMs || left.transitionOut || right.transition || contentId(left) !== contentId(right)) return false;
  if (hasTime(left) && right.inMs !== left.inMs + left.durationMs) return false;
  const look = ({ x, y, width, height, fit, opacity, crop, audio }: Clip) => JSON.stringify([x, y, width, height, fit, opacity, crop, audio]);
  return look(left) === look(right) && endOf(right) - left.startMs <= MAX_MS;
}

/** Puts neighbours among these clips together where one goes on as the other ends. */
export function joinedUp(document: TimelineDocument, ids: ReadonlySet<string>, hasTime: HasTime): TimelineDocument {
  return withClips(document, (track) => {
    const list = inOrder(track).filter((clip) => ids.has(clip.id));
    const into = new Map<string, Clip>();
    const gone = new Set<string>();
    let left: Clip | undefined;
    for (const right of list) {
      if (left && canJoin(left, right, hasTime)) {
        const { transitionOut } = right;
        const one: Clip = { ...left, durationMs: left.durationMs + right.durationMs, keyframes: joinKeyframes(left.keyframes, right.keyframes, left.durationMs), ...(transitionOut ? { transitionOut } : {}) };
        into.set(left.id, one);
        gone.add(right.id);
        left = one;
      } else left = right;
    }
    return gone.size === 0 ? track.clips : replaced(track.clips, into).filter((clip) => !gone.has(clip.id));
  });
}

/** Takes clips out; with ripple what lies later moves up. */
export function removed(document: TimelineDocument, ids: ReadonlySet<string>, ripple: Ripple): TimelineDocument {
  const gone = new Map<string, Clip[]>();
  const without = withClips(document, (track) => {
    const away = track.clips.filter((clip) => ids.has(clip.id));
    if (away.length === 0) return track.clips;
    gone.set(track.id, away);
    return track.clips.filter((clip) => !ids.has(clip.id));
  });
  return closed(without, ripple, gone);
}

/**
 * Puts a clip on a track, at the nearest place where it may lie; with ripple what begins there or later makes room.
 * @returns the same document when there is no such track, or no room
 */
export function inserted(document: TimelineDocument, trackId: string, clips: readonly Clip[], ripple: Ripple): TimelineDocument {
  const track = document.tracks.find(({ id }) => id === trackId);
  if (!track || clips.length === 0) return document;
  const from = Math.min(...clips.map(({ startMs }) => startMs));
  const length = Math.max(...clips.map(endOf)) - from;
  const roomy = shifted(document, rippling(ripple, trackId), from, ripple === 'off' ? 0 : length);
  const now = roomy.tracks.find(({ id }) => id === trackId)!;
  const by = nearestMove([{ kind: track.kind, moving: clips, standing: now.clips }], 0, true);
  if (by === null) return document;
  const list = by === 0 ? clips : clips.map((clip) => ({ ...clip, startMs: clip.startMs + by }));
  return withClips(roomy, (one) => (one.id === trackId ? [...one.clips, ...list] : one.clips));
}
