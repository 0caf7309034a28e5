/** Makes what runs what is wanted: one production, rebuilt only when the video format changes. */
import type { EditedReply, EngineActual, EngineDesired, InsertReply, TakeReply } from '../protocol/link.js';
import { BarRequest, BlackRequest, EditedRequest, EmergencyRequest, EngineInsert, InsertEndRequest, PlaybackRequest, SoundRequest, TakeRequest } from '../protocol/link.js';
import type { TileWish } from '../protocol/multiview.js';
import { systemClock } from '../runtime/clock.js';
import { ServerError } from '../runtime/errors.js';
import type { Owner } from '../runtime/lifecycle.js';
import type { Log } from '../runtime/log.js';
import { Airings } from './airings.js';
import type { Codec } from './encoder-args.js';
import { CodecFinder, type Tried } from './codec-probe.js';
import type { NativeCore, NativeLevel, NativeMonitorSound, NativeTile } from './native.js';
import { Production, type ProductionPlaces } from './production.js';
import { WhileWanted } from './while-wanted.js';

const LEVELS_EVERY_MS = 50;
/** How long a tile that is made may lie. */
const TILES_EVERY_MS = 20;
/** The same of sound: whoever listens hears it later by that. */
const SOUND_EVERY_MS = 20;

export interface EngineOptions {
  core: NativeCore;
  places: ProductionPlaces & { bootId: string };
  log: Log;
  /** Encodes one picture; true when that worked. */
  tryCodec(codec: Codec): Promise<Tried>;
  onLevels(levels: NativeLevel[]): void;
  onTiles(tiles: NativeTile[]): void;
  onSound(made: NativeMonitorSound[]): void;
  onChange(): void;
}

const NOTHING_YET: EngineActual = {
  program: { frame: 0, fps: 0, repeated: 0, late: 0, skipped: 0, composeUsAvg: 0, composeUsP99: 0, inTransition: false, black: 0 },
  encoder: { state: 'starting', codec: '', kbps: 0, fps: 0, dropped: 0, restarts: 0 },
  sources: [],
  overlays: { drawn: 0, failed: 0 }, tiles: { made: 0, dropped: 0 }, sound: { dropped: 0 },
  timeline: null, taken: null, emergency: false, insert: null, airings: [],
};

export class Engine implements Owner {
  #production: Production | undefined;
  readonly #meters = new WhileWanted(LEVELS_EVERY_MS, () => {
    if (this.#production) this.options.onLevels(this.#heard(this.#production.levels()));
  });
  readonly #tiles = new WhileWanted(TILES_EVERY_MS, () => {
    if (this.#production) this.options.onTiles(this.#production.takeTiles());
  });
  readonly #listening = new WhileWanted(SOUND_EVERY_MS, () => {
    if (this.#production) this.#onSound(this.#production.mix.heard());
  });
  /** Of each mix, the sample that comes next, and how often it was another. */
  readonly #nextSamples = new Map<number, number>();
  #soundDropped = 0;
  #stopped: Promise<void> | undefined;
  /** Wishes are met one after the other; only the newest that waits counts. */
  #next: EngineDesired | undefined;
  #working = false;
  #met: Promise<void> = Promise.resolve();
  /** Cuts that were asked for. */
  #cuts = 0;
  /** Of the program, dBFS: since the last report, and as last reported. */
  #peakDb: { now: number | undefined; last: number | undefined } = { now: undefined, last: undefined };
  readonly #airings = new Airings();
  readonly #codecs: CodecFinder;
  /** What was met last. */
  #wanted: EngineDesired | undefined;

  constructor(private readonly options: EngineOptions) {
    this.#codecs = new CodecFinder(options.tryCodec, systemClock, () => {
      if (this.#wanted && !this.#stopped) this.apply(this.#next ?? this.#wanted);
    });
  }

  start(): void {}

  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      this.#codecs.stop();
      for (const one of [this.#meters, this.#tiles, this.#listening]) one.set(false);
      await this.#production?.stop();
    })());
  }

  apply(desired: EngineDesired): void {
    this.#next = desired;
    if (!this.#working) this.#met = this.#work();
  }

  /**
   * Answers the studio's requests; a cut and an emergency at once, a timeline and an insert when they are ready. Of two the one that was
   * asked for later stands, whichever has to wait.
   */
  async request(name: string, payload: unknown): Promise<TakeReply | InsertReply | EditedReply> {
    const ask = asked(name, payload);
    if (ask.cuts) this.#cuts++;
    const cuts = this.#cuts;
    // What it names is told of just before: that wish is met first.
    if (this.#production && ask.waits) await this.#met;
    if (ask.waits && cuts !== this.#cuts) throw new ServerError('CONFLICT', 'Something else was put on program before it was ready.');
    const production = this.#production;
    if (!production) throw new ServerError('ENGINE_AWAY', 'The engine is still starting. Try again in a second.');
    const reply = await ask.of(production);
    if (!ask.isSmall) this.options.onChange();
    return reply;
  }

  /** Moves a fader, or the like. What was desired before that is met first: it would undo it. */
  async move(payload: unknown): Promise<void> {
    const request = SoundRequest.parse(payload);
    await this.#met;
    this.#production?.mix.set(request);
  }

  actual(): EngineActual {
    const sound = { dropped: this.#soundDropped };
    if (!this.#production) return { ...NOTHING_YET, airings: this.#airings.all, sound };
    // Meters that somebody watches read all there is.
    if (!this.#meters.isOn) this.#heard(this.#production.levels());
    const { program, ...rest } = this.#production.actual();
    const { now, last } = this.#peakDb;
    this.#peakDb = { now: undefined, last: now ?? last };
    return { program: { ...program, ...(this.#peakDb.last === undefined ? {} : { peakDb: this.#peakDb.last }) }, ...rest, sound };
  }

  /** Keeps how loud the program was since the last report. */
  #heard(levels: NativeLevel[]): NativeLevel[] {
    const program = levels.find(({ id }) => id === 'program');
    if (program) this.#peakDb.now = Math.max(this.#peakDb.now ?? -Infinity, ...program.peak);
    return levels;
  }

  async #work(): Promise<void> {
    this.#working = true;
    try {
      for (let desired = this.#next; desired && !this.#stopped; desired = this.#next) {
        this.#next = undefined;
        await this.#meet(desired).catch((error: unknown) => {
          // Without a program there is nothing that could go on: another start is the better chance.
          if (!this.#production) throw error;
          this.options.log.error({ err: error }, 'what the studio wants could not be met whole; what runs goes on, and the next change of it is another chance');
        });
      }
    } finally {
      this.#working = false;
    }
  }

  async #meet(desired: EngineDesired): Promise<void> {
    this.#wanted = desired;
    const choice = await this.#codecs.find(desired.settings.encoder.codec);
    if (this.#stopped) return;
    if (this.#production && !this.#production.fits(desired)) {
      this.options.log.info(desired.settings.video, 'the video format changed; building the program anew');
      await this.#production.stop();
      this.#production = undefined;
      if (this.#stopped) return;
    }
    if (this.#production) {
      this.#production.apply(desired, choice);
    } else {
      this.#production = new Production(
        this.options.core, desired, choice, this.options.places, this.options.log, this.#airings, this.options.onChange,
      );
      this.#production.start();
    }
    this.#meters.set(desired.levels);
    this.#watch(desired.tiles);
    this.#listen(desired.listen);
    this.options.onChange();
  }

  /** The wish is told again also when nothing changed: the production may be a new one. */
  #watch(wishes: readonly TileWish[]): void {
    this.#production?.wishTiles(wishes);
    this.#tiles.set(wishes.length > 0);
  }

  /** As with tiles. */
  #listen(wishes: EngineDesired['listen']): void {
    this.#production?.mix.listen(wishes);
    for (const mix of this.#nextSamples.keys()) if (!wishes.some((wish) => wish.mix === mix)) this.#nextSamples.delete(mix);
    this.#listening.set(wishes.length > 0);
  }

  #onSound(made: NativeMonitorSound[]): void {
    for (const { id, at, pcm } of made) {
      if (at > (this.#nextSamples.get(id) ?? 0)) this.#soundDropped += 1;
      this.#nextSamples.set(id, at + pcm.length / 4);
    }
    if (made.length > 0) this.options.onSound(made);
  }
}

/** A request as it is asked of a production. */
interface Ask {
  /** For what is desired to be met. A cut waits for nothing. */
  waits: boolean;
  /** It is a cut: what was asked for before and still waits is not wanted any more. */
  cuts: boolean;
  /** Not worth a report of its own. */
  isSmall?: boolean;
  of(production: Production): TakeReply | EditedReply | Promise<TakeReply | InsertReply>;
}

/** @throws ServerError UNKNOWN_MESSAGE, ZodError */
function asked(name: string, payload: unknown): Ask {
  switch (name) {
    case 'take': {
      const { target, transition, start, atUs, scheduled } = TakeRequest.parse(payload);
      if ('timelineId' in target) return { waits: true, cuts: false, of: (production) => production.takeTimeline(target.timelineId, transition, { start, atUs, scheduled }) };
      return {
        waits: false, cuts: true,
        of: (production) => {
          const take = (): TakeReply => production.take(target, transition, { atUs, scheduled });
          return production.open(target)?.then(take) ?? take();
        },
      };
    }
    case 'playback': {
      const request = PlaybackRequest.parse(payload);
      return { waits: true, cuts: false, of: (production) => production.playback(request) };
    }
    case 'bar': {
      const { position, target, transition } = BarRequest.parse(payload);
      return { waits: false, cuts: position >= 1, isSmall: position > 0 && position < 1, of: (production) => production.bar(position, target, transition) };
    }
    case 'black': {
      const { on, durationMs } = BlackRequest.parse(payload);
      return { waits: false, cuts: false, of: (production) => production.black(on, durationMs) };
    }
    case 'edited': {
      const request = EditedRequest.parse(payload);
      return { waits: true, cuts: false, of: (production) => production.edited(request) };
    }
    case 'emergency': {
      const { target, transition } = EmergencyRequest.parse(payload);
      return { waits: false, cuts: false, of: (production) => production.emergency(target, transition) };
    }
    case 'insert': {
      const insert = EngineInsert.parse(payload);
      return { waits: true, cuts: false, of: (production) => production.insert(insert) };
    }
    case 'insert-end': {
      const { airingId } = InsertEndRequest.parse(payload);
      return { waits: false, cuts: false, of: (production) => production.endInsert(airingId) };
    }
    default:
      throw new ServerError('UNKNOWN_MESSAGE', `The engine does not know "${name}".`);
  }
}
