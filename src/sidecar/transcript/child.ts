/** A program that does one thing and ends, far behind the live program in line for the processor, and ends with whoever started it. */
import { spawn } from 'node:child_process';
import { inBackground } from '../../runtime/background.js';
import { systemClock, type Clock } from '../../runtime/clock.js';
import { HangWatch } from '../offline/hang-watch.js';

const KEEP_CHARACTERS = 4_000;
/** One that hangs is begun anew; one that hangs each time is given up. */
const TRIES = 3;
/** It says nothing while it works, and a film without an index is read from its beginning. */
const PATIENCE_MS = 300_000;

export interface ChildEnd {
  /** null: it was killed. 127: there is no such program. */
  code: number | null;
  /** Its last words. */
  stderr: string;
  /** It stood still, and was ended for that. */
  isHung: boolean;
}

export interface ChildOptions {
  signal: AbortSignal;
  /** Left out: as long as it gets on. */
  timeoutMs?: number;
  /** It may wait for what we cannot see, as a server. */
  mayWait?: boolean;
  clock?: Clock;
}

/** Resolves when it has ended; KILL after `timeoutMs` or with the signal. What it does can be done again. @throws the signal's reason */
export async function runChild(command: string, args: readonly string[], options: ChildOptions): Promise<ChildEnd> {
  for (let tried = 1; ; tried += 1) {
    const end = await runOnce(command, args, options);
    if (!end.isHung || tried >= TRIES) return end;
  }
}

async function runOnce(command: string, args: readonly string[], { signal, timeoutMs, mayWait = false, clock = systemClock }: ChildOptions): Promise<ChildEnd> {
  signal.throwIfAborted();
  const stop = timeoutMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const child = spawn(...inBackground(command, args, null), { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr = (stderr + text).slice(-KEEP_CHARACTERS); });
  const kill = (): void => { child.kill('SIGKILL'); };
  let isHung = false;
  const watch = new HangWatch({
    pid: child.pid, clock, patienceMs: PATIENCE_MS, mayWait: () => mayWait,
    onHang: () => {
      isHung = true;
      kill();
    },
  });
  stop.addEventListener('abort', kill, { once: true });
  try {
    const code = await new Promise<number | null>((resolve) => {
      // Without an exit: it could not be started at all.
      child.once('error', () => resolve(127));
      child.once('close', resolve);
    });
    signal.throwIfAborted();
    return { code, stderr, isHung };
  } finally {
    watch.stop();
    stop.removeEventListener('abort', kill);
  }
}
