/** Fade to black: all that goes out, but for the emergency picture. It is wanted until it is not any more, over restarts too. */
import { framesOf, msOf } from '../domain/timeline/rate.js';
import type { TakeReply } from '../protocol/link.js';
import type { NativeProgram } from './native.js';
import type { VideoFormat } from './scene-plan.js';
import { isNewWish } from './wish.js';

/** Where nobody said how long. */
const USUAL_MS = 500;

export class Black {
  #on = false;

  constructor(private readonly program: NativeProgram, private readonly format: VideoFormat) {}

  /** Tells the frame on which it begins. */
  fade(on: boolean, durationMs: number): TakeReply {
    const { rate } = this.format;
    this.#on = on;
    const { frame } = this.program.black(on, framesOf(durationMs, rate));
    return { frame, ptsMs: msOf(frame, rate) };
  }

  /** What the studio wants though nobody asked for it here; at the start at once. */
  apply(wanted: boolean, before: boolean | undefined): void {
    if (before === undefined) {
      if (wanted) this.fade(true, 0);
    } else if (isNewWish(wanted, before, this.#on)) this.fade(wanted, USUAL_MS);
  }
}
