/** Files that are there whole or not at all, whenever the power goes: written beside their place, then put into it. */
import { randomBytes } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Its folder is there. Of two who write at once the later one's stays.
 * @param write the content, or what writes it; use `FileHandle.writeFile`, which writes all that it is given
 */
export async function writeWhole(path: string, write: string | ((file: FileHandle) => Promise<void>), mode = 0o640): Promise<void> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'w', mode);
    try {
      if (typeof write === 'string') await file.writeFile(write);
      else await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  const folder = await open(dirname(path), 'r');
  await folder.sync().finally(() => folder.close());
}
