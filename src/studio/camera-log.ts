/**
 * Cameras that go, come back, come in bursts, or send sound alone, in the log: when it happens nobody may be looking at the panel. One that does
 * so again and again is told once, and again when it has been calm.
 */
import type { SourceStatus } from '../protocol/status.js';
import type { Happening } from '../domain/health/happenings.js';
import type { Log } from '../runtime/log.js';

/** What a camera did in this time decides whether it does it again and again. */
const WINDOW_MS = 60_000;
const OFTEN_GONE = 3;
const OFTEN_LATE = 10;

interface Seen {
  goneSinceMs: number | undefined;
  goneAtMs: number[];
  lateAtMs: number[];
  /** It has been told that it is so again and again. */
  isRestless: boolean;
  soundOnly: boolean;
}

export class CameraLog {
  readonly #seen = new Map<string, Seen>();

  /** @param tell for the log of events */
  constructor(private readonly log: Log, private readonly tell: (happening: Happening) => void = () => {}) {}

  /**
   * Takes a look at what is reported, once a second.
   * @param cameras their names by id
   * @param nowMs monotonic
   */
  look(sources: readonly SourceStatus[], cameras: ReadonlyMap<string, string>, nowMs: number): void {
    for (const id of [...this.#seen.keys()]) if (!cameras.has(id)) this.#seen.delete(id);
    for (const source of sources) {
      const name = cameras.get(source.id);
      if (name !== undefined) this.#one(name, source, nowMs);
    }
  }

  #one(name: string, { id, state, ...status }: SourceStatus, nowMs: number): void {
    const seen = this.#seen.get(id) ?? { goneSinceMs: undefined, goneAtMs: [], lateAtMs: [], isRestless: false, soundOnly: false };
    this.#seen.set(id, seen);
    seen.goneAtMs = seen.goneAtMs.filter((atMs) => nowMs - atMs < WINDOW_MS);
    seen.lateAtMs = seen.lateAtMs.filter((atMs) => nowMs - atMs < WINDOW_MS);
    const isGone = state === 'gone';
    const goes = isGone && seen.goneSinceMs === undefined;
    const back = !isGone && seen.goneSinceMs !== undefined;
    if (goes) seen.goneAtMs.push(nowMs);
    if (state === 'late') seen.lateAtMs.push(nowMs);
    const restless = seen.goneAtMs.length >= OFTEN_GONE || seen.lateAtMs.length >= OFTEN_LATE;
    if (restless && !seen.isRestless) {
      this.#warn(id, 'SOURCE_RESTLESS', `amera "${name}" comes late, in bursts, or goes again and again: its picture stands, or its fallback is on. Look at its network, or at what sends it`);
    } else if (!restless && !seen.isRestless) {
      if (goes) this.#warn(id, 'SOURCE_GONE', `amera "${name}" is gone: wherever it is shown its fallback or the slate is in its place`);
      if (back) this.#info(id, 'SOURCE_BACK', `amera "${name}" is back after ${Math.round((nowMs - seen.goneSinceMs!) / 1000)} s`);
    }
    if (!restless && seen.isRestless) this.#info(id, 'SOURCE_CALM', `amera "${name}" ${isGone ? 'stays away' : 'comes steadily again'}`);
    const soundOnly = status.soundOnly === true;
    if (soundOnly && !seen.soundOnly) this.#warn(id, 'SOURCE_SOUND_ONLY', `amera "${name}" sends sound and no picture`);
    if (!soundOnly && seen.soundOnly && !isGone) this.#info(id, 'SOURCE_PICTURE', `amera "${name}" sends a picture`);
    seen.soundOnly = soundOnly;
    seen.isRestless = restless;
    seen.goneSinceMs = isGone ? (seen.goneSinceMs ?? nowMs) : undefined;
  }

  /** @param sentence without its first letter: that is a capital in the log of events, and none behind what the other log puts before it */
  #warn(id: string, code: string, sentence: string): void {
    this.log.warn({ camera: id }, `c${sentence}`);
    this.tell({ level: 'warning', kind: 'source', code, text: `C${sentence}.`, ids: [id] });
  }

  #info(id: string, code: string, sentence: string): void {
    this.log.info({ camera: id }, `c${sentence}`);
    this.tell({ level: 'info', kind: 'source', code, text: `C${sentence}.`, ids: [id] });
  }
}
