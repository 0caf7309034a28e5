import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder } from '../../../src/runtime/make-folder.js';
import { SmallDisk } from '../../support/small_disk.js';
import { removeFolder, tempFolder } from '../../support/temp.js';

describe('makeFolder', () => {
  let folder: string;
  beforeEach(() => { folder = tempFolder(); });
  afterEach(() => removeFolder(folder));

  it('makes those above as well, with the same rights, twice and by two at once', async () => {
    await Promise.all([makeFolder(join(folder, 'a/b/c'), 0o700), makeFolder(join(folder, 'a/b/c'), 0o700)]);
    await makeFolder(join(folder, 'a/b/c'), 0o700);
    for (const path of ['a', 'a/b', 'a/b/c']) expect(statSync(join(folder, path)).mode & 0o777).toBe(0o700);
  });

  it('says that a file is in the way', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(makeFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(folder, 'file/a'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it('says that the disk is full, and not that something was removed', async (context) => {
    const disk = new SmallDisk(1, { files: 3 });
    try {
      if (!disk.isMounted) context.skip();
      await makeFolder(join(disk.folder, 'a/b'));
      for (const path of ['c', 'd/e', 'a/b/c/d']) await expect(makeFolder(join(disk.folder, path)), path).rejects.toMatchObject({ code: 'ENOSPC' });
    } finally {
      disk.remove();
    }
  });
});
