/** Questions that were put to another process: each is answered, or rejected, once, and within its time. */
import { toErrorCode } from '../protocol/error-codes.js';
import type { Problem } from '../protocol/status.js';
import { ServerError } from './errors.js';

interface Question<About> {
  about: About;
  resolve(answer: unknown): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

/** `About` is what is known of each, for whoever rejects some of them. */
export class Pending<About> {
  readonly #questions = new Map<number, Question<About>>();
  #nextId = 1;

  get size(): number {
    return this.#questions.size;
  }

  /**
   * @param whom for the sentence: "studio", "engine process"
   * @param put sends it by its number; an error it gives is the answer
   * @throws ServerError TIMEOUT, or what it was settled with
   */
  ask(about: About, whom: string, timeoutMs: number, put: (id: number) => Error | undefined): Promise<unknown> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(id, new ServerError('TIMEOUT', `The ${whom} did not answer in ${timeoutMs / 1000} s.`)), timeoutMs);
      this.#questions.set(id, { about, resolve, reject, timer });
      const error = put(id);
      if (error) this.#settle(id, error);
    });
  }

  /** What came back; of one that waits no more, nothing becomes. */
  answered({ id, payload, error }: { id: number; payload?: unknown; error?: Problem | undefined }): void {
    this.#settle(id, error ? new ServerError(toErrorCode(error.code), error.message) : (payload ?? null));
  }

  /** No answer will come. @param which all of them, when it is left out */
  reject(error: Error, which: (about: About) => boolean = () => true): void {
    for (const [id, { about }] of [...this.#questions]) if (which(about)) this.#settle(id, error);
  }

  #settle(id: number, result: unknown): void {
    const question = this.#questions.get(id);
    if (!question) return;
    this.#questions.delete(id);
    clearTimeout(question.timer);
    if (result instanceof Error) question.reject(result);
    else question.resolve(result);
  }
}
