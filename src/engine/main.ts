/** The engine process: one program, from sources to the encoder. */
import { execFile } from 'node:child_process';
import { LinkClient } from '../runtime/link-client.js';
import { runProcess } from '../runtime/lifecycle.js';
import { probeArgs } from './encoder-args.js';
import { Engine } from './engine.js';
import { loadNativeCore } from './native.js';

await runProcess('engine', ({ config, paths, log }) => {
  const engine: Engine = new Engine({
    core: loadNativeCore(),
    places: { programSocket: paths.programSocket, cameraSocket: (id) => paths.cameraSocket(id), allowHttp: config.allowHttpMedia },
    log,
    tryCodec: (codec) => new Promise((resolve) => {
      execFile('ffmpeg', probeArgs(codec), { timeout: 5000, killSignal: 'SIGKILL' }, (error) => resolve(error === null));
    }),
    onLevels: (levels) => link.event('levels', { levels }),
    onChange: () => link.reportSoon(),
  });
  const link: LinkClient<'engine'> = new LinkClient({
    role: 'engine',
    socketPath: paths.studioSocket,
    log,
    onDesired: (desired) => engine.apply(desired),
    onRequest: (name, payload) => engine.request(name, payload),
    actual: () => engine.actual(),
  });
  return [engine, link];
});
