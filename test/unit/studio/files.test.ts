import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hono } from 'hono';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileResponse } from '../../../src/studio/http/files.js';
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
