/**
 * The sources there are. Those that may be needed at once have a place in the compositor and a decoder, changed only where the
 * wish changed; the others are opened when they are taken.
 */
import { MOST_IDLE, openSources, type OpenFacts } from '../domain/open-sources.js';
import { isFile } from '../domain/timeline/model.js';
import type { EngineSource } from '../protocol/link.js';
import type { SourceStatus } from '../protocol/status.js';
import type { Owner } from '../runtime/lifecycle.js';
import type { Log } from '../runtime/log.js';
import { sameOpening, sourceMode, type DecoderPlaces } from './decoder-args.js';
import { Decoder } from './decoder.js';
import type { NativeCore, NativeProgram, NativeSourceStats } from './native.js';
import { ringSlots } from './ring-slots.js';

/** How often it is looked whether films have come out of sight; each must be back at its beginning when it is wanted again. */
const LOOK_EVERY_MS = 100;

/** A file that plays from when it is wanted, as opposed to what comes by itself. */
interface Film {
  onProgram: boolean;
  /** It has played since it last stood at its beginning. */
  played: boolean;
  /** The frame as of which it stood there; that it stood in before counts no more. */
  readySince: number;
}

export class Sources implements Owner {
  readonly #decoders = new Map<string, Decoder>();
  /** Of these one is started in each turn of the loop. */
  readonly #toStart: Decoder[] = [];
  #isStarting = false;
  readonly #films = new Map<string, Film>();
  /** In the order of the wish, open or not. */
  #wanted = new Map<string, EngineSource>();
  /** Files that were taken, the last one first. */
  #recent: string[] = [];
  /** Opened to be taken, and without a picture so far. */
  readonly #coming = new Set<string>();
  /** The first frame of what is on program. */
  #programSince = 0;
  #looks: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;

  constructor(
    private readonly core: NativeCore,
    private readonly program: NativeProgram,
    private readonly places: DecoderPlaces,
    private readonly log: Log,
    /** Something is to be told of them at once. */
    private readonly onChange: () => void = () => {},
  ) {}

  start(): void {
    this.#looks = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  stop(): Promise<void> {
    clearInterval(this.#looks);
    this.#toStart.length = 0;
    return (this.#stopped ??= Promise.all([...this.#decoders.values()].map((decoder) => decoder.stop())).then(() => {}));
  }

  /**
   * Makes the sources those wanted. What did not change is not touched, a new name or fallback reopens nothing. Each start takes
   * some 20 ms, and a hundred at a stretch would be taken for a hang: those that are urgent are started at once, the others one by one.
   * @param needs what decides which of them are open; left out, all are
   * @param urgent those that are seen or heard now; left out, all are
   */
  apply(wanted: EngineSource[], needs?: Pick<OpenFacts, 'needed' | 'inTimelines'>, urgent: Iterable<string> = wanted.map(({ id }) => id)): void {
    this.#wanted = new Map(wanted.map((source) => [source.id, source]));
    const open = needs ? openSources({ sources: wanted, ...needs, recent: this.#recent }) : new Set(this.#wanted.keys());
    const first = new Set(urgent);
    // A set that grows is gone through to its end: what stands in for these, and for that.
    for (const id of first) {
      const instead = this.#wanted.get(id)?.fallbackSourceId;
      if (instead) first.add(instead);
    }
    for (const [id, decoder] of this.#decoders) if (!open.has(id)) this.#remove(id, decoder);
    for (const source of wanted) {
      if (!open.has(source.id)) continue;
      const decoder = this.#decoders.get(source.id);
      // A delay that needs more slots needs another ring.
      if (decoder && sameOpening(decoder.source, source) && ringSlots(decoder.source) === ringSlots(source)) {
        if (decoder.source.fallbackSourceId !== source.fallbackSourceId || decoder.source.delayMs !== source.delayMs) {
          this.program.updateSource(source.id, { fallbackId: source.fallbackSourceId, delayUs: source.delayMs * 1000 });
        }
        Object.assign(decoder.source, source);
        if (first.has(source.id) && this.#toStart.includes(decoder)) this.#startNow(decoder);
        continue;
      }
      if (decoder) this.#remove(source.id, decoder);
      this.#add({ ...source }, first.has(source.id));
    }
  }

  /** Opens those that are not open, as they are about to be taken. Gives those that have nothing to show yet because of that. */
  open(ids: ReadonlySet<string>): string[] {
    for (const decoder of this.#toStart.filter(({ source }) => ids.has(source.id))) this.#startNow(decoder);
    const taken = [...ids].filter((id) => isFile(this.#wanted.get(id)?.kind ?? 'camera'));
    this.#recent = [...taken, ...this.#recent.filter((id) => !ids.has(id))].slice(0, MOST_IDLE);
    for (const id of taken) {
      if (this.#decoders.has(id)) continue;
      this.#add({ ...this.#wanted.get(id)! });
      this.#coming.add(id);
    }
    const ready = new Set(this.program.stats().sources.filter((source) => source.ready).map(({ id }) => id));
    for (const id of this.#coming) if (ready.has(id) || !this.#decoders.has(id) || this.#decoders.get(id)?.info.problem) this.#coming.delete(id);
    return taken.filter((id) => this.#coming.has(id));
  }

  /** The films among those of a scene, which are to begin with it. */
  films(ids: ReadonlySet<string>): string[] {
    return [...this.#films.keys()].filter((id) => ids.has(id));
  }

  /** The same for a take: all are open from then on, and one that has ended goes back to its beginning, as that is not where it stands. */
  cue(ids: ReadonlySet<string>): string[] {
    this.open(ids);
    const films = this.films(ids);
    const ended = films.length === 0 ? [] : this.program.stats().sources.filter(({ state }) => state === 'ended').map(({ id }) => id);
    for (const id of films) if (ended.includes(id)) this.#decoders.get(id)?.rewind();
    return films;
  }

  /**
   * Which sources are on program, or over it; one that is always heard counts as one of them. Films that left play on for as long as they are seen; then they go back to their
   * beginning, unless they were taken again meanwhile.
   * @param frame the first one that shows this, where the compositor sets its films playing; left out: nothing has changed, and
   *   one that was opened anew is set playing here
   */
  onAir(ids: ReadonlySet<string>, frame?: number): void {
    this.#programSince = frame ?? this.#programSince;
    for (const [id, film] of this.#films) {
      const before = film.onProgram;
      film.onProgram = ids.has(id) || this.#wanted.get(id)?.audio.mode === 'always';
      if (!film.onProgram) continue;
      film.played = true;
      if ((frame === undefined || !ids.has(id)) && !before) this.program.setPlaying(id, true);
    }
  }

  /** Status of each, in the order of the wish. */
  status(stats: NativeSourceStats[]): SourceStatus[] {
    const byId = new Map(stats.map((s) => [s.id, s]));
    return [...this.#wanted.keys()].map((id): SourceStatus => {
      const decoder = this.#decoders.get(id);
      if (!decoder) return { id, state: 'idle', ageMs: -1 };
      const s = byId.get(id);
      const { width, height, fps, problem, isBlind, sight } = decoder.info;
      // A passing complaint of one that goes on is none; one of which only the sound goes on is not seen.
      const error = isBlind || s?.state !== 'live' ? problem : undefined;
      return {
        id,
        state: error ? 'failed' : (s?.state ?? 'waiting'),
        ageMs: s?.ageMs ?? -1,
        ...(width === undefined ? {} : { width }), ...(height === undefined ? {} : { height }), ...(fps === undefined ? {} : { fps }),
        ...(s ? { repeated: s.repeated, dropped: s.dropped, skipped: s.skipped, audioUnderruns: s.audioUnderruns } : {}),
        ...(error ? { error } : {}),
        ...(sight?.still ? { still: true as const } : {}), ...(sight?.black ? { black: true as const } : {}), ...(sight?.silent ? { silent: true as const } : {}),
      };
    });
  }

  /** Sends films that have played, on program or in place of another source, back to their beginning once nobody sees them. */
  #look(): void {
    if (this.#films.size === 0) return;
    const stats = this.program.stats();
    // Before that the scene that was on program is still seen.
    const settled = stats.frame >= this.#programSince && !stats.inTransition && !stats.coverInTransition;
    for (const { id, stoodInFrame } of stats.sources) {
      const film = this.#films.get(id);
      if (!film) continue;
      film.played ||= stoodInFrame > film.readySince;
      if (!film.played || film.onProgram || !settled || stoodInFrame === stats.frame) continue;
      this.program.setPlaying(id, false);
      this.#decoders.get(id)?.rewind();
      film.played = false;
      film.readySince = stats.frame;
    }
  }

  #add(source: EngineSource, isUrgent = true): void {
    this.program.addSource({
      id: source.id, mode: sourceMode(source), slots: ringSlots(source), fallbackId: source.fallbackSourceId, delayUs: source.delayMs * 1000, soundOnly: source.kind === 'audio',
    });
    const decoder = new Decoder(source, this.places, this.core, this.program, this.log, { onSight: this.onChange });
    this.#decoders.set(source.id, decoder);
    if (sourceMode(source) === 'file') this.#films.set(source.id, { onProgram: false, played: false, readySince: -1 });
    if (isUrgent) decoder.start();
    else this.#startLater(decoder);
  }

  #startLater(decoder: Decoder): void {
    this.#toStart.push(decoder);
    if (this.#isStarting) return;
    this.#isStarting = true;
    setImmediate(() => this.#startNext());
  }

  #startNext(): void {
    this.#toStart.shift()?.start();
    this.#isStarting = this.#toStart.length > 0;
    if (this.#isStarting) setImmediate(() => this.#startNext());
  }

  #startNow(decoder: Decoder): void {
    this.#forgetStart(decoder);
    decoder.start();
  }

  #forgetStart(decoder: Decoder): void {
    const at = this.#toStart.indexOf(decoder);
    if (at >= 0) this.#toStart.splice(at, 1);
  }

  #remove(id: string, decoder: Decoder): void {
    this.#decoders.delete(id);
    this.#films.delete(id);
    this.#forgetStart(decoder);
    this.program.removeSource(id);
    void decoder.stop();
  }
}
