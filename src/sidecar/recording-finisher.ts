/**
 * Makes one clean file of each recording that has ended: parts → recording.mp4. One at a time, whenever asked, and safe to be
 * killed at any moment: the file appears whole under its name or not at all, and one that is there is not made again.
 */
import { lstat, open, readdir, realpath, rename, rm, rmdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { chapterTime } from '../protocol/chapter-time.js';
import type { SidecarActual, SidecarDesired } from '../protocol/link.js';
import type { Problem } from '../protocol/status.js';
import type { Clock } from '../runtime/clock.js';
import type { Owner } from '../runtime/lifecycle.js';
import type { Log } from '../runtime/log.js';
import { isDiskFull } from '../runtime/scarcity.js';
import { mediaDurationMs } from './offline/duration.js';
import { copyToMp4, wasKilled, type OfflineJob } from './offline-ffmpeg.js';
import { PartJoiner } from './part-joiner.js';
import { readPauses, writePauses } from './recording-pauses.js';

type Report = SidecarActual['recordings'][number];

const FINAL_NAME = 'recording.mp4';
const UNFINISHED = /^recording\.[0-9]+\.tmp\.mp4$/;
const PART = /^part-\d{4,6}\.flv$/;
/** The copy may round at both ends, and the last frame has a length of its own. */
const TOLERANCE_MS = 1000;
/** On a full disk, or where FFmpeg was killed or hung, it is tried again after this long, twice as long each time. */
const FIRST_RETRY_MS = 2_000;
const LAST_RETRY_MS = 60_000;
/** FFmpeg killed or hung so often at one recording: it is left alone until the sidecar starts again. */
const MAX_KILLED = 3;
/** Of places of damage, as many as a person reads. */
const MOST_TOLD = 4;
/** A copy that failed where less than this is left failed for want of room, whatever FFmpeg says. */
const AS_GOOD_AS_FULL_BYTES = 256 * 1024;

/** There is nothing to make a file of; the sentence is for people. No fault of anybody's. */
class NothingRecorded extends Error {}
/** There is no room for the file now; the sentence is for people. */
class DiskFull extends Error {}
/** We ended it ourselves; it says nothing about the recording. */
class Cancelled extends Error {}

type Finished = Required<Pick<Report, 'durationMs' | 'bytes' | 'pauses'>> & Pick<Report, 'error'>;

interface Run {
  id: string;
  job: OfflineJob | null;
  isCancelled: boolean;
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
  /** Room on the disk of a folder, bytes; the file system's own answer when left out. */
  freeBytes?(folder: string): Promise<number>;
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
    if (!this.#running) return;
    this.#running.isCancelled = true;
    this.#running.job?.kill();
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
    for (;;) {
      const id = this.#wanted.find((wanted) => this.#isDue(wanted));
      if (id === undefined) return;
      const run: Run = { id, job: null, isCancelled: false };
      this.#running = run;
      // What was wrong stays said until this try is over.
      const error = this.#reports.get(id)?.error;
      this.#report({ ...unfinished(id, 'working'), ...(error && { error }) });
      try {
        const finished = await this.#finish(run);
        const { durationMs, bytes } = finished;
        this.#waiting.delete(id);
        this.#report({ recordingId: id, state: 'ready', ...finished, path: `recordings/${id}/${FINAL_NAME}` });
        this.options.log.info({ recording: id, durationMs, bytes, ...(finished.error && { damage: finished.error.message }) }, 'recording finished');
      } catch (problem) {
        // One that is wanted again meanwhile has no other report than "working", and is due again.
        if (!run.isCancelled) this.#failed(id, problem);
      }
      this.#running = null;
    }
  }

  #failed(id: string, error: unknown): void {
    const { log } = this.options;
    if (error instanceof DiskFull) {
      this.#wait(id, { code: 'DISK_FULL', message: error.message });
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

  async #finish(run: Run): Promise<Finished> {
    const folder = await this.#folder(run.id);
    const final = join(folder, FINAL_NAME);
    const names = await readdir(folder);
    if (names.includes(FINAL_NAME)) {
      const durationMs = await mediaDurationMs(final).catch((error: unknown) => {
        if (wasKilled(error)) throw error;
        return 0;
      });
      if (durationMs > 0) return { durationMs, bytes: (await stat(final)).size, pauses: await readPauses(folder) };
    }
    await Promise.all(names.filter((name) => UNFINISHED.test(name)).map((name) => rm(join(folder, name), { force: true })));

    const parts = await this.#parts(folder, names);
    if (parts.length === 0) {
      await dropEmpty(folder, names);
      throw new NothingRecorded('Nothing was recorded: it was stopped before the first picture.');
    }
    const freeBytes = this.options.freeBytes ?? freeBytesOf;
    const neededBytes = (await Promise.all(parts.map((part) => stat(part)))).reduce((sum, { size }) => sum + size, 0);
    if (await freeBytes(folder) < neededBytes) throw diskFull(neededBytes);
    try {
      return await this.#copy(run, parts, folder);
    } catch (error) {
      if (!run.isCancelled && (isDiskFull(error) || await freeBytes(folder) < AS_GOOD_AS_FULL_BYTES)) throw diskFull(neededBytes);
      throw error;
    } finally {
      await rm(temporaryIn(folder), { force: true });
    }
  }

  /** Makes the file under another name first. @throws Cancelled */
  async #copy(run: Run, parts: string[], folder: string): Promise<Finished> {
    const joiner = new PartJoiner();
    const [temporary, final] = [temporaryIn(folder), join(folder, FINAL_NAME)];
    const input = Readable.from(joiner.join(parts), { objectMode: false, highWaterMark: 1024 * 1024 });
    try {
      if (run.isCancelled) throw new Cancelled();
      run.job = copyToMp4(input, temporary);
      await run.job.done;
      const durationMs = await mediaDurationMs(temporary);
      if (Math.abs(durationMs - joiner.durationMs) > Math.max(TOLERANCE_MS, joiner.durationMs * 0.002)) {
        throw new Error(`the file plays ${durationMs} ms where ${joiner.durationMs} ms were recorded.`);
      }
      await syncFile(temporary);
      if (run.isCancelled) throw new Cancelled();
      await writePauses(folder, joiner.pauses);
      await rename(temporary, final);
      return { durationMs, bytes: (await stat(final)).size, pauses: joiner.pauses, ...(joiner.damage.length > 0 && { error: damageOf(joiner.damage) }) };
    } finally {
      input.destroy();
    }
  }

  /** The recording's own folder. Links are not followed: what lies outside the recordings is not ours to touch. */
  async #folder(id: string): Promise<string> {
    if (!/^[A-Za-z0-9_-]{1,40}$/.test(id)) throw new Error('that is not a recording.');
    const root = await realpath(this.options.recordingsFolder).catch(ifMissing);
    const folder = root === null ? null : join(root, id);
    const info = folder === null ? null : await lstat(folder).catch(ifMissing);
    if (folder === null || info === null) throw new NothingRecorded('Its folder is not there: nothing was recorded, or it was removed.');
    if (!info.isDirectory()) throw new Error('its place in the recordings is not a folder.');
    return folder;
  }

  async #parts(folder: string, names: string[]): Promise<string[]> {
    const paths: string[] = [];
    for (const name of names.filter((candidate) => PART.test(candidate)).sort((a, b) => Number(a.slice(5, -4)) - Number(b.slice(5, -4)))) {
      const path = join(folder, name);
      const info = await lstat(path);
      if (info.isFile() && info.size > 0) paths.push(path);
    }
    return paths;
  }
}

function unfinished(recordingId: string, state: 'working' | 'failed'): Report {
  return { recordingId, state, durationMs: 0, bytes: 0, path: null };
}

/** For people: what is not in the file, though it was recorded. */
function damageOf(damage: PartJoiner['damage']): Problem {
  const bytes = damage.reduce((sum, one) => sum + one.bytes, 0);
  const size = bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  const places = [...new Set(damage.map(({ atMs }) => chapterTime(atMs)))];
  const where = `${places.slice(0, MOST_TOLD).join(', ')}${places.length > MOST_TOLD ? ' and others' : ''}`;
  return {
    code: 'RECORDING_DAMAGED',
    message: `What was written is damaged at ${where}: ${size} could not be used, and picture and sound may break off there for a moment. What comes after is in the file. The parts are kept.`,
  };
}

function temporaryIn(folder: string): string {
  return join(folder, `recording.${process.pid}.tmp.mp4`);
}

function diskFull(neededBytes: number): DiskFull {
  const room = neededBytes < 1e9 ? `${Math.ceil(neededBytes / 1e6)} MB` : `${(neededBytes / 1e9).toFixed(1)} GB`;
  return new DiskFull(`The disk of the recordings folder is full; the recording is finished by itself when there is room for it (${room}). Its parts are kept.`);
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Takes away a folder in which nothing was written. @throws Error when a part is something else than an empty file */
async function dropEmpty(folder: string, names: string[]): Promise<void> {
  const parts = names.filter((name) => PART.test(name)).map((name) => join(folder, name));
  for (const part of parts) {
    const info = await lstat(part);
    if (!info.isFile() || info.size > 0) throw new Error('a part is not a file.');
  }
  await Promise.all(parts.map((part) => rm(part, { force: true })));
  // Somebody else's files in it stay.
  await rmdir(folder).catch(() => undefined);
}

function ifMissing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw new Error(`the recordings folder cannot be read (${error.code ?? 'unknown'}).`, { cause: error });
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}
