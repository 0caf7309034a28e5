/** What /proc says of processes: family, processor time, memory. Linux only, as the product is. */
import { readdirSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';

export interface ProcessInfo {
  pid: number;
  ppid: number;
  /** Process group. */
  pgrp: number;
  /** Kernel's short name, at most 15 characters. */
  comm: string;
  state: string;
  /** Seconds of CPU of the process itself, and of its children that have ended and were waited for. */
  ownCpuSeconds: number;
  endedCpuSeconds: number;
  /** Start in clock ticks since boot: with the pid it names a process for ever. */
  startTicks: number;
}

let ticks: number | undefined;
function ticksPerSecond(): number {
  ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).trim()) || 100;
  return ticks;
}

/** Undefined when there is no such process any more. */
export function processInfo(pid: number): ProcessInfo | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name is in brackets and may hold spaces and brackets of its own.
  const close = stat.lastIndexOf(')');
  const rest = stat.slice(close + 2).split(' ');
  const field = (n: number): number => Number(rest[n - 3]);
  return {
    pid,
    comm: stat.slice(stat.indexOf('(') + 1, close),
    state: rest[0] ?? '?',
    ppid: field(4),
    pgrp: field(5),
    ownCpuSeconds: (field(14) + field(15)) / ticksPerSecond(),
    endedCpuSeconds: (field(16) + field(17)) / ticksPerSecond(),
    startTicks: field(22),
  };
}

export function allProcesses(): ProcessInfo[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => processInfo(Number(name)))
    .filter((info): info is ProcessInfo => info !== undefined);
}

/** The process, its children, theirs, and so on, the process first. */
export function processTree(root: number): ProcessInfo[] {
  const all = allProcesses();
  const tree = all.filter((info) => info.pid === root);
  for (let i = 0; i < tree.length; i++) {
    const parent = tree[i]!;
    tree.push(...all.filter((info) => info.ppid === parent.pid && !tree.includes(info)));
  }
  return tree;
}

export function isAlive(pid: number): boolean {
  const info = processInfo(pid);
  return info !== undefined && info.state !== 'Z' && info.state !== 'X';
}

export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** Processes whose environment holds NAME=value: finds what a test started even after its parent died. */
export function processesWithEnvironment(name: string, value: string): ProcessInfo[] {
  const wanted = `${name}=${value}`;
  return allProcesses().filter((info) => {
    if (info.pid === process.pid || info.state === 'Z') return false;
    try {
      return readFileSync(`/proc/${info.pid}/environ`, 'utf8').split('\0').includes(wanted);
    } catch {
      return false;
    }
  });
}

/**
 * Seconds of CPU that these processes, their living descendants and all that those have waited for ever used.
 * Two readings of the same roots give what was used between them; a descendant that was reparented is not seen.
 */
export function treeCpuSeconds(roots: readonly number[]): number {
  let sum = 0;
  const seen = new Set<number>();
  for (const root of roots) {
    for (const info of processTree(root)) {
      if (seen.has(info.pid)) continue;
      seen.add(info.pid);
      sum += info.ownCpuSeconds + info.endedCpuSeconds;
    }
  }
  return sum;
}

/**
 * Memory of the trees in bytes. `pss` shares out what several processes map, so the sum is what the machine really holds; it
 * also moves when strangers that map the same files come and go, so growth is judged by `own`: what no other process maps.
 */
export function treeMemoryBytes(roots: readonly number[]): { pss: number; rss: number; own: number } {
  return memoryBytes(new Set(roots.flatMap((root) => processTree(root).map((info) => info.pid))));
}

/** The same of these processes alone. */
export function memoryBytes(pids: Iterable<number>): { pss: number; rss: number; own: number } {
  let own = 0;
  let pss = 0;
  let rss = 0;
  for (const pid of pids) {
    try {
      const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
      pss += 1024 * Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
      rss += 1024 * Number(/^Rss:\s+(\d+)/m.exec(text)?.[1] ?? 0);
      for (const match of text.matchAll(/^Private_(?:Clean|Dirty):\s+(\d+)/gm)) own += 1024 * Number(match[1]);
    } catch {
      // It ended in between.
    }
  }
  return { pss, rss, own };
}

/** What a process has in memory that no file holds. Counted by the kernel as it goes: reading it holds nobody up, as `smaps` does. */
export function anonymousBytes(pid: number): number {
  try {
    return 1024 * Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

export function openFileCount(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

/** Seconds of CPU that the whole machine has spent since its start, idling and waiting left out; stolen time counts. */
export function machineCpuSeconds(): number {
  const [, ...fields] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').trim().split(/\s+/).map(Number);
  // user nice system idle iowait irq softirq steal
  return fields.slice(0, 8).reduce((sum, n, i) => (i === 3 || i === 4 ? sum : sum + n), 0) / ticksPerSecond();
}

/** Seconds, of all processors, in which this machine wanted to run and its host did not let it. */
export function stolenSeconds(): number {
  const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.trim().split(/\s+/);
  return Number(fields[8] ?? 0) / 100;
}
