/** The engine process: one program, from sources to the encoder. */
import { LinkClient } from '../runtime/link-client.js';
import { readBootId } from '../runtime/clock.js';
import { runProcess } from '../runtime/lifecycle.js';
import { PacketServer } from '../runtime/packet-server.js';
import { writeTile } from '../protocol/tile.js';
import { writeSound } from '../protocol/sound-packet.js';
import { tryCodec } from './codec-probe.js';
import { Engine } from './engine.js';
import { loadNativeCore } from './native.js';

await runProcess('engine', ({ config, paths, log }) => {
  const tiles = new PacketServer({ socketPath: paths.tilesSocket, log });
  const listeners = new PacketServer({ socketPath: paths.listenSocket, log });
  const engine: Engine = new Engine({
    core: loadNativeCore(),
    places: { programSocket: paths.programSocket, cameraSocket: (id) => paths.cameraSocket(id), allowHttp: config.allowHttpMedia, bootId: readBootId() },
    log,
    tryCodec,
    onLevels: (levels) => link.event('levels', { levels }),
    onTiles: (made) => tiles.send(() => made.map(writeTile)),
    onSound: (made) => listeners.send(() => made.map(({ id, at, pcm }) => writeSound({ mix: id, at, pcm }))),
    onChange: () => link.reportSoon(),
  });
  const link: LinkClient<'engine'> = new LinkClient({
    role: 'engine',
    socketPath: paths.studioSocket,
    log,
    onDesired: (desired) => engine.apply(desired),
    onRequest: (name, payload) => (name === 'sound' ? engine.move(payload) : engine.request(name, payload)),
    actual: () => {
      const actual = engine.actual();
      return { ...actual, tiles: { ...actual.tiles, dropped: actual.tiles.dropped + tiles.skipped }, sound: { dropped: actual.sound.dropped + listeners.skipped } };
    },
  });
  return [tiles, listeners, engine, link];
});
