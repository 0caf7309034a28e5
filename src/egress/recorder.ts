/** Keeps recording what the studio wants recorded: at most one recording at a time, the old one closed beside the new one. */
import { join } from 'node:path';
import type { EgressActual } from '../protocol/link.js';
import type { Owner } from '../runtime/lifecycle.js';
import { RecordingRun, type RecordingRunOptions } from './recording-run.js';

export interface RecorderOptions extends Omit<RecordingRunOptions, 'id' | 'folder'> {
  /** Holds one folder a recording. */
  recordingsFolder: string;
  /** A recording has begun or ended. */
  onChange(): void;
}

/** Longest that stopping the process waits for a disk. */
const STOP_LIMIT_MS = 1500;

/** As many may wait for a disk that hangs: each keeps two of the process's threads, and destinations need some to look up their names. */
const MOST_CLOSING = 2;

export class Recorder implements Owner {
  #run: RecordingRun | undefined;
  readonly #closing = new Map<RecordingRun, Promise<void>>();
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: RecorderOptions) {}

  start(): void {}

  /** Ends the recording file properly; gives up on a disk that hangs. */
  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      this.apply(null);
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<void>((resolve) => { timer = setTimeout(resolve, STOP_LIMIT_MS); });
      await Promise.race([Promise.all(this.#closing.values()), limit]);
      clearTimeout(timer);
    })());
  }

  /** The recording that is wanted now, or none. */
  apply(wanted: { id: string } | null): void {
    if (this.#run?.id === wanted?.id) return;
    const old = this.#run;
    this.#run = undefined;
    if (old) {
      const closing = old.stop().finally(() => {
        this.#closing.delete(old);
        this.options.onChange();
      });
      this.#closing.set(old, closing);
    }
    if (wanted && !this.#stopped) {
      const { recordingsFolder, onChange: _, ...rest } = this.options;
      const run = new RecordingRun({ ...rest, id: wanted.id, folder: join(recordingsFolder, wanted.id) });
      this.#run = run;
      // The same recording wanted again while its file is still being closed: one writer at a time.
      const before = [...this.#closing].find(([other]) => other.id === wanted.id)?.[1];
      void this.#room(before).then(() => { if (this.#run === run) run.start(); });
    }
    this.options.onChange();
  }

  async #room(before: Promise<void> | undefined): Promise<void> {
    await before;
    while (this.#closing.size >= MOST_CLOSING) await Promise.race(this.#closing.values());
  }

  /** Ids of those that are written, or not closed yet. */
  open(): string[] {
    return [...new Set([...(this.#run ? [this.#run] : []), ...this.#closing.keys()].map(({ id }) => id))];
  }

  /** Of the wanted recording, else of one that is still being closed. */
  status(): EgressActual['recording'] {
    const run = this.#run ?? [...this.#closing.keys()].at(-1);
    return run?.status() ?? { state: 'idle', id: null, bytes: 0, durationMs: 0, droppedFrames: 0 };
  }
}
