/** Small pictures: which are wanted, and what the compositor is to draw for those that are no source's. */
import type { EngineDesired } from '../protocol/link.js';
import type { TileWish } from '../protocol/multiview.js';
import { PREVIEW_TILE } from '../protocol/tile.js';
import { sameJson } from '../runtime/same-json.js';
import type { NativeProgram, NativeScene, NativeTile, NativeTileWish } from './native.js';
import { planScene } from './scene-plan.js';
import type { Timelines } from './timeline/timelines.js';

/** A timeline that is armed shows something else when its films are there, or when it goes on beneath an override. */
const LOOK_EVERY_MS = 200;

type Known = Pick<EngineDesired, 'sources' | 'scenes' | 'preview'>;

export class Tiles {
  #wishes: readonly TileWish[] = [];
  #known: Known | undefined;
  #wished: NativeTileWish[] = [];
  #lookedAtMs = 0;

  constructor(private readonly program: NativeProgram, private readonly timelines: Pick<Timelines, 'armedScene'>) {}

  /** These are wanted from now on. Of what is not there nothing is made. */
  wish(wishes: readonly TileWish[], known: Known): void {
    this.#wishes = wishes;
    this.#known = known;
    this.#tell();
  }

  /** Those that were made since the last call. */
  take(): NativeTile[] {
    if (this.#known?.preview && 'timelineId' in this.#known.preview && performance.now() - this.#lookedAtMs >= LOOK_EVERY_MS) this.#tell();
    return this.program.takeTiles();
  }

  #tell(): void {
    this.#lookedAtMs = performance.now();
    const wished = this.#wishes.flatMap((wish) => this.#wishOf(wish) ?? []);
    if (sameJson(wished, this.#wished)) return;
    this.#wished = wished;
    this.program.wishTiles(wished);
  }

  #wishOf({ id, width, fps }: TileWish): NativeTileWish | undefined {
    const { sources, scenes, preview } = this.#known!;
    const wish = { id, width, height: Math.round((width * 9) / 16), everyUs: Math.round(1e6 / fps) };
    if (id === PREVIEW_TILE) {
      const scene = preview && this.#sceneOf(preview, { sources, scenes });
      return scene ? { ...wish, scene, overlays: true } : undefined;
    }
    return scenes.some((scene) => scene.id === id) ? { ...wish, scene: planScene({ sceneId: id }, { sources, scenes }) } : wish;
  }

  #sceneOf(preview: NonNullable<Known['preview']>, known: Pick<Known, 'sources' | 'scenes'>): NativeScene | undefined {
    return 'timelineId' in preview ? this.timelines.armedScene() : planScene(preview, known);
  }
}
