/**
 * Looks at a recording while it is made, so that what is in it is known as soon as it stops. What it learnt is handed on when the file is
 * finished; a sidecar that was restarted meanwhile begins anew, and one that comes too late leaves the file to be read.
 */
import type { Clock } from '../runtime/clock.js';
import type { Owner } from '../runtime/lifecycle.js';
import type { Log } from '../runtime/log.js';
import { extractFeatures } from './features/extract.js';
import { RecordingTail } from './features/recording-tail.js';
import type { FeatureTable } from './features/table.js';

/** Tables of recordings that are not analysed yet; the oldest goes. */
const MOST_KEPT = 8;
/** What is left of a recording that has stopped is read in less; a child that hangs is ended then, and the file read instead. */
const READ_ON_MS = 30_000;
/** The finished file is as long as what was seen, but for the last pictures. */
const SAME_MS = 1_500;

interface Watched {
  recordingId: string;
  tail: RecordingTail;
  stop: AbortController;
  done: Promise<void>;
}

export interface LiveAnalysisOptions {
  folderOf(recordingId: string): string;
  log: Log;
  clock: Clock;
  /** A recording was watched to its end. What it throws is told and costs nothing else. */
  onEnded(recordingId: string, table: FeatureTable): Promise<void>;
}

export class LiveAnalysis implements Owner {
  #watched: Watched | null = null;
  /** With those that have stopped and are still read to their end. */
  readonly #running = new Set<Watched>();
  readonly #tables = new Map<string, Promise<FeatureTable | null>>();
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: LiveAnalysisOptions) {}

  start(): void {}

  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      for (const { stop } of this.#running) stop.abort(new Error('The process is stopping.'));
      await Promise.all([...this.#running].map(({ done }) => done));
    })());
  }

  /** @param recordingId of what is being recorded now; null: nothing is */
  apply(recordingId: string | null): void {
    if (this.#stopped || recordingId === (this.#watched?.recordingId ?? null)) return;
    // What is on disk is read to its end.
    const { tail, stop } = this.#watched ?? {};
    tail?.end();
    if (stop) this.options.clock.after(READ_ON_MS, () => stop.abort(new Error('It did not come to its end.')));
    this.#watched = recordingId === null ? null : this.#watch(recordingId);
  }

  /** The table of a recording of this length that was watched from its beginning to its end; null: there is none. It is given once. */
  async take(recordingId: string, durationMs: number): Promise<FeatureTable | null> {
    const table = await this.#tables.get(recordingId);
    this.#tables.delete(recordingId);
    return table && Math.abs(table.durationMs - durationMs) <= SAME_MS ? table : null;
  }

  #watch(recordingId: string): Watched {
    const { folderOf, log, clock, onEnded } = this.options;
    const tail = new RecordingTail({ folder: folderOf(recordingId), clock });
    const stop = new AbortController();
    const table = extractFeatures({ input: { stream: tail }, signal: stop.signal, clock }).catch((error: unknown) => {
      if (!stop.signal.aborted) log.info({ recording: recordingId, problem: error instanceof Error ? error.message : 'unknown' }, 'a recording could not be looked at while it was made; it is when it is finished');
      return null;
    });
    this.#tables.set(recordingId, table);
    if (this.#tables.size > MOST_KEPT) this.#tables.delete(this.#tables.keys().next().value!);
    const told = table.then((one) => one && onEnded(recordingId, one)).catch((error: unknown) => {
      log.warn({ recording: recordingId, problem: error instanceof Error ? error.message : 'unknown' }, 'there is no first list of a recording; there is one when its file is finished');
    });
    const watched: Watched = { recordingId, tail, stop, done: told.then(() => { this.#running.delete(watched); }) };
    this.#running.add(watched);
    return watched;
  }
}
