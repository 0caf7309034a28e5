/**
 * A feature table as a file: `VFT1`, the length of a head as a little-endian uint32, the head as JSON, and the columns one behind the
 * other as little-endian float32, in the order the head names them. Eight hours are 7 MB.
 */
import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { openFile } from '../../runtime/bounded-file.js';
import { writeWhole } from '../../runtime/whole-file.js';
import { CHAT_FEATURES, EVENT_FEATURES, PICTURE_FEATURES, SOUND_FEATURES, type FeatureName, type FeatureTable } from './table.js';

const MAGIC = 'VFT1';
/** Of two weeks, which no recording is longer than, with every shot and silence. */
const MAX_BYTES = 512 * 1024 * 1024;
const CUT_SHORT = 'The table of features is cut short.';
const FEATURES = [...SOUND_FEATURES, ...PICTURE_FEATURES, ...CHAT_FEATURES, ...EVENT_FEATURES] as const;
const Span = z.object({ startMs: z.number(), endMs: z.number() });

const Head = z.object({
  version: z.number().int(), bins: z.number().int().nonnegative(), durationMs: z.number().nonnegative(),
  columns: z.array(z.enum(FEATURES)),
  shotsMs: z.array(z.number()), silences: z.array(Span), gaps: z.array(Span.extend({ what: z.enum(['sound', 'picture', 'both']) })), notes: z.array(z.string()),
});

export async function writeTable(path: string, table: FeatureTable): Promise<void> {
  const { version, bins, durationMs, columns, shotsMs, silences, gaps, notes } = table;
  const head = Buffer.from(JSON.stringify({ version, bins, durationMs, columns: [...columns.keys()], shotsMs, silences, gaps, notes }));
  const start = Buffer.alloc(8);
  start.write(MAGIC, 'latin1');
  start.writeUInt32LE(head.length, 4);
  await writeWhole(path, async (file) => {
    await file.writeFile(start);
    await file.writeFile(head);
    for (const column of columns.values()) await file.writeFile(Buffer.from(column.buffer, column.byteOffset, bins * 4));
  });
}

/** @throws Error when it is not one, or cut short */
export function readTable(path: string): Promise<FeatureTable> {
  return opened(path, async (file, { columns: names, ...head }, columnsAt) => {
    const columns = new Map<FeatureName, Float32Array>();
    for (const [i, name] of names.entries()) {
      const column = new Float32Array(head.bins);
      await fill(file, new Uint8Array(column.buffer), columnsAt + i * column.byteLength);
      columns.set(name, column);
    }
    return { ...head, columns };
  });
}

/** All of it but the columns, which are most of it. @throws Error as `readTable` does */
export function readTableHead(path: string): Promise<Omit<FeatureTable, 'columns'>> {
  return opened(path, (_file, { columns: _names, ...head }) => Promise.resolve(head));
}

async function opened<T>(path: string, work: (file: FileHandle, head: z.infer<typeof Head>, columnsAt: number) => Promise<T>): Promise<T> {
  const file = await openFile(path);
  try {
    const { size } = await file.stat();
    const start = Buffer.alloc(8);
    await fill(file, start, 0);
    if (size > MAX_BYTES || start.toString('latin1', 0, 4) !== MAGIC) throw new Error('This is no table of features.');
    const headBytes = start.readUInt32LE(4);
    if (start.length + headBytes > size) throw new Error(CUT_SHORT);
    const text = Buffer.alloc(headBytes);
    await fill(file, text, start.length);
    const head = Head.parse(JSON.parse(text.toString('utf8')));
    const columnsAt = start.length + headBytes;
    if (size !== columnsAt + head.columns.length * head.bins * 4) throw new Error(CUT_SHORT);
    return await work(file, head, columnsAt);
  } finally {
    await file.close();
  }
}

/** @throws Error where there is less */
async function fill(file: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let read = 0; read < bytes.length;) {
    const { bytesRead } = await file.read(bytes, read, bytes.length - read, at + read);
    if (bytesRead === 0) throw new Error(CUT_SHORT);
    read += bytesRead;
  }
}
