/** Processes begun anew one after another, while the others go on. Each says on its `alive-<role>.sock` who it is. */
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { signal } from './reap.mjs';

/**
 * Least harm first: what cannot start at all shows in the sidecar, before anything that is on air is touched. Without egress, which the
 * destinations hang on.
 */
export const IN_TURN = ['sidecar', 'studio', 'ingest', 'engine'];

/** One that fails in its start tries again after at most 12 s (src/runtime/failed-starts.ts). */
const BACK_LIMIT_MS = 20_000;
const ANSWER_MS = 1000;
const LOOK_EVERY_MS = 25;

/** The pid of a role's process, by its own word; undefined where none has started to its end. */
export function answering(runFolder, role) {
  return new Promise((done) => {
    const socket = connect(join(runFolder, `alive-${role}.sock`));
    const end = (pid) => {
      socket.destroy();
      done(pid);
    };
    let said = '';
    socket.setTimeout(ANSWER_MS, () => end(undefined));
    socket.on('error', () => end(undefined)).on('close', () => end(undefined));
    socket.on('data', (chunk) => {
      said += chunk;
      if (said.includes('\n')) end(Number.parseInt(said, 10));
    });
  });
}

/**
 * Asks a process to end and waits until the next one has started. One that is not there is being started already, with what lies there now.
 * @returns how long it was away, ms
 * @throws Error when it is not back in time
 */
export async function beginAnew(runFolder, role, limitMs = BACK_LIMIT_MS) {
  const before = await answering(runFolder, role);
  const beganMs = performance.now();
  if (before !== undefined) signal(before, 'SIGTERM');
  while (performance.now() - beganMs < limitMs) {
    const pid = await answering(runFolder, role);
    if (pid !== undefined && pid !== before) return Math.round(performance.now() - beganMs);
    await delay(LOOK_EVERY_MS);
  }
  throw new Error(`${role} has not started within ${Math.round(limitMs / 1000)} s; what "npm start" prints says why.`);
}
