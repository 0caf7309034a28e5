/**
 * Three days of a loop in fake time, every frame looked at: it shows what `resolve` says at frames = t × fps, each film its own
 * frame, and no more is open than is near.
 */
import { isDeepStrictEqual } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { compileTimeline, type CompiledTimeline } from '../../src/domain/timeline/compile.js';
import type { Node, Player, Resolved } from '../../src/domain/timeline/model.js';
import { usOf } from '../../src/domain/timeline/rate.js';
import { resolve } from '../../src/domain/timeline/resolve.js';
import type { NativeNode, NativeProgram, NativeScene } from '../../src/engine/native.js';
import { programOptions } from '../../src/engine/scene-plan.js';
import type { DecoderOptions } from '../../src/engine/decoder.js';
import { Timelines } from '../../src/engine/timeline/timelines.js';
import type { EngineSource } from '../../src/protocol/link.js';
import { silentLog } from '../../src/runtime/log.js';
import type { FakeNativeProgram } from '../fakes/native-program.js';
import { begin, camera, desired, film, places, source } from '../unit/engine/doubles.js';
import { clip, document, known, NTSC } from '../unit/engine/timeline_stage.js';

/** Where each native source's decoder plays, and how many there are. */
const decoders = vi.hoisted(() => ({ files: new Map<string, string>(), opened: 0, most: 0 }));

/** One that is there at once: time is for the frames. */
vi.mock('../../src/engine/decoder.js', () => ({
  Decoder: class {
    readonly info = {};
    readonly #fromUs: () => number;

    constructor(readonly source: EngineSource & { path: string }, _places: unknown, readonly core: { closeFd(fd: number): void }, readonly program: NativeProgram, _log: unknown, { fromUs = () => 0 }: DecoderOptions = {}) {
      this.#fromUs = fromUs;
    }

    start(): void {
      const ring = this.program.openRing(this.source.id);
      this.core.closeFd(ring);
      // What the fake remembers for tests is not what is measured.
      (this.program as FakeNativeProgram).rings.delete(ring);
      (this.program as FakeNativeProgram).produce(this.source.id, { from: Math.floor((this.#fromUs() * 30) / 1.001e6 + 1e-3) });
      decoders.files.set(this.source.id, this.source.path);
      decoders.opened += 1;
      decoders.most = Math.max(decoders.most, decoders.files.size);
    }

    stop(): Promise<void> {
      decoders.files.delete(this.source.id);
      return Promise.resolve();
    }
  },
}));

const HOURS = 72;
/** Caches are full and code is compiled by then. */
const WARM_HOURS = 4;
const STEP_MS = 200;
const rate = NTSC.rate;
const inMs = new Map([['src_a', 0], ['src_b', 2000], ['src_song', 0]]);
const sources = [camera('src_cam'), film('src_a'), film('src_b', { inMs: 2000 }), source({ id: 'src_song', kind: 'audio', path: '/media/src_song.mp4' })];

const inner = document({ loop: true, durationMs: 7013, clips: [clip('src_b', 0, 7013)] });
/** A lap of no whole number of frames, nor its clips; a nested loop of another length. */
const line = document({
  loop: true, durationMs: 61_237,
  tracks: [
    { kind: 'video', clips: [
      clip('src_a', 0, 20_011, { inMs: 1007, transition: { kind: 'fade', durationMs: 301 } }), clip('src_cam', 20_011, 9973),
      clip('src_b', 29_984, 11_111, { inMs: 17 }), clip('src_a', 41_095, 20_142, { inMs: 40_003 }),
    ] },
    { kind: 'video', clips: [{ timelineId: 'tml_in', startMs: 10_007, durationMs: 33_333, x: 0.5, width: 0.5 }] },
    { kind: 'audio', clips: [clip('src_song', 500, 60_737)] },
  ],
});

/** A film on program: its native source, and which frame of it belongs at position 0. */
interface Running { id: string; atZero: number }

/** Bytes on the heap that something still needs. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

/** `expect` for what is asked a million times. */
function same(is: unknown, should: unknown): void {
  if (!isDeepStrictEqual(is, should)) expect(is).toEqual(should);
}

/** Compares a scene with what should be; gives the films in it. */
function compare(scene: NativeScene, resolved: Resolved, position: number): Running[] {
  const films: Running[] = [];
  const one = (native: NativeNode | undefined, player: Player, rest: object): void => {
    if (!native || 'mix' in native) throw new Error(`no layer where one should be, at ${position}`);
    const { sourceId, ...layer } = native;
    same(layer, rest);
    if (player.type !== 'clip') {
      same(sourceId, player.type === 'shared' ? player.sourceId : '');
      return;
    }
    same(decoders.files.get(sourceId), `/media/${player.sourceId}.mp4`);
    const us = player.inUs - inMs.get(player.sourceId)! * 1000 - usOf(player.startPosition, rate);
    films.push({ id: sourceId, atZero: (us * rate.num) / (rate.den * 1e6) });
  };
  const both = (natives: readonly NativeNode[], nodes: readonly Node[]): void => {
    for (const [i, node] of nodes.entries()) {
      const native = natives[i];
      if (node.type === 'layer') {
        const { player, ...rest } = node.layer;
        one(native, player, rest);
        continue;
      }
      if (!native || !('mix' in native)) throw new Error(`no mix where one should be, at ${position}`);
      same([native.mix.step, native.mix.transition], [node.step, { kind: node.kind, frames: node.frames }]);
      both(native.mix.from, node.from);
      both(native.mix.to, node.to);
    }
  };
  both(scene.layers, resolved.nodes);
  const heard = { x: 0, y: 0, width: 1, height: 1, fit: 'contain', opacity: 0, crop: { left: 0, top: 0, right: 0, bottom: 0 } };
  for (const [i, { player, gain }] of resolved.sounds.entries()) one(scene.layers[resolved.nodes.length + i], player, { ...heard, gain });
  same(scene.layers.length, resolved.nodes.length + resolved.sounds.length);
  return films;
}

describe('three days of a loop', () => {
  afterEach(() => { vi.useRealTimers(); });

  it('shows in every frame what belongs there, with a bounded number of films open', async () => {
    const core = begin();
    const program = core.createProgram(programOptions(NTSC));
    program.addSource({ id: 'src_cam', mode: 'live', slots: 4, fallbackId: null, delayUs: 0 });
    const timelines = new Timelines({ core, program, places, format: NTSC, log: silentLog, bootId: 'boot-1' });
    timelines.start();
    timelines.apply(desired({ sources, timelines: [known('tml_1', line), known('tml_in', inner)] }));
    const compiled: CompiledTimeline = compileTimeline(line, rate, {
      source: (id) => sources.find((one) => one.id === id), scene: () => undefined, overlay: () => undefined, timeline: (id) => (id === 'tml_in' ? inner : undefined),
    });
    const began = core.monotonicUs();
    const taking = timelines.take('tml_1', { is: 'from', positionMs: 0 }, { way: () => undefined, shown: () => {} });
    for (let i = 0; i < 10; i++) {
      core.advance(50);
      await vi.advanceTimersByTimeAsync(50);
    }
    const { frame: zero } = await taking;

    let last: NativeScene | undefined;
    let until = -1;
    let films: Running[] = [];
    let looked = 0;
    let wrong = '';
    program.onFrame = (frame, scene) => {
      const position = frame - zero;
      if (position < 0 || wrong) return;
      looked += 1;
      if (scene !== last || position >= until) {
        const resolved = resolve(compiled, position);
        films = compare(scene!, resolved, position);
        until = resolved.next;
        last = scene;
      }
      for (const { id, atZero } of films) {
        const at = program.positionOf(id);
        // A clip begins at the frame nearest to its moment: half a frame, and the sliver that µs cannot say.
        if (Math.abs(at - atZero - position) > 0.51) wrong ||= `position ${position}: ${id} is at ${at}, not at ${atZero + position}`;
      }
    };
    const { frame: from } = program.stats();
    let warmBytes = NaN;
    for (let passedMs = 0; passedMs < HOURS * 3_600_000; passedMs += STEP_MS) {
      if (passedMs === WARM_HOURS * 3_600_000) warmBytes = heapBytes();
      core.advance(STEP_MS);
      vi.advanceTimersByTime(STEP_MS);
      if (passedMs % 60_000 !== 0) continue;
      program.levels();
      await Promise.resolve();
    }
    expect(wrong).toBe('');
    // Frames are the clock's, to the dot.
    const { frame } = program.stats();
    expect(looked).toBe(frame - Math.max(from, zero - 1));
    expect(frame).toBe(Math.floor((core.monotonicUs() * rate.num) / (rate.den * 1e6)));
    expect((core.monotonicUs() - began) / 3.6e9).toBeGreaterThanOrEqual(HOURS);
    const laps = Math.floor((HOURS * 3_600_000) / 61_237);
    const status = timelines.status()!;
    expect(status).toMatchObject({ state: 'playing', lap: laps, failedClips: 0, lateClips: 0 });
    expect(Math.abs(status.positionMs - ((frame - zero) * 1001) / 30)).toBeLessThan(1);
    expect(decoders.opened).toBeGreaterThan(laps * 9);
    expect(decoders.most).toBeLessThanOrEqual(9);
    expect(program.sourceIds.length).toBeLessThanOrEqual(10);
    expect(program.planned(last!.id).length).toBeLessThan(60);
    const grownMb = (heapBytes() - warmBytes) / 1e6;
    console.log(`${HOURS} h: ${looked} frames, ${decoders.opened} films opened, heap ${grownMb.toFixed(2)} MB more than after ${WARM_HOURS} h`);
    expect(grownMb).toBeLessThan(2);
    await timelines.stop();
    expect([...decoders.files]).toEqual([]);
    program.stop();
  });
});
