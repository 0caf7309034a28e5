/** What clips can show, with its name, kind and file; and what the studio finds wrong with the open timeline. */
import { computed, effect, signal, untracked } from '@preact/signals';
import { z } from 'zod';
import { TimelineReport, type Clip, type TimelineProblem, type Track } from '../../protocol/timeline.js';
import { request } from '../lib/api.js';
import { clipsById, contentId, type Content } from '../lib/timeline/document.js';
import { texts } from '../texts.js';
import { isLookedAt, mediaFiles, refreshMedia } from './library.js';
import { connection, snapshot } from './state.js';
import { openId, shown, stored } from './timeline.js';

export interface Thing {
  id: string;
  name: string;
  kind: keyof typeof texts.timelines.kinds;
  content: Content;
  /** Where its file is, below the media folder. */
  path?: string;
  /** How long it is by itself; null: as long as it is given. */
  durationMs: number | null;
  /** After so long it begins again: of a film that loops and whose length is known. */
  lapMs?: number;
  /** Where its file begins to be played. */
  inMs: number;
}

/** How long the files of the library are, by their path, ms. */
const lengths = computed<ReadonlyMap<string, number>>(() => new Map((mediaFiles.value ?? []).flatMap(({ path, facts }) => (facts?.durationMs ? [[path, facts.durationMs] as const] : []))));

const LOOK_AGAIN_MS = 3000;
const LOOKS = 5;

/** Asks how long the files of sources are whenever there is one that is not known. @returns the undo */
export function measure(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let left = LOOKS;
  const wanted = computed(() => (snapshot.value?.sources ?? []).flatMap((source) => ('path' in source && source.kind !== 'image' ? source.path : [])).join('\n'));
  const look = async () => {
    left -= 1;
    await refreshMedia();
    const isLooking = (mediaFiles.value ?? []).some((file) => !isLookedAt(file) && wanted.value.split('\n').includes(file.path));
    if (isLooking && left > 0) timer = setTimeout(() => void look(), LOOK_AGAIN_MS);
  };
  const end = effect(() => {
    clearTimeout(timer);
    left = LOOKS;
    // Without an answer a film gets the usual length, and the check tells when that is too long.
    if (wanted.value !== '' && connection.value === 'open') untracked(() => void look());
  });
  return () => {
    clearTimeout(timer);
    end();
  };
}

export const things = computed<Thing[]>(() => {
  const state = snapshot.value;
  if (!state) return [];
  return [
    ...state.sources.map((source): Thing => {
      const { id, name, kind } = source;
      if (source.kind !== 'media' && source.kind !== 'audio') return { id, name, kind, content: { sourceId: id }, durationMs: null, inMs: 0, ...(source.kind === 'image' ? { path: source.path } : {}) };
      const end = source.outMs ?? lengths.value.get(source.path);
      const length = end === undefined ? null : Math.max(1, end - source.inMs);
      return { id, name, kind, content: { sourceId: id }, path: source.path, inMs: source.inMs, ...(source.loop ? { durationMs: null, ...(length === null ? {} : { lapMs: length }) } : { durationMs: length }) };
    }),
    ...state.scenes.map(({ id, name }): Thing => ({ id, name, kind: 'scene', content: { sceneId: id }, durationMs: null, inMs: 0 })),
    ...state.overlays.map(({ id, name, kind }): Thing => ({ id, name, kind, content: { overlayId: id }, durationMs: null, inMs: 0 })),
    ...state.timelines.filter(({ id }) => id !== openId.value).map(({ id, name, durationMs }): Thing => ({ id, name, kind: 'timeline', content: { timelineId: id }, durationMs: Math.max(1, durationMs), inMs: 0 })),
  ];
});

/** Files of the folder whose timeline is open: they are no sources of the studio's list. */
const folderThings = signal<readonly Thing[]>([]);
const Exported = z.object({ sources: z.array(z.object({ id: z.string(), name: z.string(), kind: z.enum(['media', 'image']), path: z.string() }).catch({ id: '', name: '', kind: 'media', path: '' })) });

/** Asks what the clips of a folder's timeline are called. @returns the undo */
export function nameFolder(): () => void {
  return effect(() => {
    const is = stored.value;
    if (is?.folderId === undefined) return;
    request('GET', `/timelines/${encodeURIComponent(is.id)}/export`).then((answer) => {
      if (openId.peek() === is.id) folderThings.value = Exported.parse(answer).sources.map(({ id, name, kind, path }) => ({ id, name, kind, path, content: { sourceId: id }, durationMs: null, inMs: 0 }));
      // Without an answer its clips have no names; they are asked for again when the files change.
    }, () => {});
  });
}

export const thingsById = computed(() => new Map([...folderThings.value, ...things.value].map((thing) => [thing.id, thing])));

export const thingOf = (clip: Clip): Thing | undefined => thingsById.value.get(contentId(clip));
export const nameOf = (clip: Clip): string => thingOf(clip)?.name ?? texts.timelines.unknownThing;

/** Whether what a clip shows has a time of its own. */
export function hasTime(clip: Clip): boolean {
  const kind = thingOf(clip)?.kind;
  return kind === 'media' || kind === 'audio' || kind === 'timeline';
}

/** The kind of track that a thing lies on of itself. */
export const trackKindOf = (thing: Thing): Track['kind'] => ('overlayId' in thing.content ? 'overlay' : thing.kind === 'audio' ? 'audio' : 'video');

export interface Problem {
  severity: 'error' | 'warning';
  message: string;
  /** null: of the timeline as a whole, or of a track. */
  clipId: string | null;
}
export const problems = signal<readonly Problem[]>([]);
export const problemsByClip = computed(() => {
  const map = new Map<string, Problem[]>();
  for (const problem of problems.value) if (problem.clipId !== null) map.set(problem.clipId, [...(map.get(problem.clipId) ?? []), problem]);
  return map;
});
/** How many there are, listed or not. */
export const problemCounts = signal({ errors: 0, warnings: 0 });

const CHECK_AFTER_MS = 600;

/** Has the open timeline checked whenever it was changed. @returns the undo */
export function check(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = effect(() => {
    clearTimeout(timer);
    const id = openId.value;
    const revision = stored.value?.revision;
    if (id === null || revision === undefined || connection.value !== 'open') {
      if (id === null) problems.value = [];
      return;
    }
    timer = setTimeout(() => void checkNow(id, revision), CHECK_AFTER_MS);
  });
  return () => {
    clearTimeout(timer);
    end();
  };
}

async function checkNow(id: string, revision: number): Promise<void> {
  try {
    const report = TimelineReport.parse(await request('POST', `/timelines/${encodeURIComponent(id)}/check`, {}));
    const is = stored.value;
    // Its places are those of the version that was checked.
    if (is?.id !== id || is.revision !== revision) return;
    problemCounts.value = { errors: report.errors, warnings: report.warnings };
    problems.value = report.problems.map(({ path, severity, message, names }) => {
      const place = /^tracks\.(\d+)\.clips\.(\d+)/.exec(path);
      const clipId = place ? (is.document.tracks[Number(place[1])]?.clips[Number(place[2])]?.id ?? null) : null;
      return { severity, message: naming(message, names), clipId };
    });
  } catch {
    // It is checked again after the next change, and when the studio is back.
  }
}

/** The studio's sentence, with clips called by what they show, and things by their names: it says their ids. */
function naming(message: string, names: TimelineProblem['names']): string {
  const clips = shown.value ? clipsById(shown.value) : new Map<string, { clip: Clip }>();
  return names.reduce((words, { said, id }) => {
    const clip = clips.get(id)?.clip;
    const name = clip ? nameOf(clip) : thingsById.value.get(id)?.name;
    return name === undefined ? words : words.replaceAll(said, () => `"${name}"`);
  }, message);
}
