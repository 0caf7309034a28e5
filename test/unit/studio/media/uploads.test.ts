/** Uploads that a disk does not let go. */
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Log } from '../../../../src/runtime/log.js';
import { UploadDisk, type UploadRecord } from '../../../../src/studio/media/upload-disk.js';
import { Uploads } from '../../../../src/studio/media/uploads.js';
import { FakeClock } from '../../../fakes/fake-clock.js';
import { removeFolder, tempFolder } from '../../../support/temp.js';
import { waitFor } from '../../../support/wait.js';

let home: string;
let clock: FakeClock;
let warn: ReturnType<typeof vi.fn>;
let uploads: Uploads;
const record = (id: string): string => join(home, 'uploads', `${id}.json`);
const part = (id: string): string => join(home, 'media', `.upload-${id}`);

beforeEach(() => {
  home = tempFolder();
  for (const name of ['uploads', 'media']) mkdirSync(join(home, name));
  clock = new FakeClock();
  warn = vi.fn();
  uploads = new Uploads({
    disk: new UploadDisk(join(home, 'uploads'), join(home, 'media'), async () => 1e9), isOnAir: () => false, media: { get: () => Promise.reject(new Error()), changed: () => undefined }, clock,
    log: { warn, info: () => undefined } as unknown as Log,
  });
});
afterEach(async () => {
  await uploads.stop();
  removeFolder(home);
});

/** One that nobody went on with for long. What is a folder cannot be deleted as a file, by nobody. */
function abandoned(id: string, stuck: boolean): void {
  const about: UploadRecord = { id, path: `${id}.mp4`, bytes: 10, replace: false, fingerprint: '', createdAt: '2020-01-01T00:00:00.000Z', doneAtMs: null };
  writeFileSync(record(id), JSON.stringify(about));
  if (stuck) mkdirSync(part(id));
  else writeFileSync(part(id), 'half');
  utimesSync(part(id), 1_577_836_800, 1_577_836_800);
}

test('that are over are removed but for the one that cannot be; that is told, and tried again', async () => {
  abandoned('a', true);
  abandoned('b', false);
  await uploads.start();
  expect([existsSync(record('a')), existsSync(part('a')), existsSync(record('b')), existsSync(part('b'))]).toEqual([true, true, false, false]);
  expect(warn.mock.calls).toEqual([[{ path: 'a.mp4', problem: expect.stringContaining('cannot be written') }, expect.stringContaining('tried again')]]);
  await clock.advance(600_000);
  await waitFor('another try', () => warn.mock.calls.length === 2);
  rmSync(part('a'), { recursive: true });
  writeFileSync(part('a'), '');
  utimesSync(part('a'), 1, 1);
  await waitFor('it to be removed', async () => {
    await clock.advance(600_000);
    return readdirSync(join(home, 'uploads')).length === 0;
  });
  expect(existsSync(part('a'))).toBe(false);
});

test('that cannot be cancelled are there as before, and can be cancelled again', async () => {
  await uploads.start();
  const { id } = await uploads.create({ path: 'film.mp4', bytes: 10 });
  rmSync(part(id));
  mkdirSync(part(id));
  await expect(uploads.cancel(id)).rejects.toMatchObject({ code: 'DISK_ERROR' });
  expect((await uploads.list()).map((one) => one.id)).toEqual([id]);
  rmSync(part(id), { recursive: true });
  await uploads.cancel(id);
  expect([await uploads.list(), readdirSync(join(home, 'uploads'))]).toEqual([[], []]);
});
