/**
 * The sound of a clip: always encoded anew, AAC 48 kHz stereo, as loud as the platforms play it.
 *
 * Measured in a first pass. Where the peaks leave room the second is nothing but a gain, as loudnorm's linear mode is; else a limiter at
 * 192 kHz, where the peaks between samples are seen, takes them down. What came out is measured again, and put right where it is off: at
 * once behind a limiter, whose work nobody can foretell; of a gain alone with the clip that is made, which is decoded to be verified anyway.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { input, ours, quiet, seconds, type MediaFile } from '../offline/args.js';
import { runOffline } from '../offline/run.js';
import { corrected, gainFor, isTold, LEAST_MEASURED_SECONDS, meter, PEAK_ROOM_DB, readLoudness, type Gain, type Loudness, type SoundTarget, type Try } from './loudness.js';
import { readTracks, type Track } from './mp4/read.js';
import type { SoundTrack } from './mp4/write.js';

/** Of a clip, Hz. */
export const SOUND_RATE = 48_000;
/** Samples of a packet of AAC, and what FFmpeg's encoder puts in front. */
export const AAC_FRAME = 1024;
/** Of what sound is compared by, Hz: mono, 16 bit. */
export const COMPARE_RATE = 4_000;
/** Enough for the coder that takes half the time. */
const BITRATE = '192k';
const MOST_CORRECTIONS = 4;

/** What of a file's sound: seconds of its own time. What it does not have is silence. */
export interface SoundSpan { file: MediaFile; fromSeconds: number; seconds: number }

/** Of the span, at 48 kHz stereo, exactly as long as asked for. */
function spanFilter({ fromSeconds, seconds: length }: SoundSpan, leadSamples = 0): string {
  const first = Math.round(fromSeconds * SOUND_RATE) - leadSamples;
  const samples = Math.round(length * SOUND_RATE) + leadSamples;
  // Gaps are filled and overlaps cut, so that sound stays where its stamps say; the first sample is the one asked for.
  return `aresample=${SOUND_RATE}:async=1:min_hard_comp=0.02:first_pts=${first},aformat=sample_fmts=flt:channel_layouts=stereo,apad=whole_len=${samples},atrim=end_sample=${samples}`;
}

/** A moment before, for what decoders need to begin. */
const SEEK_LEAD_SECONDS = 0.3;
const spanInput = ({ file, fromSeconds, seconds: length }: SoundSpan): string[] =>
  input(file, { fromSeconds: fromSeconds - SEEK_LEAD_SECONDS, forSeconds: length + 2 * SEEK_LEAD_SECONDS, more: ['-vn', '-sn', '-dn'] });

/** First pass: how loud it is (on descriptor 2), and the sound itself to compare with later (on descriptor 1). */
export function measureArgs(span: SoundSpan): string[] {
  return [
    ...quiet('info'), '-copyts', ...spanInput(span),
    '-filter_complex', `[0:a:0]${spanFilter(span)},asplit[m][c];[m]${meter('sample')}[o];[c]aresample=${COMPARE_RATE}[d]`,
    '-map', '[o]', '-f', 'null', '-', '-map', '[d]', '-ac', '1', '-c:a', 'pcm_s16le', '-f', 's16le', 'pipe:1',
  ];
}

/** Second pass. @param leadSamples that come before the span, for the edit list to hide */
export function encodeArgs(span: SoundSpan, leadSamples: number, gain: Gain, output: string): string[] {
  return [
    ...quiet(), '-copyts', ...spanInput({ ...span, fromSeconds: span.fromSeconds - leadSamples / SOUND_RATE, seconds: span.seconds + leadSamples / SOUND_RATE }),
    '-filter_complex', `[0:a:0]${spanFilter(span, leadSamples)},asetpts=N/SR/TB,${gainFilter(gain)}[o]`,
    '-map', '[o]', '-c:a', 'aac', '-aac_coder', 'fast', '-b:a', BITRATE, '-ar', String(SOUND_RATE), '-map_metadata', '-1', '-f', 'mp4', `file:${output}`,
  ];
}

function gainFilter({ gainDb, limitDb }: Gain): string {
  const gain = `volume=${gainDb.toFixed(2)}dB`;
  if (limitDb === null) return gain;
  // alimiter would make all as loud as its limit (`level`), and is late by its look-ahead (`latency`).
  return `${gain},aresample=192000,alimiter=limit=${(10 ** (limitDb / 20)).toFixed(6)}:attack=2:release=20:level=0:latency=1,aresample=${SOUND_RATE}`;
}

export interface SoundJob { span: SoundSpan; leadSamples: number; target: SoundTarget; folder: string; signal?: AbortSignal | undefined }

/** Null where no sound can be read: a clip without a sound track, then. Closed by who asked for it. */
export async function makeSound(job: SoundJob): Promise<ClipSound | null> {
  const { span, target, folder, signal } = job;
  const measured = await runOffline({ program: 'ffmpeg', args: measureArgs(span), signal });
  const reference = samplesOf(measured.outputs[0]!);
  const before = readLoudness(measured.said);
  if (!before || reference.length === 0) return null;
  const gain = gainFor(before, target);
  const ceiling = target.truePeakDb - PEAK_ROOM_DB;
  const notes = gain ? [] : [unmeasuredNote(before, span.seconds)];
  const sound = new ClipSound(job, join(folder, 'sound.m4a'), reference, gain ?? { gainDb: 0, limitDb: before.peakDb !== null && before.peakDb > ceiling ? ceiling : null }, gain !== null, notes);
  return (await sound.make()) ? sound : null;
}

export class ClipSound {
  #file: FileHandle | null = null;
  #track: SoundTrack | null = null;
  #loudness: Loudness | null = null;

  constructor(
    private readonly job: SoundJob,
    private readonly path: string,
    /** Of the source, to compare with. */
    readonly reference: Int16Array,
    private gain: Gain,
    /** It is to be as loud as wanted; else only its peaks count. */
    private readonly isLevelled: boolean,
    readonly notes: string[],
  ) {}

  /** Null until it is known: whoever decodes the clip has to say (`heard`). */
  get loudness(): Loudness | null {
    return this.#loudness;
  }

  get track(): SoundTrack {
    if (!this.#track) throw new Error('The sound of the clip is not made yet.');
    return this.#track;
  }

  /** False: nothing came of it. */
  async make(): Promise<boolean> {
    await this.#encode();
    if (this.gain.limitDb !== null) await this.#putRight(await this.#measure());
    return this.#open();
  }

  /** @returns whether it had to be put right: a clip that was written with it has to be written anew */
  async heard(loudness: Loudness): Promise<boolean> {
    if (!this.#next(loudness)) {
      this.#loudness = loudness;
      return false;
    }
    await this.#putRight(loudness);
    return this.#open();
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
  }

  async #encode(): Promise<void> {
    const { span, leadSamples, signal } = this.job;
    await runOffline({ program: 'ffmpeg', args: encodeArgs(span, leadSamples, this.gain, this.path), signal });
  }

  async #measure(): Promise<Loudness> {
    return readLoudness((await runOffline({ program: 'ffmpeg', args: loudnessArgs(this.path), signal: this.job.signal })).said) ?? { lufs: null, peakDb: null };
  }

  #next(loudness: Loudness, last: Try | null = null): Gain | null {
    return corrected({ gain: this.gain, got: this.isLevelled ? loudness : { ...loudness, lufs: null } }, this.job.target, last);
  }

  async #putRight(first: Loudness): Promise<void> {
    const { target } = this.job;
    let loudness = first;
    let last: Try | null = null;
    for (let tries = 0; ; tries += 1) {
      const next = this.#next(loudness, last);
      if (!next) break;
      if (tries === MOST_CORRECTIONS) {
        if (isTold(loudness, target)) this.notes.push(`its sound has ${loudness.lufs?.toFixed(1) ?? '?'} LUFS and peaks of ${loudness.peakDb?.toFixed(1) ?? '?'} dBTP; it could not be brought nearer`);
        break;
      }
      last = { gain: this.gain, got: loudness };
      this.gain = next;
      await this.#encode();
      loudness = await this.#measure();
    }
    this.#loudness = loudness;
  }

  async #open(): Promise<boolean> {
    await this.close();
    this.#file = await open(this.path, 'r');
    const tracks = await readTracks(this.#file).catch(async (error: unknown) => {
      await this.close();
      throw error;
    });
    const track = tracks.find(({ kind }) => kind === 'sound');
    this.#track = track?.entry ? soundTrack(track, this.#file) : null;
    if (!this.#track) await this.close();
    return this.#track !== null;
  }
}

/** How loud the sound of a file is that was just made, its lead included: that is a tenth of a second. */
export function loudnessArgs(path: string): string[] {
  return [...quiet('info'), ...input(ours(path)), '-map', '0:a:0', '-af', meter('true'), '-f', 'null', '-'];
}

function soundTrack({ entry, timescale, samples }: Track, file: FileHandle): SoundTrack {
  return {
    timescale, entry: entry!, ticksEach: AAC_FRAME,
    samples: Array.from(samples.bytes, (bytes, i) => ({ file, offset: samples.offset[i]!, bytes })),
  };
}

function unmeasuredNote({ peakDb }: Loudness, length: number): string {
  if (length < LEAST_MEASURED_SECONDS) return `at ${seconds(length)} s it is too short for its loudness to be measured; its sound is as loud as in the recording`;
  return peakDb === null ? 'it is silent, and stays so' : 'its sound is too faint for its loudness to be measured, and stays so';
}

/** 16 bits, little-endian. */
export function samplesOf(bytes: Buffer): Int16Array {
  const samples = new Int16Array(bytes.length >> 1);
  for (let i = 0; i < samples.length; i += 1) samples[i] = bytes.readInt16LE(i * 2);
  return samples;
}
