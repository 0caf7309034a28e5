/** Scenes that are being edited here: one's own changes, and when they are stored. They outlast a change of pages. */
import { computed, effect, signal, type Signal } from '@preact/signals';
import type { Layer, Scene } from '../../protocol/resources.js';
import { shownLayers } from '../../protocol/scene-rules.js';
import { acknowledged, edited, followed, isChanged, openDraft, redone, undone, withMine, withTheirs, type Draft } from '../lib/scenes/draft.js';
import { changeLayer } from '../lib/scenes/layers.js';
import { layerKeys } from '../lib/scenes/merge.js';
import type { Guide } from '../lib/scenes/snap.js';
import { notify } from './actions.js';
import { edit } from './edits.js';
import { keptAs } from './kept.js';
import { onProgram, scenes, snapshot } from './state.js';

/** Whether edits are stored at once, and so on air where their scene is, or when they are applied. Kept in this browser. */
export const appliesAtOnce = keptAs<boolean>('scenes.apply', (text) => text !== 'on-apply', (isAtOnce) => (isAtOnce ? 'at-once' : 'on-apply'));

/** Scenes that viewers see: on program, or as the emergency picture. */
export const onAirScenes = computed<ReadonlySet<string>>(() => {
  const emergency = snapshot.value?.emergency?.target;
  return new Set([onProgram.value, emergency && 'sceneId' in emergency ? emergency.sceneId : null].filter((id) => id !== null));
});

/** Overlays that viewers see: shown over the program, or in a scene that they see. */
export const onAirOverlays = computed<ReadonlySet<string>>(() => {
  const shown = (snapshot.value?.overlays ?? []).flatMap(({ id, visible }) => (visible ? [id] : []));
  const inScenes = scenes.value.flatMap(({ id, layers }) => (onAirScenes.value.has(id) ? shownLayers(layers).flatMap(({ overlayId }) => overlayId ?? []) : []));
  return new Set([...shown, ...inScenes]);
});

/** What the hand is doing to a layer, before it lets go. */
export interface Gesture { key: string; fields: Partial<Layer>; guides: readonly Guide[] }

export class SceneDesk {
  readonly draft: Signal<Draft>;
  readonly gesture = signal<Gesture | null>(null);
  /** The layer that is chosen, by its key (../lib/scenes/merge.ts). */
  readonly selected = signal<string | null>(null);
  readonly isSending = signal(false);
  /** As they look under the hand. */
  readonly layers = computed<Layer[]>(() => {
    const { layers } = this.draft.value;
    const hand = this.gesture.value;
    const index = hand ? layerKeys(layers).indexOf(hand.key) : -1;
    return hand && index >= 0 ? changeLayer(layers, index, hand.fields) : layers;
  });
  readonly keys = computed(() => layerKeys(this.layers.value));

  constructor(readonly sceneId: string, scene: Scene) {
    this.draft = signal(openDraft(scene));
  }

  get isChanged(): boolean {
    return isChanged(this.draft.value);
  }

  edit(layers: Layer[]): void {
    this.#set(edited(this.draft.value, layers));
  }

  change(key: string, fields: Partial<Layer>): void {
    const index = layerKeys(this.draft.value.layers).indexOf(key);
    if (index >= 0) this.edit(changeLayer(this.draft.value.layers, index, fields));
  }

  /** The hand lets go: what it did is one step. */
  drop(): void {
    const hand = this.gesture.value;
    this.gesture.value = null;
    if (hand) this.change(hand.key, hand.fields);
    this.follow();
  }

  cancel(): void {
    this.gesture.value = null;
    this.follow();
  }

  undo(): void {
    this.#set(undone(this.draft.value));
  }

  redo(): void {
    this.#set(redone(this.draft.value));
  }

  takeTheirs(): void {
    this.#set(withTheirs(this.draft.value));
  }

  applyMine(): void {
    this.draft.value = withMine(this.draft.value);
    void this.apply();
  }

  discard(): void {
    this.#set(edited(this.draft.value, this.draft.value.stored));
  }

  /** What others stored meanwhile. Not while something is on its way or in the hand: it is put together afterwards. */
  follow(): void {
    const scene = scenes.peek().find(({ id }) => id === this.sceneId);
    if (!scene || this.isSending.peek() || this.gesture.peek()) return;
    this.#set(followed(this.draft.peek(), scene));
  }

  /** Stores what was changed; what is changed meanwhile goes after it. */
  async apply(): Promise<void> {
    const sent = this.draft.peek();
    if (this.isSending.peek() || sent.contested.length > 0 || !isChanged(sent)) return;
    this.isSending.value = true;
    const answer = await edit<Scene>('scenes', this.sceneId, { layers: sent.layers }, sent.revision);
    this.isSending.value = false;
    if (answer.is === 'failed') {
      notify(`scene-${this.sceneId}`, answer.message);
      return;
    }
    if (answer.is === 'stored') this.#set(acknowledged(this.draft.peek(), answer.item));
    else {
      const next = followed(this.draft.peek(), answer.theirs);
      this.draft.value = next;
      if (next.contested.length === 0) void this.apply();
    }
    this.follow();
  }

  #set(draft: Draft): void {
    this.draft.value = draft;
    touched.value = touched.peek() + 1;
    if (appliesAtOnce.peek()) void this.apply();
  }
}

const desks = new Map<string, SceneDesk>();
/** Goes up with each change on any desk, new ones among them. */
const touched = signal(0);

/** The desk of a scene; the same one for as long as the scene is there. */
export function deskOf(scene: Scene): SceneDesk {
  let desk = desks.get(scene.id);
  if (!desk) {
    desk = new SceneDesk(scene.id, scene);
    desks.set(scene.id, desk);
  }
  return desk;
}

/** Scenes with edits that wait to be applied. */
export const waiting = computed<ReadonlySet<string>>(() => new Set(scenes.value.flatMap(({ id }) => {
  void touched.value;
  const desk = desks.get(id);
  return desk && isChanged(desk.draft.value) && !desk.isSending.value ? [id] : [];
})));

/** A page that is left while some wait asks first. */
effect(() => {
  if (typeof addEventListener === 'undefined' || waiting.value.size === 0) return undefined;
  const ask = (event: BeforeUnloadEvent) => event.preventDefault();
  addEventListener('beforeunload', ask);
  return () => removeEventListener('beforeunload', ask);
});

effect(() => {
  const there = new Set(scenes.value.map(({ id }) => id));
  for (const [id, desk] of desks) {
    if (there.has(id)) desk.follow();
    else if (snapshot.peek()) desks.delete(id);
  }
});
