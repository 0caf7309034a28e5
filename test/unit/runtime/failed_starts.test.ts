import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FailedStarts } from '../../../src/runtime/failed-starts.js';
import { removeFolder, tempFolder } from '../../support/temp.js';

let folder: string;
beforeEach(() => { folder = tempFolder(); });
afterEach(() => removeFolder(folder));
const another = (parent = 7): number => new FailedStarts(join(folder, 'failed'), parent).another();

test('the first failure is tried again at once, each one after it later, up to a few times a minute', () => {
  expect(Array.from({ length: 8 }, () => another())).toEqual([0, 1000, 2000, 4000, 8000, 12_000, 12_000, 12_000]);
  for (let i = 0; i < 40; i++) another();
  expect(another()).toBe(12_000);
});

test('a start that works, another parent, and a file that says nothing begin anew', () => {
  another();
  another();
  expect(another(8)).toBe(0);
  expect(another(8)).toBe(1000);
  new FailedStarts(join(folder, 'failed'), 8).clear();
  expect(existsSync(join(folder, 'failed'))).toBe(false);
  expect(another(8)).toBe(0);
  writeFileSync(join(folder, 'failed'), '8 NaN');
  expect(another(8)).toBe(0);
});

test('where nothing can be written it is slow at once', () => {
  expect(new FailedStarts(join(folder, 'no', 'folder'), 1).another()).toBe(12_000);
});
