/**
 * Finds and ends what an earlier start left behind. Every process of an installation carries its PM2_HOME in its
 * environment, so children that lost their parents are found as well, and those of another VISTTER_HOME never are.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { startTicks } from './lock.mjs';
import { livingThreads, statFields } from './proc-stat.mjs';

/** Pids of all living processes, this one and those above it left out, whose environment has `PM2_HOME=pm2Home`. */
export function findMarked(pm2Home) {
  const mark = `PM2_HOME=${pm2Home}`;
  const mine = ownLine();
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      if (mine.has(pid) || startTicks(pid) === undefined) return false;
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark);
      } catch {
        // It ended, or is somebody else's.
        return false;
      }
    });
}

/** Those of `pids` that lead a session of their own: pm2 starts each of the five processes so. */
export function sessionLeaders(pids) {
  return pids.filter((pid) => Number(statFields(pid)?.[3]) === pid);
}

/** The pid of the process above; undefined where there is no such process. */
export function parentOf(pid) {
  const fields = statFields(pid);
  return fields && Number(fields[1]);
}

/**
 * Kills all that is marked and waits until it is gone; looks again for what a dying process started meanwhile.
 * @returns how many there were
 * @throws Error when something survives for 5 s
 */
export async function reap(pm2Home) {
  const killed = new Set();
  for (const end = performance.now() + 5000; ; ) {
    const found = findMarked(pm2Home);
    if (!found.length) return killed.size;
    if (performance.now() > end) throw new Error(unended(found));
    for (const pid of found) {
      killed.add(pid);
      signal(pid, 'SIGKILL');
    }
    await new Promise((done) => setTimeout(done, 20));
  }
}

function unended(pids) {
  const atDisk = pids.some((pid) => livingThreads(pid).includes('D'));
  return `Processes of an earlier start cannot be ended: ${pids.join(', ')}.` +
    (atDisk ? ' They wait for a disk that does not answer, and end when it does: look whether it is connected, at a network disk\'s server, and at what "dmesg" says.' : '');
}

/** Sends a signal; a process that is gone already is no error. */
export function signal(pid, name) {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

function ownLine() {
  const line = new Set();
  for (let pid = process.pid; pid > 1 && !line.has(pid); pid = parentOf(pid) ?? 0) line.add(pid);
  return line;
}
