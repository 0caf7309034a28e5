/** Several files as one ZIP, as another program reads it: whole, with its length known before, and not held in memory. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { zipOf, type ZipPart } from '../../../src/studio/zip.js';
import { removeFolder, tempFolder } from '../../support/temp.js';
import { waitFor } from '../../support/wait.js';

let folder: string;
beforeEach(() => { folder = tempFolder(); });
afterEach(() => removeFolder(folder));

function part(name: string, content: Buffer): ZipPart {
  const path = join(folder, name.replaceAll('/', '-'));
  writeFileSync(path, content);
  return { name, path, bytes: content.length, modifiedMs: Date.UTC(2026, 10, 1) };
}
const filesOpen = (): string[] => readdirSync('/proc/self/fd').flatMap((fd) => {
  try {
    const file = readlinkSync(`/proc/self/fd/${fd}`);
    return file.startsWith(folder) ? [file] : [];
  } catch {
    return [];
  }
});

test('is read by another program, has the length that was said, and names and bytes as they were', async () => {
  const film = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 251));
  const { bytes, stream } = zipOf([{ name: 'title and description.txt', text: 'Ein Abend – 夕べ\n', modifiedMs: 0 }, part('clips/a.mp4', film), part('clips/empty.mp4', Buffer.alloc(0))]);
  const whole = Buffer.concat(await stream.toArray());
  expect(whole.length).toBe(bytes);
  const path = join(folder, 'all.zip');
  writeFileSync(path, whole);
  const listed = execFileSync('python3', ['-c', 'import sys, zipfile, hashlib\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nfor i in z.infolist(): print(i.filename, i.file_size, i.compress_type, hashlib.sha256(z.read(i)).hexdigest()[:8])', path], { encoding: 'utf8' });
  const { createHash } = await import('node:crypto');
  const hash = (content: Buffer): string => createHash('sha256').update(content).digest('hex').slice(0, 8);
  expect(listed.trim().split('\n')).toEqual([
    `title and description.txt 21 0 ${hash(Buffer.from('Ein Abend – 夕べ\n'))}`, `clips/a.mp4 300000 0 ${hash(film)}`, `clips/empty.mp4 0 0 ${hash(Buffer.alloc(0))}`,
  ]);
});

test('reads no further than it is read, and who goes away leaves nothing open', async () => {
  const { stream } = zipOf([part('a', Buffer.alloc(20_000_000)), part('b', Buffer.alloc(10))]);
  await waitFor('the first file to be open', () => filesOpen().length === 1);
  await once(stream, 'readable');
  // What is on its way between the file and who reads: a buffer a step, however large the file.
  expect(stream.readableLength).toBeLessThan(500_000);
  stream.destroy();
  await waitFor('it to be closed', () => filesOpen().length === 0);
});

test.each([['gone', 0], ['longer', 4], ['shorter', 40]])('breaks off when a file is %s', async (_, said) => {
  const one = part('a', Buffer.alloc(20)) as ZipPart & { path: string; bytes: number };
  const { stream } = zipOf([said === 0 ? { ...one, path: join(folder, 'none') } : { ...one, bytes: said }]);
  await expect(stream.toArray()).rejects.toThrow();
});
