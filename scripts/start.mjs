/**
 * `npm start`: sets up what is missing, ends leftovers of an earlier start, and runs the five processes under pm2-runtime in
 * the foreground until Ctrl-C or SIGTERM.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { lockOwner, takeLock } from './lock.mjs';
import { reap } from './reap.mjs';
import { ROOT, setup, SetupError } from './setup.mjs';
import { Supervisor } from './supervisor.mjs';

/** What was killed a moment ago is not found any more while it still holds its port: the kernel takes its memory first. */
const PORT_WAIT_MS = 1000;

try {
  await main();
} catch (error) {
  // Settings and set-up have sentences of their own; anything else is a fault of ours and shows its stack.
  const isForPeople = error instanceof SetupError || error?.name === 'ServerError';
  process.stderr.write(`${isForPeople ? error.message : error.stack}\n`);
  process.exit(1);
}

async function main() {
  // Before set-up, so that a second start never rebuilds what the first is running from.
  refuseSecond(lockOwner(join(roughHome(), 'start.lock')), roughHome());
  await setup();

  const { loadConfig } = await import('../dist/src/runtime/config.js');
  const { Paths } = await import('../dist/src/runtime/paths.js');
  const config = loadConfig(process.env, ROOT);
  const paths = new Paths(config.home);
  paths.create();

  const lock = await takeLock(join(config.home, 'start.lock'), { panel: `http://${config.http.host}:${config.http.port}/`, http: config.http });
  refuseSecond(lock.owner, config.home);
  process.on('exit', lock.release);

  const pm2Home = pm2HomeOf(config.home, paths.run);
  mkdirSync(pm2Home, { recursive: true, mode: 0o700 });
  const left = await reap(pm2Home);
  if (left) process.stdout.write(`Ended ${left} process${left > 1 ? 'es' : ''} that an earlier start had left behind.\n`);
  await checkPort('VISTTER_HTTP', config.http);
  await checkPort('VISTTER_RTMP', config.rtmp);

  new Supervisor(ROOT, config.home, paths.run, pm2Home).start();
}

/** Where the home is, as far as it can be known before the build; wrong guesses only mean that the check comes later. */
function roughHome() {
  let home = process.env.VISTTER_HOME;
  const file = join(ROOT, 'vistter.yaml');
  if (!home && existsSync(file)) home = /^VISTTER_HOME:\s*['"]?([^'"#\n]+)/m.exec(readFileSync(file, 'utf8'))?.[1]?.trim();
  return resolve(ROOT, home || './data');
}

function refuseSecond(owner, home) {
  if (!owner) return;
  throw new SetupError(
    `VistterStudio is already running with ${home} (process ${owner.pid}${owner.panel ? `, panel at ${owner.panel}` : ''}). ` +
      'Stop that one first, or give this one a VISTTER_HOME and ports of its own. "npm run upgrade" replaces what runs by the version that lies here.',
  );
}

/** pm2 keeps sockets here, whose names must fit into the kernel's 107 characters. */
function pm2HomeOf(home, run) {
  const usual = join(home, 'pm2');
  return Buffer.byteLength(join(usual, 'interactor.sock')) <= 100 ? usual : join(run, 'pm2');
}

/** A port that somebody else has is better said once, here, than by a process that is restarted for ever. */
async function checkPort(key, { host, port }) {
  for (const endMs = performance.now() + PORT_WAIT_MS; ; ) {
    const error = await listenError(host, port);
    if (!error) return;
    const isTaken = error.code === 'EADDRINUSE';
    if (!isTaken || performance.now() > endMs) {
      throw new SetupError(`${key} is ${host}:${port}, but ${isTaken ? 'another program has that port' : error.message}. End it, or set ${key} to another address.`);
    }
    await delay(50);
  }
}

/** Null where one could listen. */
function listenError(host, port) {
  return new Promise((done) => {
    const server = createServer().once('error', done);
    server.listen({ host, port, exclusive: true }, () => server.close(() => done(null)));
  });
}
