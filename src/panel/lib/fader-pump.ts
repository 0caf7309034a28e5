/** Sends what faders under a hand are at, as often as the studio takes it: of one, the newest, and the last of all in any case. */
import type { AudioControl } from '../../protocol/sound.js';

export type Change = Omit<AudioControl, 'id'>;

/** Between two messages, of whichever: a client may send 100 a second. */
const EVERY_MS = 15;

export class FaderPump {
  readonly #waiting = new Map<string, Change>();
  readonly #underWay = new Set<string>();
  #next: ReturnType<typeof setTimeout> | undefined;

  /** @param onSent told of each that was answered, and whether more of the same is still to be sent */
  constructor(private readonly send: (id: string, change: Change) => Promise<unknown>, private readonly onSent: (id: string, more: boolean, error?: unknown) => void) {}

  move(id: string, change: Change): void {
    this.#waiting.set(id, { ...this.#waiting.get(id), ...change });
    if (this.#next === undefined) this.#work();
  }

  #work(): void {
    this.#next = undefined;
    const id = [...this.#waiting.keys()].find((one) => !this.#underWay.has(one));
    if (id === undefined) return;
    const change = this.#waiting.get(id)!;
    this.#waiting.delete(id);
    this.#underWay.add(id);
    const answered = (error?: unknown) => {
      this.#underWay.delete(id);
      // After a refusal the rest of the movement is not wanted either.
      if (error !== undefined) this.#waiting.delete(id);
      this.onSent(id, this.#waiting.has(id), error);
      if (this.#next === undefined) this.#work();
    };
    this.send(id, change).then(() => answered(), (error: unknown) => answered(error ?? new Error('refused')));
    this.#next = setTimeout(() => this.#work(), EVERY_MS);
  }
}
