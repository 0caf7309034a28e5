/**
 * Three days of a loop through engines that come and go, a wall clock that is set to and fro, and a machine that stands still
 * or starts anew: what is shown is what its distance from the anchor says. A minute of every ten is looked at, frame by frame;
 * timeline_72h.test.ts looks at all of them.
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { resolve } from '../../src/domain/timeline/resolve.js';
import { compileTimeline } from '../../src/domain/timeline/compile.js';
import { programOptions, type VideoFormat } from '../../src/engine/scene-plan.js';
import { Timelines } from '../../src/engine/timeline/timelines.js';
import type { Playback } from '../../src/protocol/playback.js';
import type { Clock } from '../../src/runtime/clock.js';
import { silentLog } from '../../src/runtime/log.js';
import { FakeNativeCore } from '../fakes/native-core.js';
import type { FakeNativeProgram } from '../fakes/native-program.js';
import { camera, desired, places } from '../unit/engine/doubles.js';
import { clip, document, known } from '../unit/engine/timeline_stage.js';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const STEP_MS = 200;
const SETTLE_MS = 1_000;
/** The end of October 2026, when clocks go back in Europe. */
const WALL_MS = Date.UTC(2026, 9, 24, 12);
const sources = ['src_a', 'src_b', 'src_c'].map((id) => camera(id));
/** Neither the lap nor the clips are whole frames. */
const line = document({ loop: true, durationMs: 7_013, clips: [clip('src_a', 0, 1_001), clip('src_b', 1_001, 2_503), clip('src_c', 3_504, 3_509)] });

/** A machine: the time that really passes, and what its two clocks make of it. */
class Machine implements Clock {
  core = new FakeNativeCore(90_000_000);
  boots = 1;
  /** By how much the wall clock is wrong. */
  wrongMs = 0;
  #trueMs = 0;
  program!: FakeNativeProgram;
  timelines!: Timelines;

  constructor(readonly format: VideoFormat) {}

  get trueMs(): number {
    return this.#trueMs;
  }

  monotonicMs(): number {
    return this.core.monotonicUs() / 1000;
  }

  wallMs(): number {
    return WALL_MS + this.#trueMs + this.wrongMs;
  }

  after(ms: number, run: () => void): () => void {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  }

  startEngine(playback: Playback): void {
    this.program = this.core.createProgram(programOptions(this.format));
    for (const { id } of sources) this.program.addSource({ id, mode: 'live', slots: 4, fallbackId: null, delayUs: 0 });
    this.timelines = new Timelines({ core: this.core, program: this.program, places, format: this.format, log: silentLog, bootId: `boot-${this.boots}`, clock: this });
    this.timelines.start();
    this.timelines.apply(desired({ sources, timelines: [known('tml_1', line, 1, playback)] }));
  }

  async stopEngine(): Promise<void> {
    await this.timelines.stop();
    this.program.stop();
    this.core.programs.length = 0;
  }

  /** It is off for a while; its monotonic clock begins anew. */
  reboot(offMs: number): void {
    this.#trueMs += offMs;
    this.core = new FakeNativeCore(7_000_000);
    this.boots += 1;
  }

  pass(ms: number): void {
    this.#trueMs += ms;
    this.core.advance(ms);
    vi.advanceTimersByTime(ms);
  }

  standStill(ms: number): void {
    this.#trueMs += ms;
    this.core.standStill(ms);
  }
}

describe.each([['29.97', 30_000], ['59.94', 60_000]])('three days of a loop at %s frames a second', (_, fpsNum) => {
  afterEach(() => { vi.useRealTimers(); });

  it('stays where its anchor says, whatever the wall clock does and however often the engine is started', async () => {
    vi.useFakeTimers();
    const format: VideoFormat = { width: 640, height: 360, rate: { num: fpsNum, den: 1001 } };
    const { rate } = format;
    const machine = new Machine(format);
    const compiled = compileTimeline(line, rate, { source: (id) => sources.find((one) => one.id === id), scene: () => undefined, overlay: () => undefined, timeline: () => undefined });
    machine.startEngine({ is: 'stopped' });
    const take = async (): Promise<{ frame: number; playback?: Playback | undefined }> => {
      let reply: Awaited<ReturnType<Timelines['take']>> | undefined;
      void machine.timelines.take('tml_1', undefined, { way: () => undefined, shown: () => {} }).then((answer) => { reply = answer; });
      for (let i = 0; !reply && i < 100; i++) {
        machine.pass(20);
        await vi.advanceTimersByTimeAsync(0);
      }
      return reply!;
    };
    const began = await take();
    const stored = began.playback!;
    if (stored.is !== 'playing') throw new Error('it does not play');
    /** When position 0 was due, in the time that really passes. */
    const zeroTrueMs = machine.trueMs - machine.monotonicMs() + stored.zeroUs / 1000;

    let worst = 0;
    let looked = 0;
    const watch = (from: number): void => {
      const bootedMs = machine.trueMs - machine.monotonicMs();
      let expected = '';
      let until = -1;
      // By how many frames the picture is off is found at the cuts: between them it is what it should be in any case.
      machine.program.onFrame = (n, scene) => {
        if (n < from) return;
        const ideal = ((bootedMs + (n * 1_001_000) / fpsNum - zeroTrueMs) * fpsNum) / 1_001_000;
        const position = Math.round(ideal);
        if (position >= until || position < until - 1_000) {
          const resolved = resolve(compiled, position);
          const [node] = resolved.nodes;
          expected = node?.type === 'layer' && node.layer.player.type === 'shared' ? node.layer.player.sourceId : '';
          until = resolved.next;
        }
        const [first] = scene?.layers ?? [];
        const shown = first && 'sourceId' in first ? first.sourceId : '';
        looked += 1;
        if (shown === expected) return;
        const near = [position - 1, position + 1].some((one) => {
          const [node] = resolve(compiled, one).nodes;
          return node?.type === 'layer' && node.layer.player.type === 'shared' && node.layer.player.sourceId === shown;
        });
        worst = Math.max(worst, near ? 1 : Infinity);
      };
    };
    watch(began.frame);
    // Every six hours something happens: a step by NTP, an hour to and fro, an engine that dies, a machine that starts anew.
    const wrongs = [-37, 3_600_000, -3_600_000, 1_250, 0];
    for (let part = 0; part < 12; part++) {
      for (let passedMs = 0; passedMs < 6 * HOUR_MS; passedMs += 10 * MINUTE_MS) {
        for (let i = 0; i < MINUTE_MS / STEP_MS; i++) machine.pass(STEP_MS);
        await Promise.resolve();
        machine.program.onFrame = undefined;
        machine.standStill(9 * MINUTE_MS - SETTLE_MS);
        // The scenes that had been planned are over; the next step plans anew.
        for (let i = 0; i < SETTLE_MS / STEP_MS; i++) machine.pass(STEP_MS);
        watch(0);
      }
      machine.wrongMs = wrongs[part % wrongs.length]!;
      if (part % 2 === 0) continue;
      machine.program.onFrame = undefined;
      await machine.stopEngine();
      // Of what was before a start of the machine the wall clock alone knows: then it has to be right.
      if (part % 4 === 3 || machine.boots > 1) machine.wrongMs = 0;
      if (part % 4 === 3) {
        machine.reboot(47_311);
      } else {
        machine.pass(1_700);
      }
      machine.startEngine(stored);
      const { frame } = await take();
      watch(frame);
    }
    console.log(`${looked} frames over ${((machine.trueMs - zeroTrueMs) / HOUR_MS).toFixed(1)} h, ${machine.boots} boots: off by ${worst} frames at most`);
    expect(worst).toBeLessThanOrEqual(1);
    expect(looked).toBeGreaterThan((7.1 * HOUR_MS * fpsNum) / 1_001_000);
    expect(machine.trueMs - zeroTrueMs).toBeGreaterThan(72 * HOUR_MS);
    expect(machine.boots).toBe(4);
    await machine.stopEngine();
  }, 120_000);
});
