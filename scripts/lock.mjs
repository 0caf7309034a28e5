/** Locks as files that name their owner: pid and start time, which together name one process for ever. Node's own modules only. */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Start of a process in clock ticks since boot; undefined when there is none of that pid or it is a zombie. */
export function startTicks(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name is in brackets and may hold spaces and brackets of its own.
    const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return rest[0] === 'Z' || rest[0] === 'X' ? undefined : Number(rest[19]);
  } catch {
    return undefined;
  }
}

/** Who holds the lock: its record, or undefined when nobody living does. */
export function lockOwner(file) {
  try {
    const owner = JSON.parse(readFileSync(file, 'utf8'));
    return Number.isInteger(owner.pid) && startTicks(owner.pid) === owner.startTicks ? owner : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Takes the lock for this process. A lock whose owner is gone is replaced.
 * @param {string} file where the lock lies
 * @param {object} about what a second one is told of the owner; no secrets
 * @returns {{ owner?: object, release(): void }} with `owner` set when somebody else holds it
 */
export function takeLock(file, about = {}) {
  mkdirSync(dirname(file), { recursive: true });
  const mine = `${file}.${process.pid}`;
  writeFileSync(mine, JSON.stringify({ pid: process.pid, startTicks: startTicks(process.pid), ...about }));
  try {
    for (;;) {
      try {
        // A link either is made or is not: two starts at the same moment cannot both have it.
        linkSync(mine, file);
        return { release: () => releaseLock(file) };
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
      const owner = lockOwner(file);
      if (owner) return { owner, release() {} };
      const stale = `${mine}.stale`;
      try {
        renameSync(file, stale);
      } catch {
        continue;
      }
      // Another start may have replaced the stale lock between our look and our rename: then give it back.
      const taken = lockOwner(stale);
      if (taken) renameSync(stale, file);
      else rmSync(stale, { force: true });
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function releaseLock(file) {
  if (lockOwner(file)?.pid === process.pid) rmSync(file, { force: true });
}
