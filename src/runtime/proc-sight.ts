/** What the kernel says of a child and of those that it started: whether it was given the processor, and what it waits for. */
import { readdirSync, readFileSync } from 'node:fs';
import { statFields } from './proc-stat.js';

export interface Sight {
  /** Time of processors that it was given, ns. Changes with whatever it does. */
  ranNs: number;
  /** Time that threads of it waited for their turn, ns; counted when it has come. */
  waitedNs: number;
  /** A thread of it runs, or would if it were its turn. */
  isRunnable: boolean;
  /** A thread of it waits for the disk, which may belong to somebody else just now. */
  isAtDisk: boolean;
  /** Somebody has stopped it (SIGSTOP), or a part of it. */
  isStopped: boolean;
}

/** A script that starts a program is two. */
const MOST_PROCESSES = 32;
const MOST_THREADS = 256;

/** Null where it is gone, or the kernel does not tell. */
export function sightOf(pid: number): Sight | null {
  const sight: Sight = { ranNs: 0, waitedNs: 0, isRunnable: false, isAtDisk: false, isStopped: false };
  const pids = [pid];
  let threads = 0;
  for (let i = 0; i < Math.min(pids.length, MOST_PROCESSES); i += 1) {
    for (const thread of threadsOf(pids[i]!)) {
      if (threads >= MOST_THREADS) break;
      const folder = `/proc/${pids[i]!}/task/${thread}`;
      const stat = read(`${folder}/stat`);
      if (stat === '') continue;
      threads += 1;
      // Of the times that stand in it a hundredth of a second is the least; schedstat counts each ns.
      const fields = statFields(stat);
      const [ranNs, waitedNs] = read(`${folder}/schedstat`).split(' ').map(Number);
      sight.ranNs += ranNs || (Number(fields[11]) + Number(fields[12])) * 1e7;
      sight.waitedNs += waitedNs ?? 0;
      sight.isRunnable ||= fields[0] === 'R';
      sight.isAtDisk ||= fields[0] === 'D';
      sight.isStopped ||= fields[0] === 'T' || fields[0] === 't';
      pids.push(...read(`${folder}/children`).split(' ').filter((one) => one !== '').map(Number));
    }
  }
  return threads === 0 ? null : sight;
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

/** '' for what is gone by now. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
