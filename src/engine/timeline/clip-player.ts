/** One airing of a film or sound in a timeline: a source of its own in the compositor, with its decoder. */
import type { Airing } from '../../domain/timeline/model.js';
import type { EngineSource } from '../../protocol/link.js';
import type { Log } from '../../runtime/log.js';
import { Decoder } from '../decoder.js';
import type { DecoderPlaces } from '../decoder-args.js';
import type { NativeCore, NativeProgram } from '../native.js';

/** Pictures decoded ahead: what a busy third of a second takes. */
const SLOTS = 12;
/** A decoder that begins late aims this far ahead of what is due by then, so that it need not catch up. */
const HEAD_START_US = 250_000;

export type FileSource = Extract<EngineSource, { kind: 'media' | 'audio' }>;

export interface ClipPlayerOptions {
  core: NativeCore;
  program: NativeProgram;
  places: DecoderPlaces;
  log: Log;
  /** Its own among the compositor's sources. */
  id: string;
  source: FileSource;
  /** Stands in while it has nothing to show; null: the slate. */
  fallbackId: string | null;
  /** The file's time that is due now, µs from its in-point; before its start, that of its first frame. */
  dueUs(): number;
  /** Time passes for it: what is due now is over by when a decoder has its first picture. */
  runs(): boolean;
}

export class ClipPlayer {
  readonly #decoder: Decoder;
  /** Where its decoder has begun, as `dueUs` counts. */
  #beginsUs = 0;
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: ClipPlayerOptions, public airing: Airing) {
    const { core, program, places, log, id, source } = options;
    // The source as the operator made it, but for this one airing.
    this.#decoder = new Decoder({ ...source, kind: this.#kind, id, fallbackSourceId: null, delayMs: 0 }, places, core, program, log, undefined, () => {
      const due = options.dueUs();
      return (this.#beginsUs = options.runs() && due > this.#fileUs() ? due + HEAD_START_US : due);
    });
  }

  get id(): string {
    return this.options.id;
  }

  get source(): FileSource {
    return this.options.source;
  }

  /** What its decoder began with is due, or was. */
  get reached(): boolean {
    return this.options.dueUs() >= this.#beginsUs;
  }

  get failed(): boolean {
    return this.#decoder.info.problem !== undefined;
  }

  open(): void {
    const { program, id, fallbackId } = this.options;
    program.addSource({ id, mode: 'file', slots: SLOTS, fallbackId, delayUs: 0, soundOnly: this.#kind === 'audio' });
    this.#decoder.start();
  }

  /** Runs from `beginFrame` on, so that `intoUs` behind its first frame belongs at program frame `frame`. */
  playFrom(frame: number, intoUs: number, beginFrame: number): void {
    this.options.program.playFrom(this.id, frame, this.#fileUs() + intoUs, beginFrame);
  }

  /** Stands from `frame` on. */
  holdFrom(frame: number): void {
    this.options.program.holdFrom(this.id, frame);
  }

  fallBackTo(id: string | null): void {
    this.options.program.updateSource(this.id, { fallbackId: id });
  }

  close(): Promise<void> {
    return (this.#stopped ??= (async () => {
      this.options.program.removeSource(this.id);
      await this.#decoder.stop();
    })());
  }

  /** A film of which only the sound is needed is opened as sound: its pictures would cost as much as those that are seen. */
  get #kind(): FileSource['kind'] {
    return this.airing.heardOnly ? 'audio' : this.options.source.kind;
  }

  /** The file's time at its first frame, µs from its in-point, as the decoder and the compositor count it. */
  #fileUs(): number {
    return this.airing.inUs - this.options.source.inMs * 1000;
  }
}
