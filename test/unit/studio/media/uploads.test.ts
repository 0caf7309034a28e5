/** Uploads that a disk does not let go. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Log } from '../../../../src/runtime/log.js';
import { UploadDisk, type UploadRecord } from '../../../../src/studio/media/upload-disk.js';
import { MOST_UPLOADS, Uploads } from '../../../../src/studio/media/uploads.js';
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

test('that replace a file of the same length are not done because it lies there', async () => {
  writeFileSync(join(home, 'media', 'logo.png'), 'old');
  await uploads.start();
  const { id } = await uploads.create({ path: 'logo.png', bytes: 3, replace: true });
  rmSync(part(id));
  expect(await uploads.get(id)).toMatchObject({ done: false, offset: 0 });
  expect(await uploads.put(id, 0, Buffer.from('new'))).toMatchObject({ done: true });
  expect(readFileSync(join(home, 'media', 'logo.png'), 'utf8')).toBe('new');
});

test('that replaced a file when the studio was killed before it could say so are done', async () => {
  writeFileSync(join(home, 'media', 'logo.png'), 'new');
  const about: UploadRecord = { id: 'a', path: 'logo.png', bytes: 3, replace: true, fingerprint: '', createdAt: new Date(clock.wallMs()).toISOString(), doneAtMs: null, isPlacing: true };
  writeFileSync(record('a'), JSON.stringify(about));
  await uploads.start();
  expect(await uploads.get('a')).toMatchObject({ done: true });
});

test('that were announced and never begun give way to a new one, others do not', async () => {
  await uploads.start();
  const create = (name: string) => uploads.create({ path: `${name}.mp4`, bytes: 9 });
  const ids: string[] = [];
  for (let i = 0; i < MOST_UPLOADS; i++) ids.push((await create(`film${i}`)).id);
  await expect(create('one more')).rejects.toMatchObject({ code: 'CONFLICT' });
  for (const id of ids.slice(1)) await uploads.put(id, 0, Buffer.from('half'));
  await clock.advance(60_000);
  await create('one more');
  await expect(uploads.get(ids[0]!)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await clock.advance(60_000);
  await create('another');
  await expect(create('and another')).rejects.toMatchObject({ code: 'CONFLICT' });
});
