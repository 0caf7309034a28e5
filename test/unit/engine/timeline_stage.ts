/**
 * Timelines on fake time, with decoders that decode nothing: what every frame of the program shows, film by film and frame by
 * frame of each, beside what the domain's `resolve` says that it should.
 */
import { expect, vi } from 'vitest';
import { compileTimeline, type CompiledTimeline } from '../../../src/domain/timeline/compile.js';
import type { Node, Player, ResolvedLayer } from '../../../src/domain/timeline/model.js';
import { frameAt, frameDueAt, usOf, type Rate } from '../../../src/domain/timeline/rate.js';
import { resolve } from '../../../src/domain/timeline/resolve.js';
import type { NativeLayer, NativeNode, NativeScene } from '../../../src/engine/native.js';
import { overlayPictureId, programOptions, SLATE_ID, type VideoFormat } from '../../../src/engine/scene-plan.js';
import { Timelines } from '../../../src/engine/timeline/timelines.js';
import type { EngineDesired, EngineTimeline, TakeReply, TimelineStart } from '../../../src/protocol/link.js';
import type { Playback } from '../../../src/protocol/playback.js';
import { Layer, type Transition } from '../../../src/protocol/resources.js';
import { TimelineInput, type TimelineDocument } from '../../../src/protocol/timeline.js';
import { withIds } from '../../../src/domain/timeline/with-ids.js';
import { silentLog } from '../../../src/runtime/log.js';
import type { FakeNativeProgram } from '../../fakes/native-program.js';
import { begin, children, desired, film, camera, pass, places, source, sourceOf, type FakeChild } from './doubles.js';

export const PAL: VideoFormat = { width: 640, height: 360, rate: { num: 25, den: 1 } };
export const NTSC: VideoFormat = { width: 640, height: 360, rate: { num: 30_000, den: 1001 } };

type Raw = Record<string, unknown>;

/** `clips` of one video track, or whole tracks. Clips are named c1, c2 … where they are not. */
export function document({ clips, tracks, ...rest }: { clips?: Raw[]; tracks?: Raw[] } & Raw): TimelineDocument {
  const counts = { track: 0, clip: 0 };
  const input = TimelineInput.parse({ name: 'x', ...rest, tracks: tracks ?? [{ kind: 'video', clips: clips ?? [] }] });
  return withIds(input, (kind) => (kind === 'track' ? `t${++counts.track}` : `c${++counts.clip}`));
}

/** A clip of a source. */
export const clip = (sourceId: string, startMs: number, durationMs: number, rest: Raw = {}): Raw => ({ sourceId, startMs, durationMs, ...rest });

export const stopped: Playback = { is: 'stopped' };
export const known = (id: string, of: TimelineDocument, revision = 1, playback: Playback = stopped): EngineTimeline => ({ id, revision, document: of, playback });

/** What a decoder does with a file. */
export interface FilmDouble {
  /** Until its first picture. */
  slowMs?: number;
  /** Until its first picture, when its sound is there after `slowMs`. */
  pictureMs?: number;
  /** How many program frames it is long. */
  frames?: number;
  /** It says what is wrong and ends. */
  broken?: boolean;
  /** Its sound plays, its pictures are refused. */
  blind?: boolean;
}

export const SOURCES = [
  camera('src_cam'), film('src_a'), film('src_b'), film('src_c', { inMs: 2000 }), source({ id: 'src_song', kind: 'audio', path: '/media/src_song.mp4' }),
  film('src_round', { loop: true }), source({ id: 'src_blue', kind: 'color', color: '#0000ff' }),
];

export class TimelineStage {
  readonly program: FakeNativeProgram;
  readonly timelines: Timelines;
  readonly rate: Rate;
  /** By the end of the file's path, without its kind. */
  readonly films = new Map<string, FilmDouble>();
  /** What each frame since `record` showed. */
  readonly frames: { frame: number; layers: unknown }[] = [];
  wish: Pick<EngineDesired, 'timelines' | 'sources' | 'scenes' | 'overlays' | 'armed'>;
  /** The most sources that there were at once. */
  mostSources = 0;

  constructor(readonly format = PAL, bootId = places.bootId) {
    this.rate = format.rate;
    children.onSpawn = (child) => this.#decode(child);
    this.program = children.core.createProgram(programOptions(format));
    this.wish = desired({
      sources: SOURCES,
      scenes: [{ id: 'scn_pip', layers: [Layer.parse({ sourceId: 'src_cam' }), Layer.parse({ sourceId: 'src_a', x: 0.5, width: 0.5, height: 0.5 })] }],
    });
    for (const shared of SOURCES) this.program.addSource({ id: shared.id, mode: 'live', slots: 4, fallbackId: null, delayUs: 0 });
    this.timelines = new Timelines({ core: children.core, program: this.program, places, format, log: silentLog, bootId });
    this.timelines.start();
    this.program.onFrame = () => { this.mostSources = Math.max(this.mostSources, this.clipIds.length); };
  }

  /** Before a test: on fake time, with what stands on it. */
  static async open(): Promise<TimelineStage> {
    begin();
    const stage = new TimelineStage();
    await pass(100);
    return stage;
  }

  /** After a test: nothing is left of it. */
  async close(): Promise<void> {
    await this.stop();
    expect(children.all.filter((child) => !child.ended)).toEqual([]);
    vi.useRealTimers();
  }

  async stop(): Promise<void> {
    await Promise.all([this.timelines.stop(), pass(3000)]);
    this.program.stop();
  }

  /** Every frame from one on shows what `resolve` says, position 0 at `zeroFrame`. */
  expectFrames(of: TimelineDocument, zeroFrame: number, from: number, to: number): void {
    expect(this.recorded(from, to)).toEqual(this.expectedFrames(this.compile(of), from, to, zeroFrame));
  }

  tell(over: Partial<typeof this.wish>): void {
    this.wish = { ...this.wish, ...over };
    this.timelines.apply(this.wish);
  }

  /** Native sources that are a playout's. */
  get clipIds(): string[] {
    return this.program.sourceIds.filter((id) => id.startsWith('clip:'));
  }

  /** The decoders at work, by the file they play. */
  get playing(): string[] {
    return children.running('vistter-decoder').map((child) => fileOf(child.args));
  }

  /** Takes a timeline while time passes. */
  async take(id = 'tml_1', start?: TimelineStart, transition?: Transition, atUs?: number): Promise<TakeReply & { scene: NativeScene }> {
    let scene: NativeScene | undefined;
    let reply: TakeReply | undefined;
    let failed: unknown;
    const taking = { way: () => transition, shown: (taken: NativeScene) => { scene = taken; }, ...(atUs === undefined ? {} : { atFrame: frameDueAt(atUs, this.rate) }) };
    this.timelines.take(id, start, taking).then((answer) => { reply = answer; }, (error: unknown) => { failed = error; });
    for (let i = 0; !reply && !failed && i < 500; i++) await pass(10);
    if (!reply) throw failed ?? new Error('the take was never answered');
    return { ...reply, scene: scene! };
  }

  from(positionMs: number, id = 'tml_1', transition?: Transition): Promise<TakeReply> {
    return this.take(id, { is: 'from', positionMs }, transition);
  }

  async control(action: 'play' | 'pause' | 'seek' | 'stop', positionMs?: number, id = 'tml_1'): Promise<TakeReply> {
    let reply: TakeReply | undefined;
    let failed: unknown;
    const request = { timelineId: id, action, ...(positionMs === undefined ? {} : { positionMs }) };
    this.timelines.control(request, { way: () => undefined, shown: () => {} }).then((answer) => { reply = answer; }, (error: unknown) => { failed = error; });
    for (let i = 0; !reply && !failed && i < 500; i++) await pass(10);
    if (!reply) throw failed ?? new Error('never answered');
    return reply;
  }

  /** Writes down what each frame shows from now on. */
  record(): void {
    this.frames.length = 0;
    this.program.onFrame = (frame, to, from) => {
      this.mostSources = Math.max(this.mostSources, this.clipIds.length);
      const layers = (to?.layers ?? []).map((node) => this.#seen(node));
      this.frames.push({ frame, layers: from ? { from: from.layers.map((node) => this.#seen(node)), to: layers } : layers });
    };
  }

  /** What was written down for the frames from one on, up to another. */
  recorded(from: number, to = Infinity): { frame: number; layers: unknown }[] {
    return this.frames.filter(({ frame }) => frame >= from && frame < to);
  }

  compile(of: TimelineDocument): CompiledTimeline {
    const { sources, scenes, overlays, timelines } = this.wish;
    return compileTimeline(of, this.rate, {
      source: (id) => sources.find((one) => one.id === id),
      scene: (id) => scenes.find((one) => one.id === id),
      overlay: (id) => overlays.find((one) => one.id === id),
      timeline: (id) => timelines.find((one) => one.id === id)?.document as TimelineDocument | undefined,
    });
  }

  /** What should be seen at a position. */
  expected(compiled: CompiledTimeline, position: number): unknown {
    const { nodes, sounds } = resolve(compiled, position);
    const layer = ({ player, ...rest }: ResolvedLayer) => ({ ...this.#played(player, position), ...rest });
    const node = (one: Node): unknown => (one.type === 'layer' ? layer(one.layer) : { from: one.from.map(node), to: one.to.map(node), kind: one.kind, step: one.step, frames: one.frames });
    const heard = sounds.map(({ player, gain }) => ({
      ...this.#played(player, position), x: 0, y: 0, width: 1, height: 1, fit: 'contain', opacity: 0, crop: { left: 0, top: 0, right: 0, bottom: 0 }, gain,
    }));
    return [...nodes.map(node), ...heard];
  }

  /** What should be seen in frames, position 0 at `zeroFrame`. */
  expectedFrames(compiled: CompiledTimeline, from: number, to: number, zeroFrame: number): { frame: number; layers: unknown }[] {
    return Array.from({ length: to - from }, (_, i) => ({ frame: from + i, layers: this.expected(compiled, from + i - zeroFrame) }));
  }

  frameAt(ms: number): number {
    return frameAt(ms, this.rate);
  }

  /** The stage of a film that a frame shows, as `expected` has it. */
  #played(player: Player, position: number): object {
    if (player.type === 'shared') return { of: player.sourceId };
    if (player.type === 'overlay') return { of: overlayPictureId(player.overlayId) };
    const file = this.wish.sources.find(({ id }) => id === player.sourceId);
    if (!file || !('inMs' in file)) return { of: SLATE_ID };
    return { of: file.id, at: this.#filmFrame(player.inUs - file.inMs * 1000 + usOf(position - player.startPosition, this.rate)) };
  }

  #seen(node: NativeNode): unknown {
    if ('mix' in node) {
      const { from, to, transition, step } = node.mix;
      return { from: from.map((one) => this.#seen(one)), to: to.map((one) => this.#seen(one)), kind: transition.kind, step, frames: transition.frames };
    }
    const { sourceId, ...rest }: NativeLayer = node;
    if (!sourceId.startsWith('clip:')) return { of: sourceId, ...rest };
    const at = this.program.positionOf(sourceId);
    return at < 0 ? { of: 'nothing', ...rest } : { of: this.#files.get(sourceId), at, ...rest };
  }

  readonly #files = new Map<string, string>();

  #filmFrame(us: number): number {
    return Math.round((us * this.rate.num) / (this.rate.den * 1e6));
  }

  /** A decoder fills its ring from where it was told to begin. */
  #decode(child: FakeChild): void {
    if (child.program !== 'vistter-decoder' || child.args[0] !== 'file') return;
    const { id } = sourceOf(child)!;
    const file = fileOf(child.args);
    const { slowMs = 50, pictureMs, frames = Infinity, broken = false, blind = false } = this.films.get(file) ?? {};
    this.#files.set(id, file);
    setTimeout(() => {
      if (child.ended) return;
      if (broken) {
        child.say({ event: 'error', code: 'MEDIA_BROKEN', message: 'Nothing in the file could be decoded.' });
        child.exit(1);
        return;
      }
      const isSound = child.args.includes('--sound-only');
      // As a real one says it of a file without pictures.
      if (isSound) child.say({ event: 'format', width: 0, height: 0, fps: 0 });
      if (blind) {
        child.fallSilent().say({ event: 'format', width: 640, height: 360, fps: 25 });
        child.say({ event: 'error', code: 'VIDEO_CODEC', message: 'There is no decoder for it.' });
        let audioWritten = 0;
        const hears = setInterval(() => {
          if (child.ended) clearInterval(hears);
          else child.say({ event: 'stats', bytesRead: audioWritten, framesDecoded: 0, audioWritten: (audioWritten += 48_000), pictureStepMs: 0 });
        }, 1000);
      }
      const fromUs = Number(child.args[child.args.indexOf('--from-us') + 1]);
      const from = child.args.includes('--from-us') ? Math.floor((fromUs * this.rate.num) / (this.rate.den * 1e6) + 1e-3) : 0;
      if (pictureMs !== undefined) {
        child.say({ event: 'format', width: 640, height: 360, fps: 25 });
        setTimeout(() => { if (!child.ended) this.program.produce(id, { frames, from }); }, pictureMs - slowMs);
      }
      this.program.produce(id, { frames, from, ...(pictureMs === undefined && !blind && !isSound ? {} : { width: 0, height: 0 }) });
    }, slowMs);
  }
}

/** The name of the file that a decoder plays. */
export const fileOf = (args: readonly string[]): string => /([^/]+)\.\w+$/.exec(args[args.indexOf('--path') + 1] ?? '')![1]!;

/** The event loop stands still, the program goes on. */
export async function stall(ms: number): Promise<void> {
  children.core.advance(ms);
  await vi.advanceTimersByTimeAsync(ms);
}
