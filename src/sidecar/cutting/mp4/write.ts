/**
 * Writes an MP4 with its index in front: pictures and sound whose coded bytes lie in other files already
 * (ISO/IEC 14496-12, chapter 8).
 *
 * Pictures with B-frames are shown later than they are decoded, and AAC begins with samples that are not the clip's. An edit
 * list hides both, and both are made equally long (`leadSeconds`), so that a player which knows nothing of edit lists shows a
 * moment of lead but keeps sound and picture together.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { box, fullBox, u16, u32, u32s, u64 } from './boxes.js';

/** Of the movie's header and of edit lists. */
const MOVIE_TIMESCALE = 90_000;
/** So much of each track lies together. */
const CHUNK_SECONDS = 1;
const COPY_BYTES = 1024 * 1024;

export interface Piece {
  file: FileHandle;
  offset: number;
  bytes: number;
}

export interface PictureSample extends Piece {
  /** When it is shown; the first one shown has 0. Ticks. */
  shownAt: number;
  isSync: boolean;
}

export interface PictureTrack {
  timescale: number;
  entry: Buffer;
  matrix: Buffer;
  width: number;
  height: number;
  /** In the order of decoding. */
  samples: readonly PictureSample[];
  /** How long the last one is shown. */
  lastTicks: number;
}

export interface SoundTrack {
  /** Samples of sound a second, which are its ticks too. */
  timescale: number;
  entry: Buffer;
  /** Of equal length, in order. */
  samples: readonly Piece[];
  ticksEach: number;
}

export interface Movie {
  picture: PictureTrack;
  sound: SoundTrack | null;
  /** What lies before the clip in both tracks. At least as much as the order of the pictures needs. */
  leadSeconds: number;
}

interface Laid {
  moov: Buffer;
  /** In the order in which they lie behind it. */
  pieces: readonly Piece[];
  bytes: number;
}

/** The least that pictures must be late by to be decoded in this order, ticks. */
export function reorderTicks(shownAt: ArrayLike<number>): number {
  const sorted = Float64Array.from(shownAt).sort();
  let most = 0;
  for (let i = 0; i < sorted.length; i += 1) most = Math.max(most, sorted[i]! - shownAt[i]!);
  return most;
}

/** Writes it and waits until it is on the disk. What a call of the file system throws, it throws. Answers its size. */
export async function writeMovie(path: string, movie: Movie, signal?: AbortSignal): Promise<number> {
  const { moov, pieces, bytes } = layOut(movie);
  const file = await open(path, 'wx', 0o640);
  try {
    const head = Buffer.concat([FTYP, moov, mdatHead(bytes)]);
    await writeAll(file, head, 0);
    await copyPieces(pieces, file, head.length, signal);
    await file.sync();
  } finally {
    await file.close();
  }
  return FTYP.length + moov.length + 16 + bytes;
}

/** A disk that fills up may take a part first. */
async function writeAll(to: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) done += (await to.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
}

/** Neighbours in the source are read at once, and all of it goes through one buffer: a new one each time costs more than the copying. */
async function copyPieces(pieces: readonly Piece[], to: FileHandle, at: number, signal?: AbortSignal): Promise<void> {
  const buffer = Buffer.allocUnsafeSlow(COPY_BYTES);
  let filled = 0;
  let written = at;
  const flush = async (): Promise<void> => {
    await writeAll(to, buffer.subarray(0, filled), written);
    written += filled;
    filled = 0;
  };
  for (let i = 0; i < pieces.length;) {
    const { file, offset } = pieces[i]!;
    let end = offset;
    for (; i < pieces.length && pieces[i]!.file === file && pieces[i]!.offset === end; i += 1) end += pieces[i]!.bytes;
    for (let from = offset; from < end;) {
      signal?.throwIfAborted();
      const bytes = Math.min(end - from, COPY_BYTES - filled);
      const { bytesRead } = await file.read(buffer, filled, bytes, from);
      if (bytesRead < bytes) throw new Error('The source ends before its index says.');
      filled += bytes;
      from += bytes;
      if (filled === COPY_BYTES) await flush();
    }
  }
  await flush();
}

const FTYP = box('ftyp', Buffer.from('isom'), u32(0x200), Buffer.from('isomiso2avc1mp41'));
/** With a long size, so that its length is the same for every clip. */
const mdatHead = (bytes: number): Buffer => Buffer.concat([u32(1), Buffer.from('mdat'), u64(bytes + 16)]);

function layOut(movie: Movie): Laid {
  const { picture, sound } = movie;
  const pictureChunks = inChunks(picture.samples, Math.max(1, Math.round((CHUNK_SECONDS * picture.timescale * picture.samples.length) / Math.max(1, shownTicks(picture)))));
  const soundChunks = sound ? inChunks(sound.samples, Math.round((CHUNK_SECONDS * sound.timescale) / sound.ticksEach)) : [];
  const index = (pictureAt: number[], soundAt: number[]): Buffer => moovBox(movie, pictureChunks, pictureAt, soundChunks, soundAt);
  // Offsets have 64 bits whatever they are, so the index laid out with zeros is as long as the real one.
  const none = (chunks: readonly unknown[]): number[] => chunks.map(() => 0);
  const first = FTYP.length + index(none(pictureChunks), none(soundChunks)).length + 16;
  const at: { picture: number[]; sound: number[] } = { picture: [], sound: [] };
  const order: Piece[] = [];
  let end = first;
  const put = (list: number[], pieces: readonly Piece[] | undefined): void => {
    if (!pieces) return;
    list.push(end);
    order.push(...pieces);
    end += bytesOf(pieces);
  };
  for (let i = 0; i < Math.max(pictureChunks.length, soundChunks.length); i += 1) {
    put(at.picture, pictureChunks[i]);
    put(at.sound, soundChunks[i]);
  }
  return { moov: index(at.picture, at.sound), pieces: order, bytes: end - first };
}

function moovBox({ picture, sound, leadSeconds }: Movie, pictureChunks: readonly (readonly Piece[])[], pictureAt: number[], soundChunks: readonly (readonly Piece[])[], soundAt: number[]): Buffer {
  // Rounded up: a player that ends a hair before the last picture's end might leave it out.
  const duration = Math.ceil((shownTicks(picture) * MOVIE_TIMESCALE) / picture.timescale);
  const lead = Math.max(Math.round(leadSeconds * picture.timescale), reorderTicks(picture.samples.map(({ shownAt }) => shownAt)));
  const mvhd = fullBox('mvhd', 0, 0, u32(0, 0, MOVIE_TIMESCALE, duration, 0x0001_0000), u16(0x0100, 0), u32(0, 0), UNTURNED, Buffer.alloc(24), u32(3));
  const { samples } = picture;
  const sorted = Float64Array.from(samples, ({ shownAt }) => shownAt).sort();
  const steps = samples.map((_, i) => (sorted[i + 1] ?? sorted[i]! + picture.lastTicks) - sorted[i]!);
  const late = samples.map(({ shownAt }, i) => shownAt + lead - sorted[i]!);
  const syncs = samples.flatMap(({ isSync }, i) => (isSync ? [i + 1] : []));
  const pictureTrak = trak({
    id: 1, duration, mediaTime: lead, matrix: picture.matrix, width: picture.width, height: picture.height, volume: 0,
    timescale: picture.timescale, mediaTicks: sorted.at(-1)! + picture.lastTicks, handler: 'vide', header: fullBox('vmhd', 0, 1, Buffer.alloc(8)), entry: picture.entry,
    tables: [runs('stts', steps), runs('ctts', late), fullBox('stss', 0, 0, u32(syncs.length), u32s(syncs)), sizes(samples), ...chunkTables(pictureChunks, pictureAt)],
  });
  const soundTrak = sound && trak({
    id: 2, duration, mediaTime: Math.round(leadSeconds * sound.timescale), matrix: UNTURNED, width: 0, height: 0, volume: 0x0100,
    timescale: sound.timescale, mediaTicks: sound.samples.length * sound.ticksEach, handler: 'soun', header: fullBox('smhd', 0, 0, u32(0)), entry: sound.entry,
    tables: [runs('stts', sound.samples.map(() => sound.ticksEach)), sizes(sound.samples), ...chunkTables(soundChunks, soundAt)],
  });
  return box('moov', mvhd, pictureTrak, soundTrak ?? []);
}

const UNTURNED = u32(0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000);

interface TrakParts {
  id: number; duration: number; mediaTime: number; matrix: Buffer; width: number; height: number; volume: number;
  timescale: number; mediaTicks: number; handler: 'vide' | 'soun'; header: Buffer; entry: Buffer; tables: Buffer[];
}

function trak(t: TrakParts): Buffer {
  const tkhd = fullBox('tkhd', 0, 3, u32(0, 0, t.id, 0, t.duration, 0, 0), u16(0, 0, t.volume, 0), t.matrix, u32(t.width, t.height));
  const elst = fullBox('elst', 0, 0, u32(1, t.duration, t.mediaTime), u16(1, 0));
  const hdlr = fullBox('hdlr', 0, 0, u32(0), Buffer.from(t.handler), Buffer.alloc(12), Buffer.from(t.handler === 'vide' ? 'VideoHandler\0' : 'SoundHandler\0'));
  const dinf = box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1)));
  const stbl = box('stbl', fullBox('stsd', 0, 0, u32(1), t.entry), t.tables);
  return box('trak', tkhd, box('edts', elst), box('mdia',
    // The language "und", packed.
    fullBox('mdhd', 0, 0, u32(0, 0, t.timescale, t.mediaTicks), u16(0x55c4, 0)), hdlr, box('minf', t.header, dinf, stbl)));
}

/** Runs of equal values, each with its length. */
function runs(type: string, values: readonly number[]): Buffer {
  const entries: number[] = [];
  for (const value of values) {
    if (entries.length > 0 && entries.at(-1) === value) entries[entries.length - 2]! += 1;
    else entries.push(1, value);
  }
  return fullBox(type, 0, 0, u32(entries.length / 2), u32s(entries));
}

const sizes = (pieces: readonly Piece[]): Buffer => fullBox('stsz', 0, 0, u32(0, pieces.length), u32s(pieces.map(({ bytes }) => bytes)));

function chunkTables(chunks: readonly (readonly Piece[])[], at: readonly number[]): Buffer[] {
  const entries: number[] = [];
  chunks.forEach((pieces, i) => {
    if (entries.at(-2) !== pieces.length) entries.push(i + 1, pieces.length, 1);
  });
  return [fullBox('stsc', 0, 0, u32(entries.length / 3), u32s(entries)), fullBox('co64', 0, 0, u32(at.length), ...at.map(u64))];
}

function inChunks<T>(list: readonly T[], each: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / each) }, (_, i) => list.slice(i * each, (i + 1) * each));
}

function shownTicks({ samples, lastTicks }: PictureTrack): number {
  return samples.reduce((most, { shownAt }) => Math.max(most, shownAt), 0) + lastTicks;
}

const bytesOf = (pieces: readonly Piece[]): number => pieces.reduce((sum, { bytes }) => sum + bytes, 0);
