/**
 * The timelines being played: the one on program, those that leave it, and the armed one. Twice a second and more the coming
 * three seconds of scenes are handed to the compositor, which changes them on their frames by itself: what JavaScript does
 * meanwhile moves nothing.
 */
import type { Rate } from '../../domain/timeline/rate.js';
import { frameAt, usOf } from '../../domain/timeline/rate.js';
import type { EngineActual, EngineDesired, PlaybackRequest, TakeReply, TimelineStart } from '../../protocol/link.js';
import { STOPPED, type Playback } from '../../protocol/playback.js';
import type { Transition } from '../../protocol/resources.js';
import { systemClock, type Clock } from '../../runtime/clock.js';
import { ServerError } from '../../runtime/errors.js';
import type { Owner } from '../../runtime/lifecycle.js';
import type { Log } from '../../runtime/log.js';
import type { DecoderPlaces } from '../decoder-args.js';
import type { NativeCore, NativeProgram, NativeScene } from '../native.js';
import { frameDueAt, frameMs, planTransition, type VideoFormat } from '../scene-plan.js';
import type { FileSource } from './clip-player.js';
import { TimelineDocuments, type KnownTimeline } from './documents.js';
import { FolderFiles } from './folder-files.js';
import { TimelineRun } from './timeline-run.js';

const STEP_MS = 200;
/**
 * Less than a film is opened ahead. Burying a decoder (waitpid) was seen to hold the event loop for two seconds on a machine with
 * far too much to do, while others read that decoder's entry in /proc.
 */
const AHEAD_MS = 3000;
/** A take waits this long for the first pictures; then it is done without them. */
const READY_LIMIT_MS = 2000;
const LOOK_EVERY_MS = 20;
/** Frames from a decision to the frame it takes effect on: what a busy event loop may need. */
const NOTICE_FRAMES = 3;
/** One that is to be taken at a moment is handed to the compositor this many frames before. */
const HANDED_FRAMES = 8;

/** How one goes on that is played without a word from where. */
const resumed = (playback: Playback): TimelineStart =>
  playback.is === 'playing' ? { is: 'as', playback } : { is: 'from', positionMs: playback.is === 'paused' ? playback.positionMs : 0 };

export interface TimelinesOptions {
  core: NativeCore;
  program: NativeProgram;
  places: DecoderPlaces;
  format: VideoFormat;
  log: Log;
  bootId: string;
  clock?: Clock;
}

interface Playing {
  readonly id: string;
  run: TimelineRun;
  playback: Playback;
}

export class Timelines implements Owner {
  readonly #rate: Rate;
  readonly #documents: TimelineDocuments;
  readonly #clock: Clock;
  readonly #folders: FolderFiles;
  #files = new Map<string, FileSource>();
  #onProgram: Playing | undefined;
  #armed: Playing | undefined;
  /** Seen until the transition away from them is over. */
  readonly #leaving: { run: TimelineRun; sinceFrame: number }[] = [];
  /** Being made ready to be taken. */
  readonly #coming = new Set<TimelineRun>();
  #numbers = 0;
  #latest = 0;
  #preparing = false;
  #steps: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: TimelinesOptions) {
    this.#rate = { num: options.format.fpsNum, den: options.format.fpsDen };
    this.#documents = new TimelineDocuments(this.#rate, options.log);
    this.#folders = new FolderFiles(options.log);
    this.#clock = options.clock ?? systemClock;
  }

  start(): void {
    this.#steps = setInterval(() => this.#step(), STEP_MS);
  }

  stop(): Promise<void> {
    clearInterval(this.#steps);
    return (this.#stopped ??= (async () => {
      const runs = [this.#onProgram?.run, this.#armed?.run, ...this.#leaving.map(({ run }) => run), ...this.#coming];
      this.#latest++;
      await Promise.all(runs.map((run) => run?.stop()));
    })());
  }

  /** What is wanted of timelines, apart from which is on program. An edit takes effect on the next frame. */
  apply(desired: Pick<EngineDesired, 'timelines' | 'sources' | 'scenes' | 'overlays' | 'armed'> & Partial<Pick<EngineDesired, 'folders'>>): void {
    const sources = [...desired.sources, ...this.#folders.apply(desired.folders ?? [])];
    this.#files = new Map(sources.flatMap((source) => (source.kind === 'media' || source.kind === 'audio' || source.kind === 'image' ? [[source.id, source]] : [])));
    for (const changed of this.#documents.apply({ ...desired, sources })) {
      for (const playing of [this.#onProgram, this.#armed]) if (playing?.id === changed.id) this.#edit(playing, changed);
    }
    this.#arm(desired.armed);
  }

  /**
   * Makes a timeline ready and puts it on program. Resolves with the first frame that shows it.
   * @param isWanted asked once it is ready: something else may have been taken meanwhile
   * @param onScene told of the scene in the same breath in which it is taken
   * @param atUs taken with the frame that is due then, ready or not
   * @throws ServerError NOT_FOUND, CONFLICT when another take came in between
   */
  async take(timelineId: string, start: TimelineStart | undefined, transition: Transition | undefined, onScene: (scene: NativeScene, frame: number) => void, atUs?: number): Promise<TakeReply> {
    const known = this.#documents.get(timelineId);
    if (!known) throw new ServerError('NOT_FOUND', `There is no timeline ${timelineId}.`);
    const atFrame = atUs === undefined ? undefined : frameDueAt(atUs, this.options.format);
    // One whose time has not come leaves what others ask for alone, and gives way to it.
    const mine = atFrame === undefined ? ++this.#latest : this.#latest;
    const playing = this.#takeArmed(known, start) ?? this.#begin(known, start ?? resumed(known.playback));
    if (atFrame === undefined) this.#preparing = true;
    this.#coming.add(playing.run);
    try {
      await this.#untilReady(playing.run, () => mine === this.#latest, atFrame);
      if (mine !== this.#latest) throw new ServerError('CONFLICT', 'Something else was put on program before the timeline was ready.');
    } catch (error) {
      void playing.run.stop();
      throw error;
    } finally {
      this.#coming.delete(playing.run);
      if (mine === this.#latest) this.#preparing = false;
    }
    if (atFrame !== undefined) this.#latest++;
    const frame = Math.max(this.#now() + NOTICE_FRAMES, atFrame ?? 0);
    if (!playing.run.running && !(start?.is === 'as' && start.playback.is !== 'playing')) playing.run.run(frame, playing.run.positionAt(frame));
    this.#leave(frame);
    this.#onProgram = playing;
    const scene = playing.run.sceneAt(frame);
    const { frame: taken } = this.options.program.takeAt(frame, scene, planTransition(transition, this.options.format));
    onScene(scene, taken);
    this.#plan(playing.run);
    playing.playback = this.#playbackOf(playing);
    return { frame: taken, ptsMs: frameMs(taken, this.options.format), playback: playing.playback };
  }

  /** Something else is on program from `frame` on. */
  left(frame: number): void {
    this.#latest++;
    this.#preparing = false;
    this.#leave(frame);
  }

  /** @throws ServerError NOT_FOUND, CONFLICT when that timeline is not on program */
  async control({ timelineId, action, positionMs }: PlaybackRequest, onScene: (scene: NativeScene, frame: number) => void): Promise<TakeReply> {
    const playing = this.#onProgram;
    if (playing?.id !== timelineId) throw new ServerError('CONFLICT', 'That timeline is not on program. Play it first.');
    const known = this.#documents.get(timelineId);
    if (!known) throw new ServerError('NOT_FOUND', `There is no timeline ${timelineId}.`);
    const frame = this.#now() + NOTICE_FRAMES;
    switch (action) {
      case 'pause': {
        if (playing.run.running) playing.run.hold(frame);
        const scene = playing.run.sceneAt(frame);
        this.options.program.plan(playing.run.sceneId, frame, [{ frame, scene }]);
        break;
      }
      case 'play':
        if (positionMs !== undefined) return this.take(timelineId, { is: 'from', positionMs }, undefined, onScene);
        if (!playing.run.running) {
          playing.run.run(frame, playing.run.positionAt(frame));
          this.#plan(playing.run);
        }
        break;
      case 'seek': {
        const start: TimelineStart = playing.run.running
          ? { is: 'from', positionMs: positionMs ?? 0 }
          : { is: 'as', playback: { is: 'paused', positionMs: positionMs ?? 0 } };
        return this.take(timelineId, start, undefined, onScene);
      }
      case 'stop':
        return this.take(timelineId, { is: 'as', playback: STOPPED }, undefined, onScene);
      default:
        action satisfies never;
    }
    playing.playback = this.#playbackOf(playing);
    return { frame, ptsMs: frameMs(frame, this.options.format), playback: playing.playback };
  }

  /** For the report; of the one on program, else of the armed one. */
  status(): EngineActual['timeline'] {
    const playing = this.#onProgram ?? this.#armed;
    const known = playing && this.#documents.get(playing.id);
    if (!playing || !known) return null;
    const frame = this.#now();
    const position = Math.max(0, playing.run.positionAt(frame));
    const positionMs = Math.round(usOf(position, this.#rate) / 1000);
    const ended = playing.run.ended(frame);
    return {
      timelineId: playing.id, revision: known.revision,
      state: this.#preparing ? 'preparing' : ended ? 'ended' : playing.run.running ? 'playing' : playing.run.positionAt(frame) < 0 ? 'stopped' : 'paused',
      positionMs, durationMs: known.durationMs,
      lap: known.document.loop && known.durationMs > 0 ? Math.floor(positionMs / known.durationMs) : 0,
      failedClips: playing.run.failedClips, lateClips: playing.run.lateClips, open: playing.run.openPlayers,
    };
  }

  /** The last frame that was made; before the first, the one that would have been. */
  #now(): number {
    const { core, program } = this.options;
    const { frame, rendered } = program.stats();
    return rendered > 0 ? frame : Math.floor((core.monotonicUs() * this.#rate.num) / (this.#rate.den * 1e6));
  }

  #step(): void {
    const { inTransition, sources } = this.options.program.stats();
    const frame = this.#now();
    for (let i = this.#leaving.length - 1; i >= 0; i--) {
      const { run, sinceFrame } = this.#leaving[i]!;
      if (frame <= sinceFrame || inTransition) {
        run.tend(frame);
        this.#plan(run);
        continue;
      }
      this.#leaving.splice(i, 1);
      this.options.program.plan(run.sceneId, 0, []);
      void run.stop();
    }
    this.#armed?.run.tend(frame);
    const run = this.#onProgram?.run;
    if (!run) return;
    run.tend(frame);
    run.watch(frame, sources);
    this.#plan(run);
  }

  #plan(run: TimelineRun): void {
    const now = this.#now();
    const { fromFrame, entries } = run.planUpTo(now + 1, now + frameAt(AHEAD_MS, this.#rate));
    if (entries.length > 0) this.options.program.plan(run.sceneId, fromFrame, entries);
  }

  #edit(playing: Playing, known: KnownTimeline): void {
    const frame = this.#now() + 1;
    playing.run.edit(known.compiled, frame, known.keeps);
    if (playing !== this.#onProgram) return;
    if (playing.run.running) this.#plan(playing.run);
    else this.options.program.plan(playing.run.sceneId, frame, [{ frame, scene: playing.run.sceneAt(frame) }]);
  }

  #begin(known: KnownTimeline, start: TimelineStart): Playing {
    const { core, program, places, log } = this.options;
    const now = this.#now();
    const playback: Playback = start.is === 'as' ? start.playback : { is: 'paused', positionMs: start.positionMs };
    const zeroFrame = this.#zeroFrame(playback);
    // One that is stopped stands before its start, where there is nothing.
    const position = zeroFrame !== undefined ? now - zeroFrame : playback.is === 'paused' ? frameAt(Math.round(playback.positionMs), this.#rate) : -1;
    const sceneId = `timeline:${known.id}:${++this.#numbers}`;
    const run = new TimelineRun({
      core, program, places, log, rate: this.#rate,
      file: (id) => this.#files.get(id),
      nextNumber: () => ++this.#numbers,
      now: () => this.#now(),
    }, sceneId, known.compiled, position);
    if (zeroFrame !== undefined) run.run(now, position);
    run.tend(now);
    return { id: known.id, run, playback };
  }

  #arm(id: string | null): void {
    const known = id === null || this.#onProgram?.id === id ? undefined : this.#documents.get(id);
    const positionMs = known?.playback.is === 'paused' ? known.playback.positionMs : 0;
    const { playback } = this.#armed ?? {};
    if (this.#armed && (this.#armed.id !== known?.id || playback?.is !== 'paused' || playback.positionMs !== positionMs)) {
      void this.#armed.run.stop();
      this.#armed = undefined;
    }
    if (known) this.#armed ??= this.#begin(known, { is: 'from', positionMs });
  }

  /** The armed one, when that is what is asked for and it stands where it is to begin. */
  #takeArmed(known: KnownTimeline, start: TimelineStart | undefined): Playing | undefined {
    const armed = this.#armed;
    if (armed?.id !== known.id) return undefined;
    const position = armed.run.positionAt(0);
    const wanted = start?.is === 'from' ? frameAt(Math.round(start.positionMs), this.#rate) : start === undefined ? position : -1;
    this.#armed = undefined;
    if (wanted === position) return armed;
    void armed.run.stop();
    return undefined;
  }

  async #untilReady(run: TimelineRun, isWanted: () => boolean, atFrame: number | undefined): Promise<void> {
    const limit = this.#clock.monotonicMs() + READY_LIMIT_MS;
    const isDone = (): boolean => (atFrame === undefined
      ? run.ready(this.#now(), this.options.program.stats().sources) || this.#clock.monotonicMs() > limit
      : this.#now() + HANDED_FRAMES >= atFrame);
    while (isWanted() && !isDone()) {
      await new Promise<void>((done) => { this.#clock.after(LOOK_EVERY_MS, done); });
      if (isWanted()) run.tend(this.#now());
    }
  }

  #leave(frame: number): void {
    if (this.#onProgram) this.#leaving.push({ run: this.#onProgram.run, sinceFrame: frame });
    this.#onProgram = undefined;
  }

  /** The frame of position 0: by the machine's clock while it is the same boot, which a change of the wall clock does not move. */
  #zeroFrame(playback: Playback): number | undefined {
    if (playback.is !== 'playing') return undefined;
    const { core, bootId } = this.options;
    const zeroUs = playback.bootId === bootId ? playback.zeroUs : core.monotonicUs() - (this.#clock.wallMs() - playback.zeroWallMs) * 1000;
    return Math.round((zeroUs * this.#rate.num) / (this.#rate.den * 1e6));
  }

  #playbackOf({ run }: Playing): Playback {
    const zeroFrame = run.zeroFrame;
    if (zeroFrame === undefined) {
      const position = run.positionAt(0);
      return position < 0 ? STOPPED : { is: 'paused', positionMs: Math.round(usOf(position, this.#rate) / 1000) };
    }
    const zeroUs = usOf(zeroFrame, this.#rate);
    const { core, bootId } = this.options;
    return { is: 'playing', zeroUs, bootId, zeroWallMs: this.#clock.wallMs() - (core.monotonicUs() - zeroUs) / 1000 };
  }
}
