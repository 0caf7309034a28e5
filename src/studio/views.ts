/** What operators and programs are shown of the whole: made from what is stored and what is reported, whenever asked. */
import { toSnapshot } from '../domain/resources.js';
import { broadcastStatus } from '../domain/status.js';
import type { StateSnapshot } from '../protocol/state.js';
import type { BroadcastStatus, OperatorStatus } from '../protocol/status.js';
import type { Clock } from '../runtime/clock.js';
import type { LinkServer } from '../runtime/link-server.js';
import { PRODUCT_VERSION } from '../runtime/version.js';
import type { DesiredState } from './desired-state.js';
import type { MediaPaths } from './media-paths.js';
import type { ReportBook } from './reports.js';
import type { Analyses } from './services/analyses.js';
import type { Broadcast } from './services/broadcast.js';
import type { Models } from './services/models.js';
import type { Schedule } from './services/schedule.js';
import type { Scheduler } from './services/scheduler.js';
import type { Folders } from './services/folders.js';

export interface ViewsOptions {
  reports: ReportBook;
  link: LinkServer;
  media: MediaPaths;
  desired: DesiredState;
  bootId: string;
  broadcast: Broadcast;
  schedule: Schedule;
  scheduler: Scheduler;
  folders: Folders;
  analyses: Analyses;
  models: Models;
  clock: Clock;
  /** Panels that said who sits there. */
  operators(): OperatorStatus[];
  /** As last looked at. */
  health(): Pick<BroadcastStatus, 'warnings' | 'machine'>;
  /** Where cameras push to. */
  rtmpServer: string;
}

export class Views {
  constructor(private readonly options: ViewsOptions) {}

  /** `broadcast:status`, and `GET /broadcast`. */
  readonly status = (): BroadcastStatus => ({ ...this.reported(), ...this.options.health() });

  /** The same without what is found from it. */
  readonly reported = (): Omit<BroadcastStatus, 'warnings' | 'machine'> => {
    const { desired, broadcast, scheduler, reports, media, clock, bootId } = this.options;
    return broadcastStatus({
      state: desired.state, broadcast: broadcast.state, reports: reports.all(), findMedia: (path) => media.find(path),
      schedule: scheduler.status(),
      now: { monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs(), bootId },
      processes: this.#processes(),
      operators: this.options.operators(),
    });
  };

  /** `state`, and `GET /state`. */
  readonly snapshot = (): StateSnapshot => {
    const { desired, broadcast, schedule, folders, rtmpServer } = this.options;
    return toSnapshot(desired.state, broadcast.state, rtmpServer, { schedule: schedule.list(), folders: folders.list(), analyses: this.options.analyses.summaries(), models: { rev: this.options.models.rev } });
  };

  /** `GET /health`: nothing that a stranger may not know, and nothing that takes long to find, however often strangers ask. */
  readonly health = (): { status: 'ok' | 'degraded'; version: string; processes: Record<string, boolean> } => {
    const processes = Object.fromEntries(this.#processes().map(({ role, connected }) => [role, connected]));
    return { status: Object.values(processes).every(Boolean) ? 'ok' : 'degraded', version: PRODUCT_VERSION, processes };
  };

  /** One that is connected but says nothing does not answer. */
  #processes(): BroadcastStatus['processes'] {
    const { link, reports } = this.options;
    return link.presence().map((process) => ({ ...process, connected: reports.get(process.role) !== undefined }));
  }
}
