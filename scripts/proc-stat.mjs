/** What the kernel says of a process. Node's own modules only. */
import { readFileSync } from 'node:fs';

/**
 * The fields of /proc/PID/stat behind the name, which is in brackets and may hold spaces and brackets of its own: the first is the
 * state, proc(5)'s third. Undefined where there is no such process.
 */
export function statFields(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
