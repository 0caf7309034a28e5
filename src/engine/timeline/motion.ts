/**
 * Which program frame shows which position of a timeline, and the other way round. It is *running*, or *held* at a position; while
 * it runs it may have an *interlude*: frames that an insert takes for itself, told ahead, over which it is held and goes on behind.
 */

/** From the first of these frames on it is held, and goes on with the other. */
export interface Interlude {
  readonly from: number;
  readonly to: number;
}

interface Running {
  readonly is: 'running';
  /** The frame that shows position 0, or would; behind an interlude, as many frames later. */
  readonly zeroFrame: number;
  /** The first one of this motion. */
  readonly beginFrame: number;
  readonly interlude: Interlude | null;
}

const length = ({ from, to }: Interlude): number => to - from;

export class Motion {
  #now: { readonly is: 'held'; readonly position: number } | Running;

  /** Held at a position. */
  constructor(position: number) {
    this.#now = { is: 'held', position };
  }

  get running(): boolean {
    return this.#now.is === 'running';
  }

  /** The frame that shows position 0, or would if there had never been an interlude; undefined while held. */
  get zeroFrame(): number | undefined {
    if (this.#now.is === 'held') return undefined;
    const { zeroFrame, interlude } = this.#now;
    return zeroFrame + (interlude ? length(interlude) : 0);
  }

  get interlude(): Interlude | null {
    return this.#now.is === 'running' ? this.#now.interlude : null;
  }

  /** The stretches over which it runs, in their order: from which frame on, and which one shows position 0 in them. */
  get stretches(): { zeroFrame: number; beginFrame: number }[] {
    if (this.#now.is === 'held') return [];
    const { zeroFrame, beginFrame, interlude } = this.#now;
    const first = { zeroFrame, beginFrame };
    return interlude ? [first, { zeroFrame: zeroFrame + length(interlude), beginFrame: interlude.to }] : [first];
  }

  positionAt(frame: number): number {
    if (this.#now.is === 'held') return this.#now.position;
    const { zeroFrame, interlude } = this.#now;
    if (!interlude || frame <= interlude.from) return frame - zeroFrame;
    return Math.max(interlude.from, frame - length(interlude)) - zeroFrame;
  }

  /** The first frame that shows a position; while held, none. */
  frameOf(position: number): number {
    if (this.#now.is === 'held') return Infinity;
    const { zeroFrame, interlude } = this.#now;
    const frame = position + zeroFrame;
    return interlude && frame > interlude.from ? frame + length(interlude) : frame;
  }

  /** From `frame` on it runs, with `position` shown there. */
  run(frame: number, position: number): void {
    this.#now = { is: 'running', zeroFrame: frame - position, beginFrame: frame, interlude: null };
  }

  /** Held where it is at `frame`. */
  hold(frame: number): void {
    this.#now = { is: 'held', position: this.positionAt(frame) };
  }

  /** @param isCounted what `run` was told is how it goes on behind it @returns whether it runs, and so has it now */
  interrupt(interlude: Interlude, isCounted: boolean): boolean {
    if (this.#now.is === 'held') return false;
    this.#now = { ...this.#now, zeroFrame: this.#now.zeroFrame - (isCounted ? length(interlude) : 0), interlude };
    return true;
  }

  /** It goes on with `frame` already, be it in the interlude or before. @returns whether that changed anything */
  goOn(frame: number): boolean {
    if (this.#now.is === 'held') return false;
    const { interlude } = this.#now;
    if (!interlude || frame >= interlude.to) return false;
    this.#now = { ...this.#now, interlude: frame > interlude.from ? { from: interlude.from, to: frame } : null };
    return true;
  }

  /** By `frame` its interlude may be over, and need not be known any more. */
  pass(frame: number): void {
    const { interlude, zeroFrame } = this;
    if (interlude && zeroFrame !== undefined && frame >= interlude.to) this.#now = { is: 'running', zeroFrame, beginFrame: interlude.to, interlude: null };
  }

  /** An edit has moved what it shows by so many positions. */
  move(by: number): void {
    this.#now = this.#now.is === 'running' ? { ...this.#now, zeroFrame: this.#now.zeroFrame - by } : { is: 'held', position: this.#now.position + by };
  }
}
