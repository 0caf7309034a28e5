/** The studio's part of emergencies and inserts on a clock and a store of the test, with an engine that answers as it is told. */
import type { EngineActual } from '../../../src/protocol/link.js';
import type { Log } from '../../../src/runtime/log.js';
import { silentLog } from '../../../src/runtime/log.js';
import { ServerError } from '../../../src/runtime/errors.js';
import { DesiredState } from '../../../src/studio/desired-state.js';
import { setUpNewHome } from '../../../src/studio/first-start.js';
import type { MediaPaths } from '../../../src/studio/media-paths.js';
import type { MediaProbe } from '../../../src/studio/media-probe.js';
import { Model } from '../../../src/studio/model.js';
import { ReportBook } from '../../../src/studio/reports.js';
import { Vault } from '../../../src/studio/secrets/vault.js';
import { AiringLog } from '../../../src/studio/services/airing-log.js';
import { Black } from '../../../src/studio/services/black.js';
import { Emergency } from '../../../src/studio/services/emergency.js';
import { InsertClock } from '../../../src/studio/services/insert-clock.js';
import { InsertPlayer } from '../../../src/studio/services/insert-player.js';
import { Inserts } from '../../../src/studio/services/inserts.js';
import { Operator } from '../../../src/studio/services/operator.js';
import { PlaybackService } from '../../../src/studio/services/playback.js';
import { Preview } from '../../../src/studio/services/preview.js';
import { Program, type EngineRequest } from '../../../src/studio/services/program.js';
import { SettingsService } from '../../../src/studio/services/settings.js';
import { Timelines } from '../../../src/studio/services/timelines.js';
import { FakeClock, settled } from '../../fakes/fake-clock.js';
import { MemoryStore } from '../../fakes/memory-store.js';
import { IDLE_ENGINE } from '../../support/studio-process.js';

export class InsertStage {
  readonly requests: EngineRequest[] = [];
  /** What the engine was told anew after a failure, by what was wanted of it then. */
  readonly retold: unknown[] = [];
  readonly warnings: string[] = [];
  model!: Model;
  desired!: DesiredState;
  program!: Program;
  emergency!: Emergency;
  player!: InsertPlayer;
  inserts!: Inserts;
  operator!: Operator;
  preview!: Preview;
  black!: Black;
  log!: AiringLog;
  clock_!: InsertClock;
  settings!: SettingsService;
  reports!: ReportBook;
  actual: EngineActual = IDLE_ENGINE;
  /** In place of what the engine answers by itself; a throw is its refusal. */
  answer: ((request: EngineRequest) => unknown) | undefined;
  isAway = false;
  /** The engine's. */
  pid = 1;
  takes = 0;
  fileMs: number | null = 8000;

  constructor(readonly store = new MemoryStore(), readonly clock = new FakeClock(), readonly bootId = 'boot') {}

  async open(): Promise<this> {
    const { store, clock, bootId } = this;
    this.model = new Model(store, () => new Vault(Buffer.alloc(32, 1)), clock);
    await this.model.start();
    if (this.model.isNew) await setUpNewHome(this.model);
    const media = { check: async () => undefined, find: (path: string) => ({ is: 'found', path: `/media/${path}` }) } as unknown as MediaPaths;
    const probe = { look: async (files: Map<string, unknown>) => new Map([...files.keys()].map((key) => [key, { is: 'ok', durationMs: this.fileMs }])) } as unknown as MediaProbe;
    this.reports = new ReportBook(clock);
    this.desired = new DesiredState(this.model, media, this.reports, '/media');
    const asking = {
      askEngine: (request: EngineRequest) => this.#ask(request), onAsked: () => undefined,
      onFailed: () => { this.retold.push(this.engine()); },
    };
    const log = { ...silentLog, warn: (...said: unknown[]) => void this.warnings.push(String(said.at(-1))), error: (...said: unknown[]) => void this.warnings.push(String(said.at(-1))), info: () => undefined } as unknown as Log;
    this.program = new Program({ model: this.model, desired: this.desired, log, clock, bootId, ...asking });
    this.emergency = new Emergency(this.program, this.desired, { clock, ...asking });
    this.player = new InsertPlayer({ program: this.program, desired: this.desired, emergency: this.emergency, media, probe, reports: this.reports, ...asking });
    this.inserts = new Inserts(this.model, this.program);
    this.settings = new SettingsService(this.model);
    const timelines = new Timelines({ model: this.model, program: this.program, reports: this.reports, media, probe });
    const playback = new PlaybackService(this.program, timelines, this.reports);
    this.operator = new Operator(this.program, playback, this.emergency);
    this.preview = new Preview(this.program, playback, this.emergency, timelines, asking);
    this.black = new Black(this.program, this.emergency, this.desired, asking);
    this.log = new AiringLog({ store, program: this.program, clock, log, enginePid: () => this.pid });
    this.clock_ = new InsertClock({ model: this.model, program: this.program, player: this.player, emergency: this.emergency, reports: this.reports, clock, log });
    return this;
  }

  get state() {
    return this.program.state;
  }

  /** What is wanted of the engine. */
  engine() {
    const { emergency, insert, program } = this.desired.of('engine');
    return { emergency, insert, program };
  }

  get frame(): number {
    return Math.round(this.clock.monotonicMs() * 0.03);
  }

  /** Reports, as each second. */
  report(change: Partial<EngineActual> = {}): Promise<void> {
    this.actual = { ...this.actual, ...change };
    this.reports.put('engine', this.actual);
    this.log.onEngine(this.actual);
    return settled();
  }

  async advance(ms: number, stepMs = 1000): Promise<void> {
    for (let left = ms; left > 0; left -= stepMs) {
      await this.clock.advance(Math.min(stepMs, left));
      if (!this.isAway) await this.report();
    }
  }

  /** Lines of the log, oldest first. */
  async lines() {
    return (await this.store.airings({}, { limit: 1000 })).reverse();
  }

  async #ask(request: EngineRequest): Promise<unknown> {
    if (this.isAway) throw new ServerError('ENGINE_AWAY', 'The engine process is not running just now.');
    this.requests.push(request);
    await settled();
    if (this.answer) return this.answer(request);
    return this.engineAnswer(request);
  }

  /** The next frame, and for an insert all its frames. */
  engineAnswer(request: EngineRequest): unknown {
    const frame = this.frame + 1;
    const reply = { frame, ptsMs: (frame * 1000) / 30 };
    if (request.name === 'take' || request.name === 'playback' || (request.name === 'bar' && request.payload.position >= 1)) return { ...reply, take: ++this.takes };
    if (request.name !== 'insert') return reply;
    const { durationMs } = request.payload.document as { durationMs: number };
    const frames = Math.round(durationMs * 0.03);
    const { airingId, insertId } = request.payload;
    this.actual = { ...this.actual, insert: { airingId, insertId, frame, aired: 0, missed: 0, frames } };
    return { ...reply, frames };
  }

  /** The insert on air is over. */
  over(ended: EngineActual['airings'][number]['ended'], frames: number): Promise<void> {
    const { airingId, insertId, frame } = this.actual.insert!;
    return this.report({ insert: null, airings: [...this.actual.airings, { airingId, insertId, frame, frames, missed: 0, ended }].slice(-50) });
  }
}
