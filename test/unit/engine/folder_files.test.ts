import { beforeEach, expect, test } from 'vitest';
import { FolderFiles } from '../../../src/engine/timeline/folder-files.js';
import { silentLog, type Log } from '../../../src/runtime/log.js';
import { film } from './doubles.js';

let said: { level: string; facts: unknown }[];
let files: FolderFiles;
beforeEach(() => {
  said = [];
  const say = (level: string) => (facts: unknown) => void said.push({ level, facts });
  files = new FolderFiles({ ...silentLog, warn: say('warn'), error: say('error') } as unknown as Log);
});
const folder = (revision: number, list: unknown) => ({ id: 'fld_1', revision, files: list });
const ids = (...folders: ReturnType<typeof folder>[]): string[] => files.apply(folders).map(({ id }) => id);

test('a file that cannot be read is left out, and no other; it is told once a version', () => {
  const list = [film('a'), { ...film('b'), name: ' ' }, film('c'), 7];
  expect(ids(folder(1, list))).toEqual(['a', 'c']);
  expect(ids(folder(1, list))).toEqual(['a', 'c']);
  expect(said).toEqual([{ level: 'warn', facts: { folder: 'fld_1', leftOut: 2, problem: 'A name cannot be empty.' } }]);
  expect(ids(folder(2, [film('b')]))).toEqual(['b']);
  expect(said).toHaveLength(1);
});

test('what is no list of files leaves what was known', () => {
  expect(ids(folder(1, [film('a')]))).toEqual(['a']);
  expect(ids(folder(2, { a: film('a') }))).toEqual(['a']);
  expect(said.map(({ level }) => level)).toEqual(['error']);
  expect(ids()).toEqual([]);
});
