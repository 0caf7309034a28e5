/**
 * A feature table as a file: `VFT1`, the length of a head as a little-endian uint32, the head as JSON, and the columns one behind the
 * other as little-endian float32, in the order the head names them. Eight hours are 7 MB.
 */
import { z } from 'zod';
import { readBounded } from '../../runtime/bounded-file.js';
import { writeWhole } from '../../runtime/whole-file.js';
import { CHAT_FEATURES, EVENT_FEATURES, PICTURE_FEATURES, SOUND_FEATURES, type FeatureName, type FeatureTable } from './table.js';

const MAGIC = 'VFT1';
/** Of two weeks, which no recording is longer than, with every shot and silence. */
const MAX_BYTES = 512 * 1024 * 1024;
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
export async function readTable(path: string): Promise<FeatureTable> {
  const bytes = await readBounded(path, MAX_BYTES);
  if (bytes.length < 8 || bytes.toString('latin1', 0, 4) !== MAGIC) throw new Error('This is no table of features.');
  const headEnd = 8 + bytes.readUInt32LE(4);
  const { columns: names, ...head } = Head.parse(JSON.parse(bytes.toString('utf8', 8, headEnd)));
  if (bytes.length !== headEnd + names.length * head.bins * 4) throw new Error('The table of features is cut short.');
  const columns = new Map<FeatureName, Float32Array>();
  names.forEach((name, i) => {
    const at = headEnd + i * head.bins * 4;
    // A copy begins where a float may.
    columns.set(name, new Float32Array(bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + head.bins * 4)));
  });
  return { ...head, columns };
}
