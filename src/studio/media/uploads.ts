/**
 * Uploads into the media folder, in pieces, each asked for by its offset: whoever was cut off asks where it stands and goes on there,
 * as after a kill of the studio. How much has come is the size of the part on the disk and nothing else.
 *
 * A piece is written when all of it has come and its digest, if it has one, is right: so every byte on the disk was checked, and two
 * who send to one upload cannot write into each other: the second finds another offset, and is told it.
 */
import { createHash } from 'node:crypto';
import { Upload, UPLOAD_CHUNK_BYTES, UploadInput, type MediaFile } from '../../protocol/media.js';
import type { Clock } from '../../runtime/clock.js';
import { ServerError, toProblem } from '../../runtime/errors.js';
import type { Owner } from '../../runtime/lifecycle.js';
import type { Log } from '../../runtime/log.js';
import { newId } from '../ids.js';
import { invalidField, parse } from '../validate.js';
import { mediaKind } from './facts.js';
import { diskFull, RunningDigest, type UploadDisk, type UploadRecord } from './upload-disk.js';

/** Under way at once. */
export const MOST_UPLOADS = 16;
/** One that nothing was sent to for so long is removed; */
const ABANDONED_MS = 24 * 3600 * 1000;
/** one to which nothing was ever sent gives way to a new one after this; */
const UNBEGUN_MS = 60 * 1000;
/** and that one is done is known for so long, for whoever missed the answer. */
const DONE_KNOWN_MS = 3600 * 1000;
const CLEAN_EVERY_MS = 600 * 1000;

interface Open {
  record: UploadRecord;
  digest: RunningDigest;
  /** Somebody's piece is being written, or the whole put in its place. */
  isBusy: boolean;
  isCancelled: boolean;
}

export interface UploadsOptions {
  disk: UploadDisk;
  /** Whether a file is on air, or may be the next moment. */
  isOnAir(path: string): boolean;
  media: { get(path: string): Promise<MediaFile>; changed(): void };
  clock: Clock;
  log: Log;
}

export class Uploads implements Owner {
  readonly #open = new Map<string, Open>();
  #cancelClean = (): void => undefined;
  #last: Promise<unknown> = Promise.resolve();
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: UploadsOptions) {}

  async start(): Promise<void> {
    for (const record of await this.options.disk.load()) this.#open.set(record.id, opened(record));
    await this.#clean();
  }

  stop(): Promise<void> {
    return (this.#stopped ??= Promise.resolve(this.#cancelClean()));
  }

  /** Those that are not done. */
  get size(): number {
    return this.#underWay.length;
  }

  get #underWay(): UploadRecord[] {
    return [...this.#open.values()].flatMap(({ record, isCancelled }) => (record.doneAtMs === null && !isCancelled ? [record] : []));
  }

  async list(): Promise<Upload[]> {
    const shown: Upload[] = [];
    for (const record of this.#underWay) shown.push(await this.#shown(record));
    return shown;
  }

  /** @throws ServerError NOT_FOUND */
  async get(id: string): Promise<Upload> {
    const one = this.#get(id);
    if (!one.isBusy) await this.#settle(one);
    return this.#shown(one.record);
  }

  /** @throws ServerError VALIDATION, CONFLICT, IN_USE, PATH_NOT_ALLOWED, DISK_FULL */
  create(body: unknown): Promise<Upload> {
    const input = parse(UploadInput, body);
    // One after the other: two of one name, or two that each fit the disk alone.
    const creating = this.#last.then(() => this.#create(input));
    this.#last = creating.catch(() => undefined);
    return creating;
  }

  /**
   * @param digest of these bytes, SHA-256 in base64; undefined: it is not known
   * @throws ServerError CONFLICT with the right offset in `details.offset`, DIGEST_WRONG, VALIDATION, DISK_FULL, DISK_ERROR, IN_USE
   */
  async put(id: string, offset: number, bytes: Buffer, digest?: string): Promise<Upload> {
    const one = this.#get(id);
    const { record } = one;
    if (record.doneAtMs !== null) return this.#shown(record);
    if (one.isBusy) throw await this.#elsewhere(record, 'Somebody else is just sending to this upload.');
    one.isBusy = true;
    try {
      await this.#write(one, offset, bytes, digest);
      if (offset + bytes.length === record.bytes) await this.#finish(one);
      return await this.#shown(record);
    } finally {
      one.isBusy = false;
      if (one.isCancelled) await this.#forgetOrLater(one);
    }
  }

  /** @throws ServerError NOT_FOUND, DISK_ERROR when it cannot be removed: then it is as it was */
  async cancel(id: string): Promise<void> {
    const one = this.#get(id);
    one.isCancelled = true;
    if (one.isBusy) return;
    try {
      await this.#forget(one);
    } catch (error) {
      one.isCancelled = false;
      throw error;
    }
  }

  async #create({ path, bytes, sha256, replace, fingerprint }: UploadInput): Promise<Upload> {
    const { disk, clock } = this.options;
    if (mediaKind(path) === 'other') throw invalidField('path', `"${path}" is not a film, a picture or a sound that can be played. Its name must end with what it is, as .mp4, .png or .wav.`);
    const others = this.#underWay;
    const same = others.find((record) => record.path === path);
    if (same) throw await this.#elsewhere(same, `"${path}" is being uploaded already.`);
    const folder = await disk.folder(path, true);
    await this.#checkPlace(path, folder, replace);
    await this.#checkRoom(folder, bytes, others);
    if (others.length >= MOST_UPLOADS && !(await this.#makeWay())) throw new ServerError('CONFLICT', `There can be ${MOST_UPLOADS} uploads under way. Finish or cancel one first.`);
    const createdAt = new Date(clock.wallMs()).toISOString();
    const record: UploadRecord = { id: newId('upload'), path, bytes, ...(sha256 === undefined ? {} : { sha256 }), replace, fingerprint, createdAt, doneAtMs: null };
    await disk.keep(record);
    this.#open.set(record.id, opened(record));
    // That there is a file says when something came last: now.
    await disk.append(await disk.part(record), 0, Buffer.alloc(0));
    return this.#shown(record);
  }

  /** @returns whether one that was announced and never begun was let go of */
  async #makeWay(): Promise<boolean> {
    const nowMs = this.options.clock.wallMs();
    for (const one of this.#open.values()) {
      const { record, isBusy, isCancelled } = one;
      if (isBusy || isCancelled || record.doneAtMs !== null || nowMs - Date.parse(record.createdAt) < UNBEGUN_MS) continue;
      // Of one whose folder is away nobody knows what has come.
      const part = await this.options.disk.part(record).catch(() => null);
      if (part === null || (await this.options.disk.sizeOf(part)) > 0 || one.isBusy || one.isCancelled) continue;
      if (await this.#forgetOrLater(one)) return true;
    }
    return false;
  }

  async #write({ record, digest: whole }: Open, offset: number, bytes: Buffer, digest: string | undefined): Promise<void> {
    const { disk } = this.options;
    const part = await disk.part(record);
    const size = await disk.sizeOf(part);
    if (offset !== size) throw wrongOffset(record, size, `The next byte of this upload is ${size}.`);
    if (offset + bytes.length > record.bytes) throw new ServerError('VALIDATION', `The file was to have ${record.bytes} bytes; this piece goes beyond that.`, { details: { offset: size } });
    if (digest !== undefined && createHash('sha256').update(bytes).digest('base64') !== digest) {
      throw new ServerError('DIGEST_WRONG', 'This piece was changed on its way. Send it again.', { details: { offset: size } });
    }
    if (bytes.length === 0) return;
    if ((await disk.room(await disk.folder(record.path))) < bytes.length) throw diskFull();
    await disk.append(part, offset, bytes);
    if (record.sha256 !== undefined) whole.add(offset, bytes);
  }

  /** All of it is there: it is compared, and put in its place. */
  async #finish(one: Open): Promise<void> {
    const { disk, log } = this.options;
    const { record } = one;
    const part = await disk.part(record);
    if (record.sha256 !== undefined) {
      await one.digest.catchUp(part, record.bytes);
      if (one.digest.hex() !== record.sha256) {
        await disk.empty(part);
        one.digest = new RunningDigest();
        throw new ServerError('DIGEST_WRONG', 'What has come is not the file that was announced. Send it again from the start.', { details: { offset: 0 } });
      }
    }
    if (one.isCancelled) return;
    await this.#checkPlace(record.path, await disk.folder(record.path), record.replace);
    if (record.replace && !record.isPlacing) {
      await disk.keep({ ...record, isPlacing: true });
      record.isPlacing = true;
    }
    if (!(await disk.place(record, part))) throw taken(record.path);
    await this.#done(one);
    log.info({ path: record.path, bytes: record.bytes }, 'a file was uploaded');
  }

  async #done({ record }: Open): Promise<void> {
    record.doneAtMs = this.options.clock.wallMs();
    this.options.media.changed();
    // If that cannot be stored, it is seen from the files.
    await this.options.disk.keep(record).catch(() => undefined);
  }

  /** One that was in its place before the studio was killed is done. */
  async #settle(one: Open): Promise<void> {
    const { disk } = this.options;
    const { record } = one;
    if (record.doneAtMs !== null) return;
    const part = await disk.part(record).catch(() => null);
    if (part !== null && (await disk.isPlaced(record, part))) await this.#done(one);
  }

  async #checkPlace(path: string, folder: string, replace: boolean): Promise<void> {
    const there = await this.options.disk.there(path, folder);
    if (there === 'folder') throw new ServerError('CONFLICT', `"${path}" is a folder. Choose another name.`);
    if (there === 'file' && !replace) throw taken(path);
    if (there === 'file' && this.options.isOnAir(path)) throw new ServerError('IN_USE', `"${path}" is on air or armed, and cannot be replaced now. Take it off first, or choose another name.`);
  }

  async #checkRoom(folder: string, bytes: number, others: readonly UploadRecord[]): Promise<void> {
    let room = await this.options.disk.room(folder);
    for (const other of others) room -= other.bytes - (await this.#offset(other));
    if (bytes > room) {
      const [needs, has] = [bytes, Math.max(0, room)].map((n) => `${(n / 1e9).toFixed(2)} GB`);
      throw new ServerError('DISK_FULL', `The file needs ${needs}, and the disk with the media folder has room for ${has} more. Delete files or recordings that are not needed.`);
    }
  }

  async #offset(record: UploadRecord): Promise<number> {
    if (record.doneAtMs !== null) return record.bytes;
    const { disk } = this.options;
    // The folder may be away for a moment, as a disk that is not mounted.
    return disk.part(record).then((part) => disk.sizeOf(part), () => 0);
  }

  async #shown(record: UploadRecord): Promise<Upload> {
    const { id, path, bytes, fingerprint, createdAt, doneAtMs } = record;
    const media = doneAtMs === null ? null : await this.options.media.get(path).catch(() => null);
    return { id, path, bytes, fingerprint, createdAt, offset: await this.#offset(record), chunkBytes: UPLOAD_CHUNK_BYTES, done: doneAtMs !== null, media };
  }

  async #elsewhere(record: UploadRecord, message: string): Promise<ServerError> {
    return wrongOffset(record, await this.#offset(record), message);
  }

  #get(id: string): Open {
    const one = this.#open.get(id);
    if (!one || one.isCancelled) throw new ServerError('NOT_FOUND', `There is no upload ${id}.`);
    return one;
  }

  /** @throws ServerError DISK_ERROR; then it is still known */
  async #forget({ record }: Open): Promise<void> {
    await this.options.disk.forget(record);
    this.#open.delete(record.id);
  }

  /** @returns false when the disk does not let it go: the next clean-up tries again */
  async #forgetOrLater(one: Open): Promise<boolean> {
    const { isCancelled } = one;
    // Nobody sends to it meanwhile.
    one.isCancelled = true;
    try {
      await this.#forget(one);
      return true;
    } catch (error) {
      one.isCancelled = isCancelled;
      this.options.log.warn({ path: one.record.path, problem: toProblem(error).message }, 'an upload that is over could not be removed; it is tried again');
      return false;
    }
  }

  async #clean(): Promise<void> {
    const { clock, log } = this.options;
    for (const one of [...this.#open.values()]) {
      if (one.isBusy || !(await this.#isOver(one)) || one.isBusy) continue;
      const { record, isCancelled } = one;
      const isAbandoned = record.doneAtMs === null && !isCancelled;
      if ((await this.#forgetOrLater(one)) && isAbandoned) log.info({ path: record.path }, 'an upload that nobody went on with for a day was removed');
    }
    if (!this.#stopped) this.#cancelClean = clock.after(CLEAN_EVERY_MS, () => void this.#clean());
  }

  async #isOver(one: Open): Promise<boolean> {
    const { clock, disk } = this.options;
    const { record } = one;
    const nowMs = clock.wallMs();
    await this.#settle(one).catch(() => undefined);
    if (one.isCancelled) return true;
    if (record.doneAtMs !== null) return nowMs - record.doneAtMs > DONE_KNOWN_MS;
    const touchedMs = await disk.part(record).then((part) => disk.touchedMs(part), () => nowMs);
    return nowMs - Math.max(Date.parse(record.createdAt), touchedMs) > ABANDONED_MS;
  }
}

const opened = (record: UploadRecord): Open => ({ record, digest: new RunningDigest(), isBusy: false, isCancelled: false });

function wrongOffset({ id }: UploadRecord, offset: number, message: string): ServerError {
  return new ServerError('CONFLICT', message, { details: { id, offset } });
}

function taken(path: string): ServerError {
  return new ServerError('CONFLICT', `There is a file "${path}" already. Choose another name, or replace it.`, { details: { exists: true } });
}
