/**
 * Finds processes that hang: they live, so nobody starts them again, but their event loop turns no more (stopped, or in an
 * endless loop). Each process sends a line a second to whoever is connected to its `alive-<role>.sock`.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { findMarked, signal } from './reap.mjs';

export const ROLES = ['studio', 'egress', 'ingest', 'engine', 'sidecar'];
const TICK_MS = 1000;
/** Five beats missed. */
export const SILENT_MS = 5000;
/** A tick that comes so late shows that this process did not run either: the machine slept or is overloaded. */
export const LATE_MS = 1000;

/** Who is silent for too long; knows nothing of sockets. Times are monotonic ms. */
export class Heartbeats {
  #lastBeatMs = new Map();
  #lastTickMs;

  /** It is connected or has sent something. */
  beat(role, nowMs) {
    this.#lastBeatMs.set(role, nowMs);
  }

  /** It is gone, so that there is nothing to wait for. One that is still starting has not come yet. */
  gone(role) {
    this.#lastBeatMs.delete(role);
  }

  /** To be called each second: the roles that hang, each once. */
  tick(nowMs) {
    const isLate = this.#lastTickMs !== undefined && nowMs - this.#lastTickMs > TICK_MS + LATE_MS;
    this.#lastTickMs = nowMs;
    // What they sent meanwhile may still wait to be read: they all get their time anew.
    if (isLate) for (const role of this.#lastBeatMs.keys()) this.#lastBeatMs.set(role, nowMs);
    const silent = [...this.#lastBeatMs].filter(([, atMs]) => nowMs - atMs > SILENT_MS).map(([role]) => role);
    for (const role of silent) this.gone(role);
    return silent;
  }
}

/** Connects to the five processes and kills those that hang; pm2 starts them again. */
export class HangWatch {
  #beats = new Heartbeats();
  #sockets = new Map();
  #timer;

  constructor(runFolder, pm2Home) {
    this.runFolder = runFolder;
    this.pm2Home = pm2Home;
  }

  start() {
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  stop() {
    clearInterval(this.#timer);
    for (const socket of this.#sockets.values()) socket.destroy();
  }

  #tick() {
    for (const role of this.#beats.tick(performance.now())) this.#kill(role);
    for (const role of ROLES) if (!this.#sockets.has(role)) this.#connect(role);
  }

  #connect(role) {
    const socket = connect(join(this.runFolder, `alive-${role}.sock`)).unref();
    this.#sockets.set(role, socket);
    const beat = () => this.#beats.beat(role, performance.now());
    socket.on('connect', beat).on('data', beat);
    // Not there yet, or no more.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#sockets.delete(role);
      this.#beats.gone(role);
    });
  }

  #kill(role) {
    this.#sockets.get(role)?.destroy();
    for (const pid of findMarked(this.pm2Home).filter((marked) => isRole(marked, role))) {
      process.stderr.write(`${role}: has not answered for ${SILENT_MS / 1000} s; it is ended and started again\n`);
      signal(pid, 'SIGKILL');
    }
  }
}

/** Only the process itself: its children carry the same mark. */
function isRole(pid, role) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`dist/src/${role}/main.js`);
  } catch {
    return false;
  }
}
