/** The studio's floor plan: the one process that stores what the operator wants, and that browsers talk to. */
import { join } from 'node:path';
import { pathsOnAir } from '../domain/media-uses.js';
import { readTile } from '../protocol/tile.js';
import { mixOf } from '../protocol/sound-packet.js';
import type { OperatorStatus } from '../protocol/status.js';
import { machineTimeZone, readBootId, systemClock } from '../runtime/clock.js';
import { DiskSight } from '../runtime/disk-sight.js';
import { runProcess, type Owner } from '../runtime/lifecycle.js';
import { LinkServer } from '../runtime/link-server.js';
import { PacketReader } from '../runtime/packet-reader.js';
import { INSTALL_ROOT } from '../runtime/paths.js';
import { rtmpServer, Welcome } from './banner.js';
import { DesiredPusher, DesiredState } from './desired-state.js';
import { FirstStart } from './first-start.js';
import { Flow } from './flow.js';
import { FolderWatcher } from './folders/folder-watcher.js';
import { Sync } from './folders/sync.js';
import { Access } from './http/access.js';
import { createApp } from './http/app.js';
import { AttemptLimiter } from './http/attempts.js';
import { Doorway } from './http/doorway.js';
import { Panel } from './http/panel.js';
import { restRoutes } from './http/routes.js';
import { HttpServer } from './http/server.js';
import { Sessions } from './http/sessions.js';
import { FactBook } from './media/fact-book.js';
import { FileCache } from './media/file-cache.js';
import { MediaLibrary } from './media/library.js';
import { MediaPictures } from './media/pictures.js';
import { UploadDisk } from './media/upload-disk.js';
import { Uploads } from './media/uploads.js';
import { MediaPaths } from './media-paths.js';
import { MediaProbe } from './media-probe.js';
import { Metrics } from './metrics.js';
import { Model } from './model.js';
import { CameraLog } from './camera-log.js';
import { OperatorLog } from './operator-log.js';
import { ReportBook } from './reports.js';
import { StallWatch } from './stall-watch.js';
import { OperatorToken } from './secrets/token.js';
import { Vault } from './secrets/vault.js';
import { Black } from './services/black.js';
import { Broadcast } from './services/broadcast.js';
import { AnalysisFolder } from './analyses/folder.js';
import { AiringLog } from './services/airing-log.js';
import { Analyses } from './services/analyses.js';
import { Decisions } from './services/decisions.js';
import { Destinations } from './services/destinations.js';
import { Exports } from './services/exports.js';
import { Folders } from './services/folders.js';
import { Emergency } from './services/emergency.js';
import { InsertClock } from './services/insert-clock.js';
import { InsertPlayer } from './services/insert-player.js';
import { Models } from './services/models.js';
import { Moments } from './services/moments.js';
import { Mixer } from './services/mixer.js';
import { Inserts } from './services/inserts.js';
import { answerAsks } from './services/asks.js';
import { Jobs } from './services/jobs.js';
import { Operator } from './services/operator.js';
import { PlaybackService } from './services/playback.js';
import { Preview } from './services/preview.js';
import { answerLimitMs, Program, type ProgramOptions } from './services/program.js';
import { Recordings } from './services/recordings.js';
import { Overlays, Scenes } from './services/scenes.js';
import { Schedule } from './services/schedule.js';
import { Scheduler } from './services/scheduler.js';
import { SettingsService } from './services/settings.js';
import { Sources } from './services/sources.js';
import { Takeaway } from './services/takeaway.js';
import { Timelines } from './services/timelines.js';
import { DoingsLog } from './health/doings-log.js';
import { EventLog } from './health/event-log.js';
import { Health } from './health/health.js';
import { HomeLock } from './store/home-lock.js';
import { JobTable } from './store/job-table.js';
import { SqliteStore } from './store/sqlite-store.js';
import { newId } from './ids.js';
import { PresetFiles } from './preset-files.js';
import { Views } from './views.js';
import { runCommand } from './ws/commands.js';
import { Hub } from './ws/hub.js';
import { PreviewProxy } from './ws/preview-proxy.js';
import { StateFeed } from './ws/state-feed.js';

/** No tile, and no piece of sound, is as large as this. */
const MOST_TILE_BYTES = 4 << 20;
const MOST_SOUND_BYTES = 256 << 10;

/** Small pictures and waveforms that are kept. */
const MEDIA_CACHE_BYTES = 256 * 1024 * 1024;

await runProcess('studio', ({ config, paths, log }): Owner[] => {
  const clock = systemClock;
  const bootId = readBootId();
  const token = OperatorToken.load(paths.secrets, config.token);
  const server = rtmpServer(config);

  // What is stored.
  const lock = new HomeLock(join(paths.run, 'studio.lock'), paths.home);
  const store = new SqliteStore(paths.database);
  const model = new Model(store, (anythingSealed) => Vault.open(paths.secrets, anythingSealed), clock, log);
  const media = new MediaPaths({
    folder: paths.media, allowHttp: config.allowHttpMedia,
    inUse: () => model.state.sources.flatMap(({ data }) => ('path' in data ? [data.path] : [])),
    onChange: () => pusher.pushChanged(),
  });

  // Work on what was recorded: kept here, done by the sidecar.
  const jobTable = new JobTable({ ...store.jobs, clock, newId: () => newId('job'), onChange: (ids) => jobs.changed(ids) });
  const jobs = new Jobs({ store: jobTable, clock, log });

  // What is wanted of the other processes, and what they report.
  const reports = new ReportBook(clock);
  const desired = new DesiredState(model, media, reports, paths.media);
  const link = new LinkServer({
    socketPath: paths.studioSocket, log,
    desired: (role) => desired.of(role),
    onActual: (role, actual) => flow.onActual(role, actual),
    onEvent: (role, name, payload) => flow.onEvent(role, name, payload),
    onPresence: (role, connected) => flow.onPresence(role, connected),
    onAsk: answerAsks(jobs, () => analyses),
  });
  const pusher = new DesiredPusher(desired, (role) => link.push(role));

  // What an operator can do.
  const asking: Pick<ProgramOptions, 'askEngine' | 'onAsked' | 'onFailed'> = {
    askEngine: (request) => link.request('engine', request.name, request.payload, 'ENGINE_AWAY', answerLimitMs(request)),
    onAsked: () => pusher.pushChanged(),
    onFailed: () => link.push('engine'),
  };
  const program: Program = new Program({ model, desired, log, clock, bootId, ...asking, onKept: (before, now, at) => moments.onProgram(before, now, at) });
  const moments = new Moments({ store, model, log, now: () => program.now() });
  const emergency = new Emergency(program, desired, { clock, ...asking });
  const broadcast = new Broadcast(model, reports, () => flow.publish());
  const recordings = new Recordings(model, paths, log, clock, bootId, (id) => analyses.forget(id));
  /** With takes under way, and what is not stored yet. */
  const buses = () => ({ program: program.target(), preview: program.state.preview });
  const probe = new MediaProbe();
  const timelines = new Timelines({ model, program, reports, media, probe });
  const schedule = new Schedule(model, clock, machineTimeZone());
  const scheduler = new Scheduler({ model, schedule, program, broadcast, clock, log });
  const sync = new Sync({ model, desired, now: () => program.now() });
  const watcher = new FolderWatcher({ model, probe, sync, mediaFolder: paths.media, clock, log });
  const folders = new Folders(model, program, watcher);
  const facts = new FactBook({ file: join(paths.cache, 'media-facts.json'), mediaFolder: paths.media, probe, clock });
  const cache = new FileCache({ folder: join(paths.cache, 'media'), maxBytes: MEDIA_CACHE_BYTES });
  const library = new MediaLibrary({ mediaFolder: paths.media, facts, state: () => desired.state, clock });
  const pictures = new MediaPictures({ mediaFolder: paths.media, facts, cache, clock });
  const uploads = new Uploads({
    disk: new UploadDisk(paths.uploads, paths.media), isOnAir: (path) => pathsOnAir(desired.state).has(path), media: library, clock, log,
  });
  const player = new InsertPlayer({ program, desired, emergency, media, probe, reports, ...asking });
  const airings = new AiringLog({
    store, program, clock, log, enginePid: () => link.presence().find(({ role }) => role === 'engine')?.pid ?? 0,
    onLogged: ({ insertId, name, frames, plannedFrames, ended }) => events.add({
      level: ended === 'whole' ? 'info' : 'warning', kind: 'insert', code: 'INSERT_AIRED', text: `The insert "${name}" was aired: ${frames} of ${plannedFrames} frames (${ended}).`, ids: [insertId],
    }, null),
  });
  const events = new EventLog({ store, clock, log, onEvent: (event) => hub.broadcastEvent({ type: 'event', payload: event }) });
  const health = new Health({
    clock, store, events, log, disk: new DiskSight(paths.recordings, clock), state: () => desired.state, cameras: () => reports.get('ingest')?.cameras ?? [],
    onWarning: ({ message }) => moments.alert(message),
    pids: () => [{ role: 'studio', pid: process.pid }, ...link.presence().flatMap(({ role, pid }) => (pid === null ? [] : [{ role, pid }]))],
  });
  const insertClock = new InsertClock({
    onMissed: ({ id, name }, why) => events.add({ level: 'warning', kind: 'insert', code: 'INSERT_MISSED', text: `The insert "${name}" was due and was left out: ${why}`, ids: [id] }, null),
    model, program, player, emergency, reports, clock, log,
  });
  const analysisFolder = new AnalysisFolder(paths.home);
  const decisions = new Decisions({ store, folder: analysisFolder, wallMs: clock.wallMs });
  const exports = new Exports({ model, jobs, folder: analysisFolder, decisions, moments });
  const analyses: Analyses = new Analyses({ model, jobs, folder: analysisFolder, decisions, exports, moments, clock, log, onChange: () => flow.publish() });
  const takeaway = new Takeaway({ model, analyses, exports, folder: analysisFolder });
  const models = new Models({ home: paths.home, jobs, clock, onChange: () => flow.publish() });
  const playback = new PlaybackService(program, timelines, reports);
  const mixer = new Mixer({ model, desired, log, askEngine: (request) => link.request('engine', 'sound', request, 'ENGINE_AWAY'), onMoved: () => flow.publish() });
  const settleSound = () => mixer.settle();
  const services = {
    timelines, folders, library, pictures, uploads, operator: new Operator(program, playback, emergency), preview: new Preview(program, playback, emergency, timelines, asking),
    black: new Black(program, emergency, desired, asking),
    inserts: new Inserts(model, program), player, airings, mixer, moments, analyses, exports, takeaway, analysisFolder, models, jobs,
    sources: new Sources(model, media, server, buses, settleSound), scenes: new Scenes(model, buses), overlays: new Overlays(model),
    destinations: new Destinations(model), settings: new SettingsService(model, settleSound), presets: new PresetFiles(join(INSTALL_ROOT, 'presets'), log), broadcast, recordings, schedule,
  };

  // What browsers see.
  const views = new Views({ desired, folders, analyses, models, reports, link, media, broadcast, schedule, scheduler, clock, bootId, rtmpServer: server, operators: (): OperatorStatus[] => hub.operators(), health: health.now });
  const panel = new Panel(join(INSTALL_ROOT, 'dist/panel'));
  const feed = new StateFeed(views.snapshot, clock.wallMs(), panel.version);
  const hub = new Hub({
    clock,
    feed, log,
    run: (command) => runCommand(services, command),
    isOpen: (cookie) => sessions.isOpen(cookie),
    status: () => ({ type: 'broadcast:status', payload: views.status() }),
    stalled: () => stalls.look(),
    onOperators: () => flow.onOperators(),
    onLevelsWanted: (wanted) => flow.onLevelsWanted(wanted),
    onTilesWanted: (tiles) => {
      flow.onTilesWanted(tiles);
      tileReader.want(tiles.length > 0);
    },
    onListenWanted: (listen) => {
      flow.onListenWanted(listen);
      soundReader.want(listen.length > 0);
    },
  });
  const stalls = new StallWatch(clock, (lengthMs) => {
    log.warn({ lengthMs: Math.round(lengthMs) }, 'the studio stood still; what panels asked of it meanwhile is not done');
    events.add({ level: 'warning', kind: 'machine', code: 'STUDIO_STALLED', text: `The studio stood still for ${(lengthMs / 1000).toFixed(1)} s; what panels asked of it meanwhile was not done.`, ids: [] }, null);
    hub.showOutWhoWaited();
  });
  const tileReader = new PacketReader(paths.tilesSocket, MOST_TILE_BYTES, (bytes) => {
    const tile = readTile(bytes);
    if (tile) hub.tiles.send(tile.id, bytes);
    return tile !== null;
  });
  const soundReader = new PacketReader(paths.listenSocket, MOST_SOUND_BYTES, (bytes) => {
    const mix = mixOf(bytes);
    if (mix !== null) hub.sendSound(mix, bytes);
    return mix !== null;
  });
  const preview = new PreviewProxy({ socketPath: paths.previewSocket, clock, isOpen: (cookie) => sessions.isOpen(cookie) });
  const attempts = new AttemptLimiter(clock);
  const metrics = new Metrics({
    status: views.status, reports: () => reports.all(),
    disk: () => {
      const { machine } = health.now();
      return { freeBytes: machine?.diskFreeBytes ?? null, sizeBytes: machine?.diskBytes ?? null };
    },
    wallMs: clock.wallMs,
    clients: () => ({ connected: hub.size, evicted: hub.evicted, tilesSkipped: hub.tiles.skipped, tilesLeftOut: hub.tilesLeftOut, soundSkipped: hub.soundSkipped }), attempts: () => ({ refused: attempts.refused, blocked: attempts.blocked }),
    media: () => ({ ...pictures.counts, uploads: uploads.size }),
    inserts: () => ({ airings: airings.counts, failed: insertClock.failed }),
    analyses: () => ({ states: analyses.counts(), decisions: decisions.counts, moments: moments.kept, momentsLost: moments.lost }),
    jobs: { counts: () => jobs.counts(), sums: () => jobs.sums },
  });
  const sessions = new Sessions(model, clock, config.http.port);
  const access = new Access({ token, sessions, attempts, boundHost: config.http.host, hosts: config.httpHosts });
  const routes = restRoutes({ ...services, history: health.history, events, access, sessions, status: views.status, snapshot: views.snapshot, health: views.health });
  const doorway = new Doorway();
  const app = createApp({ access, doorway, routes, metrics, stalled: () => stalls.look(), panel, log });
  const http = new HttpServer({
    address: config.http, app, access, doorway, log,
    upgrades: {
      '/ws': (request, socket, head, url) => hub.upgrade(request, socket, head, url),
      '/preview.flv': (request, socket, head) => preview.upgrade(request, socket, head),
    },
  });

  const operatorLog = new OperatorLog(model, log);
  const flow = new Flow({
    model, reports, desired, pusher, broadcast, program, recordings, airings, views, feed, hub, operatorLog, cameraLog: new CameraLog(log, (happening) => events.add(happening, null)), health, clock,
  });
  const doingsLog = new DoingsLog(model, events);
  const firstStart = new FirstStart(model);
  const welcome = new Welcome(config, token.text, log, () => firstStart.cameras);

  return [
    lock, store, model, jobs, firstStart, moments, events, health, media, probe, facts, cache, pictures, uploads, airings, analyses, flow, watcher, link, scheduler, insertClock, mixer, stalls, hub,
    tileReader, soundReader, preview, http, welcome, operatorLog, doingsLog,
  ];
});
