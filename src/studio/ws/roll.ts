/** Who sits at the panels: each that says so is given an id, and changes are told once they have settled. */
import type { OperatorStatus } from '../../protocol/status.js';
import type { Clock } from '../../runtime/clock.js';

/** When a studio comes back, all panels say who they are at once. */
const SETTLE_MS = 50;

export class Roll {
  #introduced = 0;
  #soon: NodeJS.Timeout | undefined;

  constructor(private readonly clock: Clock, private readonly onChange: () => void) {}

  stop(): void {
    clearTimeout(this.#soon);
  }

  /** @param before what the same one said last */
  introduce(before: OperatorStatus | undefined, { name, what }: Pick<OperatorStatus, 'name' | 'what'>): OperatorStatus {
    if (before?.name !== name || before.what !== what) this.changed();
    return { id: before?.id ?? `op_${++this.#introduced}`, name, what, since: before?.since ?? new Date(this.clock.wallMs()).toISOString() };
  }

  /** Somebody came, went, or is another one. */
  changed(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.onChange();
    }, SETTLE_MS);
  }
}
