import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { NotAFileError, openFile, readBounded } from '../../../src/runtime/bounded-file.js';
import { removeFolder, tempFolder } from '../../support/temp.js';

let folder: string;
beforeEach(() => { folder = tempFolder(); });
afterEach(() => removeFolder(folder));

it('reads a file that is as large as it may be, also by a link', async () => {
  writeFileSync(join(folder, 'a'), 'abcd');
  symlinkSync('a', join(folder, 'link'));
  expect((await readBounded(join(folder, 'link'), 4)).toString()).toBe('abcd');
  await expect(readBounded(join(folder, 'a'), 3)).rejects.toThrow('It is too large.');
  await expect(readBounded(join(folder, 'none'), 3)).rejects.toMatchObject({ code: 'ENOENT' });
});

it('waits for nobody, and reads nothing that has no end', async () => {
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  symlinkSync('/dev/zero', join(folder, 'endless'));
  mkdirSync(join(folder, 'folder'));
  for (const name of ['pipe', 'endless', 'folder']) {
    await expect(readBounded(join(folder, name), 10), name).rejects.toBeInstanceOf(NotAFileError);
    await expect(openFile(join(folder, name)), name).rejects.toBeInstanceOf(NotAFileError);
  }
});
