/** Room on a disk, with what is kept free for others. */
import { statfs } from 'node:fs/promises';

/** Twice what the recorder keeps: an upload must not end a recording. */
const MAX_KEPT_BYTES = 1024 * 1024 * 1024;
const KEPT_SHARE = 0.1;

/** Bytes that may be written to the disk of a folder; none or fewer: it is full. */
export async function roomOn(folder: string): Promise<number> {
  const { bavail, bsize, blocks } = await statfs(folder);
  return bavail * bsize - Math.min(MAX_KEPT_BYTES, blocks * bsize * KEPT_SHARE);
}
