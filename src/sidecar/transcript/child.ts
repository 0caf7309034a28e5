/** A program that runs once, far behind the live program in line for the processor, and ends with whoever started it. */
import { spawn } from 'node:child_process';
import { inBackground } from '../../runtime/background.js';

const KEEP_CHARACTERS = 4_000;

export interface ChildEnd {
  /** null: it was killed. 127: there is no such program. */
  code: number | null;
  /** Its last words. */
  stderr: string;
}

/** Resolves when it has ended; KILL after `timeoutMs` or with the signal. @throws the signal's reason */
export async function runOnce(command: string, args: readonly string[], options: { signal: AbortSignal; timeoutMs: number }): Promise<ChildEnd> {
  options.signal.throwIfAborted();
  const stop = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
  const child = spawn(...inBackground(command, args, null), { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr = (stderr + text).slice(-KEEP_CHARACTERS); });
  const kill = (): void => { child.kill('SIGKILL'); };
  stop.addEventListener('abort', kill, { once: true });
  try {
    const code = await new Promise<number | null>((resolve) => {
      // Without an exit: it could not be started at all.
      child.once('error', () => resolve(127));
      child.once('close', resolve);
    });
    options.signal.throwIfAborted();
    return { code, stderr };
  } finally {
    stop.removeEventListener('abort', kill);
  }
}
