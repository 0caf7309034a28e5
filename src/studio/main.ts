/** The studio's floor plan: the one process that stores what the operator wants, and that browsers talk to. */
import { join } from 'node:path';
import { broadcastStatus } from '../domain/status.js';
import { toSnapshot } from '../domain/resources.js';
import { LevelsEvent } from '../protocol/link.js';
import { systemClock } from '../runtime/clock.js';
import type { Owner } from '../runtime/lifecycle.js';
import { runProcess } from '../runtime/lifecycle.js';
import { LinkServer } from '../runtime/link-server.js';
import { PRODUCT_VERSION } from '../runtime/link-client.js';
import { INSTALL_ROOT } from '../runtime/paths.js';
import { firstBanner, laterBanner, panelUrl, rtmpServer } from './banner.js';
import { DesiredPusher, DesiredState } from './desired-state.js';
import { setUpNewHome } from './first-start.js';
import { Access } from './http/access.js';
import { createApp } from './http/app.js';
import { AttemptLimiter } from './http/attempts.js';
import { Panel } from './http/panel.js';
import { restRoutes } from './http/routes.js';
import { HttpServer } from './http/server.js';
import { Sessions } from './http/sessions.js';
import { MediaPaths } from './media-paths.js';
import { Metrics } from './metrics.js';
import { Model } from './model.js';
import { ReportBook } from './reports.js';
import { OperatorToken } from './secrets/token.js';
import { Vault } from './secrets/vault.js';
import { Broadcast } from './services/broadcast.js';
import { Destinations } from './services/destinations.js';
import { Program } from './services/program.js';
import { Recordings } from './services/recordings.js';
import { Overlays, Scenes } from './services/scenes.js';
import { SettingsService } from './services/settings.js';
import { Sources } from './services/sources.js';
import { HomeLock } from './store/home-lock.js';
import { SqliteStore } from './store/sqlite-store.js';
import { runCommand } from './ws/commands.js';
import { Hub } from './ws/hub.js';
import { PreviewProxy } from './ws/preview-proxy.js';
import { StateFeed } from './ws/state-feed.js';

const STATUS_EVERY_MS = 1000;

await runProcess('studio', ({ config, paths, log }): Owner[] => {
  const clock = systemClock;
  const token = OperatorToken.load(paths.secrets, config.token);
  const server = rtmpServer(config);

  // What is stored.
  const lock = new HomeLock(join(paths.run, 'studio.lock'), paths.home);
  const store = new SqliteStore(paths.database);
  const model = new Model(store, (anythingSealed) => Vault.open(paths.secrets, anythingSealed), clock);
  const media = new MediaPaths({
    folder: paths.media, allowHttp: config.allowHttpMedia,
    inUse: () => model.state.sources.flatMap(({ data }) => ('path' in data ? [data.path] : [])),
    onChange: () => pusher.pushChanged(),
  });

  // What is wanted of the other processes, and what they report.
  const reports = new ReportBook(clock);
  const desired = new DesiredState(model, media, reports, paths.media);
  const link = new LinkServer({
    socketPath: paths.studioSocket, log,
    desired: (role) => desired.of(role),
    onActual: (role, actual) => {
      reports.put(role, actual);
      const { egress, sidecar } = reports.all();
      if (role === 'egress' && egress) recordings.onEgress(egress);
      if (role === 'sidecar' && sidecar) recordings.onSidecar(sidecar);
      if (role === 'egress') pusher.pushChanged();
      broadcast.settle();
    },
    onEvent: (role, name, payload) => {
      const levels = role === 'engine' && name === 'levels' ? LevelsEvent.safeParse(payload) : undefined;
      if (levels?.success) hub.broadcastLevels({ type: 'audio:levels', payload: levels.data });
    },
    onPresence: (role, connected) => {
      if (!connected) reports.drop(role);
      log.info({ process: role, connected }, connected ? 'a process is here' : 'a process went away');
    },
  });
  const pusher = new DesiredPusher(desired, (role) => link.push(role));

  // What an operator can do.
  const program = new Program({
    model, desired, log,
    askEngine: (request) => link.request('engine', 'take', request, 'ENGINE_AWAY'),
    onFailed: () => link.push('engine'),
  });
  const publish = (): void => {
    const message = feed.update();
    if (message) hub.broadcast(message);
  };
  const broadcast = new Broadcast(model, reports, publish);
  const recordings = new Recordings(model, paths, log);
  const onProgram = () => program.target();
  const services = {
    sources: new Sources(model, media, server, onProgram), scenes: new Scenes(model, onProgram), overlays: new Overlays(model),
    destinations: new Destinations(model), settings: new SettingsService(model), program, broadcast, recordings,
  };

  // What browsers see.
  const status = () => broadcastStatus({
    state: model.state, broadcast: broadcast.state, reports: reports.all(), nowMs: clock.wallMs(), findMedia: (path) => media.find(path),
    processes: link.presence().map((p) => ({ ...p, connected: reports.get(p.role) !== undefined })),
  });
  const snapshot = () => toSnapshot({ ...model.state, program: program.taken() }, broadcast.state, server);
  const health = () => {
    const processes = Object.fromEntries(status().processes.map(({ role, connected }) => [role, connected]));
    return { status: Object.values(processes).every(Boolean) ? 'ok' : 'degraded', version: PRODUCT_VERSION, processes };
  };
  const feed = new StateFeed(snapshot, clock.wallMs());
  const hub = new Hub({
    clock,
    feed, log,
    run: (command) => runCommand(services, command),
    isOpen: (cookie) => sessions.isOpen(cookie),
    status: () => ({ type: 'broadcast:status', payload: status() }),
    onLevelsWanted: (wanted) => {
      desired.levels = wanted;
      pusher.pushChanged();
    },
  });
  const preview = new PreviewProxy(paths.previewSocket);
  const metrics = new Metrics();
  const attempts = new AttemptLimiter(clock);
  const sessions = new Sessions(model, clock, config.http.port);
  const access = new Access({ token, sessions, attempts, boundHost: config.http.host, hosts: config.httpHosts });
  const routes = restRoutes({ ...services, access, sessions, status, snapshot, health });
  const app = createApp({ access, routes, metrics, panel: new Panel(join(INSTALL_ROOT, 'dist/panel')), log });
  const http = new HttpServer({
    address: config.http, app, access, log,
    upgrades: {
      '/ws': (request, socket, head, url) => hub.upgrade(request, socket, head, url),
      '/preview.flv': (request, socket, head) => preview.upgrade(request, socket, head),
    },
  });

  // Stored changes go out to the processes and to browsers; the status goes out by the clock.
  const flow: Owner = {
    start: () => {
      metrics.observe({
        status, reports: () => reports.all(), recordingsFolder: paths.recordings,
        clients: () => ({ connected: hub.size, evicted: hub.evicted }), attempts: () => ({ refused: attempts.refused, blocked: attempts.blocked }),
      });
      model.onChange(() => {
        pusher.pushChanged();
        broadcast.settle();
        publish();
      });
      broadcast.settle();
      const ticker = setInterval(() => {
        broadcast.settle();
        void program.storeTaken();
        publish();
        if (hub.size > 0) hub.broadcast({ type: 'broadcast:status', payload: status() });
      }, STATUS_EVERY_MS);
      flow.stop = () => Promise.resolve(clearInterval(ticker));
    },
    stop: () => Promise.resolve(),
  };
  const welcome: Owner = {
    start: () => { process.stdout.write(cameras ? firstBanner(panelUrl(config.http), token.text, server, cameras) : laterBanner(panelUrl(config.http), server)); },
    stop: () => Promise.resolve(),
  };
  let cameras: Awaited<ReturnType<typeof setUpNewHome>> | undefined;
  const firstStart: Owner = {
    start: async () => { if (model.isNew) cameras = await setUpNewHome(model); },
    stop: () => Promise.resolve(),
  };

  return [lock, store, model, firstStart, media, flow, link, hub, preview, http, welcome];
});
