/** Log lines: JSON for machines, one readable line for people. Secrets are kept out by never handing them over. */
import { pino, type Logger } from 'pino';
import pretty from 'pino-pretty';
import type { Config } from './config.js';

export type Log = Logger;

/** The process's own log; `role` is on every line. Written synchronously, so that the last words before a crash are there. */
export function createLog(role: string, config: Pick<Config, 'log' | 'logLevel'>): Log {
  const options = { level: config.logLevel, base: { role }, timestamp: pino.stdTimeFunctions.isoTime };
  if (config.log === 'json') return pino(options, pino.destination({ dest: 1, sync: true }));
  return pino(
    options,
    pretty({ colorize: process.stdout.isTTY, ignore: 'pid,hostname,role', messageFormat: '{role}: {msg}', translateTime: 'SYS:HH:MM:ss.l', sync: true, singleLine: true }),
  );
}

/** For tests and parts that run without one. */
export const silentLog: Log = pino({ level: 'silent' });
