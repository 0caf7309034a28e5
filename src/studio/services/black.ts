/** Fade to black: all that goes out, overlays and sound included, and back. It is wanted until it is not any more. */
import { onProgramOf } from '../../domain/playback.js';
import { TakeReply } from '../../protocol/link.js';
import type { ProgramBlack } from '../../protocol/preview.js';
import type { DesiredState } from '../desired-state.js';
import { isAway, type Emergency } from './emergency.js';
import type { Program, ProgramOptions } from './program.js';

export class Black {
  #asked = 0;
  #answered = 0;

  constructor(
    private readonly program: Program, private readonly emergency: Emergency, private readonly desired: DesiredState,
    private readonly options: Pick<ProgramOptions, 'askEngine' | 'onFailed'>,
  ) {}

  /**
   * Resolves with the frame on which it begins. While the engine is away it is what that comes back with, and the frame is null. Of
   * two at once the later one stands.
   * @throws ServerError EMERGENCY: that is seen over black, so there is nothing to fade; or what the engine answered
   */
  async fade({ on, durationMs }: ProgramBlack): Promise<{ frame: number | null; ptsMs: number | null }> {
    if (on) this.emergency.checkNone();
    const { desired, program, options } = this;
    const mine = ++this.#asked;
    const keep = (): void => {
      if (mine < this.#answered) return;
      this.#answered = mine;
      program.keep((state) => ({ ...onProgramOf(state), black: on }));
    };
    desired.black = on;
    try {
      const { frame, ptsMs } = TakeReply.parse(await options.askEngine({ name: 'black', payload: { on, durationMs } }));
      keep();
      return { frame, ptsMs };
    } catch (error) {
      if (!isAway(error)) throw error;
      keep();
      options.onFailed();
      return { frame: null, ptsMs: null };
    } finally {
      if (mine === this.#asked) desired.black = undefined;
    }
  }
}
