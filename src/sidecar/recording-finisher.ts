/**
 * Makes one clean file of each recording that has ended: parts → recording.mp4. One at a time, whenever asked, and safe to be
 * killed at any moment: the file appears whole under its name or not at all, and one that is there is not made again.
 */
import { lstat, open, readdir, realpath, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { SidecarActual, SidecarDesired } from '../protocol/link.js';
import type { Owner } from '../runtime/lifecycle.js';
import type { Log } from '../runtime/log.js';
import { copyToMp4, mediaDurationMs, type OfflineJob } from './offline-ffmpeg.js';
import { PartJoiner } from './part-joiner.js';

type Report = SidecarActual['recordings'][number];

const FINAL_NAME = 'recording.mp4';
const UNFINISHED = /^recording\.[0-9]+\.tmp\.mp4$/;
const PART = /^part-\d{4,6}\.flv$/;
/** The copy may round at both ends, and the last frame has a length of its own. */
const TOLERANCE_MS = 1000;

/** There is nothing to make a file of; the sentence is for people. No fault of anybody's. */
class NothingRecorded extends Error {}

export interface RecordingFinisherOptions {
  recordingsFolder: string;
  log: Log;
  /** A report changed. */
  onChange(): void;
}

export class RecordingFinisher implements Owner {
  readonly #reports = new Map<string, Report>();
  #wanted: string[] = [];
  #running: { id: string; job: OfflineJob | null } | null = null;
  #work: Promise<void> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: RecordingFinisherOptions) {}

  start(): void {}

  /** Ends what is being made, by force; it is made anew after the next start. */
  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      this.#wanted = [];
      this.#running?.job?.kill();
      await this.#work;
    })());
  }

  /** The recordings that are to be finished. One that is no longer wanted is left as it is. */
  apply(desired: SidecarDesired): void {
    this.#wanted = this.#stopped ? [] : desired.finish.map(({ recordingId }) => recordingId);
    for (const id of this.#reports.keys()) {
      if (!this.#wanted.includes(id)) this.#reports.delete(id);
    }
    if (this.#running && !this.#wanted.includes(this.#running.id)) this.#running.job?.kill();
    if (!this.#running) this.#work = this.#next();
  }

  reports(): Report[] {
    return [...this.#reports.values()];
  }

  async #next(): Promise<void> {
    for (;;) {
      const id = this.#wanted.find((wanted) => !this.#reports.has(wanted));
      if (id === undefined) return;
      this.#running = { id, job: null };
      this.#report({ recordingId: id, state: 'working', durationMs: 0, bytes: 0, path: null });
      try {
        const { durationMs, bytes } = await this.#finish(id);
        this.#report({ recordingId: id, state: 'ready', durationMs, bytes, path: `recordings/${id}/${FINAL_NAME}` });
        this.options.log.info({ recording: id, durationMs, bytes }, 'recording finished');
      } catch (error) {
        if (error instanceof NothingRecorded) {
          this.#report({ recordingId: id, state: 'failed', durationMs: 0, bytes: 0, path: null, error: { code: 'RECORDING_EMPTY', message: error.message } });
          this.options.log.info({ recording: id }, error.message);
          this.#running = null;
          continue;
        }
        const message = `The recording could not be made into one file: ${error instanceof Error ? error.message : 'unknown'} Its parts are kept.`;
        this.#report({ recordingId: id, state: 'failed', durationMs: 0, bytes: 0, path: null, error: { code: 'REMUX_FAILED', message } });
        if (!this.#stopped) this.options.log.error({ recording: id }, message);
      }
      this.#running = null;
    }
  }

  #report(report: Report): void {
    if (!this.#wanted.includes(report.recordingId)) {
      this.#reports.delete(report.recordingId);
      return;
    }
    this.#reports.set(report.recordingId, report);
    this.options.onChange();
  }

  async #finish(id: string): Promise<{ durationMs: number; bytes: number }> {
    const folder = await this.#folder(id);
    const final = join(folder, FINAL_NAME);
    const names = await readdir(folder);
    if (names.includes(FINAL_NAME)) {
      const durationMs = await mediaDurationMs(final).catch(() => 0);
      if (durationMs > 0) return { durationMs, bytes: (await stat(final)).size };
    }
    await Promise.all(names.filter((name) => UNFINISHED.test(name)).map((name) => rm(join(folder, name), { force: true })));

    const parts = await this.#parts(folder, names);
    if (parts.length === 0) {
      await dropEmpty(folder, names);
      throw new NothingRecorded('Nothing was recorded: it was stopped before the first picture.');
    }
    const joiner = new PartJoiner();
    const temporary = join(folder, `recording.${process.pid}.tmp.mp4`);
    const input = Readable.from(joiner.join(parts), { objectMode: false, highWaterMark: 1024 * 1024 });
    try {
      const job = copyToMp4(input, temporary);
      if (this.#running) this.#running.job = job;
      if (this.#stopped) job.kill();
      await job.done;
      const durationMs = await mediaDurationMs(temporary);
      if (Math.abs(durationMs - joiner.durationMs) > Math.max(TOLERANCE_MS, joiner.durationMs * 0.002)) {
        throw new Error(`the file plays ${durationMs} ms where ${joiner.durationMs} ms were recorded.`);
      }
      await syncFile(temporary);
      await rename(temporary, final);
      return { durationMs, bytes: (await stat(final)).size };
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
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
