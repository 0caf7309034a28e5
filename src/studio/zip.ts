/** Several files as one ZIP, written while they are read: one file is open at a time, and no more of it in memory than is on its way. The one file that imports yazl. */
import type { PassThrough, Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import { openFile } from '../runtime/bounded-file.js';

/** `path`: a file of so many bytes. */
export type ZipPart = { name: string; modifiedMs: number } & ({ text: string } | { path: string; bytes: number });

export interface Zip {
  bytes: number;
  stream: Readable;
}

/**
 * Stored as they are: films and pictures are packed already, and so the length is known before the first byte.
 * @returns the stream breaks off where a file is gone or another one than was said, so that nobody takes half of it for the whole
 */
export function zipOf(parts: readonly ZipPart[]): Zip {
  const zip = new ZipFile();
  const out = zip.outputStream as PassThrough;
  let reading: Readable | undefined;
  const fail = (cause: unknown): void => { out.destroy(cause instanceof Error ? cause : new Error(String(cause))); };
  // Whoever goes away in the middle leaves no file open.
  out.on('close', () => reading?.destroy());
  zip.on('error', fail);
  for (const part of parts) {
    const options = { mtime: new Date(part.modifiedMs), mode: 0o100644, compress: false };
    if ('text' in part) {
      zip.addBuffer(Buffer.from(part.text), part.name, options);
      continue;
    }
    const { path, bytes } = part;
    zip.addReadStreamLazy(part.name, { ...options, size: bytes }, (give) => {
      openFile(path).then((file) => {
        reading = file.createReadStream();
        reading.on('error', fail);
        if (out.destroyed) reading.destroy();
        else give(null, reading);
      }, fail);
    });
  }
  let total = 0;
  // Called within `end`, as each size is known; its type does not tell of what it is called with.
  zip.end(undefined, (...[size]: number[]) => { total = size!; });
  return { bytes: total, stream: out };
}
