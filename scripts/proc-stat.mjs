/** What the kernel says of a process. Node's own modules only. */
import { readdirSync, readFileSync } from 'node:fs';

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

/**
 * Of a process's first thread, where a program of Node runs its event loop: whether it wants a processor, or waits for the disk, whether
 * somebody has stopped it (SIGSTOP), and the time of a processor that it was given so far, and that it waited for one, ms. The latter is
 * counted when its turn has come. Undefined where there is no such process.
 */
export function firstThread(pid) {
  const fields = statFields(pid);
  if (!fields) return undefined;
  try {
    const [ranNs, waitedNs] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ');
    return { isWaiting: fields[0] === 'R' || fields[0] === 'D', isStopped: fields[0] === 'T', ranMs: Number(ranNs) / 1e6, waitedMs: Number(waitedNs) / 1e6 };
  } catch {
    return undefined;
  }
}

/**
 * The states of those threads of a process that are not over, a letter each. '' where the process is gone: of one that its parent has not
 * asked for yet nothing but a name is left. One whose first thread is over lives on in others that wait for the disk.
 */
export function livingThreads(pid) {
  let threads;
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return '';
  }
  return threads.map((thread) => statFields(`${pid}/task/${thread}`)?.[0] ?? 'X').filter((state) => state !== 'Z' && state !== 'X').join('');
}
