/** Starting and stopping a process: owners stop in the reverse order they were started, each tried though another failed. */
import { setTimeout as delay } from 'node:timers/promises';
import { forgetSecrets, loadConfig, type Config } from './config.js';
import { ServerError } from './errors.js';
import { FailedStarts } from './failed-starts.js';
import { Heartbeat } from './heartbeat.js';
import { createLog, type Log } from './log.js';
import { Paths } from './paths.js';

export interface Owner {
  start(): Promise<void> | void;
  /** Memoised: calling it again gives the same promise. */
  stop(): Promise<void>;
}

/** Longest a process may take to stop before it is ended by force, ms; below pm2's kill_timeout. */
const STOP_LIMIT_MS = 2500;

/**
 * Runs one of the five processes: reads the settings, builds its owners, starts them in order, tells pm2 it is ready, and
 * stops them on SIGINT or SIGTERM. A start that fails prints one sentence and exits with 1, later each time it fails again.
 */
export async function runProcess(role: string, build: (context: { config: Config; paths: Paths; log: Log }) => Owner[]): Promise<void> {
  let log: Log | undefined;
  let failures: FailedStarts | undefined;
  const started: Owner[] = [];
  try {
    const config = loadConfig();
    forgetSecrets();
    const paths = new Paths(config.home);
    log = createLog(role, config);
    // Before anything is written: on a disk that takes nothing each try would be told at once, again and again.
    failures = new FailedStarts(paths.failedStarts(role), process.ppid);
    paths.create();
    const owners = build({ config, paths, log });
    const running = log;
    const heartbeat = new Heartbeat(paths.aliveSocket(role), log);

    let stopping: Promise<void> | undefined;
    const stop = (exitCode: number): Promise<void> => (stopping ??= (async () => {
      setTimeout(() => process.exit(exitCode || 1), STOP_LIMIT_MS).unref();
      await stopAll([...started.toReversed(), heartbeat], running);
      process.exit(exitCode);
    })());
    process.on('SIGINT', () => void stop(0));
    process.on('SIGTERM', () => void stop(0));
    // A bug must not leave a half-working process on air: say what it was and let the supervisor start a fresh one.
    process.on('uncaughtException', (error) => { running.fatal({ err: error }, 'uncaught exception'); void stop(1); });
    process.on('unhandledRejection', (error) => { running.fatal({ err: error }, 'unhandled rejection'); void stop(1); });

    for (const owner of owners) {
      started.push(owner);
      await owner.start();
    }
    // Not before: a start may take its time, and pm2 waits for it.
    await heartbeat.start();
    failures.clear();
    process.send?.('ready');
    log.info('ready');
  } catch (error) {
    const problem = error instanceof ServerError ? `${error.message} (${error.code})` : error instanceof Error ? (error.stack ?? error.message) : String(error);
    const waitMs = failures?.another() ?? 0;
    if (!log) process.stderr.write(`${role}: ${problem}\n`);
    else log.fatal(waitMs === 0 ? problem : `${problem} It is tried again in ${waitMs / 1000} s.`);
    if (log && waitMs > 0) {
      // Whatever has started ends first: nothing of a half-started process is to work meanwhile. What failed is left as it is.
      await Promise.race([stopAll(started.slice(0, -1).reverse(), log), delay(STOP_LIMIT_MS)]);
      await delay(waitMs);
    }
    process.exit(1);
  }
}

/** Stops each owner in turn; a failure is logged and the next is tried. */
export async function stopAll(owners: Owner[], log: Log): Promise<void> {
  for (const owner of owners) {
    try {
      await owner.stop();
    } catch (error) {
      log.error({ err: error }, 'stop failed');
    }
  }
}
