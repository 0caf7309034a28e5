/** The sources there are: each has a place in the compositor and a decoder, changed only where the wish changed. */
import { isDeepStrictEqual } from 'node:util';
import type { EngineSource } from '../protocol/link.js';
import type { SourceStatus } from '../protocol/status.js';
import type { Log } from '../runtime/log.js';
import type { DecoderPlaces } from './decoder-args.js';
import { ringSlots, sourceMode } from './decoder-args.js';
import { Decoder } from './decoder.js';
import type { NativeCore, NativeProgram, NativeSourceStats } from './native.js';

export class Sources {
  readonly #decoders = new Map<string, Decoder>();
  #playing = new Set<string>();
  #rewinds = new Map<string, NodeJS.Timeout>();

  constructor(
    private readonly core: NativeCore,
    private readonly program: NativeProgram,
    private readonly places: DecoderPlaces,
    private readonly log: Log,
  ) {}

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

  /** Starts the films among those now on program, and returns the ones that left it to their beginning once they are out of sight. */
  onAir(ids: Set<string>, outOfSightMs: number): void {
    for (const [id, decoder] of this.#decoders) {
      if (sourceMode(decoder.source) !== 'file') continue;
      if (ids.has(id)) {
        const pending = this.#rewinds.get(id);
        if (pending) {
          // Taken again while its rewind waits (a fade away was cut short): it plays on from where it is.
          clearTimeout(pending);
          this.#rewinds.delete(id);
        }
        if (!this.#playing.has(id)) this.program.setPlaying(id, true);
        this.#playing.add(id);
      } else if (this.#playing.has(id) && !this.#rewinds.has(id)) {
        this.#rewinds.set(id, setTimeout(() => {
          this.#rewinds.delete(id);
          this.#playing.delete(id);
          this.program.setPlaying(id, false);
          decoder.rewind();
        }, outOfSightMs));
      }
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

  async stop(): Promise<void> {
    for (const timer of this.#rewinds.values()) clearTimeout(timer);
    await Promise.all([...this.#decoders.values()].map((decoder) => decoder.stop()));
  }

  #add(source: EngineSource): void {
    this.program.addSource({
      id: source.id, mode: sourceMode(source), slots: ringSlots(source), fallbackId: source.fallbackSourceId, delayUs: source.delayMs * 1000, soundOnly: source.kind === 'audio',
    });
    const decoder = new Decoder(source, this.places, this.core, this.program, this.log);
    this.#decoders.set(source.id, decoder);
    decoder.start();
  }

  #remove(id: string, decoder: Decoder): void {
    this.#decoders.delete(id);
    this.#playing.delete(id);
    clearTimeout(this.#rewinds.get(id));
    this.#rewinds.delete(id);
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
