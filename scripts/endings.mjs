/**
 * What is said of processes that were killed because they hang: that they are ended when they are, and not before. One that waits in the
 * kernel for a disk that does not answer, as a network disk whose server is gone, ends only when that does, however often it is killed.
 */
import { livingThreads, statFields } from './proc-stat.mjs';

/** Whatever can end has ended by then. */
const ENDS_WITHIN_MS = 3000;

/** Times are monotonic ms. */
export class Endings {
  /** By role. */
  #killed = new Map();

  /**
   * @param {string} home for the sentence on what to do
   * @param {(line: string) => void} say
   * @param {(pid: number) => { startTicks?: string, threads: string }} look what the kernel says of it
   */
  constructor(home, say, look = lookAt) {
    this.home = home;
    this.say = say;
    this.look = look;
  }

  /** It was killed, after so long a silence. */
  begin(role, pid, silentMs, nowMs) {
    this.#killed.set(role, { pid, startTicks: this.look(pid).startTicks, silentMs, killedMs: nowMs, isTold: false });
  }

  /** It is still there, so that there is nothing to be heard of its next life. */
  has(role) {
    return this.#killed.has(role);
  }

  /** To be called each second. */
  tick(nowMs) {
    for (const [role, one] of this.#killed) {
      const { startTicks, threads } = this.look(one.pid);
      const lasted = (ms) => `${Math.round(ms / 1000)} s`;
      if (threads === '' || startTicks !== one.startTicks) {
        this.#killed.delete(role);
        const why = one.isTold ? `goes on: it had waited for ${lasted(nowMs - one.killedMs + one.silentMs)}` : `has not answered for ${lasted(one.silentMs)}`;
        this.say(`${role}: ${why}; it was ended and is started again`);
      } else if (!one.isTold && nowMs - one.killedMs >= ENDS_WITHIN_MS) {
        one.isTold = true;
        this.say(threads.includes('D') ? `${role}: ${this.#waits()}` : `${role}: has not answered for ${lasted(one.silentMs)}, and does not end though it was killed (state ${threads[0]}); if that lasts, only a restart of the machine helps`);
      }
    }
  }

  #waits() {
    return 'waits for a disk that does not answer, and can be neither ended nor started again before it does. The others go on. Look at the disk that ' +
      `${this.home} lies on: whether it is connected, a network disk's server, and what "dmesg" says of it. When the disk answers, all goes on by itself`;
  }
}

function lookAt(pid) {
  return { startTicks: statFields(pid)?.[19], threads: livingThreads(pid) };
}
