/** Reading what others may have written: never more than is wanted, and nothing that is no file, as a pipe that nobody writes to or a device without an end. */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

/** It is a folder, a pipe, a device or a socket, or has more than may be read. */
export class NotAFileError extends Error {}
/** It is a file, and has more than may be read. */
export class TooLargeError extends NotAFileError {}

/**
 * Opens a file to read it; links are followed.
 * @throws NotAFileError when it is none; what the file system does
 */
export async function openFile(path: string): Promise<FileHandle> {
  // Without waiting for who writes to a pipe.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new NotAFileError('It is not a file.');
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** @throws NotAFileError when it is none, TooLargeError when it is larger; what the file system does */
export async function readBounded(path: string, mostBytes: number): Promise<Buffer> {
  const file = await openFile(path);
  try {
    const { size } = await file.stat();
    if (size > mostBytes) throw new TooLargeError('It is too large.');
    const bytes = Buffer.alloc(size);
    let read = 0;
    while (read < size) {
      const { bytesRead } = await file.read(bytes, read, size - read, read);
      if (bytesRead === 0) break;
      read += bytesRead;
    }
    return bytes.subarray(0, read);
  } finally {
    await file.close();
  }
}

/** @throws SyntaxError when it is no JSON; what `readBounded` does */
export async function readBoundedJson(path: string, mostBytes: number): Promise<unknown> {
  return JSON.parse((await readBounded(path, mostBytes)).toString('utf8'));
}
