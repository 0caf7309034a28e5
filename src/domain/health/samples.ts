/** The figures of one second, by name: made from the last two statuses. Pure. */
import type { HistorySeries, Machine } from '../../protocol/health.js';
import type { BroadcastStatus } from '../../protocol/status.js';

/** Bytes that a far end acknowledges come in lumps: its rate is that of so many seconds. */
const ACKED_OVER_S = 10;
const MOST_LATE_MS = 600_000;

const UNITS: Readonly<Record<string, HistorySeries['unit']>> = {
  fps: 'fps', late: 'frames', skipped: 'frames', repeated: 'frames', dropped: 'frames', kbps: 'kb/s', peak: 'dBFS', age: 'ms', restless: 'frames', cpu: 'percent', memory: 'MB', free: 'MB',
  available: 'MB',
};

/** By the last part of its name. */
export function unitOf(key: string): HistorySeries['unit'] {
  return UNITS[key.slice(key.lastIndexOf('.') + 1)] ?? 'frames';
}

export class Sampler {
  #counts = new Map<string, number>();
  /** Those that were gone a second ago. */
  #gone: ReadonlySet<string> = new Set();
  readonly #acked = new Map<string, { atMs: number; bytes: number }[]>();

  /** @param nowMs monotonic @param cameras the ids of what comes by itself: of a photograph or a film that stands there is no age to tell */
  sample({ program, encoder, destinations, sources, state, recording }: Omit<BroadcastStatus, 'warnings' | 'machine'>, machine: Machine | null, nowMs: number, cameras: ReadonlySet<string>): Map<string, number> {
    const figures = new Map<string, number>();
    const before = this.#counts;
    const counts = new Map<string, number>();
    const put = (key: string, value: number | undefined): void => {
      if (value !== undefined) figures.set(key, value);
    };
    /** What a counter has grown by; one that began anew has not. */
    const grown = (key: string, count: number | undefined): void => {
      if (count === undefined) return;
      counts.set(key, count);
      const last = before.get(key);
      if (last !== undefined) put(key, Math.max(0, count - last));
    };
    if (program) {
      put('program.fps', program.fps);
      put('program.peak', program.peakDb);
      grown('program.late', program.late);
      grown('program.skipped', program.skipped);
      grown('program.repeated', program.repeated);
    }
    if (encoder) {
      put('encoder.kbps', encoder.kbps);
      grown('encoder.dropped', encoder.dropped);
    }
    for (const id of [...this.#acked.keys()]) if (!destinations.some((one) => one.id === id)) this.#acked.delete(id);
    for (const { id, state: is, ackedBytes, droppedFrames } of destinations) {
      put(`destination.${id}.kbps`, is === 'live' ? this.#ackedKbps(id, ackedBytes, nowMs) : state === 'standby' ? undefined : 0);
      if (is !== 'live') this.#acked.delete(id);
      if (state !== 'standby') grown(`destination.${id}.dropped`, droppedFrames);
    }
    const gone = new Set<string>();
    for (const { id, state: is, ageMs, repeated } of sources) {
      // Of what has never come there is nothing to tell either.
      if (!cameras.has(id)) continue;
      if (is !== 'live' && is !== 'late' && is !== 'gone') continue;
      if (ageMs >= 0) put(`source.${id}.age`, Math.min(ageMs, MOST_LATE_MS));
      grown(`source.${id}.repeated`, repeated);
      if (is === 'gone') gone.add(id);
      // Away at a stretch is away once: a camera whose plug was pulled does not come in bursts.
      put(`source.${id}.restless`, is === 'live' || (is === 'gone' && this.#gone.has(id)) ? 0 : 1);
    }
    this.#gone = gone;
    if (recording.state === 'recording') grown('recording.dropped', recording.droppedFrames);
    for (const { role, cpuPercent, memoryBytes } of machine?.processes ?? []) {
      put(`process.${role}.cpu`, cpuPercent ?? undefined);
      put(`process.${role}.memory`, memoryBytes / 1e6);
    }
    if (machine) {
      put('machine.available', machine.memoryAvailableBytes / 1e6);
      if (machine.diskFreeBytes !== null) put('disk.free', machine.diskFreeBytes / 1e6);
    }
    this.#counts = counts;
    return figures;
  }

  #ackedKbps(id: string, bytes: number, nowMs: number): number | undefined {
    const seen = (this.#acked.get(id) ?? []).filter(({ atMs, bytes: then }) => nowMs - atMs <= ACKED_OVER_S * 1000 && then <= bytes);
    this.#acked.set(id, [...seen, { atMs: nowMs, bytes }]);
    const first = seen[0];
    // The first lump can be long in coming.
    return first && nowMs - first.atMs >= (ACKED_OVER_S * 1000) / 2 ? ((bytes - first.bytes) * 8) / (nowMs - first.atMs) : undefined;
  }
}
