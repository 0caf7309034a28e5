/** What is on program in the fake native program: scenes, the ways between them, and what is planned for coming frames. */
import type { NativeLayer, NativeNode, NativePlanned, NativeScene, NativeTransition } from '../../src/engine/native.js';

/** A dip shows the new scene in its second half only. */
export const firstShown = (frame: number, { kind, frames }: NativeTransition): number =>
  (kind === 'dip' && frames > 0 ? frame + Math.floor((frames + 1) / 2) : frame);

const layersIn = (nodes: readonly NativeNode[]): NativeLayer[] =>
  nodes.flatMap((node) => ('mix' in node ? [...layersIn(node.mix.from), ...layersIn(node.mix.to)] : [node]));

const known = new WeakMap<NativeScene, readonly NativeLayer[]>();

/** All layers of a scene, those in mixes too. Found once: a scene stands for many frames. */
export function layersOf(scene: NativeScene | undefined): readonly NativeLayer[] {
  if (!scene) return [];
  let layers = known.get(scene);
  if (!layers) known.set(scene, (layers = layersIn(scene.layers)));
  return layers;
}

export class FakeStage {
  to: NativeScene | undefined;
  /** While a transition runs. */
  from: NativeScene | undefined;
  #transition: NativeTransition = { kind: 'cut', frames: 0 };
  #transitionStart: number | undefined;
  /** Takes to come, in the order they were asked for. */
  #later: { frame: number; scene: NativeScene; transition: NativeTransition }[] = [];
  /** What scenes become, by their id. */
  readonly #plans = new Map<string, NativePlanned[]>();

  /** What was asked for before and has not begun is not wanted any more. */
  take(scene: NativeScene, transition: NativeTransition): void {
    this.#later = [];
    this.#begin(scene, transition);
  }

  takeAt(frame: number, scene: NativeScene, transition: NativeTransition): void {
    this.#later = [...this.#later.filter((later) => later.frame < frame), { frame, scene, transition }];
  }

  plan(sceneId: string, fromFrame: number, entries: readonly NativePlanned[]): void {
    const plan = [...this.planned(sceneId).filter(({ frame }) => frame < fromFrame), ...entries];
    if (plan.length > 0) this.#plans.set(sceneId, plan);
    else this.#plans.delete(sceneId);
  }

  planned(sceneId: string): readonly NativePlanned[] {
    return this.#plans.get(sceneId) ?? [];
  }

  /** Does what is planned for frame `n`, or was for one that was never made. */
  follow(n: number): void {
    if (this.#later.length > 0) {
      for (const later of this.#later) if (later.frame <= n) this.#begin(later.scene, later.transition);
      this.#later = this.#later.filter((later) => later.frame > n);
    }
    this.to = this.#become(this.to, n);
    this.from = this.#become(this.from, n);
    if (!this.from) return;
    this.#transitionStart ??= n;
    if (n - this.#transitionStart >= this.#transition.frames) this.from = undefined;
  }

  #begin(to: NativeScene, transition: NativeTransition): void {
    this.from = transition.kind === 'cut' || transition.frames === 0 ? undefined : this.to;
    this.to = to;
    this.#transition = transition;
    this.#transitionStart = undefined;
  }

  #become(scene: NativeScene | undefined, n: number): NativeScene | undefined {
    const plan = scene && this.#plans.get(scene.id);
    let now = scene;
    while (plan?.[0] && plan[0].frame <= n) now = plan.shift()!.scene;
    return now;
  }
}
