/**
 * Sees to it that each recording that has ended becomes one clean file: parts → recording.mp4. One at a time, whenever asked; and again where the disk
 * was full, or FFmpeg was killed.
 */
import type { SidecarActual, SidecarDesired } from '../protocol/link.js';
import type { Problem } from '../protocol/status.js';
import type { Clock } from '../runtime/clock.js';
import type { Owner } from '../runtime/lifecycle.js';
import type { Log } from '../runtime/log.js';
import { wasKilled } from './offline-ffmpeg.js';
import { DiskRefuses, FINAL_NAME, makeRecordingFile, NothingRecorded, type RecordingFileOptions } from './recording-file.js';

type Report = SidecarActual['recordings'][number];

/** On a full disk, or where FFmpeg was killed or hung, it is tried again after this long, twice as long each time. */
const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 60_000;
/** FFmpeg killed or hung so often at one recording: it is left alone until the sidecar starts again. */
const MAX_KILLED = 3;

interface Run {
  id: string;
  /** Aborted by ourselves: it says nothing about the recording. */
  cancelled: AbortController;
}

/** One that is tried again, as when there is room on the disk. */
interface Waiting {
  tries: number;
  killed: number;
  /** Null while it is tried again. */
  cancelTimer: (() => void) | null;
}

export interface RecordingFinisherOptions {
  recordingsFolder: string;
  clock: Clock;
  log: Log;
  /** A report changed. */
  onChange(): void;
  freeBytes?: RecordingFileOptions['freeBytes'];
}

export class RecordingFinisher implements Owner {
  readonly #reports = new Map<string, Report>();
  #wanted: string[] = [];
  readonly #waiting = new Map<string, Waiting>();
  #running: Run | null = null;
  #work: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: RecordingFinisherOptions) {}

  start(): void {}

  /** Ends what is being made, by force; it is made anew after the next start. */
  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      this.#wanted = [];
      this.#cancel();
      for (const { cancelTimer } of this.#waiting.values()) cancelTimer?.();
      await this.#work;
    })());
  }

  /**
   * The recordings that are to be finished. One that is no longer wanted is left as it is; while nobody knows what is to be
   * finished, what was wanted goes on.
   */
  apply({ finish }: Pick<SidecarDesired, 'finish'>): void {
    if (this.#stopped || finish === null) return;
    this.#wanted = finish.map(({ recordingId }) => recordingId);
    for (const id of this.#reports.keys()) {
      if (!this.#wanted.includes(id)) this.#forget(id);
    }
    if (this.#running && !this.#wanted.includes(this.#running.id)) this.#cancel();
    this.#begin();
  }

  reports(): Report[] {
    return [...this.#reports.values()];
  }

  #begin(): void {
    if (!this.#running && !this.#stopped) this.#work = this.#next();
  }

  #cancel(): void {
    this.#running?.cancelled.abort();
  }

  #forget(id: string): void {
    this.#reports.delete(id);
    this.#waiting.get(id)?.cancelTimer?.();
    this.#waiting.delete(id);
  }

  /** Not reported as ready or failed yet, and not waiting. */
  #isDue(id: string): boolean {
    const report = this.#reports.get(id);
    return (!report || report.state === 'working') && !this.#waiting.get(id)?.cancelTimer;
  }

  async #next(): Promise<void> {
    const { recordingsFolder, freeBytes, log } = this.options;
    for (;;) {
      const id = this.#wanted.find((wanted) => this.#isDue(wanted));
      if (id === undefined) return;
      const { signal } = (this.#running = { id, cancelled: new AbortController() }).cancelled;
      // What was wrong stays said until this try is over.
      const error = this.#reports.get(id)?.error;
      this.#report({ ...unfinished(id, 'working'), ...(error && { error }) });
      try {
        const finished = await makeRecordingFile({ recordingsFolder, id, signal, freeBytes });
        const { durationMs, bytes } = finished;
        this.#waiting.delete(id);
        this.#report({ recordingId: id, state: 'ready', ...finished, path: `recordings/${id}/${FINAL_NAME}` });
        log.info({ recording: id, durationMs, bytes, ...(finished.error && { damage: finished.error.message }) }, 'recording finished');
      } catch (problem) {
        // One that is wanted again meanwhile has no other report than "working", and is due again.
        if (!signal.aborted) this.#failed(id, problem);
      }
      this.#running = null;
    }
  }

  #failed(id: string, error: unknown): void {
    const { log } = this.options;
    if (error instanceof DiskRefuses) {
      this.#wait(id, { code: error.code, message: error.message });
      return;
    }
    if (wasKilled(error)) {
      this.#killed(id, (error as Error).message);
      return;
    }
    this.#waiting.delete(id);
    if (error instanceof NothingRecorded) {
      this.#report({ ...unfinished(id, 'failed'), error: { code: 'RECORDING_EMPTY', message: error.message } });
      log.info({ recording: id }, error.message);
      return;
    }
    const message = `The recording could not be made into one file: ${error instanceof Error ? error.message : 'unknown'} Its parts are kept.`;
    this.#report({ ...unfinished(id, 'failed'), error: { code: 'REMUX_FAILED', message } });
    log.error({ recording: id }, message);
  }

  #killed(id: string, what: string): void {
    const killed = (this.#waiting.get(id)?.killed ?? 0) + 1;
    const sentence = `The recording is not one file yet: ${what}`;
    if (killed < MAX_KILLED) {
      this.#wait(id, { code: 'REMUX_KILLED', message: `${sentence} It is tried again by itself; its parts are kept.` }, killed);
      return;
    }
    this.#waiting.delete(id);
    const message = `${sentence} That happened ${MAX_KILLED} times; it is tried again at the next start. Its parts are kept.`;
    this.#report({ ...unfinished(id, 'failed'), error: { code: 'REMUX_KILLED', message } });
    this.options.log.error({ recording: id }, message);
  }

  #wait(id: string, error: Problem, killed = this.#waiting.get(id)?.killed ?? 0): void {
    const waiting: Waiting = { tries: (this.#waiting.get(id)?.tries ?? 0) + 1, killed, cancelTimer: null };
    waiting.cancelTimer = this.options.clock.after(Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (waiting.tries - 1)), () => {
      waiting.cancelTimer = null;
      this.#begin();
    });
    this.#waiting.set(id, waiting);
    if (waiting.tries === 1) this.options.log.error({ recording: id }, error.message);
    this.#report({ ...unfinished(id, 'working'), error });
  }

  #report(report: Report): void {
    if (!this.#wanted.includes(report.recordingId)) {
      this.#forget(report.recordingId);
      return;
    }
    this.#reports.set(report.recordingId, report);
    this.options.onChange();
  }
}

function unfinished(recordingId: string, state: 'working' | 'failed'): Report {
  return { recordingId, state, durationMs: 0, bytes: 0, path: null };
}
