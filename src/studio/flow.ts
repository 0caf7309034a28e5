/**
 * Who hears what: what is stored goes out to the processes and to browsers, what is reported to the services, and the status
 * to browsers by the clock.
 */
import type { ActualOf, DesiredOf, Role } from '../protocol/link.js';
import type { TileWish } from '../protocol/multiview.js';
import { Levels } from '../protocol/status.js';
import type { Clock } from '../runtime/clock.js';
import type { Owner } from '../runtime/lifecycle.js';
import type { CameraLog } from './camera-log.js';
import type { DesiredPusher, DesiredState } from './desired-state.js';
import type { Health } from './health/health.js';
import type { Model } from './model.js';
import type { OperatorLog } from './operator-log.js';
import type { ReportBook } from './reports.js';
import type { AiringLog } from './services/airing-log.js';
import type { Broadcast } from './services/broadcast.js';
import type { Program } from './services/program.js';
import type { Recordings } from './services/recordings.js';
import type { Views } from './views.js';
import type { Hub } from './ws/hub.js';
import type { StateFeed } from './ws/state-feed.js';

const STATUS_EVERY_MS = 1000;

export interface FlowOptions {
  model: Model;
  reports: ReportBook;
  desired: DesiredState;
  pusher: DesiredPusher;
  broadcast: Broadcast;
  program: Program;
  recordings: Recordings;
  airings: AiringLog;
  views: Views;
  feed: StateFeed;
  hub: Hub;
  operatorLog: OperatorLog;
  cameraLog: CameraLog;
  health: Health;
  clock: Clock;
}

export class Flow implements Owner {
  #ticker: NodeJS.Timeout | undefined;
  /** What was last reported to be wrong with what cameras send. */
  #sights = '[]';
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: FlowOptions) {}

  start(): void {
    const { model, broadcast, pusher } = this.options;
    model.onChange(() => {
      pusher.pushChanged();
      broadcast.settle();
      this.publish();
    });
    broadcast.settle();
    this.#ticker = setInterval(() => this.#tick(), STATUS_EVERY_MS);
  }

  stop(): Promise<void> {
    return (this.#stopped ??= Promise.resolve(clearInterval(this.#ticker)));
  }

  /** Browsers are told what has changed of what they see, if anything has. */
  publish(): void {
    const message = this.options.feed.update();
    if (message) this.options.hub.broadcast(message);
  }

  /** A process has reported. */
  onActual<R extends Role>(role: R, actual: ActualOf[R]): void {
    const { reports, recordings, airings, program, pusher, broadcast } = this.options;
    reports.put(role, actual);
    const { egress, sidecar, engine } = reports.all();
    if (role === 'engine' && engine) program.onEngine(engine);
    if (role === 'egress' && egress) recordings.onEgress(egress);
    if (role === 'sidecar' && sidecar) recordings.onSidecar(sidecar);
    if (role === 'engine' && engine) airings.onEngine(engine);
    if (role === 'engine' && engine) this.#followSights(engine);
    if (role === 'egress') pusher.pushChanged();
    broadcast.settle();
  }

  onEvent(role: Role, name: string, payload: unknown): void {
    const levels = role === 'engine' && name === 'levels' ? Levels.safeParse(payload) : undefined;
    if (levels?.success) this.options.hub.broadcastLevels({ type: 'audio:levels', payload: levels.data });
  }

  onPresence(role: Role, connected: boolean): void {
    if (!connected) this.options.reports.drop(role);
    this.options.operatorLog.onPresence(role, connected);
  }

  /** Somebody wants meters, or nobody does any more. */
  onLevelsWanted(wanted: boolean): void {
    this.options.desired.levels = wanted;
    this.options.pusher.pushChanged();
  }

  /** Somebody listens to another mix, or nobody does any more. */
  onListenWanted(listen: DesiredOf['engine']['listen']): void {
    this.options.desired.listen = listen;
    this.options.pusher.pushChanged();
  }

  /** Somebody watches other tiles, or nobody does any more. */
  onTilesWanted(tiles: TileWish[]): void {
    this.options.desired.tiles = tiles;
    this.options.pusher.pushChanged();
  }

  /** Somebody came to a panel or went: the others see it now, not with the next second. */
  onOperators(): void {
    const { hub, views } = this.options;
    if (hub.size > 0) hub.broadcast({ type: 'broadcast:status', payload: views.status() });
  }

  /** That a camera has frozen, say, has taken two seconds to be seen: it does not wait for the next second to be told. */
  #followSights({ sources }: ActualOf['engine']): void {
    const { views, health } = this.options;
    const sights = JSON.stringify(sources.filter(({ still, black, silent }) => still || black || silent).map(({ id, still, black, silent }) => [id, still, black, silent]));
    if (sights === this.#sights) return;
    this.#sights = sights;
    const reported = views.reported();
    health.lookAgain(reported);
    this.#show(reported);
  }

  #tick(): void {
    const { broadcast, program, views, reports, model, cameraLog, health, clock } = this.options;
    broadcast.settle();
    void program.storeTaken();
    void model.storeOwed();
    const cameras = model.state.sources.filter(({ data }) => data.kind === 'camera').map(({ id, data }) => [id, data.name] as const);
    const reported = views.reported();
    cameraLog.look(reports.get('engine') ? reported.sources : [], new Map(cameras), clock.monotonicMs());
    health.look(reported);
    this.publish();
    this.#show(reported);
  }

  /** With what was found when it was last looked at. */
  #show(reported: ReturnType<Views['reported']>): void {
    const { hub, health } = this.options;
    if (hub.size > 0) hub.broadcast({ type: 'broadcast:status', payload: { ...reported, ...health.now() } });
  }
}
