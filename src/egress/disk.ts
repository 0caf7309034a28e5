/** The disk as the recorder uses it; a fake one stands in where a test needs a full or slow disk. */
import { open, readdir, stat, statfs, type FileHandle } from 'node:fs/promises';
import { makeFolder } from '../runtime/make-folder.js';

export interface PartFile {
  /** Appends all of them. */
  write(pieces: Buffer[]): Promise<void>;
  /** What was written survives a power cut when this resolves. */
  sync(): Promise<void>;
  /** False when somebody has removed the file under us: what is written goes nowhere. */
  stillThere(): Promise<boolean>;
  close(): Promise<void>;
}

export interface Disk {
  makeFolder(path: string): Promise<void>;
  /** Names in a folder; none when there is no such folder. */
  names(path: string): Promise<string[]>;
  /** Makes a new file; an existing one is an error. */
  create(path: string): Promise<PartFile>;
  /** First bytes of a file, at most `bytes`. */
  head(path: string, bytes: number): Promise<Buffer>;
  sizeBytes(path: string): Promise<number>;
  space(path: string): Promise<{ freeBytes: number; totalBytes: number }>;
}

class RealPart implements PartFile {
  constructor(private readonly path: string, private readonly file: FileHandle) {}

  async write(pieces: Buffer[]): Promise<void> {
    let rest = pieces;
    // writev takes 1024 pieces at a time, and may write only part of them when the disk fills up.
    while (rest.length > 0) {
      const batch = rest.slice(0, 1000);
      const wanted = batch.reduce((sum, piece) => sum + piece.length, 0);
      const { bytesWritten } = await this.file.writev(batch);
      if (bytesWritten < wanted) {
        if (bytesWritten === 0) throw Object.assign(new Error('No space left.'), { code: 'ENOSPC' });
        rest = [Buffer.concat(batch).subarray(bytesWritten), ...rest.slice(1000)];
      } else rest = rest.slice(1000);
    }
  }

  sync(): Promise<void> {
    return this.file.datasync();
  }

  async stillThere(): Promise<boolean> {
    const [named, held] = await Promise.all([stat(this.path).catch(() => null), this.file.stat()]);
    return named !== null && named.ino === held.ino && named.dev === held.dev;
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

export const realDisk: Disk = {
  async makeFolder(path) {
    await makeFolder(path, 0o750);
  },
  async names(path) {
    return readdir(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
  },
  async create(path) {
    return new RealPart(path, await open(path, 'ax', 0o640));
  },
  async head(path, bytes) {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  },
  async sizeBytes(path) {
    return (await stat(path)).size;
  },
  async space(path) {
    const { bavail, bsize, blocks } = await statfs(path);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  },
};
