/**
 * The ways to get the pictures of a clip: frames copied, its ends encoded anew and the rest copied, or all encoded anew. Each
 * gives where the coded frames lie; nothing is written but what FFmpeg encodes.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runOffline } from '../offline/run.js';
import { avcConfig, freeSetId, sampleUnits, withSets, type AvcConfig } from './avc.js';
import { RungError } from './errors.js';
import { readTracks, type SampleTable, type Track } from './mp4/read.js';
import { reorderTicks, type PictureSample, type PictureTrack } from './mp4/write.js';
import { endsArgs, frameTimes, lookOutputs, SMALL_BYTES, wholeArgs, type EndJob, type EndsLike, type Look, type WholeJob } from './picture-args.js';
import type { CopiedSamples, PicturePlan, Stretch } from './plan.js';
import type { Source } from './source.js';

/** Of what is copied. Others may be, but players of MP4 know these. */
const COPIED_CODECS = ['avc1', 'avc3', 'hvc1', 'hev1', 'av01', 'vp09', 'mp4v'];
const PROFILES: Readonly<Record<number, EndsLike['profile']>> = { 66: 'baseline', 77: 'main', 100: 'high' };
const PIXEL_FORMATS = ['yuv420p', 'yuvj420p'];

/** Small pictures found around a moment, each with its time in seconds. */
export type Seen = readonly { atSeconds: number; small: Uint8Array }[];

export interface RungContext {
  source: Source;
  track: Track;
  plan: PicturePlan;
  /** At least at its first picture, and at the last where that is to be encoded anew. */
  looks: readonly Look[];
  /** Where FFmpeg may write. */
  folder: string;
  /** Of the source. */
  file: FileHandle;
  threads: number;
  signal?: AbortSignal | undefined;
}

export interface Pictures {
  track: PictureTrack;
  /** What was seen in the source at each of the looks. */
  seen: readonly Seen[];
  /** Opened here, closed by who asked. */
  files: FileHandle[];
}

export async function copyPictures(context: RungContext): Promise<Pictures> {
  const { plan } = context;
  if (!plan.copy) throw new RungError(plan.whyNot.at(-1) ?? 'it cannot be copied');
  const entry = await entryOf(context, plan.copy.copied, []);
  const seen = await lookAt(context);
  return { track: assemble(context, entry, { head: [], copied: plan.copy.copied, tail: [] }), seen, files: [] };
}

export async function smartPictures(context: RungContext): Promise<Pictures> {
  const { plan, track, source, folder, file } = context;
  if (!plan.smart) throw new RungError(plan.whyNot.at(-1) ?? 'nothing of it can be copied');
  const config = track.entry && track.entry.toString('latin1', 4, 8) === 'avc1' ? avcConfig(track.entry) : null;
  const profile = config && PROFILES[config.profile];
  if (!config || !profile || config.lengthBytes !== 4) throw new RungError(`its ends cannot be encoded like the rest (${source.picture.codec})`);
  if (source.picture.isInterlaced || !PIXEL_FORMATS.includes(source.picture.pixelFormat)) throw new RungError('its pictures are of a kind whose ends cannot be encoded like the rest');
  const { head, copied, tail } = plan.smart;
  const own = await ownSets(file, track, config, copied);
  // For what it throws: decoded from what is no IDR, the pictures that the ends are made of may be wrong.
  await ownSets(file, track, config, { first: plan.decodedFrom, count: 1 });
  const setId = freeSetId({ sps: [...config.sps, ...own.sps], pps: [...config.pps, ...own.pps] });
  if (setId === null) throw new RungError('all numbers of parameter sets are taken');
  const hasBFrames = reorderTicks(track.samples.shownAt.subarray(copied.first, copied.first + copied.count)) > 0;
  const like: EndsLike = { profile, level: config.level, setId, bFrames: hasBFrames && profile !== 'baseline' ? 2 : 0, facts: source.picture };
  const end = (stretch: Stretch | null, name: string): EndJob | null => stretch && { stretch, stepSeconds: plan.stepSeconds, output: join(folder, name) };
  const ends = { first: end(head, 'head.mp4'), middle: null, last: end(tail, 'tail.mp4') };
  const seen = await lookAt(context, context.looks.map(({ place }) => ends[place]), like);
  const files: FileHandle[] = [];
  try {
    const first = ends.first && await encodedEnd(ends.first, files);
    const last = ends.last && await encodedEnd(ends.last, files);
    const entry = await entryOf(context, copied, [first, last].flatMap((part) => (part ? [part.config] : [])));
    return { track: assemble(context, entry, { head: first?.samples ?? [], copied, tail: last?.samples ?? [] }), seen, files };
  } catch (error) {
    for (const opened of files) await opened.close();
    throw error;
  }
}

/** All encoded anew. Also where there is no index; its own frames decide then how many there are. */
export async function wholePictures(job: WholeJob, signal: AbortSignal | undefined, onProgress: (atMs: number) => void): Promise<{ track: PictureTrack; tapped: Uint8Array[]; file: FileHandle }> {
  const { outputs } = await runOffline({ program: 'ffmpeg', args: wholeArgs(job), cwd: dirname(job.output), signal, onProgress });
  const file = await open(job.output, 'r');
  try {
    const made = await encodedTrack(file);
    const { samples } = made;
    const sorted = Float64Array.from(samples.shownAt).sort();
    const [num, den] = job.rate;
    const pieces = Array.from({ length: samples.count }, (_, i) => piece(file, samples, i, samples.shownAt[i]! - sorted[0]!));
    const track = { timescale: made.timescale, entry: made.entry!, matrix: made.matrix, width: made.width, height: made.height, samples: pieces, lastTicks: Math.round((made.timescale * den) / num) };
    return { track, tapped: cutUp(outputs[0]!), file };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Looks at the source by time, as FFmpeg finds it: nothing of our own reading of the index is in that. */
export async function lookAt({ source, looks, threads, signal }: Pick<RungContext, 'source' | 'looks' | 'threads' | 'signal'>, ends: readonly (EndJob | null)[] = [], like: EndsLike | null = null): Promise<Seen[]> {
  const { outputs } = await runOffline({ program: 'ffmpeg', args: endsArgs(source, looks, ends, like, threads), moreOutputs: lookOutputs(looks.length), signal });
  return looks.map((_, i) => seenIn(outputs[1 + i * 2]!, outputs[2 + i * 2]!));
}

export function seenIn(raw: Buffer, stamps: Buffer): Seen {
  const smalls = cutUp(raw);
  return frameTimes(stamps.toString('utf8')).slice(0, smalls.length).map((atSeconds, i) => ({ atSeconds, small: smalls[i]! }));
}

const cutUp = (raw: Buffer): Uint8Array[] => Array.from({ length: Math.floor(raw.length / SMALL_BYTES) }, (_, i) => raw.subarray(i * SMALL_BYTES, (i + 1) * SMALL_BYTES));

interface EncodedEnd { samples: { piece: Omit<PictureSample, 'shownAt'>; atSeconds: number }[]; config: AvcConfig }

async function encodedEnd(job: EndJob, files: FileHandle[]): Promise<EncodedEnd> {
  const file = await open(job.output, 'r');
  files.push(file);
  const { samples, entry } = await encodedTrack(file);
  const { shownAt } = job.stretch;
  if (samples.count !== shownAt.length) throw new RungError(`of its ends ${samples.count} frames came instead of ${shownAt.length}`);
  const config = avcConfig(entry!);
  if (!config) throw new RungError('its ends came without parameter sets');
  // By order alone: what the encoder says of times is rounded, what the source says is not.
  const order = Array.from(samples.shownAt, (at, i) => ({ at, i })).sort((a, b) => a.at - b.at);
  const place = new Map(order.map(({ i }, rank) => [i, shownAt[rank]!]));
  return { config, samples: Array.from({ length: samples.count }, (_, i) => ({ piece: piece(file, samples, i, 0), atSeconds: place.get(i)! })) };
}

async function encodedTrack(file: FileHandle): Promise<Track> {
  const made = (await readTracks(file)).find(({ kind }) => kind === 'video');
  if (!made?.entry || made.samples.count === 0) throw new RungError('no picture could be decoded');
  return made;
}

function piece(file: FileHandle, samples: SampleTable, i: number, shownAt: number): PictureSample {
  return { file, offset: samples.offset[i]!, bytes: samples.bytes[i]!, shownAt, isSync: samples.isSync[i] === 1 };
}

/** Head, copied frames and tail one after another, counted from the first one shown. */
function assemble({ track, plan, file }: RungContext, entry: Buffer, parts: { head: EncodedEnd['samples']; copied: CopiedSamples; tail: EncodedEnd['samples'] }): PictureTrack {
  const { timescale, samples: table, matrix, width, height } = track;
  const first = Math.round(plan.firstSeconds * timescale);
  const anew = (list: EncodedEnd['samples']): PictureSample[] => list.map(({ piece: coded, atSeconds }) => ({ ...coded, shownAt: Math.round(atSeconds * timescale) - first }));
  const asIs = Array.from({ length: parts.copied.count }, (_, i) => piece(file, table, parts.copied.first + i, table.shownAt[parts.copied.first + i]! - first));
  return { timescale, entry, matrix, width, height, samples: [...anew(parts.head), ...asIs, ...anew(parts.tail)], lastTicks: Math.round(plan.stepSeconds * timescale) };
}

/** How the track is described; with the parameter sets that are needed from its first frame on, and those of what was encoded anew. */
async function entryOf({ track, file }: RungContext, copied: CopiedSamples, added: readonly AvcConfig[]): Promise<Buffer> {
  const { entry } = track;
  if (!entry) throw new RungError('its frames are of several kinds');
  const type = entry.toString('latin1', 4, 8);
  if (!COPIED_CODECS.includes(type)) throw new RungError(`frames of its kind (${type.trim()}) are not copied`);
  const config = avcConfig(entry);
  if (!config) {
    if (type.startsWith('avc')) throw new RungError('its parameter sets cannot be read');
    return entry;
  }
  const own = await ownSets(file, track, config, copied);
  let made = withSets(entry, own, { ...config, sps: [], pps: [] });
  for (const more of added) {
    const soFar = made && avcConfig(made);
    made = made && soFar && withSets(made, soFar, more);
  }
  if (!made) throw new RungError('its ends came out of another kind than the rest');
  return made;
}

/**
 * The parameter sets of the first copied frame: those in the stream, where it has some, as behind a change of encoders.
 * @throws RungError where decoding cannot begin there, whatever the index says.
 */
async function ownSets(file: FileHandle, track: Track, config: AvcConfig, { first }: CopiedSamples): Promise<Pick<AvcConfig, 'sps' | 'pps'>> {
  const sample = Buffer.alloc(track.samples.bytes[first]!);
  await file.read(sample, 0, sample.length, track.samples.offset[first]!);
  const units = sampleUnits(sample, config.lengthBytes);
  if (!units.isIdr) throw new RungError('what its index calls a keyframe is none', true);
  return units.sps.length > 0 && units.pps.length > 0 ? units : config;
}
