/**
 * The ingest process: cameras publish over RTMP, decoders read FLV from one unix socket a camera.
 *
 *   TCP ─▶ listener ─▶ connection ─▶ guard ─▶ media server ─▶ camera's feed ─▶ unix socket
 */
import { systemClock } from '../runtime/clock.js';
import { runProcess } from '../runtime/lifecycle.js';
import { LinkClient } from '../runtime/link-client.js';
import { Cameras } from './cameras.js';
import { RtmpListener } from './listener.js';
import { quietMediaServer } from './media-server.js';

await runProcess('ingest', ({ config, paths, log }) => {
  quietMediaServer(log);
  const cameras = new Cameras(paths, systemClock, log);
  const listener = new RtmpListener({
    address: config.rtmp,
    cameras,
    clock: systemClock,
    log,
    onChange: () => link.reportSoon(),
  });
  const link: LinkClient<'ingest'> = new LinkClient({
    role: 'ingest',
    socketPath: paths.studioSocket,
    log,
    onDesired: (desired) => cameras.apply(desired),
    actual: () => ({
      cameras: cameras.all().map((camera) => camera.status()),
      openConnections: listener.open,
      counters: { ...listener.counters, droppedToSubscribers: cameras.dropped, cacheOverflows: cameras.cacheOverflows },
    }),
  });
  // The port first: when it is taken, nothing of the process that has it was touched.
  return [listener, cameras, link];
});
