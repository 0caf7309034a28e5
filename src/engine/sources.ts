/** The sources there are: each has a place in the compositor and a decoder, changed only where the wish changed. */
import { isDeepStrictEqual } from 'node:util';
import type { EngineSource } from '../protocol/link.js';
import type { SourceStatus } from '../protocol/status.js';
import type { Owner } from '../runtime/lifecycle.js';
import type { Log } from '../runtime/log.js';
import type { DecoderPlaces } from './decoder-args.js';
import { ringSlots, sourceMode } from './decoder-args.js';
import { Decoder } from './decoder.js';
import type { NativeCore, NativeProgram, NativeSourceStats } from './native.js';

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
  readonly #films = new Map<string, Film>();
  /** The first frame of what is on program. */
  #programSince = 0;
  #looks: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;

  constructor(
    private readonly core: NativeCore,
    private readonly program: NativeProgram,
    private readonly places: DecoderPlaces,
    private readonly log: Log,
  ) {}

  start(): void {
    this.#looks = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  stop(): Promise<void> {
    clearInterval(this.#looks);
    return (this.#stopped ??= Promise.all([...this.#decoders.values()].map((decoder) => decoder.stop())).then(() => {}));
  }

  /** Makes the sources those wanted. What did not change is not touched, a new name or fallback reopens nothing. */
  apply(wanted: EngineSource[]): void {
    const ids = new Set(wanted.map((source) => source.id));
    for (const [id, decoder] of this.#decoders) if (!ids.has(id)) this.#remove(id, decoder);
    for (const source of wanted) {
      const decoder = this.#decoders.get(source.id);
      if (decoder && sameOpening(decoder.source, source)) {
        if (decoder.source.fallbackSourceId !== source.fallbackSourceId || decoder.source.delayMs !== source.delayMs) {
          this.program.updateSource(source.id, { fallbackId: source.fallbackSourceId, delayUs: source.delayMs * 1000 });
        }
        Object.assign(decoder.source, source);
        continue;
      }
      if (decoder) this.#remove(source.id, decoder);
      this.#add({ ...source });
    }
  }

  /** The films among those of a scene, which are to begin with it. */
  films(ids: ReadonlySet<string>): string[] {
    return [...this.#films.keys()].filter((id) => ids.has(id));
  }

  /** The same for a take: one that has ended goes back to its beginning, as that is not where it stands. */
  cue(ids: ReadonlySet<string>): string[] {
    const films = this.films(ids);
    const ended = films.length === 0 ? [] : this.program.stats().sources.filter(({ state }) => state === 'ended').map(({ id }) => id);
    for (const id of films) if (ended.includes(id)) this.#decoders.get(id)?.rewind();
    return films;
  }

  /**
   * Which sources are on program, or over it. Films that left play on for as long as they are seen; then they go back to their
   * beginning, unless they were taken again meanwhile.
   * @param frame the first one that shows this, where the compositor sets its films playing; left out: nothing has changed, and
   *   one that was opened anew is set playing here
   */
  onAir(ids: ReadonlySet<string>, frame?: number): void {
    this.#programSince = frame ?? this.#programSince;
    for (const [id, film] of this.#films) {
      const before = film.onProgram;
      film.onProgram = ids.has(id);
      if (!film.onProgram) continue;
      film.played = true;
      if (frame === undefined && !before) this.program.setPlaying(id, true);
    }
  }

  /** Status of each, in the order of the wish. */
  status(stats: NativeSourceStats[]): SourceStatus[] {
    const byId = new Map(stats.map((s) => [s.id, s]));
    return [...this.#decoders.values()].map((decoder): SourceStatus => {
      const s = byId.get(decoder.source.id);
      const { width, height, fps, problem } = decoder.info;
      return {
        id: decoder.source.id,
        state: problem && s?.state !== 'live' ? 'failed' : (s?.state ?? 'waiting'),
        ageMs: s?.ageMs ?? -1,
        ...(width === undefined ? {} : { width }), ...(height === undefined ? {} : { height }), ...(fps === undefined ? {} : { fps }),
        ...(s ? { repeated: s.repeated, dropped: s.dropped, skipped: s.skipped, audioUnderruns: s.audioUnderruns } : {}),
        ...(problem && s?.state !== 'live' ? { error: problem } : {}),
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

  #add(source: EngineSource): void {
    this.program.addSource({
      id: source.id, mode: sourceMode(source), slots: ringSlots(source), fallbackId: source.fallbackSourceId, delayUs: source.delayMs * 1000, soundOnly: source.kind === 'audio',
    });
    const decoder = new Decoder(source, this.places, this.core, this.program, this.log);
    this.#decoders.set(source.id, decoder);
    if (sourceMode(source) === 'file') this.#films.set(source.id, { onProgram: false, played: false, readySince: -1 });
    decoder.start();
  }

  #remove(id: string, decoder: Decoder): void {
    this.#decoders.delete(id);
    this.#films.delete(id);
    this.program.removeSource(id);
    void decoder.stop();
  }
}

/** Whether two wishes open the same thing: everything but what can be changed in place. */
function sameOpening(a: EngineSource, b: EngineSource): boolean {
  // A delay that needs more slots needs another ring.
  const opening = (source: EngineSource) => ({ ...source, name: '', fallbackSourceId: null, delayMs: 0, slots: ringSlots(source) });
  return isDeepStrictEqual(opening(a), opening(b));
}
