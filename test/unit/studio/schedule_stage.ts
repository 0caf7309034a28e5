/** The scheduler on a clock of the test, with an engine that takes what it is asked for when it is due. */
import { setUpNewHome } from '../../../src/studio/first-start.js';
import type { EngineDesired, PlaybackRequest, TakeReply, TakeRequest } from '../../../src/protocol/link.js';
import type { Playback } from '../../../src/protocol/playback.js';
import type { ScheduleEvent } from '../../../src/protocol/schedule.js';
import type { ProgramTarget } from '../../../src/protocol/status.js';
import { ServerError } from '../../../src/runtime/errors.js';
import { silentLog } from '../../../src/runtime/log.js';
import { DesiredState } from '../../../src/studio/desired-state.js';
import type { MediaPaths } from '../../../src/studio/media-paths.js';
import type { MediaProbe } from '../../../src/studio/media-probe.js';
import { Model } from '../../../src/studio/model.js';
import { ReportBook } from '../../../src/studio/reports.js';
import { Vault } from '../../../src/studio/secrets/vault.js';
import { Broadcast } from '../../../src/studio/services/broadcast.js';
import { Destinations } from '../../../src/studio/services/destinations.js';
import { PlaybackService } from '../../../src/studio/services/playback.js';
import { Program } from '../../../src/studio/services/program.js';
import { Schedule } from '../../../src/studio/services/schedule.js';
import { Scheduler } from '../../../src/studio/services/scheduler.js';
import { SettingsService } from '../../../src/studio/services/settings.js';
import { Timelines } from '../../../src/studio/services/timelines.js';
import { FakeClock } from '../../fakes/fake-clock.js';
import { MemoryStore } from '../../fakes/memory-store.js';

const BOOT = 'boot';
/** The real one hands a take to its compositor this long before. */
const HANDED_MS = 250;

export interface Shown {
  /** When it came on, by the wall clock of then. */
  at: string;
  /** Name of a timeline, `source` or `scene`. */
  what: string;
  /** Of a timeline, ms. */
  positionMs: number | null;
}

/** Takes what it is asked for, and cancels what waits when something else is taken. */
export class FakeEngine {
  target: ProgramTarget = { sourceId: '' };
  playback: Playback | undefined;
  away = false;
  /** It takes its time for what it is asked for at once, as for a file that is not open. */
  slowMs = 0;
  takes = 0;
  readonly shown: Shown[] = [];
  /** What it was last told. */
  desired: () => EngineDesired = () => { throw new Error('nothing yet'); };
  nameOf: (target: ProgramTarget) => string = () => '';
  readonly #waiting = new Set<(error: Error) => void>();

  constructor(private readonly clock: FakeClock) {}

  ask(name: string, payload: TakeRequest | PlaybackRequest): Promise<TakeReply> {
    if (this.away) return Promise.reject(new ServerError('ENGINE_AWAY', 'The engine is away.'));
    if (name !== 'take') throw new Error('not played here');
    const { atUs, ...take } = payload as TakeRequest & { atUs?: number };
    if ('timelineId' in take.target && !this.desired().timelines.some(({ id }) => id === (take.target as { timelineId: string }).timelineId)) {
      return Promise.reject(new ServerError('NOT_FOUND', 'The engine was not told of that timeline.'));
    }
    if (atUs === undefined && this.slowMs > 0) {
      return new Promise((resolve) => { this.clock.after(this.slowMs, () => resolve(this.#take(take, this.clock.monotonicMs()))); });
    }
    if (atUs === undefined) return Promise.resolve(this.#take(take, this.clock.monotonicMs()));
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      const dueMs = atUs / 1000;
      this.clock.after(Math.max(0, dueMs - HANDED_MS - this.clock.monotonicMs()), () => {
        if (!this.#waiting.delete(reject)) return;
        if (this.away) reject(new ServerError('LINK_CLOSED', 'The engine went away.'));
        else resolve(this.#take(take, Math.max(dueMs, this.clock.monotonicMs())));
      });
    });
  }

  /** Where the timeline on program is, ms. */
  positionMs(monotonicMs = this.clock.monotonicMs()): number | null {
    const { playback } = this;
    if (!playback) return null;
    return playback.is === 'playing' ? monotonicMs - playback.zeroUs / 1000 : playback.is === 'paused' ? playback.positionMs : 0;
  }

  #take({ target, start }: TakeRequest, onMs: number): TakeReply {
    for (const reject of this.#waiting) reject(new ServerError('CONFLICT', 'Something else was put on program before the timeline was ready.'));
    this.#waiting.clear();
    const zero = (positionMs: number): Playback => ({ is: 'playing', zeroUs: (onMs - positionMs) * 1000, bootId: BOOT, zeroWallMs: this.clock.wallMs() + onMs - this.clock.monotonicMs() - positionMs });
    this.target = target;
    this.playback = 'timelineId' in target ? (start?.is === 'as' ? start.playback : zero(start?.positionMs ?? 0)) : undefined;
    const at = new Date(Math.round(this.clock.wallMs() + onMs - this.clock.monotonicMs())).toISOString().replace('.000Z', 'Z');
    const positionMs = this.positionMs(onMs);
    this.shown.push({ at, what: this.nameOf(target), positionMs: positionMs === null ? null : Math.round(positionMs) });
    return { frame: Math.round(onMs * 0.03), ptsMs: onMs, take: ++this.takes, ...(this.playback ? { playback: this.playback } : {}) };
  }
}

export class ScheduleStage {
  readonly clock = new FakeClock();
  readonly store = new MemoryStore();
  readonly engine = new FakeEngine(this.clock);
  model!: Model;
  program!: Program;
  playback!: PlaybackService;
  schedule!: Schedule;
  scheduler!: Scheduler;
  broadcast!: Broadcast;
  destinations!: Destinations;
  timelines!: Timelines;
  settings!: SettingsService;

  private constructor() {}

  /** A new home at a moment, in UTC. */
  static async open(at: string): Promise<ScheduleStage> {
    const stage = new ScheduleStage();
    stage.clock.setWall(Date.parse(at));
    await stage.#boot();
    return stage;
  }

  async #boot(): Promise<void> {
    const { clock, engine } = this;
    const model = new Model(this.store, () => new Vault(Buffer.alloc(32, 1)), clock);
    await model.start();
    if (model.isNew) await setUpNewHome(model);
    const media = { find: () => ({ is: 'missing', path: '' }), check: () => Promise.resolve() } as unknown as MediaPaths;
    const reports = new ReportBook(clock);
    const desired = new DesiredState(model, media, reports, '/media');
    engine.desired = () => desired.of('engine');
    engine.nameOf = (target) => ('timelineId' in target ? model.find('timeline', target.timelineId)!.data.name : 'sceneId' in target ? 'scene' : 'source');
    this.model = model;
    this.program = new Program({
      model, desired, log: silentLog, clock, bootId: BOOT, askEngine: ({ name, payload }) => engine.ask(name, payload as TakeRequest | PlaybackRequest), onAsked: () => undefined, onFailed: () => undefined,
    });
    this.broadcast = new Broadcast(model, reports, () => undefined);
    this.destinations = new Destinations(model);
    this.timelines = new Timelines({ model, program: this.program, reports, media, probe: {} as MediaProbe });
    this.playback = new PlaybackService(this.program, this.timelines, reports);
    this.settings = new SettingsService(model);
    this.schedule = new Schedule(model, clock, 'UTC');
    this.scheduler = new Scheduler({ model, schedule: this.schedule, program: this.program, broadcast: this.broadcast, clock, log: silentLog });
    this.scheduler.start();
    await clock.advance(1);
  }

  /** The studio ends at once, and is away for a while. */
  async crash(awayMs = 0): Promise<void> {
    await this.scheduler.stop();
    await this.clock.leap(awayMs);
    await this.#boot();
  }

  async timeline(name: string, durationMs = 600_000, loop = true): Promise<string> {
    const { id } = await this.timelines.create({ name, loop, durationMs, tracks: [{ kind: 'video', clips: [{ sourceId: this.sourceId, startMs: 0, durationMs: Math.max(durationMs, 1) }] }] });
    return id;
  }

  /** Plays a timeline daily at a time. */
  daily(name: string, at: string, timelineId: string, forMs: number | null, more: object = {}, play: object = {}): Promise<ScheduleEvent> {
    return this.schedule.create({ name, when: { kind: 'daily', at }, do: { action: 'play', timelineId, forMs, ...play }, ...more });
  }

  get sourceId(): string {
    return this.model.state.sources[2]!.id;
  }

  get sceneId(): string {
    return this.model.state.scenes[0]!.id;
  }

  /** To a moment by the wall clock, or on by so many ms. What is far away is leapt over, as over a sleep. */
  async to(at: string | number): Promise<void> {
    const end = typeof at === 'number' ? this.clock.wallMs() + at : Date.parse(at);
    const far = end - this.clock.wallMs() - 10_000;
    if (far > 0) await this.clock.leap(far);
    await this.clock.advance(Math.max(0, end - this.clock.wallMs()));
  }

  /** What came on since it was last asked, and when. */
  shown(): (string | number | null)[][] {
    return this.engine.shown.splice(0).map(({ at, what, positionMs }) => [at.slice(11), what, positionMs]);
  }

  get onAir(): string {
    return this.engine.nameOf(this.engine.target);
  }

  lastRun(id: string): (string | null)[] | null {
    const run = this.schedule.get(id).lastRun;
    return run && [run.dueAt.slice(11, 19), run.result, run.problem];
  }
}
