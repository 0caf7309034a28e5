/** The layers of a scene on a desk: as they are stored, as one has them, and what one did, to be undone. Pure; each step gives a new draft. */
import type { Layer } from '../../../protocol/resources.js';
import { same } from '../same.js';
import { layerKeys, mergeLayers, ORDER } from './merge.js';

/** As far back as one can go. */
const MOST_STEPS = 100;

interface Step { before: Layer[]; after: Layer[] }

export interface Draft {
  /** As stored at `revision`: what `layers` was made on. */
  stored: Layer[];
  revision: number;
  layers: Layer[];
  past: readonly Step[];
  future: readonly Step[];
  /** What of mine meets what somebody else stored since: layers' keys and ORDER; nothing is stored before one has chosen. */
  contested: readonly string[];
  /** As stored now, while there is something contested. */
  theirs: { layers: Layer[]; revision: number } | null;
}

interface Stored { layers: Layer[]; revision: number }

export function openDraft({ layers, revision }: Stored): Draft {
  return { stored: layers, revision, layers, past: [], future: [], contested: [], theirs: null };
}

export const isChanged = (draft: Draft): boolean => !same(draft.layers, draft.stored);

/** What is not stored yet: keys of layers that are other ones, new or gone, and ORDER. */
export function pending({ stored, layers }: Draft): string[] {
  const [was, is] = [stored, layers].map((list) => new Map(layerKeys(list).map((key, i) => [key, list[i]!]))) as [Map<string, Layer>, Map<string, Layer>];
  const changed = [...new Set([...is.keys(), ...was.keys()])].filter((key) => !same(is.get(key), was.get(key)));
  const left = [was, is].map((map, i) => [...map.keys()].filter((key) => [is, was][i]!.has(key)).join('\n'));
  return left[0] === left[1] ? changed : [...changed, ORDER];
}

export function edited(draft: Draft, layers: Layer[]): Draft {
  if (same(layers, draft.layers)) return draft;
  return { ...draft, layers, past: [...draft.past, { before: draft.layers, after: layers }].slice(-MOST_STEPS), future: [] };
}

/** Takes back the last step and leaves what others did since; a step that meets theirs is taken back all the same, in mine alone. */
export function undone(draft: Draft): Draft {
  const step = draft.past.at(-1);
  if (!step) return draft;
  const layers = mergeLayers(step.after, step.before, draft.layers).layers;
  return { ...draft, layers, past: draft.past.slice(0, -1), future: [...draft.future, step] };
}

export function redone(draft: Draft): Draft {
  const step = draft.future.at(-1);
  if (!step) return draft;
  const layers = mergeLayers(step.before, step.after, draft.layers).layers;
  return { ...draft, layers, past: [...draft.past, step], future: draft.future.slice(0, -1) };
}

/** What was sent is stored. */
export function acknowledged(draft: Draft, stored: Stored): Draft {
  return { ...draft, stored: stored.layers, revision: stored.revision, contested: [], theirs: null };
}

/** The scene as somebody stored it: mine is put on top of it, or is contested. */
export function followed(draft: Draft, scene: Stored): Draft {
  if (scene.revision <= draft.revision || scene.revision === draft.theirs?.revision) return draft;
  const { layers, contested } = mergeLayers(draft.stored, draft.layers, scene.layers);
  if (contested.length > 0) return { ...draft, contested, theirs: { layers: scene.layers, revision: scene.revision } };
  return { ...draft, stored: scene.layers, revision: scene.revision, layers, contested: [], theirs: null };
}

/** Mine on top of theirs, also where they meet. */
export function withMine(draft: Draft): Draft {
  if (!draft.theirs) return draft;
  const { layers } = mergeLayers(draft.stored, draft.layers, draft.theirs.layers);
  return { ...acknowledged(draft, draft.theirs), layers };
}

/** Theirs, without anything of mine that is not stored; mine can be had back by an undo. */
export function withTheirs(draft: Draft): Draft {
  return draft.theirs ? edited(acknowledged(draft, draft.theirs), draft.theirs.layers) : draft;
}
