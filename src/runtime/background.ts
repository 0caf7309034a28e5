/**
 * Work that must never cost the live program a frame stands behind it: the sidecar's process, and each program that it starts. Neither
 * niceness nor the idle class is enough where the kernel shares the processor among sessions first (sched_autogroup; pm2 gives each process
 * a session): two loops at one core, one of them at nice 19 or idle, had 1.44 s of three each; with its session at nice 19 the other had all
 * that it asked for.
 */
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import type { Log } from './log.js';
import { nativeProgram } from './paths.js';
import { statFields } from './proc-stat.js';

/** Enough for one thread that decodes or encodes 2160p. */
const MEMORY_MIB = 1_024;

/**
 * What to spawn in a program's place: it runs in the idle classes of processor and disk, takes its memory in large pieces and cannot have more
 * than this, and ends with its parent. @param memoryMib null: no bound, as for a program whose model is as large as its operator chose
 */
export function inBackground(command: string, args: readonly string[], memoryMib: number | null = MEMORY_MIB): [command: string, args: string[]] {
  const memory = memoryMib === null ? [] : ['--memory', String(memoryMib)];
  return [nativeProgram('vistter-launch'), ['--idle', '--huge-pages', ...memory, '--', command, ...args]];
}

/** The same for what is as far in front as its parent: it only ends with it. */
export function withParent(command: string, args: readonly string[]): [command: string, args: string[]] {
  return [nativeProgram('vistter-launch'), ['--', command, ...args]];
}

/**
 * The process itself, with all its threads. Not in the idle class: with both cores taken its event loop has to turn once in five seconds, or
 * it is taken for one that hangs. What cannot be had is left: the work is done all the same.
 */
export function standBack(log: Log): void {
  const threads = readdirSync('/proc/self/task');
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      log.info({ problem: (error as Error).message }, 'this process could not be put as far behind the others as it should be');
    }
  };
  // A thread has a niceness of its own; those to come take that of who starts them.
  attempt(() => { for (const thread of threads) setPriority(Number(thread), constants.priority.PRIORITY_LOW); });
  // Only a session of its own: another's would take everybody in it along. Without sched_autogroup there is none, and niceness is enough.
  attempt(() => { if (sessionOf(readFileSync('/proc/self/stat', 'utf8')) === process.pid) writeFileSync('/proc/self/autogroup', '19'); });
  execFile('ionice', ['-c', '3', '-p', ...threads], () => undefined);
}

const sessionOf = (stat: string): number => Number(statFields(stat)[3]);
