/** What the page knows of the studio, as signals. Components read; the other stores write. */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import { shownLayers } from '../../protocol/scene-rules.js';
import type { StateSnapshot } from '../../protocol/state.js';
import type { BroadcastStatus, ProgramTarget } from '../../protocol/status.js';
import { texts } from '../texts.js';

export type Session = 'checking' | 'closed' | 'open';
/** Whether this browser may come in. */
export const session = signal<Session>('checking');
export const loginError = signal<string | null>(null);

/** Whether the websocket is open; `lost` only after it has been open or has failed once. */
export const connection = signal<'connecting' | 'open' | 'lost'>('connecting');

export const snapshot = signal<StateSnapshot | null>(null);
export const rev = signal<number | null>(null);
/** The last report; null before the first, and while the studio cannot be reached. */
export const status = signal<BroadcastStatus | null>(null);

export interface Take {
  target: ProgramTarget;
  /** The first program frame that shows it; null: it is on its way. */
  frame: number | null;
}
/** A take that was acknowledged, or is on its way: shown at once, though reports come once a second. */
export const lastTake = signal<Take | null>(null);
/** One that is on its way for so long that nobody may take it for done. */
export const slowTake = signal<Take | null>(null);

export interface Notice {
  id: number;
  tone: 'bad' | 'good' | 'busy';
  text: string;
  /** What was attempted: the notice goes when that works. */
  about: string;
}
export const notices = signal<Notice[]>([]);

/** Text into a screen reader's ear, for what the eye sees on a button. */
export const spoken = signal('');

/** A part of the snapshot, or nothing before the first: whoever reads one is not told of changes to the others, as of each take. */
const part = <K extends keyof StateSnapshot>(key: K): ReadonlySignal<StateSnapshot[K] | undefined> => computed(() => snapshot.value?.[key]);
const listed = <K extends 'sources' | 'scenes' | 'overlays' | 'destinations' | 'recordings' | 'timelines' | 'inserts'>(key: K): ReadonlySignal<StateSnapshot[K]> =>
  computed(() => snapshot.value?.[key] ?? ([] as unknown as StateSnapshot[K]));

export const settings = part('settings');
export const broadcast = part('broadcast');
export const isBlack = computed(() => snapshot.value?.black ?? false);
export const sources = listed('sources');
export const scenes = listed('scenes');
export const overlays = listed('overlays');
export const destinations = listed('destinations');
export const recordings = listed('recordings');
export const timelines = listed('timelines');
export const inserts = listed('inserts');

/** What can be put on program, in the order in which it was made: whatever is added later moves no key. */
export const targets = computed<Target[]>(() => {
  const all: (Target & { createdAt: string })[] = [
    ...sources.value.map((source) => ({ key: { sourceId: source.id }, id: source.id, name: source.name, kind: source.kind, createdAt: source.createdAt })),
    ...scenes.value.map((scene) => ({ key: { sceneId: scene.id }, id: scene.id, name: scene.name, kind: 'scene' as const, createdAt: scene.createdAt })),
  ];
  return all.sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
});

export interface Target {
  key: ProgramTarget;
  id: string;
  name: string;
  kind: 'camera' | 'media' | 'image' | 'audio' | 'color' | 'test' | 'scene' | 'timeline';
}

/** Timelines, which can be armed and taken as well, and have no number. */
export const timelineTargets = computed<Target[]>(() =>
  timelines.value.map(({ id, name }) => ({ key: { timelineId: id }, id, name, kind: 'timeline' as const })));

/** A source, scene or timeline by its id. */
export const findTarget = (id: string | null): Target | undefined =>
  id === null ? undefined : [...targets.value, ...timelineTargets.value].find((target) => target.id === id);

export const targetId = (target: ProgramTarget): string =>
  'sourceId' in target ? target.sourceId : 'sceneId' in target ? target.sceneId : target.timelineId;

/** The id of what is being taken and is not on program yet, though it was asked for a while ago. */
export const coming = computed<string | null>(() => (slowTake.value && slowTake.value === lastTake.value ? targetId(slowTake.value.target) : null));

/** The id of the source, scene or timeline on program: as last taken, else as reported, else as desired. */
export const onProgram = computed<string | null>(() => {
  const take = lastTake.value;
  if (take && take !== slowTake.value) return targetId(take.target);
  const program = status.value?.program;
  const desired = snapshot.value?.program;
  return program?.sourceId ?? program?.sceneId ?? program?.timelineId ?? (desired ? targetId(desired) : null);
});

export const isTimelineOnProgram = computed(() => timelineTargets.value.some(({ id }) => id === onProgram.value));

/** What is on program, by its name. */
export const onProgramName = computed<string | undefined>(() => {
  const id = onProgram.value;
  return [...targets.value, ...timelines.value].find((one) => one.id === id)?.name;
});

/** What the emergency picture is called; null: none is on. */
export const emergencyName = computed<string | null>(() => {
  const target = snapshot.value?.emergency?.target;
  if (!target) return null;
  const id = 'sourceId' in target ? target.sourceId : 'sceneId' in target ? target.sceneId : undefined;
  return targets.value.find((one) => one.id === id)?.name ?? texts.slate;
});

/** What a release would bring back; null: nothing was put over a timeline. */
export const overriddenName = computed<string | null>(() => {
  const override = snapshot.value?.override;
  if (!override) return null;
  const id = override.instead ? targetId(override.instead) : override.timelineId;
  return [...targets.value, ...timelines.value].find((one) => one.id === id)?.name ?? texts.someTimeline;
});

/** Something to be armed that is not confirmed yet; `target` null: nothing is to be. */
export const lastArm = signal<{ target: ProgramTarget | null } | null>(null);

/** What is armed on preview: as last asked for, else as the studio has it. */
export const previewTarget = computed<ProgramTarget | null>(() => (lastArm.value ? lastArm.value.target : (snapshot.value?.preview ?? null)));
export const onPreview = computed<string | null>(() => (previewTarget.value ? targetId(previewTarget.value) : null));

/** Those that send no sound though they could: see LevelBoard. */
export const silentSources = signal<ReadonlySet<string>>(new Set());

/** Sources that are seen or heard now: the one on program, or those of the scene or timeline on program. */
export const onAirSources = steadySet(() => sourcesOf(onProgram.value));
/** The same of preview. */
export const armedSources = steadySet(() => sourcesOf(onPreview.value));

/** The same set for as long as the same is in it, though it is made anew with each report: every button of the switcher reads it. */
function steadySet(read: () => ReadonlySet<string>): ReadonlySignal<ReadonlySet<string>> {
  let last: ReadonlySet<string> = new Set();
  return computed(() => {
    const now = read();
    if (now.size !== last.size || [...now].some((id) => !last.has(id))) last = now;
    return last;
  });
}

function sourcesOf(id: string | null): ReadonlySet<string> {
  if (id === null) return new Set();
  const scene = scenes.value.find((candidate) => candidate.id === id);
  if (scene) return new Set(shownLayers(scene.layers).flatMap(({ sourceId }) => sourceId ?? []));
  // Where a timeline stands, the studio knows.
  return status.value?.program?.timelineId === id ? new Set(status.value.onAir) : new Set([id]);
}

export const sourceStatus = computed(() => new Map((status.value?.sources ?? []).map((source) => [source.id, source])));
export const destinationStatus = computed(() => new Map((status.value?.destinations ?? []).map((destination) => [destination.id, destination])));
