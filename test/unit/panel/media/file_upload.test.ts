import { describe, expect, test } from 'vitest';
import { ApiError } from '../../../../src/panel/lib/api.js';
import { FileUpload, type UploadDoor } from '../../../../src/panel/lib/media/file-upload.js';
import type { Upload } from '../../../../src/protocol/media.js';

const BYTES = 3_000_000;
const file = new Blob([new Uint8Array(BYTES)]);

/** A studio of one upload, that can be out of reach. */
class Studio implements UploadDoor {
  there: Upload | null = null;
  offsets: number[] = [];
  begun: { path: string; replace: boolean }[] = [];
  cancelled: string[] = [];
  /** What the next requests are refused with. */
  refusals: ApiError[] = [];
  /** Called before each piece is taken. */
  onPiece = (): void => undefined;
  #next = 1;

  #answer(): void {
    const refusal = this.refusals.shift();
    if (refusal) throw refusal;
  }

  async begin(input: { path: string; bytes: number; replace: boolean; fingerprint: string }): Promise<Upload> {
    this.#answer();
    this.begun.push({ path: input.path, replace: input.replace });
    if (this.there) throw new ApiError('CONFLICT', 'It is being uploaded already.', 0, { id: this.there.id, offset: this.there.offset });
    this.there = { id: `upl_${this.#next++}`, ...input, createdAt: '', offset: 0, chunkBytes: 1_000_000, done: false, media: null };
    return { ...this.there };
  }

  async where(id: string): Promise<Upload | null> {
    this.#answer();
    return this.there?.id === id ? { ...this.there } : null;
  }

  async send(id: string, offset: number, piece: Blob, signal: AbortSignal): Promise<Upload> {
    this.onPiece();
    this.#answer();
    signal.throwIfAborted();
    if (this.there?.id !== id) throw new ApiError('NOT_FOUND', 'There is no such upload.', 0);
    if (offset !== this.there.offset) throw new ApiError('CONFLICT', 'Wrong offset.', 0, { id, offset: this.there.offset });
    this.offsets.push(offset);
    this.there.offset += piece.size;
    this.there.done = this.there.offset === BYTES;
    return { ...this.there };
  }

  async cancel(id: string): Promise<void> {
    this.cancelled.push(id);
    this.there = null;
  }
}

const unreachable = (): ApiError => new ApiError('UNREACHABLE', 'The studio cannot be reached.', 0);

function upload(studio: Studio, more: object = {}): { upload: FileUpload; waits: number[]; rest: Promise<void>; states: string[] } {
  const waits: number[] = [];
  const states: string[] = [];
  let onRest!: () => void;
  const rest = new Promise<void>((resolve) => { onRest = resolve; });
  let now = 0;
  const one = new FileUpload({
    door: studio, file, path: 'film.mp4', fingerprint: 'f', nowMs: () => (now += 100), onRest, unreadable: 'It cannot be read.',
    wait: async (ms) => { waits.push(ms); states.push(one.state.value.is); }, ...more,
  });
  return { upload: one, waits, rest, states };
}

describe('an upload', () => {
  test('goes piece by piece to the end', async () => {
    const studio = new Studio();
    const { upload: one, rest } = upload(studio);
    expect(one.state.value.is).toBe('waiting');
    one.start();
    await rest;
    expect(one.state.value).toEqual({ is: 'done' });
    expect(one.offset.value).toBe(BYTES);
    expect(studio.offsets).toEqual([0, 524_288, 1_524_288, 2_524_288]);
  });

  test('goes on where the studio says, after it was out of reach longer and longer', async () => {
    const studio = new Studio();
    const { upload: one, rest, waits, states } = upload(studio);
    let pieces = 0;
    studio.onPiece = () => {
      pieces += 1;
      // The piece came, its answer did not; then the studio is started anew.
      if (pieces === 2) {
        studio.there!.offset += 524_288;
        studio.refusals = [unreachable(), unreachable(), unreachable()];
      }
    };
    one.start();
    await rest;
    expect(one.state.value.is).toBe('done');
    expect(states).toEqual(['cut-off', 'cut-off', 'cut-off']);
    expect(waits).toEqual([500, 1000, 2000]);
    expect(studio.offsets.slice(0, 2)).toEqual([0, 1_048_576]);
    expect(studio.begun).toHaveLength(1);
  });

  test('that somebody else has cancelled says so, and begins anew when a person wants it', async () => {
    const studio = new Studio();
    const { upload: one, rest } = upload(studio);
    studio.onPiece = () => { if (studio.offsets.length === 1 && studio.begun.length === 1) studio.there = null; };
    one.start();
    await rest;
    expect(one.state.value).toMatchObject({ is: 'failed' });
    studio.onPiece = () => undefined;
    one.start();
    await new Promise((resolve) => setTimeout(resolve));
    expect(studio.begun).toHaveLength(2);
  });

  test('that was begun before the page was loaded is gone on with, if it is of this file', async () => {
    const studio = new Studio();
    studio.there = { id: 'upl_old', path: 'film.mp4', bytes: BYTES, fingerprint: 'f', createdAt: '', offset: 1_000_000, chunkBytes: 1_000_000, done: false, media: null };
    const { upload: one, rest } = upload(studio);
    one.start();
    await rest;
    expect(one.state.value.is).toBe('done');
    expect(studio.offsets[0]).toBe(1_000_000);

    const other = new Studio();
    other.there = { ...studio.there, done: false, offset: 1_000_000, fingerprint: 'another' };
    const second = upload(other);
    second.upload.start();
    await second.rest;
    expect(second.upload.state.value).toMatchObject({ is: 'failed', message: 'It is being uploaded already.' });
    expect(other.offsets).toEqual([]);
  });

  test('waits for room on a full disk, and gives up on what no waiting helps', async () => {
    const studio = new Studio();
    studio.refusals = [new ApiError('DISK_FULL', 'The disk is full.', 0)];
    const { upload: one, rest, states } = upload(studio);
    one.start();
    await rest;
    expect(states).toEqual(['cut-off']);
    expect(one.state.value.is).toBe('done');

    const refusing = new Studio();
    refusing.refusals = [new ApiError('VALIDATION', 'It cannot be played.', 0)];
    const second = upload(refusing);
    second.upload.start();
    await second.rest;
    expect(second.upload.state.value).toEqual({ is: 'failed', message: 'It cannot be played.' });
    expect(second.waits).toEqual([]);
  });

  test('whose pieces arrive changed again and again is given up', async () => {
    const studio = new Studio();
    studio.onPiece = () => { studio.refusals = [new ApiError('DIGEST_WRONG', 'Changed on its way.', 0, { offset: 0 })]; };
    const { upload: one, rest, waits } = upload(studio);
    one.start();
    await rest;
    expect(one.state.value).toEqual({ is: 'failed', message: 'Changed on its way.' });
    expect(waits).toHaveLength(6);
  });

  test('asks what to do with a file that is there, and takes another name or its place', async () => {
    const studio = new Studio();
    studio.refusals = [new ApiError('CONFLICT', 'There is such a file.', 0, { exists: true })];
    const { upload: one, rest } = upload(studio);
    one.start();
    await rest;
    expect(one.state.value).toEqual({ is: 'exists', message: 'There is such a file.' });
    one.settle({ path: 'film 2.mp4' });
    expect(one.state.value.is).toBe('waiting');
    one.start();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(studio.begun).toEqual([{ path: 'film 2.mp4', replace: false }]);
  });

  test('stops for a pause and goes on after it; cancelled, nothing is left', async () => {
    const studio = new Studio();
    const { upload: one, rest } = upload(studio);
    studio.onPiece = () => { if (studio.offsets.length === 1) one.pause(); };
    one.start();
    await rest;
    expect(one.state.value.is).toBe('paused');
    const { length } = studio.offsets;
    expect(length).toBeLessThan(3);
    studio.onPiece = () => undefined;
    await one.cancel();
    expect(studio.cancelled).toEqual(['upl_1']);
    expect(studio.there).toBeNull();
  });

  test('of a file that cannot be read any more says so', async () => {
    const studio = new Studio();
    studio.send = () => Promise.reject(new DOMException('gone', 'NotReadableError'));
    const { upload: one, rest } = upload(studio);
    one.start();
    await rest;
    expect(one.state.value).toEqual({ is: 'failed', message: 'It cannot be read.' });
  });
});
