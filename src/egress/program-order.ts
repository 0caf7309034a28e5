/**
 * Puts the program in the order of its time again: sound waits for the pictures that belong before it.
 *
 * An encoder that stood still gives its sound at once and its pictures as fast as it can draw them level, so that sound comes
 * seconds early. It is held here, for a second of waiting at most; then it goes, and pictures follow with the stamps they have.
 * Sound that lies before the next picture's due time waits for nothing, and pictures never wait: while all is well, nothing is
 * held. The order within a kind is not changed, and nothing is ever dropped.
 */
import type { Clock } from '../runtime/clock.js';
import type { MediaTag, ProgramMetadata, ProgramSink } from './program-tag.js';

/** An encoder draws level after a second and a half within this; players have nothing to show for sound alone. */
const MAX_HOLD_MS = 1000;
const MAX_HELD_BYTES = 4 * 1024 * 1024;
/** A longer step between two pictures is a hole, and says nothing about when the next is due. */
const LONGEST_STEP_MS = 120;

export interface ProgramOrderOptions {
  clock: Clock;
  sink: ProgramSink;
}

export class ProgramOrder implements ProgramSink {
  #held: { tag: MediaTag; sinceMs: number }[] = [];
  #heldBytes = 0;
  #pictureMs = -Infinity;
  /** Between two pictures: as the encoder says, then as they come. */
  #stepMs = 0;
  #timing = false;

  constructor(private readonly options: ProgramOrderOptions) {}

  metadata(metadata: ProgramMetadata): void {
    if (metadata.fps > 0) this.#stepMs = Math.min(LONGEST_STEP_MS, Math.floor(1000 / metadata.fps));
    this.options.sink.metadata(metadata);
  }

  tag(tag: MediaTag): void {
    if (tag.kind === 'video') this.#takePicture(tag);
    else this.#takeSound(tag);
  }

  #takePicture(tag: MediaTag): void {
    const { sink } = this.options;
    if (tag.packet === 'header') return sink.tag(tag);
    this.#release(({ timeMs }) => timeMs < tag.timeMs);
    const stepMs = tag.timeMs - this.#pictureMs;
    if (stepMs > 0 && stepMs <= LONGEST_STEP_MS) this.#stepMs = stepMs;
    this.#pictureMs = tag.timeMs;
    sink.tag(tag);
    this.#release((sound) => this.#isDue(sound));
  }

  #takeSound(tag: MediaTag): void {
    const { sink, clock } = this.options;
    // What is held belongs to the header before.
    if (tag.packet === 'header') this.#release(() => true);
    if (tag.packet === 'header' || (this.#held.length === 0 && this.#isDue(tag))) return sink.tag(tag);
    this.#held.push({ tag, sinceMs: clock.monotonicMs() });
    this.#heldBytes += tag.payload.length;
    if (this.#heldBytes > MAX_HELD_BYTES) this.#release(() => true);
    this.#watch();
  }

  /** Whether no picture that is still to come belongs before it. */
  #isDue({ timeMs }: MediaTag): boolean {
    return timeMs <= this.#pictureMs + this.#stepMs;
  }

  /** Lets go of the oldest held sound, as long as it is so. */
  #release(isSo: (tag: MediaTag, sinceMs: number) => boolean): void {
    let count = 0;
    while (count < this.#held.length && isSo(this.#held[count]!.tag, this.#held[count]!.sinceMs)) count += 1;
    for (const { tag } of this.#held.splice(0, count)) {
      this.#heldBytes -= tag.payload.length;
      this.options.sink.tag(tag);
    }
  }

  #watch(): void {
    const oldest = this.#held[0];
    if (oldest === undefined || this.#timing) return;
    const { clock } = this.options;
    this.#timing = true;
    clock.after(Math.max(0, oldest.sinceMs + MAX_HOLD_MS - clock.monotonicMs()), () => {
      this.#timing = false;
      this.#release((_tag, sinceMs) => clock.monotonicMs() - sinceMs >= MAX_HOLD_MS);
      this.#watch();
    });
  }
}
