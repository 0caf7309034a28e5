import { chmodSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Paths } from '../../../src/runtime/paths.js';
import { removeFolder, tempFolder } from '../../support/temp.js';

let folder: string;
let before: string | undefined;
let paths: Paths;

beforeEach(() => {
  folder = tempFolder();
  before = process.env['TMPDIR'];
  mkdirSync(join(folder, 't'));
  process.env['TMPDIR'] = join(folder, 't');
  paths = new Paths(join(folder, 'a-home-with-a-long-name'.repeat(4)));
});
afterEach(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  removeFolder(folder);
});

test('the sockets of a long home go to a private folder elsewhere, and an existing one is made private', () => {
  expect(paths.run.startsWith(join(folder, 't', 'vistter-'))).toBe(true);
  paths.create();
  chmodSync(paths.run, 0o777);
  paths.create();
  expect(statSync(paths.run).mode & 0o777).toBe(0o700);
});

test('a link in its place is not followed', () => {
  const elsewhere = join(folder, 'elsewhere');
  mkdirSync(elsewhere, { mode: 0o755 });
  symlinkSync(elsewhere, paths.run);
  expect(() => paths.create()).toThrow(expect.objectContaining({ code: 'HOME_UNUSABLE' }));
  expect(statSync(elsewhere).mode & 0o777).toBe(0o755);
  rmSync(paths.run);
  expect(() => paths.create()).not.toThrow();
});

test('a home that cannot be made is said to be so', () => {
  writeFileSync(paths.home, '');
  expect(() => paths.create()).toThrow(expect.objectContaining({ code: 'HOME_UNUSABLE' }));
});
