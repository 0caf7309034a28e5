/**
 * How long nothing has been heard of a child, in time that it could use. A machine that has no processor for it, because others have
 * them all or its host does not run it, makes it as silent as one that hangs; to end it then costs what is on air, and gives the
 * machine its start to do as well.
 */
import { systemClock, type Clock } from './clock.js';
import { sightOf, type Sight } from './proc-sight.js';

/** One that spoke this lately is not looked at, as a decoder that speaks once a second: a look at a hundred threads takes milliseconds. */
const LOOK_AFTER_MS = 1100;
/** Nobody waits longer than this, whatever the reason. */
export const MOST_PATIENCE_MS = 30_000;

/** How long a child wanted a processor, or waited for the disk, and was given none: the sum of what lies between looks. */
export class DeniedTime {
  #ms = 0;
  #before: { sight: Sight; atMs: number } | undefined;

  constructor(private readonly clock: Clock = systemClock, private readonly sightOfChild: (pid: number) => Sight | null = sightOf) {}

  get ms(): number { return this.#ms; }

  /** To be called a few times a second while it is silent. */
  look(pid: number | undefined): void {
    const sight = pid === undefined ? null : this.sightOfChild(pid);
    const atMs = this.clock.monotonicMs();
    if (sight && this.#before) this.#ms += deniedMs(this.#before.sight, sight, atMs - this.#before.atMs);
    this.#before = sight ? { sight, atMs } : undefined;
  }

  /** It is not looked at for a while. */
  rest(): void {
    this.#before = undefined;
  }
}

/** Of one kind of sign of life. */
export class Silence {
  #sinceMs: number;
  #deniedThenMs: number;

  constructor(private readonly clock: Clock, private readonly denied: DeniedTime) {
    this.#sinceMs = clock.monotonicMs();
    this.#deniedThenMs = denied.ms;
  }

  /** Something was, so long ago. */
  broken(agoMs = 0): void {
    this.#sinceMs = this.clock.monotonicMs() - agoMs;
    this.#deniedThenMs = this.denied.ms;
  }

  /** All of it, ms. */
  get ms(): number { return this.clock.monotonicMs() - this.#sinceMs; }

  /** It is worth a look why. */
  get isOdd(): boolean { return this.ms >= LOOK_AFTER_MS; }

  /** So much of it as the child could have used, ms; all of it when that has lasted too long. */
  get usableMs(): number {
    const { ms } = this;
    return ms >= MOST_PATIENCE_MS ? ms : ms - (this.denied.ms - this.#deniedThenMs);
  }
}

/** Of `ms` between two looks. Whose threads had a processor for all of it was denied nothing, though more of them waited. */
function deniedMs(before: Sight, now: Sight, ms: number): number {
  const hadMs = Math.max(0, (now.ranNs - before.ranNs) / 1e6);
  const leftMs = Math.max(0, ms - hadMs);
  if (now.isRunnable || now.isAtDisk) return leftMs;
  return Math.min(leftMs, Math.max(0, (now.waitedNs - before.waitedNs) / 1e6));
}
