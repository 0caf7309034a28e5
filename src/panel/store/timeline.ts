/** The timeline that is edited here: as the studio has it, and with what was changed here and is not there yet. */
import { batch, computed, effect, signal } from '@preact/signals';
import { Clip, TimelineDocument, type Track } from '../../protocol/timeline.js';
import { ApiError, request, sentenceOf } from '../lib/api.js';
import { same } from '../lib/same.js';
import { changesBetween, reapplied, type Changes } from '../lib/timeline/changes.js';
import { clipsById } from '../lib/timeline/document.js';
import { patchBetween } from '../lib/timeline/patch.js';
import { texts } from '../texts.js';
import { notify } from './actions.js';
import { kept } from './kept.js';
import { socket } from './session.js';
import { connection, snapshot, spoken } from './state.js';

const t = texts.timelines;

/** As the studio has it. */
export interface Stored {
  id: string;
  revision: number;
  /** Of a folder whose files are its clips: they cannot be edited. */
  folderId: string | undefined;
  document: TimelineDocument;
}

interface Edit {
  before: TimelineDocument;
  after: TimelineDocument;
  changes: Changes;
  /** What was done, for whoever is told that it could not be. */
  what: string;
}

export const openId = signal<string | null>(null);
export const stored = signal<Stored | null>(null);
/** Why the timeline could not be read; null: it could, or is on its way. */
export const notRead = signal<string | null>(null);
/** Edits that the studio does not have yet, oldest first. */
export const edits = signal<readonly Edit[]>([]);
/** Taken back here before they were sent, the last first. */
const takenBack = signal<readonly Edit[]>([]);
/** What is seen and edited. */
export const shown = computed<TimelineDocument | null>(() => edits.value.at(-1)?.after ?? stored.value?.document ?? null);
export const isFolder = computed(() => stored.value?.folderId !== undefined);

/** Edits go to the studio, and on air, at once; or are collected until they are applied. */
export const applying = kept<'once' | 'collect'>('timeline.applying', ['once', 'collect'], 'once');

const summary = computed(() => snapshot.value?.timelines.find(({ id }) => id === openId.value));
let sending: Promise<void> | null = null;
let reading: { id: string; done: Promise<void> } | null = null;
/** What failed while the studio was there is tried again after so long, ms: nothing that comes from it may say so. */
const AGAIN_MS = 1_000;
let again: ReturnType<typeof setTimeout> | null = null;

/** Opens another timeline; what was collected of the one before is asked for by the page first. */
export function open(id: string | null): void {
  if (id === openId.value) {
    // Chosen again: another try, where it could not be read.
    if (notRead.value !== null) retry();
    return;
  }
  batch(() => {
    openId.value = id;
    stored.value = null;
    notRead.value = null;
    edits.value = [];
    takenBack.value = [];
  });
  if (id !== null) void read();
}

function retry(): void {
  notRead.value = null;
  void read();
}

/** Follows what the studio tells of the timeline that is open. @returns the undo */
export function follow(): () => void {
  // What could not be read while the studio was away can be now.
  const endRetries = effect(() => { if (connection.value === 'open') notRead.value = null; });
  const endFollowing = effect(catchUp);
  return () => {
    endRetries();
    endFollowing();
    if (again) clearTimeout(again);
    again = null;
  };
}

/** Reads what is new in the studio, or sends what is new here. */
function catchUp(): void {
  const { value: now } = summary;
  const { value: is } = stored;
  if (connection.value !== 'open' || openId.value === null || sending) return;
  if (snapshot.value && !now) {
    notify('timeline', t.goneElsewhere);
    open(null);
  } else if (now && is && now.revision > is.revision) void read();
  else if (now && !is && notRead.value === null) void read();
  else if (is && edits.value.length > 0) void flush();
}

function catchUpAgain(): void {
  again ??= setTimeout(() => {
    again = null;
    catchUp();
  }, AGAIN_MS);
}

/** Reads the timeline anew, and does again on it what was changed here. */
function read(): Promise<void> {
  const id = openId.value;
  if (id === null) return Promise.resolve();
  if (reading?.id !== id) reading = { id, done: readNow(id) };
  return reading.done;
}

async function readNow(id: string): Promise<void> {
  const mine = () => reading?.id === id;
  try {
    // What is told from here on may be newer than this answer: it is read for.
    const answer = await request('GET', `/timelines/${encodeURIComponent(id)}`).finally(() => { if (mine()) reading = null; });
    if (openId.value === id) adopt(answer);
  } catch (error) {
    if (openId.value !== id) return;
    if (stored.value) catchUpAgain();
    else notRead.value = sentenceOf(error);
  }
}

/** Takes what the studio answered for what it has. */
function adopt(answer: unknown): void {
  const { id, revision, folderId, ...rest } = answer as Omit<Stored, 'document'> & TimelineDocument;
  if (id !== openId.value || typeof revision !== 'number') return;
  const before = stored.value;
  if (before && before.revision > revision) return;
  const document = parsed(rest, shown.peek());
  batch(() => {
    stored.value = { id, revision, folderId, document };
    if (before && before.revision < revision && edits.value.length === 0) spoken.value = t.changedElsewhere;
    rebase();
  });
}

/** Clips that are known already are not read again: a long timeline that is edited elsewhere costs what was edited. */
function parsed(answer: TimelineDocument, known: TimelineDocument | null): TimelineDocument {
  const { tracks, name, loop, durationMs, filler } = answer;
  const top = TimelineDocument.parse({ name, loop, durationMs, filler, tracks: tracks.map((track) => ({ ...track, clips: [] })) });
  const index = known ? clipsById(known) : new Map<string, { clip: Clip }>();
  return {
    ...top,
    tracks: top.tracks.map((track, i): Track => {
      const clips = tracks[i]!.clips.map((clip) => {
        const old = index.get(clip.id)?.clip;
        return old && same(old, clip) ? old : Clip.parse(clip);
      });
      const old = known?.tracks.find(({ id }) => id === track.id);
      return old && old.clips.length === clips.length && old.clips.every((clip, j) => clip === clips[j]) ? { ...track, clips: old.clips } : { ...track, clips };
    }),
  };
}

/** Does again, on what the studio has now, what was changed here; what cannot be done is told and dropped. */
function rebase(): void {
  let document = stored.value!.document;
  const still: Edit[] = [];
  const words: string[] = [];
  for (const edit of edits.value) {
    const result = reapplied(document, edit.changes);
    if ('conflict' in result) {
      words.push(t.notDone(edit.what, t.conflicts[result.conflict.is]));
      continue;
    }
    if (same(document, result.document)) continue;
    still.push({ ...edit, before: document, after: result.document });
    document = result.document;
  }
  edits.value = still;
  if (words.length > 0) notify('timeline', [...new Set(words)].join(' '));
}

/**
 * Changes what is open.
 * @param what was done, in words: "The move"
 * @returns whether it was taken
 */
export function commit(after: TimelineDocument, what: string): boolean {
  const before = shown.peek();
  if (!before || after === before) return false;
  if (connection.value !== 'open') {
    notify('timeline', texts.people.refused);
    return false;
  }
  if (isFolder.value && (after.tracks !== before.tracks || after.durationMs !== before.durationMs)) {
    notify('timeline', t.ofFolder);
    return false;
  }
  batch(() => {
    edits.value = [...edits.value, { before, after, changes: changesBetween(before, after), what }];
    takenBack.value = [];
  });
  if (applying.value === 'once') void flush();
  return true;
}

/** Sends what was collected, as one step. */
export const apply = () => flush(true);

/** Throws away what was collected. What is being applied already is not: it is the studio's. */
export function discard(): void {
  batch(() => {
    edits.value = [];
    takenBack.value = [];
  });
}

/** Sends the edits one by one, each a step that can be taken back; or, `all`, together as one. */
async function flush(all = false): Promise<void> {
  if (sending) return sending;
  if (applying.value === 'collect' && !all) return;
  sending = sendAll(all).finally(() => { sending = null; });
  await sending;
  // Somebody else may have been heard of meanwhile.
  if (summary.value && stored.value && summary.value.revision > stored.value.revision) await read();
}

async function sendAll(together: boolean): Promise<void> {
  while (edits.value.length > 0 && stored.value && connection.value === 'open') {
    if (!(await send(together ? edits.value.length : 1))) return;
  }
}

/** @returns whether to go on */
async function send(count: number): Promise<boolean> {
  const { id, revision, document, folderId } = stored.value!;
  const batchOf = edits.value.slice(0, count);
  const { after, what } = batchOf.at(-1)!;
  try {
    const patch = patchBetween(document, after);
    const answer = patch.length === 0 ? { revision } : (await socket.request('timeline:update', { timelineId: id, revision, patch })) as { revision: number };
    if (openId.value !== id) return false;
    batch(() => {
      stored.value = { id, revision: answer.revision, folderId, document: after };
      edits.value = edits.value.filter((edit) => !batchOf.includes(edit));
      // Made after others were thrown away here that were on their way.
      if (edits.value.length > 0 && edits.value[0]!.before !== after) rebase();
    });
    // What was collected meanwhile waits to be applied as well.
    return applying.value === 'once';
  } catch (error) {
    if (openId.value !== id) return false;
    const code = error instanceof ApiError ? error.code : '';
    // Somebody was faster: theirs is read, and mine is done again on it.
    if (code === 'CONFLICT') {
      await read();
      return stored.value !== null && stored.value.revision > revision;
    }
    // Whether it was done is seen when the studio is back, or in a moment.
    if (code === 'UNREACHABLE' || code === 'TIMEOUT') {
      catchUpAgain();
      return false;
    }
    notify('timeline', t.notDone(what, sentenceOf(error)));
    batch(() => {
      edits.value = edits.value.filter((edit) => !batchOf.includes(edit));
      rebase();
    });
    return applying.value === 'once';
  }
}

/** Whether there is anything to take back: here, or in the studio, where everybody's edits are; */
export const canUndo = computed(() => edits.value.length > 0 || (summary.value?.undo ?? 0) > 0);
/** and anything to do again: an edit since then ends that. */
export const canRedo = computed(() => takenBack.value.length > 0 || (edits.value.length === 0 && (summary.value?.redo ?? 0) > 0));

/** Takes back the last edit: of what was collected here first, else of the timeline as everybody has it. */
export async function undo(): Promise<void> {
  // What is on its way to the studio is taken back there.
  await sending;
  const last = edits.value.at(-1);
  if (applying.value === 'collect' && last) {
    batch(() => {
      edits.value = edits.value.slice(0, -1);
      takenBack.value = [...takenBack.value, last];
    });
    spoken.value = t.tookBack(last.what);
    return;
  }
  await step('undo');
}

export async function redo(): Promise<void> {
  const last = takenBack.value.at(-1);
  if (last) {
    const result = reapplied(shown.value!, last.changes);
    batch(() => {
      takenBack.value = takenBack.value.slice(0, -1);
      if ('document' in result) edits.value = [...edits.value, { ...last, before: shown.value!, after: result.document }];
    });
    if ('conflict' in result) notify('timeline', t.notDone(last.what, t.conflicts[result.conflict.is]));
    return;
  }
  await step('redo');
}

async function step(verb: 'undo' | 'redo'): Promise<void> {
  await flush();
  const is = stored.value;
  if (!is) return;
  try {
    const answer = await request('POST', `/timelines/${encodeURIComponent(is.id)}/${verb}`, {}, is.revision);
    adopt(answer);
    spoken.value = verb === 'undo' ? t.undone : t.redone;
  } catch (error) {
    if (error instanceof ApiError && error.code === 'STALE_REVISION') {
      await read();
      notify('timeline', t.staleUndo);
    } else notify('timeline', sentenceOf(error));
  }
}
