/** Locks as files that name their owner: pid and start time, which together name one process for ever. Node's own modules only. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import { statFields } from './proc-stat.mjs';

/** Start of a process in clock ticks since boot; undefined when there is none of that pid or it is a zombie. */
export function startTicks(pid) {
  const fields = statFields(pid);
  return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : Number(fields[19]);
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

/** The guard below is held for milliseconds; for longer by who found no room for a file. */
const GUARD_WAIT_MS = 1000;

/**
 * Takes the lock for this process. A lock whose owner is gone is replaced. On a disk that is full to the last byte the guard is the lock:
 * a machine that comes back must go on air all the same.
 * @param {string} file where the lock lies
 * @param {object} about what a second one is told of the owner; no secrets
 * @returns {Promise<{ owner?: object, release(): void }>} with `owner` set when somebody else holds it
 */
export async function takeLock(file, about = {}) {
  mkdirSync(dirname(file), { recursive: true });
  const record = JSON.stringify({ pid: process.pid, startTicks: startTicks(process.pid), ...about });
  const guard = await enter(file, record);
  if (guard.owner) return { owner: guard.owner, release() {} };
  let isHeld = false;
  try {
    const owner = lockOwner(file);
    if (owner) return { owner, release() {} };
    // Whole or not at all, also when the machine fails in between.
    const mine = `${file}.new`;
    try {
      writeFileSync(mine, record);
      renameSync(mine, file);
    } catch (error) {
      if (error.code !== 'ENOSPC' && error.code !== 'EDQUOT') throw error;
      isHeld = true;
    }
    return { release: () => (isHeld ? guard.leave() : releaseLock(file)) };
  } finally {
    if (!isHeld) guard.leave();
  }
}

/**
 * One at a time may look at the lock and replace it. An abstract socket's name is the guard: the kernel gives it to one
 * process and takes it back however that process ends.
 * @returns {Promise<{ owner?: object, leave(): void }>} with `owner` set when somebody keeps it
 */
async function enter(file, record) {
  const name = `\0vistter-${createHash('sha256').update(resolve(file)).digest('hex')}`;
  for (const endMs = performance.now() + GUARD_WAIT_MS; ; ) {
    const server = createServer((socket) => socket.on('error', () => {}).end(record)).unref();
    const isMine = await new Promise((done, fail) => {
      server.once('error', (error) => (error.code === 'EADDRINUSE' ? done(false) : fail(error)));
      server.listen(name, () => done(true));
    });
    if (isMine) return { leave: () => server.close() };
    const owner = performance.now() > endMs && (await askWho(name));
    if (owner) return { owner, leave() {} };
    await new Promise((done) => setTimeout(done, 10));
  }
}

/** Whoever has the guard; undefined when it is gone meanwhile. */
function askWho(name) {
  return new Promise((done) => {
    let said = '';
    connect(name).on('data', (chunk) => (said += chunk)).on('error', () => {}).on('close', () => {
      try {
        done(JSON.parse(said));
      } catch {
        done(undefined);
      }
    });
  });
}

function releaseLock(file) {
  if (lockOwner(file)?.pid === process.pid) rmSync(file, { force: true });
}
