/**
 * Where each frame of an MP4 or MOV lies, when it is shown and what it depends on, from its index alone (ISO/IEC 14496-12,
 * chapter 8). Read here rather than asked of FFmpeg, because a copy that is exact to the frame needs the order of decoding and
 * of showing of every frame around its ends, and the bytes of just those.
 */
import type { FileHandle } from 'node:fs/promises';
import { boxHead, boxIn, boxesIn, type Box } from './boxes.js';

/** An index that is larger is not read: 24 hours at 60 frames a second take 130 MB. */
const MOST_INDEX_BYTES = 256 * 1024 * 1024;
const MOST_TOP_BOXES = 10_000;

/** Frames in the order in which they are decoded. Times are ticks of the track's time scale. */
export interface SampleTable {
  count: number;
  /** Where each begins in the file, bytes. */
  offset: Float64Array;
  bytes: Uint32Array;
  /** When it is shown, by the movie's own time: the edit list is in it. */
  shownAt: Float64Array;
  /** 1 where decoding can begin. */
  isSync: Uint8Array;
}

export interface Track {
  kind: 'video' | 'sound' | 'other';
  /** Ticks a second. */
  timescale: number;
  /** How the samples are coded: one entry of `stsd`, head and all, or null where there are several. */
  entry: Buffer | null;
  /** How the picture is to be turned, 36 bytes of `tkhd`. */
  matrix: Buffer;
  /** As shown, 16.16 each. */
  width: number;
  height: number;
  samples: SampleTable;
}

/** Why the index of a file cannot be used; the rest of the sentence is for people. */
export class IndexError extends Error {}

/** The tracks of a file. Throws IndexError for what is no MP4, is in fragments, or has an index that cannot be relied on. */
export async function readTracks(file: FileHandle): Promise<Track[]> {
  const moov = await readIndex(file);
  if (boxIn(moov, 'mvex')) throw new IndexError('it is in fragments');
  try {
    const mvhd = boxIn(moov, 'mvhd');
    if (!mvhd) throw new IndexError('it has no movie header');
    const movieTimescale = mvhd.readUInt32BE(mvhd[0] === 1 ? 20 : 12);
    return boxesIn(moov).filter(({ type }) => type === 'trak').map((trak) => readTrack(trak, movieTimescale));
  } catch (error) {
    // A box is shorter than what is to be in it.
    if (error instanceof RangeError) throw new IndexError('its index is damaged');
    throw error;
  }
}

async function readIndex(file: FileHandle): Promise<Buffer> {
  const { size } = await file.stat();
  const head = Buffer.alloc(16);
  let at = 0;
  for (let i = 0; i < MOST_TOP_BOXES && at + 8 <= size; i += 1) {
    const { bytesRead } = await file.read(head, 0, 16, at);
    const found = boxHead(head.subarray(0, bytesRead), size - at);
    if (!found || (i === 0 && !/^[\x20-\x7e]{4}$/.test(found.type))) break;
    if (found.type === 'moov') {
      const bytes = found.size - found.headBytes;
      if (bytes > MOST_INDEX_BYTES || at + found.size > size) throw new IndexError('its index is cut off or too large');
      const moov = Buffer.alloc(bytes);
      await file.read(moov, 0, bytes, at + found.headBytes);
      return moov;
    }
    at += found.size;
  }
  throw new IndexError('it is no MP4 with an index');
}

function readTrack(trak: Box, movieTimescale: number): Track {
  const need = (body: Buffer | null, what: string): Buffer => {
    if (!body) throw new IndexError(`a track has no ${what}`);
    return body;
  };
  const tkhd = need(boxIn(trak.body, 'tkhd'), 'header');
  const mdia = need(boxIn(trak.body, 'mdia'), 'media');
  const mdhd = need(boxIn(mdia, 'mdhd'), 'media header');
  const stbl = need(boxIn(mdia, 'minf', 'stbl'), 'samples');
  const timescale = mdhd.readUInt32BE(mdhd[0] === 1 ? 20 : 12);
  const handler = need(boxIn(mdia, 'hdlr'), 'handler').toString('latin1', 8, 12);
  const entries = boxesIn(need(boxIn(stbl, 'stsd'), 'description').subarray(8));
  const matrixAt = tkhd[0] === 1 ? 52 : 40;
  const kind = handler === 'vide' ? 'video' : handler === 'soun' ? 'sound' : 'other';
  return {
    kind, timescale, entry: entries.length === 1 ? entries[0]!.whole : null, matrix: tkhd.subarray(matrixAt, matrixAt + 36),
    width: tkhd.readUInt32BE(matrixAt + 36), height: tkhd.readUInt32BE(matrixAt + 40),
    // What is not needed is not read: an hour of sound has more samples than one of pictures.
    samples: kind === 'other' ? noSamples() : readSamples(stbl, editShift(boxIn(trak.body, 'edts', 'elst'), timescale, movieTimescale)),
  };
}

const noSamples = (): SampleTable => ({ count: 0, offset: new Float64Array(), bytes: new Uint32Array(), shownAt: new Float64Array(), isSync: new Uint8Array() });

/** What is added to a sample's own time to have the movie's, in ticks. One edit, which may begin later, is all that is understood. */
function editShift(elst: Buffer | null, timescale: number, movieTimescale: number): number {
  if (!elst) return 0;
  const isLong = elst[0] === 1;
  const entry = isLong ? 20 : 12;
  let shift = 0;
  let hasMedia = false;
  for (let i = 0; i < elst.readUInt32BE(4); i += 1) {
    const at = 8 + i * entry;
    const duration = isLong ? Number(elst.readBigUInt64BE(at)) : elst.readUInt32BE(at);
    const mediaTime = isLong ? Number(elst.readBigInt64BE(at + 8)) : elst.readInt32BE(at + 4);
    const rate = elst.readInt16BE(at + entry - 4);
    if (mediaTime === -1 && !hasMedia) {
      shift += Math.round((duration * timescale) / movieTimescale);
    } else {
      if (hasMedia || rate !== 1) throw new IndexError('it has an edit list of several pieces');
      hasMedia = true;
      shift -= mediaTime;
    }
  }
  return shift;
}

function readSamples(stbl: Buffer, shift: number): SampleTable {
  const part = (type: string): Buffer => boxIn(stbl, type) ?? Buffer.alloc(0);
  const { bytes, count } = readSizes(part('stsz'));
  const offset = readOffsets(stbl, bytes, count);
  const shownAt = new Float64Array(count);
  let decodedAt = 0;
  forRuns(part('stts'), 8, count, (i, at, table) => {
    shownAt[i] = decodedAt + shift;
    decodedAt += table.readUInt32BE(at + 4);
  });
  const ctts = part('ctts');
  // Some writers of version 0 have negative offsets all the same, so they are always taken for signed.
  if (ctts.length > 0) forRuns(ctts, 8, count, (i, at, table) => { shownAt[i]! += table.readInt32BE(at + 4); });
  const isSync = new Uint8Array(count);
  const stss = boxIn(stbl, 'stss');
  if (!stss) isSync.fill(1);
  else for (let i = 0; i < stss.readUInt32BE(4); i += 1) isSync[stss.readUInt32BE(8 + i * 4) - 1] = 1;
  return { count, offset, bytes, shownAt, isSync };
}

function readSizes(stsz: Buffer): { bytes: Uint32Array; count: number } {
  const same = stsz.readUInt32BE(4);
  const count = stsz.readUInt32BE(8);
  if (count > MOST_INDEX_BYTES / 4 || (same === 0 && 12 + count * 4 > stsz.length)) throw new IndexError('its index is damaged');
  const bytes = new Uint32Array(count);
  if (same > 0) bytes.fill(same);
  else for (let i = 0; i < count; i += 1) bytes[i] = stsz.readUInt32BE(12 + i * 4);
  return { bytes, count };
}

function readOffsets(stbl: Buffer, bytes: Uint32Array, count: number): Float64Array {
  const stco = boxIn(stbl, 'stco');
  const chunks = stco ?? boxIn(stbl, 'co64');
  const stsc = boxIn(stbl, 'stsc');
  if (!chunks || !stsc) throw new IndexError('a track has no chunks');
  const chunkAt = (i: number): number => (stco ? chunks.readUInt32BE(8 + i * 4) : Number(chunks.readBigUInt64BE(8 + i * 8)));
  const chunkCount = chunks.readUInt32BE(4);
  const runs = stsc.readUInt32BE(4);
  const offset = new Float64Array(count);
  let sample = 0;
  for (let run = 0; run < runs && sample < count; run += 1) {
    const first = stsc.readUInt32BE(8 + run * 12) - 1;
    const end = run + 1 < runs ? stsc.readUInt32BE(8 + (run + 1) * 12) - 1 : chunkCount;
    const perChunk = stsc.readUInt32BE(12 + run * 12);
    for (let chunk = first; chunk < end && sample < count; chunk += 1) {
      let at = chunkAt(chunk);
      for (let i = 0; i < perChunk && sample < count; i += 1, sample += 1) {
        offset[sample] = at;
        at += bytes[sample]!;
      }
    }
  }
  if (sample < count) throw new IndexError('its index is damaged');
  return offset;
}

/** Calls for every sample of a table of runs, whose entries begin with how many samples they are for. */
function forRuns(table: Buffer, entryBytes: number, count: number, each: (sample: number, at: number, table: Buffer) => void): void {
  let sample = 0;
  for (let at = 8; at + entryBytes <= table.length && sample < count; at += entryBytes) {
    for (let left = table.readUInt32BE(at); left > 0 && sample < count; left -= 1, sample += 1) each(sample, at, table);
  }
  if (sample < count) throw new IndexError('its index is damaged');
}
