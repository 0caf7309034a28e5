/** What the processes last said, and when: one that has fallen silent counts as away, though its socket is open. */
import type { Reports } from '../domain/status.js';
import type { ActualOf, Role } from '../protocol/link.js';
import type { Clock } from '../runtime/clock.js';

/** Reports come once a second; a process that missed five is stopped or hangs. */
const SILENT_AFTER_MS = 5000;

export class ReportBook {
  readonly #last = new Map<Role, { atMs: number; actual: unknown }>();

  constructor(private readonly clock: Clock) {}

  put<R extends Role>(role: R, actual: ActualOf[R]): void {
    this.#last.set(role, { atMs: this.clock.monotonicMs(), actual });
  }

  /** It went away. */
  drop(role: Role): void {
    this.#last.delete(role);
  }

  get<R extends Role>(role: R): ActualOf[R] | undefined {
    const last = this.#last.get(role);
    if (!last || this.clock.monotonicMs() - last.atMs > SILENT_AFTER_MS) return undefined;
    return last.actual as ActualOf[R];
  }

  all(): Reports {
    return { ingest: this.get('ingest'), engine: this.get('engine'), egress: this.get('egress'), sidecar: this.get('sidecar') };
  }
}
