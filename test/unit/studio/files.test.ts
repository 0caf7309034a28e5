import { open, type FileHandle } from 'node:fs/promises';
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hono } from 'hono';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileResponse, PatientOpener } from '../../../src/studio/http/files.js';
import { FakeClock } from '../../fakes/fake-clock.js';
import { removeFolder, tempFolder } from '../../support/temp.js';
import { waitFor } from '../../support/wait.js';

let folder: string;
beforeEach(() => { folder = tempFolder(); });
afterEach(() => removeFolder(folder));

test('a file is sent whole or in part, and is open no longer than it is read; of a HEAD only what would be said of it', async () => {
  const file = join(folder, 'recording.mp4');
  writeFileSync(file, Buffer.alloc(300_000, 'x'));
  const app = new Hono().get('/', (c) => fileResponse(c.req, file, { 'Content-Type': 'video/mp4' }));
  const timesOpen = (): number => readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === file;
    } catch {
      return false;
    }
  }).length;
  const answer = async (method: string, range?: string): Promise<[number, string | null, number]> => {
    const response = await app.request('/', { method, ...(range === undefined ? {} : { headers: { Range: range } }) });
    return [response.status, response.headers.get('content-length'), (await response.arrayBuffer()).byteLength];
  };
  for (let i = 0; i < 3; i++) {
    expect(await answer('HEAD')).toEqual([200, '300000', 0]);
    expect(await answer('HEAD', 'bytes=10-19')).toEqual([206, '10', 0]);
  }
  expect(timesOpen()).toBe(0);
  expect(await answer('GET')).toEqual([200, '300000', 300_000]);
  expect(await answer('GET', 'bytes=10-19')).toEqual([206, '10', 10]);
  await waitFor('it to be closed', () => timesOpen() === 0);
});

test('of a disk that does not answer two files are waited for at a time, and whoever asks is told so; when it answers, all are', async () => {
  const clock = new FakeClock();
  const file = join(folder, 'recording.mp4');
  writeFileSync(file, 'x');
  const asked: ((handle: FileHandle) => void)[] = [];
  const opener = new PatientOpener('the recordings', clock, () => new Promise((resolve) => { asked.push(resolve); }));
  const refused = [1, 2, 3, 4].map(() => expect(opener.open(file)).rejects.toMatchObject({ code: 'DISK_ERROR', message: expect.stringContaining('The disk of the recordings does not answer.') }));
  await clock.advance(5000);
  await Promise.all(refused);
  expect(asked).toHaveLength(2);

  const later = [opener.open(file), opener.open(file)];
  const late = await Promise.all([open(file), open(file)]);
  for (const [i, handle] of late.entries()) asked[i]!(handle);
  await waitFor('those nobody waits for to be closed', () => late.every(({ fd }) => fd === -1));
  await waitFor('the others to be asked for', () => asked.length === 4);
  const own = await Promise.all([open(file), open(file)]);
  for (const [i, handle] of own.entries()) asked[i + 2]!(handle);
  expect(await Promise.all(later)).toEqual(own);
  for (const handle of own) await handle.close();
});
