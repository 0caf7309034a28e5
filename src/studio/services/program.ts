/** Takes: putting something on program. The engine is asked first and the disk afterwards, as a cut must not wait for one. */
import { TakeReply, type TakeRequest } from '../../protocol/link.js';
import type { CameraSwitch } from '../../protocol/messages.js';
import type { ProgramTarget } from '../../protocol/status.js';
import { ServerError } from '../../runtime/errors.js';
import type { Log } from '../../runtime/log.js';
import type { DesiredState } from '../desired-state.js';
import type { Model } from '../model.js';

export interface ProgramOptions {
  model: Model;
  desired: DesiredState;
  log: Log;
  /** Sends `take` to the engine; rejects when it is away. */
  askEngine(request: TakeRequest): Promise<unknown>;
  /** A take failed: the engine is to hear what is wanted of it once more. */
  onFailed(): void;
}

export class Program {
  #latest = 0;

  constructor(private readonly options: ProgramOptions) {}

  /** What is on program, a take under way included. */
  target(): ProgramTarget {
    return this.options.desired.takeUnderWay ?? this.options.model.state.program;
  }

  /**
   * Resolves with the first program frame that shows the target, as soon as the engine has planned it.
   * @throws ServerError NOT_FOUND, ENGINE_AWAY, TIMEOUT or what the engine answered; the program then stays as it was
   */
  async take({ sourceId, sceneId, transition }: CameraSwitch): Promise<TakeReply> {
    const { desired, askEngine } = this.options;
    const target: ProgramTarget = sourceId !== undefined ? { sourceId } : { sceneId: sceneId! };
    this.#check(target);
    const mine = ++this.#latest;
    desired.takeUnderWay = target;
    try {
      const reply = TakeReply.parse(await askEngine(transition ? { target, transition } : { target }));
      // Not waited for: the answer goes out first.
      void this.#store(target, mine);
      return reply;
    } catch (error) {
      if (mine === this.#latest) {
        desired.takeUnderWay = undefined;
        this.options.onFailed();
      }
      throw error;
    }
  }

  async #store(target: ProgramTarget, mine: number): Promise<void> {
    try {
      await this.options.model.change((draft) => draft.put('program', target));
    } catch (error) {
      this.options.log.error({ err: error }, 'what is on program could not be stored; a restart would go back to what was stored before');
    } finally {
      if (mine === this.#latest) this.options.desired.takeUnderWay = undefined;
    }
  }

  #check(target: ProgramTarget): void {
    const { model } = this.options;
    if ('sourceId' in target && !model.find('source', target.sourceId)) throw new ServerError('NOT_FOUND', `There is no source ${target.sourceId}.`);
    if ('sceneId' in target && !model.find('scene', target.sceneId)) throw new ServerError('NOT_FOUND', `There is no scene ${target.sceneId}.`);
  }
}
