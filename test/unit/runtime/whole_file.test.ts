/** Files that are there whole or not at all. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeWhole } from '../../../src/runtime/whole-file.js';
import { removeFolder, tempFolder } from '../../support/temp.js';

const folder = tempFolder();
const file = join(folder, 'a.json');
afterAll(() => removeFolder(folder));

test('what is written is there, with its mode, and nothing beside it', async () => {
  await writeWhole(file, 'one', 0o600);
  expect(readFileSync(file, 'utf8')).toBe('one');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await writeWhole(file, async (handle) => {
    // Until all of it is written, what was there before is.
    await handle.writeFile('two');
    expect(readFileSync(file, 'utf8')).toBe('one');
    await handle.writeFile(Buffer.from(' and more'));
  });
  expect(readFileSync(file, 'utf8')).toBe('two and more');
  expect(readdirSync(folder)).toEqual(['a.json']);
});

test('what cannot be written leaves what was there, and nothing beside it', async () => {
  writeFileSync(file, 'before');
  await expect(writeWhole(file, async (handle) => {
    await handle.writeFile('half');
    throw new Error('no more');
  })).rejects.toThrow('no more');
  const taken = join(folder, 'taken');
  mkdirSync(join(taken, 'by'), { recursive: true });
  await expect(writeWhole(taken, 'x')).rejects.toThrow('EISDIR');
  expect(readFileSync(file, 'utf8')).toBe('before');
  expect(readdirSync(folder)).toEqual(['a.json', 'taken']);
});

test('of two who write at once one whole one stays', async () => {
  await Promise.all(['x'.repeat(100_000), 'y'.repeat(100_000)].map((text) => writeWhole(file, text)));
  expect(new Set(readFileSync(file, 'utf8')).size).toBe(1);
  expect(readdirSync(folder)).toEqual(['a.json', 'taken']);
});
