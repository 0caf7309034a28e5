/**
 * The timelines being played: the one on program, those that leave it, and the armed one. Five times a second the coming
 * three seconds of scenes are handed to the compositor, which changes them on their frames by itself: what JavaScript does
 * meanwhile moves nothing.
 */
import { msOf, type Rate } from '../../domain/timeline/rate.js';
import { comingRegion } from '../../domain/timeline/region.js';
import type { EditedReply, EditedRequest, EngineActual, EngineDesired, PlaybackRequest, TakeReply, TimelineStart } from '../../protocol/link.js';
import { STOPPED, type Playback, type Region } from '../../protocol/playback.js';
import type { Transition } from '../../protocol/resources.js';
import { ServerError } from '../../runtime/errors.js';
import type { Owner } from '../../runtime/lifecycle.js';
import type { NativeScene } from '../native.js';
import { planTransition, sourcesOf } from '../scene-plan.js';
import { Armed } from './armed.js';
import { TimelineDocuments, type KnownTimeline } from './documents.js';
import { FolderFiles } from './folder-files.js';
import type { Interlude } from './motion.js';
import { Playing, resumed } from './playing.js';
import { Runs, type RunsOptions } from './runs.js';
import type { TimelineRun } from './timeline-run.js';

const STEP_MS = 200;

/** What happens with a take beside it. */
export interface Taking {
  /** Asked when it is settled on which frame that is: by which transition the program goes there. */
  way(frame: number): Transition | undefined;
  /** Taken with this one, ready or not; left out: as soon as it is ready. */
  atFrame?: number;
  /** Told of the scene in the same breath in which it is taken. */
  shown(scene: NativeScene, frame: number): void;
  /** Nobody takes it now, it was on program before: it has the interlude that that was to have. */
  adopted?: boolean;
}

export class Timelines implements Owner {
  readonly runs: Runs;
  readonly documents: TimelineDocuments;
  readonly #rate: Rate;
  readonly #folders: FolderFiles;
  #onProgram: Playing | undefined;
  readonly #armed: Armed;
  /** Seen until the transition away from them is over. */
  readonly #leaving: { run: TimelineRun; sinceFrame: number }[] = [];
  /** Comes on program by hand, and may go again. */
  #beside: Playing | undefined;
  /** Being made ready to be taken. */
  readonly #coming = new Set<Playing>();
  /** What the one on program is held for. */
  #interlude: Interlude | undefined;
  /** Those that could not go on at their last step: told once. */
  readonly #harmed = new WeakSet<TimelineRun>();
  /** The newest edit of the one on program. */
  #edited: { timelineId: string; revision: number; frame: number } | undefined;
  #latest = 0;
  #preparing = false;
  #steps: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: RunsOptions) {
    this.runs = new Runs(options);
    this.#rate = this.runs.rate;
    this.documents = new TimelineDocuments(this.#rate, options.log);
    this.#folders = new FolderFiles(options.log);
    this.#armed = new Armed(this.runs, this.documents);
  }

  start(): void {
    this.#steps = setInterval(() => this.#step(), STEP_MS);
  }

  stop(): Promise<void> {
    clearInterval(this.#steps);
    return (this.#stopped ??= (async () => {
      const runs = [this.#onProgram?.run, this.#armed.playing?.run, this.#beside?.run, ...this.#leaving.map(({ run }) => run), ...[...this.#coming].map(({ run }) => run)];
      this.#latest++;
      await Promise.all(runs.map((run) => run?.stop()));
    })());
  }

  /** What is wanted of timelines, apart from which is on program. An edit takes effect on the next frame. */
  apply(desired: Pick<EngineDesired, 'timelines' | 'sources' | 'scenes' | 'overlays' | 'armed'> & Partial<Pick<EngineDesired, 'folders'>>): void {
    const sources = [...desired.sources, ...this.#folders.apply(desired.folders ?? [])];
    this.runs.files = new Map(sources.flatMap((source) => (source.kind === 'media' || source.kind === 'audio' || source.kind === 'image' ? [[source.id, source]] : [])));
    for (const changed of this.documents.apply({ ...desired, sources })) {
      for (const playing of [this.#onProgram, this.#armed.playing, this.#beside, ...this.#coming]) if (playing?.id === changed.id) this.#edit(playing, changed);
    }
    this.#armed.want(desired.armed);
    this.#holdArmed();
  }

  /**
   * Makes a timeline ready and puts it on program. Resolves with the first frame that shows it.
   * @throws ServerError NOT_FOUND, CONFLICT when another take came in between
   */
  async take(timelineId: string, start: TimelineStart | undefined, taking: Taking): Promise<TakeReply> {
    const known = this.documents.get(timelineId);
    if (!known) throw new ServerError('NOT_FOUND', `There is no timeline ${timelineId}.`);
    const { atFrame } = taking;
    const isHeld = start?.is === 'as' && start.playback.is !== 'playing';
    // One whose time has not come leaves what others ask for alone, and gives way to it.
    const mine = atFrame === undefined ? ++this.#latest : this.#latest;
    const playing = this.#armed.take(known, start) ?? new Playing(this.runs, known, start ?? resumed(known.playback), taking.adopted ? this.#interlude : undefined);
    if (atFrame === undefined) this.#preparing = true;
    this.#coming.add(playing);
    try {
      const isWanted = (): boolean => mine === this.#latest;
      // A picture that is to be held waits for all that is in it.
      if (atFrame === undefined) await this.runs.untilReady(playing.run, isWanted, () => !isHeld || !playing.frozen || this.#allThere(playing.run.sceneAt(0)));
      else await this.runs.untilFrame(playing.run, isWanted, atFrame);
      if (mine !== this.#latest) throw new ServerError('CONFLICT', 'Something else was put on program before the timeline was ready.');
    } catch (error) {
      void playing.run.stop();
      throw error;
    } finally {
      this.#coming.delete(playing);
      if (mine === this.#latest) this.#preparing = false;
    }
    if (atFrame !== undefined) this.#latest++;
    const frame = Math.max(this.runs.soon(), atFrame ?? 0);
    const { scene, taken } = this.#putOn(playing, frame, isHeld, taking);
    this.#leave(frame);
    this.#onProgram = playing;
    taking.shown(scene, taken);
    this.unharmed(playing.run, () => this.runs.plan(playing.run));
    return { frame: taken, ptsMs: msOf(taken, this.#rate), playback: playing.playback };
  }

  /** One that the compositor does not take leaves what is on program as it was. */
  #putOn(playing: Playing, frame: number, isHeld: boolean, taking: Taking): { scene: NativeScene; taken: number } {
    try {
      const transition = taking.way(frame);
      if (!playing.run.running && !isHeld) playing.run.run(frame, playing.run.positionAt(frame));
      const scene = playing.show(frame);
      return { scene, taken: this.options.program.takeAt(frame, scene, planTransition(transition, this.options.format)).frame };
    } catch (error) {
      void playing.run.stop();
      throw error;
    }
  }

  /**
   * Plays a timeline beside the one on program, from where it stands: it comes on program by hand, or goes again. Gives what it shows.
   * @throws ServerError NOT_FOUND
   */
  beside(timelineId: string): NativeScene {
    const known = this.documents.get(timelineId);
    if (!known) throw new ServerError('NOT_FOUND', `There is no timeline ${timelineId}.`);
    const playing = this.#armed.take(known, undefined) ?? new Playing(this.runs, known, resumed(known.playback));
    const frame = this.runs.soon();
    if (!playing.run.running) playing.run.run(frame, playing.run.positionAt(frame));
    const scene = playing.show(this.runs.now());
    if (this.#beside) this.#leaving.push({ run: this.#beside.run, sinceFrame: frame });
    this.#beside = playing;
    this.unharmed(playing.run, () => this.runs.plan(playing.run));
    return scene;
  }

  /** The one beside has come on program with `frame`; tells where it stands. */
  settle(frame: number): Playback | undefined {
    const playing = this.#beside;
    this.#beside = undefined;
    this.left(frame);
    this.#onProgram = playing;
    return playing?.playback;
  }

  /** The one beside is seen until `frame`, and not any more. */
  dropBeside(frame: number, timelineId: string): void {
    const playing = this.#beside;
    if (playing?.id !== timelineId) return;
    this.#leaving.push({ run: playing.run, sinceFrame: frame });
    this.#beside = undefined;
    this.#holdArmed();
  }

  /** What the armed one shows where it stands; undefined: none is armed. */
  armedScene(): NativeScene | undefined {
    const run = (this.#armed.playing ?? this.#beside)?.run;
    return run?.sceneAt(this.runs.now());
  }

  /** Something else is on program from `frame` on. */
  left(frame: number): void {
    this.#latest++;
    this.#preparing = false;
    this.#leave(frame);
  }

  /**
   * The one on program is to be held over an interlude, and to go on where it was: told ahead.
   * @param adopting one that comes on program by itself is to have it too
   * @returns where it stands once that is over; undefined when there is none that runs
   */
  interrupt(interlude: Interlude, adopting = false): Playback | undefined {
    const playing = this.#onProgram;
    if (adopting || playing?.run.running) this.#interlude = interlude;
    if (!playing?.run.running) return undefined;
    playing.run.interrupt(interlude);
    this.runs.plan(playing.run);
    return playing.playback;
  }

  /** One that has an interlude, or is to, goes on with `frame` already; tells which, and where it stands. */
  goOn(frame: number): { timelineId: string; playback: Playback } | undefined {
    const playing = this.#interlude && this.#onProgram;
    this.#interlude = undefined;
    if (!playing?.run.running) return undefined;
    playing.run.goOn(frame);
    this.runs.plan(playing.run);
    return { timelineId: playing.id, playback: playing.playback };
  }

  /** @throws ServerError NOT_FOUND, CONFLICT when that timeline is not on program */
  async control({ timelineId, action, positionMs, region, live = false }: PlaybackRequest, taking: Taking): Promise<TakeReply> {
    const playing = this.#onProgram;
    if (playing?.id !== timelineId) throw new ServerError('CONFLICT', 'That timeline is not on program. Play it first.');
    const known = this.documents.get(timelineId);
    if (!known) throw new ServerError('NOT_FOUND', `There is no timeline ${timelineId}.`);
    const frame = this.runs.soon();
    switch (action) {
      case 'pause': {
        const already = !playing.run.running && playing.frozen === !live;
        if (playing.run.running) playing.run.hold(frame);
        playing.frozen = !live;
        if (!already) this.#planHeld(playing, frame, playing.show(frame));
        break;
      }
      case 'play':
        if (positionMs !== undefined) return this.take(timelineId, { is: 'from', positionMs }, taking);
        taking.way(frame);
        if (!playing.run.running) {
          playing.run.run(frame, playing.run.positionAt(frame));
          this.runs.plan(playing.run);
        }
        break;
      case 'seek': {
        const round = region === undefined ? playing.region : (region ?? undefined);
        const to = { positionMs: positionMs ?? 0, ...(round ? { region: round } : {}) };
        const start: TimelineStart = playing.run.running ? { is: 'from', ...to } : { is: 'as', playback: { is: 'paused', ...to, ...(playing.frozen ? {} : { live: true }) } };
        return this.take(timelineId, start, taking);
      }
      case 'region':
        this.#goRound(playing, known, region ?? null, frame);
        break;
      case 'stop':
        return this.take(timelineId, { is: 'as', playback: STOPPED }, taking);
      default:
        action satisfies never;
    }
    return { frame, ptsMs: msOf(frame, this.#rate), playback: playing.playback };
  }

  /** @throws ServerError CONFLICT when it is past that region */
  #goRound({ run }: Playing, { compiled }: KnownTimeline, region: Region | null, frame: number): void {
    const ahead = region && comingRegion(region, run.placeAt(frame), compiled);
    if (region && !ahead) throw new ServerError('CONFLICT', 'The timeline is past the end of that region, or ends before there is a second of it. Seek to a place before it, or into it, and give the region with that.');
    run.goRound(ahead, frame);
    if (run.running) this.runs.plan(run);
  }

  /** For the report; of the one on program, else of the armed one. */
  status(): EngineActual['timeline'] {
    const playing = this.#onProgram ?? this.#armed.playing;
    const known = playing && this.documents.get(playing.id);
    if (!playing || !known) return null;
    const frame = this.runs.now();
    const position = Math.max(0, playing.run.placeAt(frame));
    const positionMs = msOf(position, this.#rate);
    const ended = playing.run.ended(frame);
    return {
      timelineId: playing.id, revision: known.revision,
      state: this.#preparing ? 'preparing' : ended ? 'ended' : playing.run.running ? 'playing' : playing.run.positionAt(frame) < 0 ? 'stopped' : 'paused',
      positionMs, durationMs: known.durationMs, ...(playing.region ? { region: playing.region } : {}),
      lap: known.document.loop && known.durationMs > 0 ? Math.floor(positionMs / known.durationMs) : 0,
      playback: playing.playback,
      failedClips: playing.run.failedClips, lateClips: playing.run.lateClips, open: playing.run.openPlayers,
    };
  }

  /**
   * What cannot be worked out of one timeline, by whatever mistake, costs it what it would have shown next: its last scene stays,
   * all else goes on, and the next step tries again.
   */
  unharmed(run: TimelineRun, work: () => void): void {
    try {
      work();
      this.#harmed.delete(run);
    } catch (error) {
      if (!this.#harmed.has(run)) this.options.log.error({ err: error, scene: run.sceneId }, 'a timeline could not go on; its last picture stays');
      this.#harmed.add(run);
      // What was worked out may not have arrived.
      run.forgetPlan();
    }
  }

  #step(): void {
    const { inTransition, sources } = this.options.program.stats();
    const frame = this.runs.now();
    for (let i = this.#leaving.length - 1; i >= 0; i--) {
      const { run, sinceFrame } = this.#leaving[i]!;
      if (frame <= sinceFrame || inTransition) {
        this.unharmed(run, () => {
          run.tend(frame);
          this.runs.plan(run);
        });
        continue;
      }
      this.#leaving.splice(i, 1);
      this.options.program.plan(run.sceneId, 0, []);
      void run.stop();
    }
    if (this.#interlude && frame >= this.#interlude.to) this.#interlude = undefined;
    const armed = this.#armed.playing?.run;
    if (armed) this.unharmed(armed, () => armed.tend(frame));
    const beside = this.#beside?.run;
    if (beside) {
      this.unharmed(beside, () => {
        beside.tend(frame);
        this.runs.plan(beside);
      });
    }
    const run = this.#onProgram?.run;
    if (!run) return;
    this.unharmed(run, () => {
      run.tend(frame);
      run.watch(frame, sources);
      this.runs.plan(run);
    });
  }

  #edit(playing: Playing, known: KnownTimeline): void {
    const frame = this.runs.now() + 1;
    this.unharmed(playing.run, () => {
      playing.run.edit(known.compiled, frame, known.keeps);
      if (playing !== this.#onProgram && playing !== this.#beside) return;
      let shown = frame;
      if (playing.run.running) shown = this.runs.plan(playing.run);
      else this.#planHeld(playing, frame, playing.showOther(frame));
      if (playing === this.#onProgram) this.#edited = { timelineId: known.id, revision: known.revision, frame: shown };
    });
  }

  /**
   * The first frame that shows a revision of the timeline on program.
   * @throws ServerError CONFLICT when it is not on program, or that revision did not come there by an edit
   */
  edited({ timelineId, revision }: EditedRequest): EditedReply {
    const edited = this.#edited;
    if (this.#onProgram?.id !== timelineId || edited?.timelineId !== timelineId || edited.revision < revision) {
      throw new ServerError('CONFLICT', 'That revision of the timeline is not on program.');
    }
    return { frame: edited.frame, ptsMs: msOf(edited.frame, this.#rate) };
  }

  /** What is shown of one that is held, where that is something else. */
  #planHeld({ run }: Playing, frame: number, scene: NativeScene | undefined): void {
    if (scene) this.options.program.plan(run.sceneId, frame, [{ frame, scene }]);
  }

  /** No source that a scene shows has yet to come. */
  #allThere(scene: NativeScene): boolean {
    const ids = sourcesOf(scene);
    const { rendered, sources } = this.options.program.stats();
    return rendered > 0 && sources.every(({ id, state }) => state !== 'waiting' || !ids.has(id));
  }

  #holdArmed(): void {
    this.#armed.hold([this.#onProgram, this.#beside]);
  }

  #leave(frame: number): void {
    if (this.#onProgram) this.#leaving.push({ run: this.#onProgram.run, sinceFrame: frame });
    this.#onProgram = undefined;
  }
}
