/** What is on one of the two levels of the fake native program, the program or the cover over it; as native/compositor/showing.h. */
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

export interface FakeTake {
  scene: NativeScene | undefined;
  fills: boolean;
  transition: NativeTransition;
  films: readonly string[];
}

export interface FakeSide {
  scene: NativeScene | undefined;
  fills: boolean;
  /** Frozen, it has been drawn. */
  stands: boolean;
}

const NOTHING: FakeSide = { scene: undefined, fills: false, stands: false };

export class FakeStage {
  to: FakeSide = NOTHING;
  /** While a transition runs. */
  from: FakeSide | undefined;
  /** The transition goes as far as `position`, and stands there. */
  byHand = false;
  position = 0;
  #transition: NativeTransition = { kind: 'cut', frames: 0 };
  #transitionStart: number | undefined;
  /** Takes to come, in the order they were asked for. */
  #later: { frame: number; take: FakeTake; exact: boolean }[] = [];

  /** `fromNothing`: a transition may begin where nothing is. */
  constructor(private readonly fromNothing: boolean, private readonly plans: FakePlans, private readonly onFilm: (id: string) => void) {}

  /** What was asked for before and has not begun is not wanted any more. */
  take(take: FakeTake): void {
    this.#later = [];
    this.#begin(take, undefined);
  }

  /** `exact`: its transition counts from that frame even when that was never made. */
  takeAt(frame: number, take: FakeTake, exact: boolean): void {
    this.#later = [...this.#later.filter((later) => later.frame < frame), { frame, take, exact }];
  }

  update({ scene, films }: FakeTake): void {
    if (this.byHand) this.from = { ...this.from!, scene, stands: false };
    else this.to = { ...this.to, scene, stands: false };
    films.forEach(this.onFilm);
  }

  /** As Showing::bar. */
  bar(position: number, { scene, fills, transition, films }: FakeTake): void {
    if (!this.byHand) {
      if (!scene || position <= 0) return;
      this.from = this.to;
      this.byHand = true;
    }
    if (scene) {
      this.to = { scene, fills, stands: false };
      this.#transition = transition;
    }
    films.forEach(this.onFilm);
    this.position = position;
    if (position > 0 && position < 1) return;
    if (position <= 0) this.to = this.from ?? NOTHING;
    this.from = undefined;
    this.byHand = false;
  }

  /** What is there, as opposed to what a hand leads to. */
  get settled(): FakeSide {
    return this.byHand ? (this.from ?? NOTHING) : this.to;
  }

  /** Does what is planned for frame `n`, or was for one that was never made. */
  follow(n: number): void {
    if (this.#later.length > 0) {
      for (const { frame, take, exact } of this.#later) if (frame <= n) this.#begin(take, exact ? frame : undefined);
      this.#later = this.#later.filter(({ frame }) => frame > n);
    }
    this.to = this.#become(this.to, n);
    if (!this.from) return;
    this.from = this.#become(this.from, n);
    if (this.byHand) return;
    this.#transitionStart ??= n;
    if (n - this.#transitionStart >= this.#transition.frames) this.from = undefined;
  }

  /** Frame `n` was made: what is frozen stands from now on. */
  drawn(): void {
    for (const side of [this.to, this.from]) if (side?.scene?.frozen) side.stands = true;
  }

  #begin({ scene, fills, transition, films }: FakeTake, start: number | undefined): void {
    if (this.byHand) this.to = this.from ?? NOTHING;
    this.byHand = false;
    const somewhere = this.to.scene !== undefined || (this.fromNothing && scene !== undefined);
    this.from = somewhere && transition.kind !== 'cut' && transition.frames > 0 ? this.to : undefined;
    this.to = { scene, fills, stands: false };
    this.#transition = transition;
    this.#transitionStart = start;
    films.forEach(this.onFilm);
  }

  #become(side: FakeSide, n: number): FakeSide {
    const scene = side.scene && this.plans.follow(side.scene.id, n);
    return scene ? { ...side, scene, stands: false } : side;
  }
}

/** What scenes become, by their id. */
export class FakePlans {
  readonly #plans = new Map<string, NativePlanned[]>();

  plan(sceneId: string, fromFrame: number, entries: readonly NativePlanned[]): void {
    const plan = [...this.planned(sceneId).filter(({ frame }) => frame < fromFrame), ...entries];
    if (plan.length > 0) this.#plans.set(sceneId, plan);
    else this.#plans.delete(sceneId);
  }

  get scenes(): string[] {
    return [...this.#plans.keys()];
  }

  planned(sceneId: string): readonly NativePlanned[] {
    return this.#plans.get(sceneId) ?? [];
  }

  /** What a scene has become by frame `n`, when that is something new. */
  follow(sceneId: string, n: number): NativeScene | undefined {
    const plan = this.#plans.get(sceneId);
    let scene: NativeScene | undefined;
    while (plan?.[0] && plan[0].frame <= n) scene = plan.shift()!.scene;
    return scene;
  }
}
