/** An upload onto a disk that fills up. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { SmallDisk } from '../support/small_disk.js';
import { type Answer, StudioProcess } from '../support/studio-process.js';

const disk = new SmallDisk(60);
const MB = 1_000_000;

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
  disk.remove();
});

test.skipIf(!disk.isMounted)('is refused in words, leaves a recording its room, and goes on where it was when there is room again', async () => {
  const home = join(disk.folder, 'home');
  mkdirSync(home);
  const studio = await StudioProcess.start({ home });
  undo.push(() => studio.stop());
  const bytes = randomBytes(12 * MB);
  const send = async (id: string, offset: number, piece: Buffer): Promise<Answer> => {
    const response = await fetch(`${studio.url}/api/v1/uploads/${id}?offset=${offset}`, {
      method: 'PUT', headers: { Authorization: `Bearer ${studio.token}`, 'Content-Type': 'application/octet-stream' }, body: new Uint8Array(piece),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  };

  // A tenth of the disk is not for uploads.
  expect(await studio.api('POST', '/uploads', { path: 'large.mp4', bytes: 58 * MB })).toMatchObject({ status: 507, body: { error: { code: 'DISK_FULL', message: expect.stringContaining('needs 0.06 GB') } } });
  const { id } = (await studio.api('POST', '/uploads', { path: 'film.mp4', bytes: bytes.length })).body;
  // What others were promised is not promised again.
  const second = (await studio.api('POST', '/uploads', { path: 'second.mp4', bytes: 30 * MB })).body;
  expect((await studio.api('POST', '/uploads', { path: 'third.mp4', bytes: 20 * MB })).status).toBe(507);
  await studio.api('DELETE', `/uploads/${second.id}`);
  expect((await send(id, 0, bytes.subarray(0, 5 * MB))).body.offset).toBe(5 * MB);

  const full = disk.hog();
  let isFull = true;
  undo.push(() => isFull && full.stop());
  const refused = await send(id, 5 * MB, bytes.subarray(5 * MB, 10 * MB));
  expect(refused).toMatchObject({ status: 507, body: { error: { code: 'DISK_FULL', message: expect.stringContaining('Delete files or recordings') } } });
  expect(statSync(join(home, `media/.upload-${id}`)).size).toBe(5 * MB);
  expect((await studio.api('GET', '/media')).status).toBe(200);

  full.stop();
  isFull = false;
  expect((await send(id, 5 * MB, bytes.subarray(5 * MB))).body.done).toBe(true);
  expect(readFileSync(join(home, 'media/film.mp4')).equals(bytes)).toBe(true);
});
