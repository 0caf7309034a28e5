/** Preview and program as two buses: what is armed, and how it comes on program in exchange for what is there. */
import { armedAs, onProgramOf, previewOf } from '../../domain/playback.js';
import { TakeReply } from '../../protocol/link.js';
import type { PreviewArm, ProgramBar, ProgramTake } from '../../protocol/preview.js';
import type { ProgramTarget } from '../../protocol/status.js';
import { ServerError } from '../../runtime/errors.js';
import type { Emergency } from './emergency.js';
import type { PlaybackService } from './playback.js';
import type { Program, ProgramOptions } from './program.js';
import type { Timelines } from './timelines.js';

export class Preview {
  constructor(private readonly program: Program, private readonly playback: PlaybackService, private readonly emergency: Emergency, private readonly timelines: Timelines, private readonly options: Pick<ProgramOptions, 'askEngine'>) {}

  /** What is armed; null: nothing. */
  get target(): ProgramTarget | null {
    return previewOf(this.program.state);
  }

  /** @throws ServerError NOT_FOUND, TIMELINE_EMPTY, CONFLICT for a timeline that is on program */
  async arm({ sourceId, sceneId, timelineId }: PreviewArm): Promise<object> {
    if (timelineId !== undefined) {
      await this.playback.control({ action: 'arm', timelineId });
      return {};
    }
    const target = sourceId !== undefined ? { sourceId } : sceneId !== undefined ? { sceneId } : null;
    if (target) this.program.check(target);
    await this.program.put((state) => ({ ...onProgramOf(state), ...armedAs(target) }));
    return {};
  }

  /** Resolves with the first program frame that shows it. @throws ServerError CONFLICT when nothing is armed, EMERGENCY, and what a take throws */
  async take({ transition }: ProgramTake): Promise<Pick<TakeReply, 'frame' | 'ptsMs'>> {
    this.emergency.checkNone();
    // One that is under way decides what is armed afterwards.
    if (this.program.underWay) await this.program.underWay;
    return this.program.takeArmed(this.#playable(), transition);
  }

  /**
   * Moves the T-bar; resolves with the frame that shows it. At 1 it is a take of what is armed. It stands where it is for as long as
   * nobody moves it or takes something.
   * @throws ServerError as `take` does
   */
  async bar({ position, transition }: ProgramBar): Promise<Pick<TakeReply, 'frame' | 'ptsMs'>> {
    this.emergency.checkNone();
    if (this.program.underWay) await this.program.underWay;
    if (position >= 1) return this.program.takeArmed(this.#playable(), transition, 'bar');
    const target = position > 0 ? this.#playable() : null;
    if (target) this.program.check(target);
    const { frame, ptsMs } = TakeReply.parse(await this.options.askEngine({ name: 'bar', payload: { position, target, ...(transition ? { transition } : {}) } }));
    return { frame, ptsMs };
  }

  /** What is armed; a timeline may have been emptied since. */
  #playable(): ProgramTarget {
    const target = this.#armed();
    if ('timelineId' in target) this.timelines.checkPlayable(target.timelineId);
    return target;
  }

  #armed(): ProgramTarget {
    const { target } = this;
    if (!target) throw new ServerError('CONFLICT', 'Nothing is armed on preview. Arm something first.');
    return target;
  }
}
