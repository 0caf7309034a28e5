/** A program of either native core with what fills its rings, as the contract's tests use it. */
import type { NativeProgram, NativeSourceStats, NativeStats } from '../../src/engine/native.js';
import { SLOTS } from '../../src/engine/ring-slots.js';
import { full } from '../support/native.js';
import type { Filling, NativeHarness } from './native_harness.js';

export const options = { width: 320, height: 180, fpsNum: 30, fpsDen: 1 };
export const cut = { kind: 'cut', frames: 0 } as const;
export const scene = (id: string, ...sourceIds: string[]) => ({ id, layers: sourceIds.map((sourceId) => full(sourceId)) });
export const live = (id: string, over: object = {}) => ({ id, mode: 'live' as const, slots: SLOTS, fallbackId: null, delayUs: 0, ...over });
export const fade = (frames: number) => ({ kind: 'fade', frames }) as const;
/** From being asked for to the frame it is to happen on: long enough for a busy machine. */
export const NOTICE = 12;
export const film = (id: string, over: object = {}) => ({ ...live(id, over), mode: 'file' as const });

export class NativeBench {
  readonly program: NativeProgram;
  /** What has to be ended with it. */
  #isOver = false;
  readonly running: { kill(): Promise<void> }[] = [];

  readonly native: NativeHarness;

  constructor(native: NativeHarness) {
    this.native = { ...native, pass: (ms) => this.#pass(native, ms) };
    this.program = native.core.createProgram(options);
  }

  /** Time passes, and the program has drawn what was due by then: on a busy machine it does so late. */
  async #pass({ core, pass }: NativeHarness, ms: number): Promise<void> {
    await pass(ms);
    const due = Math.floor((core.monotonicUs() * options.fpsNum) / options.fpsDen / 1e6) - 1;
    for (let tries = 0; tries < 100 && !this.#isOver && this.program.stats().frame < due; tries++) await pass(10);
  }

  async end(): Promise<void> {
    await Promise.all(this.running.map((one) => one.kill()));
    this.program.stop();
    this.#isOver = true;
  }

  fill(sourceId: string, filling?: Filling): { standStill(): void; kill(): Promise<void> } {
    const filler = this.native.fill(this.program, sourceId, filling);
    this.running.push(filler);
    return filler;
  }

  find(id: string): NativeSourceStats | undefined {
    return this.program.stats().sources.find((source) => source.id === id);
  }

  /** The next frame that can be asked for. */
  next(): number {
    return this.program.setOverlays([]).frame;
  }

  /**
   * Sources `a`, `b` … with films `film:a` … behind them: what a scene draws can be told from outside, as a source without a picture
   * looks to its film.
   */
  addMarked(...ids: string[]): void {
    for (const id of ids) {
      this.program.addSource(live(id, { fallbackId: `film:${id}` }));
      this.program.addSource(film(`film:${id}`));
    }
  }

  /** The last frame that drew a marked source, or went on beneath what did; -1: none did. */
  lastDrawn(id: string): number {
    return this.find(`film:${id}`)!.stoodInFrame;
  }

  /** Waits for it; gives how long that took, ms, by the program's own frames. */
  async until(what: string, limitMs: number, probe: () => boolean): Promise<number> {
    const began = this.native.core.monotonicUs();
    for (;;) {
      const tookMs = (this.native.core.monotonicUs() - began) / 1000;
      if (probe()) return tookMs;
      if (tookMs > limitMs) throw new Error(`waited ${limitMs} ms in vain for ${what}`);
      await this.native.pass(5);
    }
  }

  untilState(id: string, state: NativeSourceStats['state'], limitMs = 5_000): Promise<number> {
    return this.until(`${id} to be ${state}`, limitMs, () => this.find(id)?.state === state);
  }

  /** Looks at each frame that can be seen until one is reached. */
  async watchUntil(frame: number, look: (stats: NativeStats) => void = () => {}): Promise<void> {
    await this.until(`frame ${frame}`, 5_000, () => {
      const stats = this.program.stats();
      look(stats);
      return stats.frame >= frame;
    });
  }
}
