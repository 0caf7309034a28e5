/** One playout of a film, picture or sound in a timeline: a source of its own in the compositor, with its decoder. */
import type { Playout } from '../../domain/timeline/model.js';
import type { EngineSource } from '../../protocol/link.js';
import type { Log } from '../../runtime/log.js';
import { Decoder } from '../decoder.js';
import type { DecoderPlaces } from '../decoder-args.js';
import type { NativeCore, NativeProgram, NativeSourceStats } from '../native.js';
import { playoutSlots } from '../ring-slots.js';

/** A decoder that begins late aims this far ahead of what is due by then, so that it need not catch up. */
const HEAD_START_US = 250_000;

export type FileSource = Extract<EngineSource, { kind: 'media' | 'audio' | 'image' }>;

/** What every player needs of the program it plays for. */
export interface PlayerContext {
  core: NativeCore;
  program: NativeProgram;
  places: DecoderPlaces;
  log: Log;
}

export interface ClipPlayerOptions extends PlayerContext {
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

  constructor(private readonly options: ClipPlayerOptions, public playout: Playout) {
    const { core, program, places, log, id, source } = options;
    // The source as the operator made it, but for this one playout.
    this.#decoder = new Decoder({ ...opened(source, playout), id, fallbackSourceId: null, delayMs: 0 }, places, core, program, log, {
      fromUs: () => {
        const due = options.dueUs();
        return (this.#beginsUs = options.runs() && due > this.#fileUs() ? due + HEAD_START_US : due);
      },
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
    return this.#isStill || this.options.dueUs() >= this.#beginsUs;
  }

  get failed(): boolean {
    return this.#decoder.info.problem !== undefined;
  }

  /**
   * What it begins with is there to be shown. Sound is found at once and the picture only behind its keyframe, which may be
   * seconds back: a film that says it has pictures is not ready by its sound.
   */
  isReady({ ready, width }: NativeSourceStats): boolean {
    return ready && (width > 0 || !this.#decoder.info.width);
  }

  open(): void {
    const { program, id, fallbackId } = this.options;
    const still = this.#isStill;
    program.addSource({ id, mode: still ? 'live' : 'file', slots: playoutSlots(this.source.kind), fallbackId, delayUs: 0, soundOnly: opened(this.source, this.playout).kind === 'audio', soundId: this.source.id });
    this.#decoder.start();
  }

  /** Runs from `beginFrame` on, so that `intoUs` behind its first frame belongs at program frame `frame`. */
  playFrom(frame: number, intoUs: number, beginFrame: number): void {
    if (!this.#isStill) this.options.program.playFrom(this.id, frame, this.#fileUs() + intoUs, beginFrame);
  }

  /** Held from `frame` on. */
  holdFrom(frame: number): void {
    if (!this.#isStill) this.options.program.holdFrom(this.id, frame);
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

  /** The file's time at its first frame, µs from its in-point, as the decoder and the compositor count it. */
  #fileUs(): number {
    return this.playout.inUs - inMsOf(this.options.source) * 1000;
  }

  get #isStill(): boolean {
    return this.options.source.kind === 'image';
  }
}

/** A film of which only the sound is needed is opened as sound: its pictures would cost as much as those that are seen. */
function opened(source: FileSource, { heardOnly }: Playout): FileSource {
  return heardOnly && source.kind === 'media' ? { ...source, kind: 'audio' } : source;
}

/** A source's in-point. */
export const inMsOf = (source: FileSource): number => ('inMs' in source ? source.inMs : 0);
