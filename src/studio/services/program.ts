/** Takes: putting something on program. The engine is asked first and the disk afterwards, as a cut must not wait for one. */
import { TakeReply, type TakeRequest } from '../../protocol/link.js';
import type { CameraSwitch } from '../../protocol/messages.js';
import type { ProgramTarget } from '../../protocol/status.js';
import { ServerError, toProblem } from '../../runtime/errors.js';
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
  #storing = false;

  constructor(private readonly options: ProgramOptions) {}

  /** What is to be on program, a take under way included. */
  target(): ProgramTarget {
    return this.options.desired.take?.target ?? this.options.model.state.program;
  }

  /** What was put on program, whether or not the disk knows. */
  taken(): ProgramTarget {
    const { take } = this.options.desired;
    return take?.is === 'taken' ? take.target : this.options.model.state.program;
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
    const before = desired.take;
    desired.take = { is: 'asked', target };
    try {
      const reply = TakeReply.parse(await askEngine(transition ? { target, transition } : { target }));
      if (mine === this.#latest) desired.take = { is: 'taken', target };
      // The answer goes out first: a disk can take its time.
      setImmediate(() => void this.storeTaken());
      return reply;
    } catch (error) {
      if (mine === this.#latest) {
        desired.take = before?.is === 'taken' ? before : undefined;
        this.options.onFailed();
      }
      throw error;
    }
  }

  /**
   * Writes down what was taken. When that fails, as on a full disk, the program stays what it is; asked again each second
   * until it works.
   */
  async storeTaken(): Promise<void> {
    const { desired, model, log } = this.options;
    const { take } = desired;
    if (take?.is !== 'taken' || this.#storing) return;
    this.#storing = true;
    try {
      await model.change((draft) => draft.put('program', take.target));
      if (desired.take === take) desired.take = undefined;
    } catch (error) {
      log.error({ problem: toProblem(error).message }, 'what is on program could not be stored; a restart now would go back to what was stored before');
    } finally {
      this.#storing = false;
    }
    if (desired.take && desired.take !== take) await this.storeTaken();
  }

  #check(target: ProgramTarget): void {
    const { model } = this.options;
    if ('sourceId' in target && !model.find('source', target.sourceId)) throw new ServerError('NOT_FOUND', `There is no source ${target.sourceId}.`);
    if ('sceneId' in target && !model.find('scene', target.sceneId)) throw new ServerError('NOT_FOUND', `There is no scene ${target.sceneId}.`);
  }
}
