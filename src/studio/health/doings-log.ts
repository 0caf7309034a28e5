/** Tells the log of events what is done: whatever changes what is stored, with who asked for it. The last to be started. */
import { doings } from '../../domain/health/doings.js';
import type { StudioState } from '../../domain/documents.js';
import type { Owner } from '../../runtime/lifecycle.js';
import { actor } from '../actor.js';
import type { Model } from '../model.js';
import type { EventLog } from './event-log.js';

export class DoingsLog implements Owner {
  #last: StudioState | undefined;
  #forget: (() => void) | undefined;
  #stopped: Promise<void> | undefined;

  constructor(private readonly model: Model, private readonly events: EventLog) {}

  start(): void {
    this.events.add({ level: 'info', kind: 'process', code: 'STUDIO_STARTED', text: 'The studio was started.', ids: [] }, null);
    this.#last = this.model.state;
    this.#forget = this.model.onChange(() => {
      const now = this.model.state;
      for (const doing of doings(this.#last!, now, actor() !== undefined)) this.events.add(doing);
      this.#last = now;
    });
  }

  stop(): Promise<void> {
    return (this.#stopped ??= Promise.resolve(this.#forget?.()));
  }
}
