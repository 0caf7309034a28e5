/**
 * A folder's files → its timeline. What is on air, and what begins in the next seconds, stays as it is: those clips keep their
 * ids, lengths and order, so that nothing is shifted, cut off or opened anew; what joins or goes takes its place around them, and
 * whatever that leaves out of order is put right later. Pure.
 */
import type { StoredFolder, StoredFolderFile } from '../../protocol/folder.js';
import { MAX_MS } from '../../protocol/resources.js';
import { Clip, type TimelineDocument } from '../../protocol/timeline.js';
import { compileTimeline, type CompiledClip, type CompiledTimeline } from '../timeline/compile.js';
import { lastUpTo } from '../timeline/curves.js';
import { positionAfterEdit } from '../timeline/edits.js';
import type { Rate } from '../timeline/rate.js';
import { clipIdOf, orderOf } from './order.js';

/** Files are opened four seconds before they are due, and a change takes a moment to arrive. */
const AHEAD_MS = 6000;
/** What has gone is left out all the same when it does not begin sooner than this: there is time to open what follows. */
const GONE_AHEAD_MS = 1500;
/** A frame each ms: positions are ms. */
const IN_MS: Rate = { num: 1000, den: 1 };
const NOBODY = { source: () => undefined, scene: () => undefined, overlay: () => undefined, timeline: () => undefined };

export type FolderRules = Pick<StoredFolder, 'order' | 'seed' | 'stillMs' | 'transition'>;

export interface FolderTurn {
  readonly before: TimelineDocument;
  /** Those of its clips. */
  readonly beforeFiles: readonly StoredFolderFile[];
  /** Those that are ready now. */
  readonly ready: readonly StoredFolderFile[];
  readonly rules: FolderRules;
  /** Where it stands or runs, whole ms with all laps; null: at its start. */
  readonly positionMs: number | null;
}

export interface FolderNext {
  readonly document: TimelineDocument;
  readonly files: readonly StoredFolderFile[];
  /** Those of the ready ones for which a timeline is not long enough: the last by the order, and any that is too long by itself. */
  readonly leftOut: readonly StoredFolderFile[];
  /** All else is in order, and nothing that has gone is in it. */
  readonly settled: boolean;
  /** Where a position of the one before is now, ms. */
  moved(positionMs: number): number;
}

export function nextFolder({ before, beforeFiles, ready, rules, positionMs }: FolderTurn): FolderNext {
  const compiled = inMs(before);
  const compare = orderOf(rules);
  const lengthOf = lengthsOf(rules, compiled);
  const all = ready.filter((file) => file.kind === 'media' || rules.stillMs > 0).sort(compare);
  const sorted = withRoom(all, lengthOf, MAX_MS);
  const soon = positionMs === null ? NOTHING_SOON : soonOf(compiled, positionMs, wayOf(rules));
  const byClip = new Map([...beforeFiles, ...ready].map((file) => [clipIdOf(file.id), file]));
  const there = new Set(sorted.map(({ id }) => id));
  const keep = (clips: Soon['clips']): StoredFolderFile[] => clips.flatMap(({ id, inMs }) => {
    const file = byClip.get(id);
    return file && (there.has(file.id) || inMs < GONE_AHEAD_MS) ? file : [];
  });
  const kept = withRoom(keep(soon.clips), lengthOf, MAX_MS);
  const keptIds = new Set(kept.map(({ id }) => id));
  // What is kept may be none of the sorted ones: those that come last give way to it until it is over.
  const rest = withRoom(sorted.filter(({ id }) => !keptIds.has(id)), lengthOf, MAX_MS - sum(kept.map(lengthOf)));
  const files = arranged(rest, kept, keep(soon.clips.slice(0, soon.beforeTurn)).length, compare);
  const document: TimelineDocument = { ...before, tracks: [{ ...trackOf(before), clips: clipsOf(files, lengthOf, rules, before.loop) }] };
  const after = inMs(document);
  return {
    document, files,
    leftOut: all.filter(({ id }) => !there.has(id)),
    settled: files.length === sorted.length && files.every((file, i) => file.id === sorted[i]!.id),
    moved: (ms) => positionAfterEdit(compiled, after, Math.round(ms), 'clip'),
  };
}

const inMs = (document: TimelineDocument): CompiledTimeline => compileTimeline(document, IN_MS, NOBODY);

type LengthOf = (file: StoredFolderFile) => number;
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

/** How long a file plays, ms. A picture on air that the rules leave out by now stands for as long as it was to. */
function lengthsOf({ stillMs }: FolderRules, { document: { tracks } }: CompiledTimeline): LengthOf {
  const stood = (id: string): number => {
    const clip = tracks[0]?.clips.find((one) => one.id === clipIdOf(id));
    return clip ? clip.seenUntilMs - clip.startMs : 0;
  };
  return ({ id, durationMs }) => durationMs ?? (stillMs || stood(id));
}

/** Those of them that find room, up to the first that does not, so that none is passed over for a shorter one behind it. */
function withRoom(files: readonly StoredFolderFile[], lengthOf: LengthOf, roomMs: number): StoredFolderFile[] {
  let leftMs = roomMs;
  const possible = files.filter((file) => lengthOf(file) >= 1 && lengthOf(file) <= MAX_MS);
  const none = possible.findIndex((file) => (leftMs -= lengthOf(file)) < 0);
  return none < 0 ? possible : possible.slice(0, none);
}

function trackOf({ tracks }: TimelineDocument): TimelineDocument['tracks'][number] {
  return tracks[0] ?? { id: 'files', kind: 'video', enabled: true, gainDb: 0, clips: [] };
}

interface Soon {
  /** Clips that are seen at a moment or begin soon after it, in so many ms, in their order, each once. */
  readonly clips: readonly { readonly id: string; readonly inMs: number }[];
  /** So many of them lie at the lap's end, and the others after the turn at its start; 0: there is no turn among them. */
  readonly beforeTurn: number;
}
const NOTHING_SOON: Soon = { clips: [], beforeTurn: 0 };

/** @param wayMs so long after a start the one before counts too: beside another one there would be a transition in that time */
function soonOf({ document: { durationMs, loop, tracks } }: CompiledTimeline, positionMs: number, wayMs: number): Soon {
  const track = tracks[0];
  if (!track || track.clips.length === 0 || positionMs < 0 || (!loop && positionMs >= durationMs)) return NOTHING_SOON;
  const { clips } = track;
  const inLap = positionMs % durationMs;
  const airs: { clip: CompiledClip; lapMs: number }[] = [];
  const add = (from: number, lapMs: number): void => {
    for (let i = from; i < clips.length && clips[i]!.startMs + lapMs <= inLap + AHEAD_MS; i++) airs.push({ clip: clips[i]!, lapMs });
  };
  const last = { clip: clips.at(-1)!, lapMs: -durationMs };
  const isLater = loop && positionMs >= durationMs;
  if (isLater && inLap < last.clip.seenUntilMs - durationMs) airs.push(last);
  const first = lastUpTo(track.seenUntil, inLap) + 1;
  add(first, 0);
  if (loop && airs.at(-1)?.clip === last.clip) add(0, durationMs);
  const [now] = airs;
  const before = first > 0 ? { clip: clips[first - 1]!, lapMs: 0 } : isLater ? last : undefined;
  if (now && before && inLap < now.clip.startMs + now.lapMs + wayMs && !airs.some(({ clip }) => clip === before.clip)) airs.unshift(before);

  const once = airs.filter(({ clip }, i) => airs.findIndex((other) => other.clip === clip) === i);
  const turnMs = once.at(-1)?.lapMs ?? 0;
  return { clips: once.map(({ clip, lapMs }) => ({ id: clip.id, inMs: clip.startMs + lapMs - inLap })), beforeTurn: once.filter(({ lapMs }) => lapMs < turnMs).length };
}

/** The other files, which are sorted, with those that are kept together, where the last of them belongs. */
function arranged(
  rest: readonly StoredFolderFile[], kept: readonly StoredFolderFile[], beforeTurn: number, compare: ReturnType<typeof orderOf>,
): StoredFolderFile[] {
  // The end of one lap and the start of the next stay where they are.
  if (beforeTurn > 0) return [...kept.slice(beforeTurn), ...rest, ...kept.slice(0, beforeTurn)];
  const anchor = kept.at(-1);
  const after = anchor ? rest.findIndex((file) => compare(file, anchor) > 0) : 0;
  const at = after < 0 ? rest.length : after;
  return [...rest.slice(0, at), ...kept, ...rest.slice(at)];
}

/** Fields in the schema's order: what is read from the store is written the same. */
const PLAIN = Clip.parse({ id: 'x', sourceId: 'x', startMs: 0, durationMs: 1 });
const JOINED = Clip.parse({ ...PLAIN, transition: { kind: 'cut' } });

/** How long its transitions take, ms. */
const wayOf = ({ transition }: FolderRules): number => (transition && transition.kind !== 'cut' ? transition.durationMs : 0);

/** One after the other. Where a transition joins two, the first runs on behind it: it gives up so much of its place. */
function clipsOf(files: readonly StoredFolderFile[], lengthOf: LengthOf, rules: FolderRules, loop: boolean): Clip[] {
  const { transition } = rules;
  const lengths = files.map(lengthOf);
  const wayMs = wayOf(rules);
  /** Into a file, out of the one before it. */
  const into = (i: number): number => {
    if (wayMs === 0 || (i === 0 && !loop)) return 0;
    const room = Math.min(lengths[i]!, lengths.at(i - 1)!);
    return room > 2 * wayMs ? wayMs : 0;
  };
  let startMs = 0;
  return files.map((file, i): Clip => {
    const isLast = i === files.length - 1;
    const durationMs = lengths[i]! - (isLast && !loop ? 0 : into(isLast ? 0 : i + 1));
    const own = { id: clipIdOf(file.id), sourceId: file.id, startMs, durationMs };
    const clip: Clip = transition && into(i) > 0 ? { ...JOINED, ...own, transition } : { ...PLAIN, ...own };
    startMs += durationMs;
    return clip;
  });
}
