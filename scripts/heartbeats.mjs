/**
 * Finds processes that hang: they live, so nobody starts them again, but their event loop turns no more (stopped, or in an
 * endless loop). Each process sends a line a second, its pid, to whoever is connected to its `alive-<role>.sock`, from the end of its
 * start on; one that does not come so far hangs as well. One that only gets no processor, or waits for the disk, is let wait: to start it
 * again would take more of both.
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Endings } from './endings.mjs';
import { firstThread } from './proc-stat.mjs';
import { findMarked, signal } from './reap.mjs';

export const ROLES = ['studio', 'egress', 'ingest', 'engine', 'sidecar'];
const TICK_MS = 1000;
/** Five beats missed. */
export const SILENT_MS = 5000;
/** One that gets no processor all the while. */
export const MOST_SILENT_MS = 30_000;
/** From the first sight of a process to its first beat, with which its start ends. One whose start failed waits 12 s in it before it ends. */
export const START_MS = 30_000;
/** While pm2 is stopped nobody starts again what ends. Whoever stopped it by mistake, or for a look, has that long. */
const PM2_STOPPED_TICKS = 6;
/** A tick that comes so late shows that this process did not run either: the machine slept or is overloaded. */
export const LATE_MS = 1000;

/** Who is silent for too long; knows nothing of sockets. Times are monotonic ms. */
export class Heartbeats {
  #lastBeatMs = new Map();
  /** How long since then each could not have run, ms. */
  #deniedMs = new Map();
  #lastTickMs;

  /** @param mostMs of one that could not run */
  constructor(silentMs = SILENT_MS, mostMs = MOST_SILENT_MS) {
    this.silentMs = silentMs;
    this.mostMs = mostMs;
  }

  /** It is connected or has sent something. */
  beat(role, nowMs) {
    this.#lastBeatMs.set(role, nowMs);
    this.#deniedMs.delete(role);
  }

  /** It is gone, so that there is nothing to wait for. */
  gone(role) {
    this.#lastBeatMs.delete(role);
    this.#deniedMs.delete(role);
  }

  /** For so long it wanted a processor and had none. */
  deny(role, ms) {
    this.#deniedMs.set(role, (this.#deniedMs.get(role) ?? 0) + ms);
  }

  /** To be called each second: who hangs, each once, and how long nothing was heard of it. */
  tick(nowMs) {
    const isLate = this.#lastTickMs !== undefined && nowMs - this.#lastTickMs > TICK_MS + LATE_MS;
    this.#lastTickMs = nowMs;
    // What they sent meanwhile may still wait to be read: they all get their time anew.
    if (isLate) for (const role of this.#lastBeatMs.keys()) this.beat(role, nowMs);
    const silent = [...this.#lastBeatMs]
      .filter(([role, atMs]) => nowMs - atMs - (this.#deniedMs.get(role) ?? 0) > this.silentMs || nowMs - atMs > this.mostMs)
      .map(([role, atMs]) => ({ role, silentMs: nowMs - atMs }));
    for (const { role } of silent) this.gone(role);
    return silent;
  }
}

/** Connects to the five processes and kills those that hang; pm2 starts them again. */
export class HangWatch {
  #beats = new Heartbeats();
  #sockets = new Map();
  /** What was seen of each at the last tick. */
  #seen = new Map();
  /** Those that are there and have not come yet, with what was seen of each at the last tick. */
  #starting = new Map();
  #starts;
  #endings;
  #pm2StoppedTicks = 0;
  #timer;

  /** @param pm2Pid undefined where it does not run */
  constructor(home, runFolder, pm2Home, pm2Pid, startMs = START_MS) {
    // One that waits for the disk in its start waits as long as it must: it could not be ended before that either.
    this.#starts = new Heartbeats(startMs, Infinity);
    this.#endings = new Endings(home, (line) => process.stderr.write(`${line}\n`));
    this.runFolder = runFolder;
    this.pm2Home = pm2Home;
    this.pm2Pid = pm2Pid;
  }

  start() {
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  stop() {
    clearInterval(this.#timer);
    for (const socket of this.#sockets.values()) socket.destroy();
  }

  #tick() {
    for (const role of this.#sockets.keys()) this.#look(role, performance.now());
    this.#lookAtStarts(performance.now());
    for (const beats of [this.#beats, this.#starts]) for (const { role, silentMs } of beats.tick(performance.now())) this.#kill(role, silentMs);
    this.#endings.tick(performance.now());
    // The kernel takes calls in for one that is dead but for its waiting.
    for (const role of ROLES) if (!this.#sockets.has(role) && !this.#endings.has(role)) this.#connect(role);
    this.#lookAtPm2();
  }

  #lookAtPm2() {
    const pid = this.pm2Pid();
    const isStopped = pid !== undefined && firstThread(pid)?.isStopped === true;
    this.#pm2StoppedTicks = isStopped ? this.#pm2StoppedTicks + 1 : 0;
    if (this.#pm2StoppedTicks !== PM2_STOPPED_TICKS) return;
    process.stderr.write(`pm2 has been stopped for ${(PM2_STOPPED_TICKS * TICK_MS) / 1000} s; it is told to go on\n`);
    signal(pid, 'SIGCONT');
  }

  #connect(role) {
    const socket = connect(join(this.runFolder, `alive-${role}.sock`)).unref();
    this.#sockets.set(role, socket);
    const beat = () => this.#beats.beat(role, performance.now());
    socket.on('connect', beat).on('data', (line) => {
      beat();
      this.#seen.set(role, { pid: Number.parseInt(line, 10) });
    });
    // Not there yet, or no more.
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#sockets.delete(role);
      this.#seen.delete(role);
      this.#beats.gone(role);
    });
  }

  /** Time that it could not use counts for nothing. */
  #look(role, nowMs) {
    const before = this.#seen.get(role);
    if (!before) return;
    const now = sightOf(before.pid, nowMs);
    this.#seen.set(role, now);
    this.#beats.deny(role, deniedMs(before, now));
  }

  /** Processes that are there and of which nothing was heard yet. */
  #lookAtStarts(nowMs) {
    const away = ROLES.filter((role) => !this.#sockets.has(role) && !this.#endings.has(role));
    const there = away.length ? findMarked(this.pm2Home) : [];
    for (const role of ROLES) {
      const pid = away.includes(role) ? there.find((marked) => isRole(marked, role)) : undefined;
      const before = this.#starting.get(role);
      this.#starting.delete(role);
      if (pid === undefined) {
        this.#starts.gone(role);
        continue;
      }
      const now = sightOf(pid, nowMs);
      this.#starting.set(role, now);
      if (before?.pid === pid) this.#starts.deny(role, deniedMs(before, now));
      else this.#starts.beat(role, nowMs);
    }
  }

  #kill(role, silentMs) {
    this.#sockets.get(role)?.destroy();
    for (const pid of findMarked(this.pm2Home).filter((marked) => isRole(marked, role))) {
      this.#endings.begin(role, pid, silentMs, performance.now());
      signal(pid, 'SIGKILL');
    }
  }
}

const sightOf = (pid, atMs) => ({ pid, thread: firstThread(pid), atMs });

/** How long a process could not run between two looks, ms. Exported for its test. */
export function deniedMs(before, now) {
  if (!now.thread || !before.thread) return 0;
  const leftMs = Math.max(0, now.atMs - before.atMs - (now.thread.ranMs - before.thread.ranMs));
  // It may have waited nearly all the while, and run just when it was looked at.
  return now.thread.isWaiting ? leftMs : Math.min(leftMs, Math.max(0, now.thread.waitedMs - before.thread.waitedMs));
}

/** Only the process itself: its children carry the same mark. */
function isRole(pid, role) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`dist/src/${role}/main.js`);
  } catch {
    return false;
  }
}
