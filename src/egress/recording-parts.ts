/** How a recording lies on disk: numbered FLV parts whose stamps count from the recording's start, each one whole by itself. */
import { join } from 'node:path';
import { FlvParser, TAG_SCRIPT, FLV_HEADER, encodeFlvTag } from '../rtmp/flv.js';
import { amf0Fields, decodeAmf0 } from '../rtmp/amf0.js';
import type { Disk } from './disk.js';
import { metadataPayload, type ProgramMetadata } from './program-tag.js';

const HEAD_BYTES = 16 * 1024;

/** Where stamp 0 of a recording lies. Program time means something only within one boot of the machine. */
export interface RecordingOrigin {
  programMs: number;
  wallMs: number;
  bootId: string;
}

export const partName = (number: number): string => `part-${String(number).padStart(4, '0')}.flv`;

/** The number of a part's file name; null for other files. */
export function partNumber(name: string): number | null {
  const match = /^part-(\d{4,6})\.flv$/.exec(name);
  return match ? Number(match[1]) : null;
}

/** A part's beginning: file header and description, with the origin in it so that a later process can go on. */
export function partHead(metadata: ProgramMetadata, origin: RecordingOrigin, stampMs: number): Buffer {
  const payload = metadataPayload(metadata, {
    program_ms: String(origin.programMs), wall_ms: String(Math.round(origin.wallMs)), boot_id: origin.bootId,
  });
  return Buffer.concat([FLV_HEADER, encodeFlvTag(TAG_SCRIPT, stampMs, payload)]);
}

/** The origin that a part's beginning names; null when it is cut short or not ours. */
export function readOrigin(head: Buffer): RecordingOrigin | null {
  let origin: RecordingOrigin | null = null;
  try {
    new FlvParser((tag) => {
      if (origin !== null || tag.type !== TAG_SCRIPT) return;
      const fields = amf0Fields(decodeAmf0(tag.payload)[1]);
      const programMs = Number(fields?.['program_ms']);
      const wallMs = Number(fields?.['wall_ms']);
      const bootId = fields?.['boot_id'];
      if (Number.isFinite(programMs) && Number.isFinite(wallMs) && typeof bootId === 'string') origin = { programMs, wallMs, bootId };
    }).push(head);
  } catch {
    // Cut or foreign bytes: what was read before them counts.
  }
  return origin;
}

/** What earlier processes left of a recording. */
export interface EarlierParts {
  lastNumber: number;
  bytes: number;
  origin: RecordingOrigin | null;
}

export async function findEarlierParts(disk: Disk, folder: string): Promise<EarlierParts> {
  const numbers = (await disk.names(folder)).map(partNumber).filter((number) => number !== null).sort((a, b) => b - a);
  const earlier: EarlierParts = { lastNumber: numbers[0] ?? 0, bytes: 0, origin: null };
  for (const number of numbers) {
    const path = join(folder, partName(number));
    earlier.bytes += await disk.sizeBytes(path);
    earlier.origin ??= readOrigin(await disk.head(path, HEAD_BYTES));
  }
  return earlier;
}
