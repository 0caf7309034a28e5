/**
 * From the parts of one recording to its file. Safe to be killed at any moment: the file appears whole under its name or not at
 * all, and one that is there is not made again.
 */
import { lstat, open, readdir, realpath, rename, rm, rmdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { READ_ONLY_ADVICE } from '../protocol/disk-advice.js';
import { chapterTime } from '../protocol/chapter-time.js';
import type { Pause } from '../protocol/link.js';
import type { Problem } from '../protocol/status.js';
import { isDiskFull, isReadOnly } from '../runtime/scarcity.js';
import { mediaDurationMs } from './offline/duration.js';
import { copyToMp4, wasKilled } from './offline-ffmpeg.js';
import { PartJoiner } from './part-joiner.js';
import { readPauses, writePauses } from './recording-pauses.js';

export const FINAL_NAME = 'recording.mp4';
const UNFINISHED = /^recording\.[0-9]+\.tmp\.mp4$/;
const PART = /^part-\d{4,6}\.flv$/;
/** The copy may round at both ends, and the last frame has a length of its own. */
const TOLERANCE_MS = 1000;
/** Of places of damage, as many as a person reads. */
const MOST_TOLD = 4;
/** A copy that failed where less than this is left failed for want of room, whatever FFmpeg says. */
const AS_GOOD_AS_FULL_BYTES = 256 * 1024;

/** There is nothing to make a file of; the sentence is for people. No fault of anybody's. */
export class NothingRecorded extends Error {}
/** The disk takes the file not now; the sentence is for people. */
export class DiskRefuses extends Error {
  constructor(readonly code: 'DISK_FULL' | 'DISK_READ_ONLY', message: string) {
    super(message);
  }
}

export interface RecordingFile {
  durationMs: number;
  bytes: number;
  pauses: Pause[];
  /** What is not in it, though it was recorded. */
  error?: Problem;
}

export interface RecordingFileOptions {
  recordingsFolder: string;
  id: string;
  signal: AbortSignal;
  /** Room on the disk of a folder, bytes; the file system's own answer when left out. */
  freeBytes?: ((folder: string) => Promise<number>) | undefined;
}

/** @throws NothingRecorded, DiskRefuses, one that `wasKilled` knows, Error with the end of a sentence; anything once the signal is aborted */
export async function makeRecordingFile({ recordingsFolder, id, signal, freeBytes = freeBytesOf }: RecordingFileOptions): Promise<RecordingFile> {
  const folder = await ownFolder(recordingsFolder, id);
  try {
    return await madeIn(folder, signal, freeBytes);
  } catch (error) {
    throw !signal.aborted && isReadOnly(error) ? readOnly() : error;
  }
}

async function madeIn(folder: string, signal: AbortSignal, freeBytes: (folder: string) => Promise<number>): Promise<RecordingFile> {
  const names = await readdir(folder);
  const there = names.includes(FINAL_NAME) ? await fileThere(folder) : null;
  if (there) return there;
  await Promise.all(names.filter((name) => UNFINISHED.test(name)).map((name) => rm(join(folder, name), { force: true })));

  const parts = await partsIn(folder, names);
  if (parts.length === 0) {
    await dropEmpty(folder, names);
    throw new NothingRecorded('Nothing was recorded: it was stopped before the first picture.');
  }
  const neededBytes = (await Promise.all(parts.map((part) => stat(part)))).reduce((sum, { size }) => sum + size, 0);
  if (await freeBytes(folder) < neededBytes) throw diskFull(neededBytes);
  try {
    return await copied(parts, folder, signal);
  } catch (error) {
    if (!signal.aborted && (isDiskFull(error) || await freeBytes(folder) < AS_GOOD_AS_FULL_BYTES)) throw diskFull(neededBytes);
    throw error;
  } finally {
    await rm(temporaryIn(folder), { force: true });
  }
}

/** One that was made before; null where it does not play. */
async function fileThere(folder: string): Promise<RecordingFile | null> {
  const path = join(folder, FINAL_NAME);
  const durationMs = await mediaDurationMs(path).catch((error: unknown) => {
    if (wasKilled(error)) throw error;
    return 0;
  });
  return durationMs > 0 ? { durationMs, bytes: (await stat(path)).size, pauses: await readPauses(folder) } : null;
}

/** Makes the file under another name first. */
async function copied(parts: string[], folder: string, signal: AbortSignal): Promise<RecordingFile> {
  const joiner = new PartJoiner();
  const [temporary, final] = [temporaryIn(folder), join(folder, FINAL_NAME)];
  const input = Readable.from(joiner.join(parts), { objectMode: false, highWaterMark: 1024 * 1024 });
  try {
    signal.throwIfAborted();
    const { done, kill } = copyToMp4(input, temporary);
    signal.addEventListener('abort', kill);
    await done.finally(() => signal.removeEventListener('abort', kill));
    const durationMs = await mediaDurationMs(temporary);
    if (Math.abs(durationMs - joiner.durationMs) > Math.max(TOLERANCE_MS, joiner.durationMs * 0.002)) {
      throw new Error(`the file plays ${durationMs} ms where ${joiner.durationMs} ms were recorded.`);
    }
    await syncFile(temporary);
    signal.throwIfAborted();
    await writePauses(folder, joiner.pauses);
    await rename(temporary, final);
    return { durationMs, bytes: (await stat(final)).size, pauses: joiner.pauses, ...(joiner.damage.length > 0 && { error: damageOf(joiner.damage) }) };
  } finally {
    input.destroy();
  }
}

/** The recording's own folder. Links are not followed: what lies outside the recordings is not ours to touch. */
async function ownFolder(recordingsFolder: string, id: string): Promise<string> {
  if (!/^[A-Za-z0-9_-]{1,40}$/.test(id)) throw new Error('that is not a recording.');
  const root = await realpath(recordingsFolder).catch(ifMissing);
  const folder = root === null ? null : join(root, id);
  const info = folder === null ? null : await lstat(folder).catch(ifMissing);
  if (folder === null || info === null) throw new NothingRecorded('Its folder is not there: nothing was recorded, or it was removed.');
  if (!info.isDirectory()) throw new Error('its place in the recordings is not a folder.');
  return folder;
}

/** Those that hold something, in order. */
async function partsIn(folder: string, names: string[]): Promise<string[]> {
  const paths: string[] = [];
  for (const name of names.filter((candidate) => PART.test(candidate)).sort((a, b) => Number(a.slice(5, -4)) - Number(b.slice(5, -4)))) {
    const path = join(folder, name);
    const info = await lstat(path);
    if (info.isFile() && info.size > 0) paths.push(path);
  }
  return paths;
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

function diskFull(neededBytes: number): DiskRefuses {
  const room = neededBytes < 1e9 ? `${Math.ceil(neededBytes / 1e6)} MB` : `${(neededBytes / 1e9).toFixed(1)} GB`;
  return new DiskRefuses('DISK_FULL', `The disk of the recordings folder is full; the recording is finished by itself when there is room for it (${room}). Its parts are kept.`);
}

function readOnly(): DiskRefuses {
  return new DiskRefuses('DISK_READ_ONLY', `The disk of the recordings folder is read-only; the recording is finished by itself when it can be written. ${READ_ONLY_ADVICE} The parts are kept.`);
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
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
