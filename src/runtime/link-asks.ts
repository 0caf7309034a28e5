/** What a process has asked of the studio and waits for: each is answered, or rejected, and there is a bound to how many wait. */
import { ASKS, isAskName, type AnswerOf, type AskName, type AskOf } from '../protocol/asks.js';
import type { FromProcess, FromStudio, Role } from '../protocol/link.js';
import { ServerError, toProblem } from './errors.js';
import { Pending } from './pending.js';

const ASK_TIMEOUT_MS = 5_000;
/** Of one process. */
const MOST_ASKS = 32;

type Answer = Extract<FromStudio, { type: 'answer' }>;
type Ask = Extract<FromProcess, { type: 'ask' }>;

/** The side that asks. */
export class Asks {
  readonly #pending = new Pending<void>();

  /** @param send false when it could not be sent */
  constructor(private readonly send: (ask: Ask) => boolean) {}

  /** @throws ServerError LINK_CLOSED, LINK_BUSY, TIMEOUT, or what was answered */
  async ask<N extends AskName>(name: N, payload: unknown, timeoutMs = ASK_TIMEOUT_MS): Promise<AnswerOf<N>> {
    if (this.#pending.size >= MOST_ASKS) throw new ServerError('LINK_BUSY', `${MOST_ASKS} questions to the studio wait for an answer already. Try again in a moment.`);
    const answer = await this.#pending.ask(undefined, 'studio', timeoutMs, (id) => (
      this.send({ type: 'ask', id, name, payload }) ? undefined : new ServerError('LINK_CLOSED', 'The studio is not there just now. Try again in a few seconds.')
    ));
    const parsed = ASKS[name].answer.safeParse(answer);
    if (!parsed.success) throw new ServerError('INTERNAL', `What the studio answered to "${name}" was not understood; restart VistterStudio as a whole.`);
    return parsed.data as AnswerOf<N>;
  }

  answered(answer: Answer): void {
    this.#pending.answered(answer);
  }

  /** The link is gone: no answer will come. */
  rejectAll(): void {
    this.#pending.reject(new ServerError('LINK_CLOSED', 'The studio went away before it answered. Try again in a few seconds.'));
  }
}

/** Answers one; a throw becomes the error that the asker sees. Its payload was checked by its schema. */
export type AnswerAsk = <N extends AskName>(name: N, payload: AskOf<N>, role: Role) => Promise<unknown>;

/** The side that answers, for one process: not more at once than it may ask. */
export class Answers {
  #underWay = 0;

  constructor(private readonly role: Role, private readonly answer: AnswerAsk | undefined) {}

  async to({ id, name, payload }: Ask): Promise<Answer> {
    if (this.#underWay >= MOST_ASKS) return { type: 'answer', id, error: { code: 'LINK_BUSY', message: 'Too much is asked of the studio at once. Try again in a moment.' } };
    this.#underWay += 1;
    try {
      return { type: 'answer', id, payload: await this.#ask(name, payload) };
    } catch (error) {
      return { type: 'answer', id, error: toProblem(error) };
    } finally {
      this.#underWay -= 1;
    }
  }

  #ask(name: string, payload: unknown): Promise<unknown> {
    if (!this.answer || !isAskName(name) || !ASKS[name].roles.includes(this.role)) throw new ServerError('UNKNOWN_MESSAGE', `The ${this.role} process cannot ask "${name}" of the studio.`);
    const parsed = ASKS[name].ask.safeParse(payload);
    if (!parsed.success) throw new ServerError('VALIDATION', `What was asked with "${name}" was not understood: ${parsed.error.issues[0]?.path.join('.') ?? ''} ${parsed.error.issues[0]?.message ?? ''}`);
    return this.answer(name, parsed.data as AskOf<typeof name>, this.role);
  }
}
