/** What is wanted of each process, made from the stored state when it is asked for, and pushed when it has changed. */
import { egressDesired, engineDesired, ingestDesired, sidecarDesired, type FindKey } from '../domain/desired.js';
import type { StudioState } from '../domain/documents.js';
import { withMovedSound } from '../domain/sound.js';
import { withOnProgram, type OnProgram } from '../domain/playback.js';
import type { DesiredOf, EmergencyTarget, EngineInsert, Role } from '../protocol/link.js';
import type { TileWish } from '../protocol/multiview.js';
import type { SourceAudio } from '../protocol/sound.js';
import type { ProgramTarget } from '../protocol/status.js';
import { part } from '../runtime/link-documents.js';
import type { MediaPaths } from './media-paths.js';
import type { Model } from './model.js';
import type { ReportBook } from './reports.js';

export class DesiredState {
  /** What the engine is just now asked to put on program: what it names is to be known. */
  asked: ProgramTarget | undefined;
  /** What the schedule has asked for, to be put on program in a moment. */
  scheduled: ProgramTarget | undefined;
  /** The emergency it is just now asked for; null: to take it away. */
  emergency: EmergencyTarget | null | undefined;
  /** Whether it is just now asked to fade to black, or back. */
  black: boolean | undefined;
  /** The insert it is just now asked for: what lies in it is to be known. */
  coming: EngineInsert | undefined;
  /** What was taken and the store does not know yet. */
  unstored: OnProgram | undefined;
  /** Someone watches the meters. */
  levels = false;
  /** What somebody watches. */
  tiles: TileWish[] = [];
  /** What somebody listens to. */
  listen: DesiredOf['engine']['listen'] = [];
  /** What was moved at the mixer and the store does not know yet. */
  readonly movedSound = new Map<string, Partial<SourceAudio>>();

  constructor(
    private readonly model: Model,
    private readonly media: MediaPaths,
    private readonly reports: ReportBook,
    private readonly mediaFolder: string,
  ) {}

  /** What is stored, with what was taken and moved since. */
  get state(): StudioState {
    return withMovedSound(this.unstored ? withOnProgram(this.model.state, this.unstored) : this.model.state, this.movedSound);
  }

  of<R extends Role>(role: R): DesiredOf[R] {
    return this.#of(role) as DesiredOf[R];
  }

  #of(role: Role): DesiredOf[Role] {
    const { state } = this;
    const key: FindKey = (kind, id) => this.model.secret(kind, id);
    switch (role) {
      case 'ingest': return ingestDesired(state, key);
      case 'engine': return engineDesired(state, {
        mediaFolder: this.mediaFolder, findMedia: (path) => this.media.find(path), asked: this.asked, scheduled: this.scheduled,
        emergency: this.emergency, black: this.black, coming: this.coming, levels: this.levels, tiles: this.tiles, listen: this.listen,
      });
      case 'egress': return egressDesired(state, key);
      case 'sidecar': return sidecarDesired(state, this.reports.get('egress'));
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
      // A document is as it was while its revision is: there is no need to write out megabytes to see that.
      const text = JSON.stringify(part(this.desired.of(role)).payload);
      if (this.#sent.get(role) === text) continue;
      this.#sent.set(role, text);
      this.push(role);
    }
  }
}
