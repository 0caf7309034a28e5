/** Child processes of tests: output kept, killed with all they started, ends waited for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { isAlive, processTree } from './procfs.js';
import { waitFor, within } from './wait.js';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export interface RunningProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  stdout(): string;
  stderr(): string;
  /** Ends it and everything below it: TERM, and KILL after `graceMs`. Resolves when none of them is left. */
  stop(graceMs?: number): Promise<Exit>;
}

export interface StartOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Kept of each stream, from its end. */
  keepBytes?: number;
  /** Give each to see output as it comes. */
  onStdout?: (chunk: Buffer) => void;
  onStderr?: (chunk: Buffer) => void;
}

/** Starts `command` without a shell. Both output streams are always drained. */
export function startProcess(command: string, args: readonly string[], options: StartOptions = {}): RunningProcess {
  const keep = options.keepBytes ?? 256 * 1024;
  const child = spawn(command, args, { cwd: options.cwd, env: options.env ?? process.env, stdio: ['pipe', 'pipe', 'pipe'] });
  const kept = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    if (options.onStdout) options.onStdout(chunk);
    else kept.stdout = (kept.stdout + chunk.toString('utf8')).slice(-keep);
  });
  child.stderr.on('data', (chunk: Buffer) => {
    options.onStderr?.(chunk);
    kept.stderr = (kept.stderr + chunk.toString('utf8')).slice(-keep);
  });
  child.stdin.on('error', () => undefined);
  const exited = new Promise<Exit>((done) => {
    child.once('error', () => done({ code: 127, signal: null }));
    child.once('close', (code, signal) => done({ code, signal }));
  });
  const pid = child.pid ?? -1;
  return {
    child,
    pid,
    exited,
    stdout: () => kept.stdout,
    stderr: () => kept.stderr,
    async stop(graceMs = 2_000) {
      if (pid > 0) await killTree(pid, graceMs);
      return within(`the end of ${command}`, 5_000, exited);
    },
  };
}

/** TERM to the whole tree, KILL after `graceMs` to what is left of it. A stopped process is continued so that it can end. */
async function killTree(root: number, graceMs = 2_000): Promise<void> {
  const pids = processTree(root).map((info) => info.pid);
  for (const pid of pids) signal(pid, 'SIGTERM');
  for (const pid of pids) signal(pid, 'SIGCONT');
  try {
    await waitFor('the tree to end', () => !pids.some(isAlive), { timeoutMs: graceMs });
  } catch {
    for (const pid of [...pids, ...processTree(root).map((info) => info.pid)]) signal(pid, 'SIGKILL');
    await waitFor('the killed tree to end', () => !pids.some(isAlive), { timeoutMs: 5_000 });
  }
}

/** Sends a signal; a process that is gone already is no error. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

/** Runs to the end and answers its standard output; fails on another exit code than 0. */
export async function run(command: string, args: readonly string[], options: StartOptions & { input?: Uint8Array; timeoutMs?: number } = {}): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const running = startProcess(command, args, { ...options, onStdout: (chunk) => chunks.push(chunk) });
  running.child.stdin?.end(options.input);
  try {
    const exit = await within(command, options.timeoutMs ?? 120_000, running.exited);
    if (exit.code !== 0) throw new Error(`${command} ended with ${exit.code ?? exit.signal}: ${running.stderr().slice(-2_000)}`);
    return Buffer.concat(chunks);
  } finally {
    if (isAlive(running.pid)) await running.stop(0);
  }
}
