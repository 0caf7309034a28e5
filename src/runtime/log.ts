/** Log lines: JSON for machines, one readable line for people. Secrets are kept out by never handing them over. */
import { createRequire } from 'node:module';
import { pino, type Logger } from 'pino';
import type { Config } from './config.js';
import { LineOutput } from './line-output.js';

export type Log = Logger;

/**
 * The process's own log; `role` is on every line. Written synchronously, so that the last words before a crash are there; but what
 * nobody reads is dropped.
 */
export function createLog(role: string, config: Pick<Config, 'log' | 'logLevel'>): Log {
  const options = { level: config.logLevel, base: { role }, timestamp: pino.stdTimeFunctions.isoTime };
  // A pipe is made such that it does not wait as soon as Node has opened it.
  const colorize = process.stdout.isTTY;
  const shown = config.log === 'json'
    ? (line: string) => line
    : forPeople({ colorize, ignore: 'pid,hostname,role', messageFormat: '{role}: {msg}', translateTime: 'SYS:HH:MM:ss.l', singleLine: true });
  const output = new LineOutput((count) => shown(lostLine(role, count)));
  return pino(options, { write: (line) => output.write(shown(line)) });
}

/** Sixty files, which a log for machines starts without. */
const forPeople: typeof import('pino-pretty').prettyFactory = (options) =>
  (createRequire(import.meta.url)('pino-pretty') as typeof import('pino-pretty')).prettyFactory(options);

const lostLine = (role: string, count: number): string => `${JSON.stringify({
  level: pino.levels.values.warn, time: new Date().toISOString(), role, msg: `${count} lines of the log were lost: nobody read them.`,
})}\n`;

/** For tests and parts that run without one. */
export const silentLog: Log = pino({ level: 'silent' });
