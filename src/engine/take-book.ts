/** Takes are counted, here as in the studio: by which one what is on program came there, and what was answered to it. */
import type { EngineActual, EngineDesired, TakeReply } from '../protocol/link.js';
import type { ProgramTarget } from '../protocol/status.js';
import { sameJson } from '../runtime/same-json.js';

export class TakeBook {
  #number: number;
  #taken: EngineActual['taken'] = null;

  constructor({ take }: Pick<EngineDesired, 'take'>) {
    this.#number = take;
  }

  /** Of the take by which what is on program came there. */
  get number(): number {
    return this.#number;
  }

  /** What was answered to it; null: nobody asked for it here. */
  get taken(): EngineActual['taken'] {
    return this.#taken;
  }

  /** There was one more. @returns its number */
  next(): number {
    return ++this.#number;
  }

  /** What is on program is what was wanted, and not what was asked for here. */
  adopted(take: number): void {
    this.#number = take;
    this.#taken = null;
  }

  /** Answers what was asked for, and keeps the answer for a studio that does not hear it. */
  answer(reply: TakeReply & { take: number }, scheduled: boolean): TakeReply {
    if (reply.take === this.#number) this.#taken = { ...reply, scheduled };
    return reply;
  }

  /**
   * Whether something else is wanted on program than is there. A take is counted as it is made: what the studio wanted before it had
   * heard of it is not wanted any more.
   */
  isToAdopt({ program, take }: Pick<EngineDesired, 'program' | 'take'>, target: ProgramTarget): boolean {
    if (take < this.#number) return false;
    if (!sameJson(program, target)) return true;
    this.#number = take;
    return false;
  }
}
