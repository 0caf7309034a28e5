import { readFileSync } from 'node:fs';

/** Time as everything but the native core sees it: monotonic for measuring, wall for showing. Injected, so tests own it. */
export interface Clock {
  /** CLOCK_MONOTONIC in ms; the same clock that program frames are counted on. */
  monotonicMs(): number;
  /** Unix time in ms: for what people read and plan by, and for what lasts over a reboot. */
  wallMs(): number;
  /** Calls back once after `ms`; returns the cancel. */
  after(ms: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  // hrtime is CLOCK_MONOTONIC on Linux; performance.now() starts at each process's own zero.
  monotonicMs: () => Number(process.hrtime.bigint() / 1000n) / 1000,
  wallMs: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** IANA name of the zone that the machine's clock is shown in. */
export function machineTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Tells one life of the machine from the next: CLOCK_MONOTONIC means the same only within one. Where the kernel does not tell, every start counts as one. */
export function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return `process-${process.pid}-${Date.now()}`;
  }
}
