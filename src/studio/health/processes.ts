/** What the five processes and their children take, by /proc: two small files a process, read once a second. */
import { readFileSync } from 'node:fs';
import type { ProcessLoad } from '../../protocol/health.js';
import { statFields } from '../../runtime/proc-stat.js';

/** The kernel's unit for user space, on every Linux. */
const TICK_MS = 10;
const PAGE_BYTES = 4096;
/** A process has decoders and an encoder as children; this many and more are not looked at. */
const MOST_CHILDREN = 500;

export class ProcessReader {
  readonly #before = new Map<string, { pid: number; cpuMs: number; atMs: number }>();

  /** @param nowMs monotonic */
  read(roots: readonly { role: string; pid: number }[], nowMs: number): ProcessLoad[] {
    return roots.flatMap(({ role, pid }) => {
      const own = look(pid);
      if (!own) return [];
      const children = childrenOf(pid).flatMap((child) => look(child) ?? []);
      const cpuMs = own.cpuMs + children.reduce((sum, child) => sum + child.cpuMs, 0);
      const last = this.#before.get(role);
      this.#before.set(role, { pid, cpuMs, atMs: nowMs });
      const isSame = last?.pid === pid && nowMs > last.atMs;
      return [{
        role, pid, children: children.length,
        cpuPercent: isSame ? Math.round((Math.max(0, cpuMs - last.cpuMs) / (nowMs - last.atMs)) * 1000) / 10 : null,
        memoryBytes: own.residentBytes + children.reduce((sum, child) => sum + child.ownBytes, 0),
      }];
    });
  }
}

interface Look {
  /** Of itself, and of its children that have ended. */
  cpuMs: number;
  residentBytes: number;
  ownBytes: number;
}

function look(pid: number): Look | undefined {
  try {
    const fields = statFields(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    const [, resident, shared] = readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ').map(Number);
    const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
    return { cpuMs: ticks * TICK_MS, residentBytes: resident! * PAGE_BYTES, ownBytes: (resident! - shared!) * PAGE_BYTES };
  } catch {
    // It has ended.
    return undefined;
  }
}

function childrenOf(pid: number): number[] {
  const all: number[] = [pid];
  for (let i = 0; i < all.length && all.length < MOST_CHILDREN; i++) {
    try {
      all.push(...readFileSync(`/proc/${all[i]}/task/${all[i]}/children`, 'latin1').split(' ').filter(Boolean).map(Number));
    } catch {
      // It has ended, or the kernel does not tell.
    }
  }
  return all.slice(1);
}

/** Bytes that could be given to processes, and all there are. */
export function memory(): { memoryAvailableBytes: number; memoryBytes: number } {
  const text = readFileSync('/proc/meminfo', 'latin1');
  const of = (name: string): number => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
  return { memoryAvailableBytes: of('MemAvailable'), memoryBytes: of('MemTotal') };
}
