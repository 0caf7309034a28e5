/** Files that somebody writes to while they are read. */
import { appendFileSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { unchanged } from '../../../src/sidecar/unchanged.js';
import { removeFolder, tempFolder } from '../../support/temp.js';

const folder = tempFolder();
const path = join(folder, 'film.mp4');
beforeEach(() => writeFileSync(path, 'a film'));
afterAll(() => removeFolder(folder));

const CHANGES: [string, () => void, RegExp][] = [
  ['has grown', () => appendFileSync(path, '!'), /still being written/],
  ['was cut off', () => truncateSync(path, 2), /replaced, or something else was written/],
  ['was replaced by one of the same size', () => {
    writeFileSync(`${path}.new`, 'b film');
    utimesSync(`${path}.new`, 1, 1);
    renameSync(`${path}.new`, path);
  }, /replaced/],
  ['was written anew in its place', () => {
    writeFileSync(path, 'b film');
    utimesSync(path, 1, 1);
  }, /replaced/],
];

describe('unchanged', () => {
  it.each(CHANGES)('refuses what was read of a file that %s, and whatever went wrong by it', async (_, change, says) => {
    const wanted = { code: 'MEDIA_CHANGED', message: expect.stringMatching(says) };
    await expect(unchanged(path, () => Promise.resolve(change()))).rejects.toMatchObject(wanted);
    writeFileSync(path, 'a film');
    const cause = new Error('It is broken.');
    await expect(unchanged(path, () => Promise.resolve(change()).then(() => Promise.reject(cause)))).rejects.toMatchObject({ ...wanted, cause });
  });

  it('gives what came of one that stayed as it was, or is gone, and what went wrong with it', async () => {
    expect(await unchanged(path, () => Promise.resolve(7))).toBe(7);
    await expect(unchanged(path, () => Promise.reject(new Error('It is broken.')))).rejects.toThrow('It is broken.');
    expect(await unchanged(path, () => Promise.resolve(rmSync(path)).then(() => 7))).toBe(7);
    expect(await unchanged(join(folder, 'none'), () => Promise.resolve(7))).toBe(7);
  });
});
