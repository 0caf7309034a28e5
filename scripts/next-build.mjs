/**
 * The next version, built beside the one that runs: of what runs nothing changes until all of it is built, and then all of it in one
 * step. A process that dies meanwhile would otherwise come back as half of each, or not at all while npm replaces its packages.
 */
import { spawn } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { INPUTS, ROOT, SetupError } from './setup.mjs';

/** In the same file system: what is put in place is renamed. */
const FOLDER = join(ROOT, '.upgrade');
const NEXT = join(FOLDER, 'next');
const BEFORE = join(FOLDER, 'before');

/** What set-up makes. */
const BUILT = ['node_modules', 'native/build', 'dist'];
const MOVES = BUILT.flatMap((path) => [[join(ROOT, path), join(BEFORE, path)], [join(NEXT, path), join(ROOT, path)]]);

/** What set-up may add to what is copied, as a share of that: packages that are new, and what the compilers leave. */
const GROWTH = 0.5;
/** Left free for others, as of uploads (src/studio/media/disk-room.ts): a recording must not end for it. */
const MAX_KEPT_BYTES = 1024 ** 3;
const KEPT_SHARE = 0.1;

/**
 * Copies what there is and lets set-up do what is new, behind everything else on this machine. What fails leaves nothing on the disk.
 * @throws SetupError
 */
export async function buildBeside(roomBytes = roomHere()) {
  tidyUp();
  // With the times of the files: what make has built need not be built again. Of "native" and the others their builds come along.
  const paths = [...new Set(['package.json', 'scripts', ...INPUTS, ...BUILT.filter((path) => path !== 'native/build')])];
  const needsBytes = paths.reduce((sum, path) => sum + sizeOf(join(ROOT, path)), 0) * (1 + GROWTH);
  if (needsBytes > roomBytes) {
    const [needs, has] = [needsBytes, Math.max(0, roomBytes)].map((bytes) => `${(bytes / 1e9).toFixed(2)} GB`);
    throw new SetupError(`The new version is built beside the one that runs and needs ${needs} for that; the disk has room for ${has}. Delete what is not needed, then run this again. What runs is untouched.`);
  }
  mkdirSync(NEXT, { recursive: true });
  // Ctrl-C ends in an exit.
  process.once('exit', tidyUp);
  try {
    await inBackground(['cp', '-a', '--parents', ...paths, NEXT]);
    await inBackground([process.execPath, join(NEXT, 'scripts/setup.mjs')]);
  } catch (error) {
    tidyUp();
    throw error;
  } finally {
    process.off('exit', tidyUp);
  }
}

function roomHere() {
  const { bavail, bsize, blocks } = statfsSync(ROOT);
  return bavail * bsize - Math.min(MAX_KEPT_BYTES, blocks * bsize * KEPT_SHARE);
}

/** As it takes room on the disk; a link counts as itself. */
function sizeOf(path) {
  const info = lstatSync(path);
  const own = info.blocks * 512;
  return info.isDirectory() ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), own) : own;
}

/** What was built is what runs from now on; processes begin with it. @throws Error and changes nothing, as where a folder is a mount of its own */
export function putInPlace() {
  mkdirSync(join(BEFORE, 'native'), { recursive: true });
  const done = [];
  try {
    for (const move of MOVES) {
      renameSync(...move);
      done.push(move);
    }
  } catch (error) {
    for (const [from, to] of done.reverse()) renameSync(to, from);
    throw error;
  }
}

/** The version before, once more. */
export function putBack() {
  for (const [from, to] of [...MOVES].reverse()) {
    mkdirSync(dirname(from), { recursive: true });
    renameSync(to, from);
  }
}

/** Removes what is not needed any more. */
export function tidyUp() {
  // What was killed a moment ago may be writing its last file.
  rmSync(FOLDER, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

/** What is compiled must not cost the program a frame. It ends with this process. */
async function inBackground(command) {
  const child = spawn(join(ROOT, 'native/build/vistter-launch'), ['--idle', '--', ...command], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  // It has a session of its own: Ctrl-C does not reach it, and of a parent that ends the kernel tells its first process alone, not the compilers.
  const end = () => killGroup(child.pid);
  // Before what it writes is removed.
  process.prependOnceListener('exit', end);
  const code = await new Promise((done) => { child.once('error', done).once('exit', done); });
  process.off('exit', end);
  if (code === 0) return;
  end();
  throw new SetupError('The new version could not be built (see above). What runs is untouched.');
}

function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It is over, or has not come so far.
  }
}
