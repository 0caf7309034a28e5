/** What is wanted of each process, made from the stored state when it is asked for, and pushed when it has changed. */
import { egressDesired, engineDesired, ingestDesired, sidecarDesired, type FindKey } from '../domain/desired.js';
import type { DesiredOf, Role } from '../protocol/link.js';
import type { ProgramTarget } from '../protocol/status.js';
import type { MediaPaths } from './media-paths.js';
import type { Model } from './model.js';
import type { ReportBook } from './reports.js';

/** A take that the store does not know yet: asked of the engine, or on program already. */
export interface UnstoredTake {
  is: 'asked' | 'taken';
  target: ProgramTarget;
}

export class DesiredState {
  /** What is sent to the engine meanwhile must not undo it. */
  take: UnstoredTake | undefined;
  /** Someone watches the meters. */
  levels = false;

  constructor(
    private readonly model: Model,
    private readonly media: MediaPaths,
    private readonly reports: ReportBook,
    private readonly mediaFolder: string,
  ) {}

  of<R extends Role>(role: R): DesiredOf[R] {
    return this.#of(role) as DesiredOf[R];
  }

  #of(role: Role): DesiredOf[Role] {
    const { state } = this.model;
    const key: FindKey = (kind, id) => this.model.secret(kind, id);
    switch (role) {
      case 'ingest': return ingestDesired(state, key);
      case 'engine': return engineDesired(state, {
        mediaFolder: this.mediaFolder, findMedia: (path) => this.media.find(path), program: this.take?.target ?? state.program, levels: this.levels,
      });
      case 'egress': return egressDesired(state, key);
      case 'sidecar': return sidecarDesired(state, this.reports.get('egress')?.recording);
      default: return role satisfies never;
    }
  }
}

const ROLES: readonly Role[] = ['ingest', 'engine', 'egress', 'sidecar'];

/** Pushes what differs from what was pushed last. A process that connects gets everything anyway. */
export class DesiredPusher {
  readonly #sent = new Map<Role, string>();

  constructor(private readonly desired: DesiredState, private readonly push: (role: Role) => void) {}

  pushChanged(): void {
    for (const role of ROLES) {
      const text = JSON.stringify(this.desired.of(role));
      if (this.#sent.get(role) === text) continue;
      this.#sent.set(role, text);
      this.push(role);
    }
  }
}
