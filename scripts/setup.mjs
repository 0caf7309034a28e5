/**
 * Brings a fresh clone to where it can run: Debian packages, npm packages, native programs, server, panel. Each step looks
 * first whether it has anything to do, so a second run takes a fraction of a second. Node's own modules only, because it
 * runs before anything is installed.
 *
 *   node scripts/setup.mjs [--dev] [--quiet]     --dev adds what the tests need
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lockOwner, takeLock } from './lock.mjs';
import { DEBIAN_PACKAGES, OLDEST_NODE } from './packages.mjs';

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const STAMPS = join(ROOT, 'node_modules/.cache/vistter');

/** What a person is told when set-up cannot go on; never a stack. */
export class SetupError extends Error {}

/** A compiler for each processor, if there is as much memory as each takes at worst. */
const JOBS = Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / 700e6)));

/** All of them need the packages but one, which begins without; so that they come over the network while compilers compute. */
const PACKAGES = {
  name: 'npm packages',
  inputs: ['package-lock.json'],
  outputs: ['node_modules/.package-lock.json'],
  isDone: npmPackagesAreThere,
  run: installNpmPackages,
};

/**
 * The steps that turn inputs into outputs. `inputs` are files and folders below the root; when their hash differs from
 * that of the last run, or an output is missing, `run` is called.
 */
const STEPS = [
  PACKAGES,
  {
    name: 'native programs (compositor, mixer, decoder, features)',
    inputs: ['native'],
    outputs: ['native/build/vistter-decoder', 'native/build/vistter-features', 'native/build/vistter-launch', 'native/build/vistter.node'],
    beginsWithoutPackages: true,
    run: buildNative,
  },
  {
    name: 'server',
    inputs: ['src', 'overlays', 'test/bench', 'test/support', 'tsconfig.json', 'package-lock.json'],
    skip: (path) => path.startsWith('src/panel/') || !/\.(ts|json)$/.test(path),
    outputs: ['dist/src/studio/main.js', 'dist/src/engine/main.js'],
    // Types are checked by `npm run build`, `npm run typecheck` and the tests: here it would take three quarters of the time.
    run: ({ command }) => command(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--noCheck']),
  },
  {
    name: 'panel',
    inputs: ['src/panel', 'src/protocol', 'package-lock.json'],
    outputs: ['dist/panel/index.html'],
    run: ({ command }) => command(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--config', 'src/panel/vite.config.ts', '--logLevel', 'warn']),
  },
];

/** What is built is made of these files and folders below the root. */
export const INPUTS = [...new Set(STEPS.flatMap(({ inputs }) => inputs))];

/** Whether something is to be built. */
export const isBehind = () => todo().length > 0;

/**
 * Does what is left to do.
 * @param {{ dev?: boolean, quiet?: boolean }} options
 * @throws SetupError with the sentence to show
 */
export async function setup({ dev = false, quiet = false } = {}) {
  const say = (line) => quiet || process.stdout.write(`${line}\n`);
  checkNode();
  installDebianPackages(dev, say);
  if (!todo().length) return;

  const lock = await waitForLock(say);
  try {
    await build(dev, say);
  } finally {
    lock.release();
  }
}

/** Side by side, but what needs the packages after those. The first that fails ends the others. */
async function build(dev, say) {
  const failed = new AbortController();
  const tools = { dev, command: (program, args, env) => command(program, args, env, failed.signal) };
  const perform = async (step) => {
    // Asked again: another set-up may have done it while this one waited.
    const hash = hashOf(step);
    if (isDone(step, hash)) return;
    say(`• ${step.name} …`);
    const began = performance.now();
    await step.run(tools);
    writeStamp(step, hash);
    say(`✓ ${step.name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  };
  tools.packages = perform(PACKAGES);
  const others = STEPS.filter((step) => step !== PACKAGES).map(async (step) => {
    if (!step.beginsWithoutPackages) await tools.packages;
    await perform(step);
  });
  const all = [tools.packages, ...others];
  try {
    await Promise.all(all);
  } catch (error) {
    failed.abort();
    await Promise.allSettled(all);
    throw error;
  }
}

function todo() {
  return STEPS.filter((step) => !isDone(step, hashOf(step)));
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
    throw new SetupError(`VistterStudio needs Node.js ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}. Newer ones: https://nodejs.org/en/download`);
  }
}

// ---- Debian packages ----------------------------------------------------------------------------------------------

/** Those of `names` that dpkg does not list as installed; null where there is no dpkg. */
export function missingDebianPackages(names, query = dpkgQuery) {
  const listed = query(names);
  if (listed === null) return null;
  const installed = new Set(listed.split('\n').filter((line) => line.endsWith(' installed')).map((line) => line.split(' ')[0]));
  return names.filter((name) => !installed.has(name));
}

function dpkgQuery(names) {
  const result = spawnSync('dpkg-query', ['-W', '-f=${Package} ${db:Status-Status}\n', ...names], { encoding: 'utf8' });
  return result.error ? null : result.stdout;
}

function installDebianPackages(dev, say) {
  const names = [...DEBIAN_PACKAGES.runtime, ...(dev ? DEBIAN_PACKAGES.dev : [])];
  const missing = missingDebianPackages(names);
  if (missing === null) return checkProgramsElsewhere();
  if (!missing.length) return;

  // Another apt at work, as unattended upgrades are on a fresh machine, is waited for.
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...missing];
  const byHand = `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  const isRoot = process.getuid?.() === 0;
  const prefix = isRoot ? [] : ['sudo', '-n'];
  if (!isRoot && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status !== 0) {
    throw new SetupError(`Some Debian packages are missing. Run this, then try again:\n  ${byHand}`);
  }
  say(`• Debian packages: ${missing.join(' ')} …`);
  const began = performance.now();
  for (const args of [['apt-get', 'update', '-q'], install]) {
    // "env" carries the setting through sudo, which drops the environment.
    const [program, ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', ...args];
    const result = spawnSync(program, rest, { encoding: 'utf8', maxBuffer: 64 << 20, stdio: ['ignore', 'pipe', 'pipe'] });
    // A package list that could not be refreshed is no harm as long as the install itself works.
    if (result.status !== 0 && args === install) {
      process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`.split('\n').slice(-15).join('\n') + '\n');
      throw new SetupError(`Debian packages could not be installed (see above). Run this yourself, then try again:\n  ${byHand}`);
    }
  }
  const still = missingDebianPackages(names);
  if (still.length) throw new SetupError(`These Debian packages are still missing: ${still.join(' ')}. Run this, then try again:\n  ${byHand}`);
  say(`✓ Debian packages (${((performance.now() - began) / 1000).toFixed(1)} s)`);
}

/** On a system without dpkg nothing can be installed, but what is needed can be named. */
function checkProgramsElsewhere() {
  const probes = [['ffmpeg', '-version'], ['g++', '--version'], ['make', '--version'], ['pkg-config', '--exists', 'libavformat', 'libavcodec', 'libswscale', 'libswresample', 'libjpeg']];
  const absent = probes.filter(([program, ...args]) => spawnSync(program, args, { stdio: 'ignore' }).status !== 0).map((probe) => probe.join(' '));
  if (absent.length) {
    throw new SetupError(`This is not Debian, so set-up cannot install packages here. Install what makes these work: ${absent.join('; ')} — and libyuv's headers.`);
  }
}

// ---- npm packages -------------------------------------------------------------------------------------------------

/** Compares what npm noted when it installed with what is to be there, so that an install made by hand counts too. */
function npmPackagesAreThere() {
  const read = (file) => JSON.parse(readFileSync(join(ROOT, file), 'utf8')).packages;
  try {
    const installed = read('node_modules/.package-lock.json');
    return Object.entries(read('package-lock.json')).every(
      // Packages for other systems are left out by npm.
      ([path, { version, optional }]) => path === '' || installed[path]?.version === version || (optional && !installed[path]),
    );
  } catch {
    return false;
  }
}

function installNpmPackages({ command }) {
  // npm itself runs this with its own path in the environment; the one that was called is the one to use.
  const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  // No package here has an install script that is needed, so none is run; the build needs the development packages too,
  // whatever NODE_ENV says.
  return command(npm[0], [...npm.slice(1), 'ci', '--no-audit', '--no-fund', '--ignore-scripts', '--include=dev', '--loglevel=error'], {
    NODE_ENV: 'development', npm_config_omit: '', npm_config_production: undefined, npm_config_update_notifier: 'false',
  });
}

// ---- native programs ----------------------------------------------------------------------------------------------

/** The addon alone needs packages, which are headers: all else is compiled while those come. The tests' programs come along where they are wanted. */
async function buildNative({ command, packages, dev }) {
  const make = (...targets) => command('make', ['-C', 'native', '-s', `-j${JOBS}`, ...targets]);
  if (!npmPackagesAreThere()) await make('apart');
  await packages;
  await make(...(dev ? ['all', 'tools', 'test-programs'] : []));
}

// ---- steps and stamps ---------------------------------------------------------------------------------------------

function command(program, args, env = {}, signal) {
  return new Promise((done, fail) => {
    signal.throwIfAborted();
    const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } });
    // make ends its compilers then.
    signal.addEventListener('abort', () => child.kill(), { once: true });
    child.once('error', (error) => fail(new SetupError(`${program} could not be run: ${error.message}`)));
    child.once('exit', (code) => (code === 0 ? done() : fail(new SetupError(`"${[program, ...args].join(' ')}" failed (see above).`))));
  });
}

function* filesBelow(path) {
  const full = join(ROOT, path);
  let entries;
  try {
    entries = readdirSync(full, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOTDIR') yield path;
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const below = `${path}/${entry.name}`;
    if (below === 'native/build') continue;
    if (entry.isDirectory()) yield* filesBelow(below);
    else if (entry.isFile()) yield below;
  }
}

/** Over names and contents: a checkout changes times without changing anything. */
function hashOf(step) {
  const hash = createHash('sha256');
  for (const input of step.inputs) {
    for (const path of filesBelow(input)) {
      if (step.skip?.(path)) continue;
      hash.update(`\0${path}\0`).update(readFileSync(join(ROOT, path)));
    }
  }
  return hash.digest('hex');
}

const stampFile = (step) => join(STAMPS, step.name.replace(/\W+/g, '-'));

function isDone(step, hash) {
  if (step.isDone) return step.isDone();
  if (!step.outputs.every((output) => existsSync(join(ROOT, output)))) return false;
  try {
    return readFileSync(stampFile(step), 'utf8') === hash;
  } catch {
    return false;
  }
}

function writeStamp(step, hash) {
  mkdirSync(STAMPS, { recursive: true });
  writeFileSync(stampFile(step), hash);
}

/** One set-up at a time in this folder; another waits for it to end. */
async function waitForLock(say) {
  const file = join(ROOT, 'dist/.setup.lock');
  for (let told = false; ; ) {
    const lock = await takeLock(file);
    if (!lock.owner) return lock;
    if (!told) say(`• waiting for another set-up (process ${lock.owner.pid}) …`);
    told = true;
    while (lockOwner(file)) await new Promise((done) => setTimeout(done, 200));
  }
}

// ---- command line -------------------------------------------------------------------------------------------------

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const known = ['--dev', '--quiet'];
  const unknown = process.argv.slice(2).find((argument) => !known.includes(argument));
  try {
    if (unknown) throw new SetupError(`Unknown option ${unknown}; there are ${known.join(' and ')}.`);
    await setup({ dev: process.argv.includes('--dev'), quiet: process.argv.includes('--quiet') });
    if (!process.argv.includes('--quiet')) process.stdout.write('Everything is in place.\n');
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
