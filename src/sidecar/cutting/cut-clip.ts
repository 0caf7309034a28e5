/**
 * Cuts a clip of a recording, exact to the frame, by the least that does: copied, its ends encoded anew, or all of it. What
 * came out is compared with the recording, and where it does not hold, the next way is taken. The file appears whole under its
 * name or not at all; what a killed sidecar left is removed by the next try.
 */
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ServerError } from '../../runtime/errors.js';
import { makeFolder } from '../../runtime/make-folder.js';
import { writeCaptions, type CaptionCue } from './captions.js';
import { looksAt, looksAtCopied, ROLL_SECONDS, type LooksOf } from './looks.js';
import type { SoundTarget } from './loudness.js';
import { reorderTicks, writeMovie, type PictureTrack } from './mp4/write.js';
import type { Look, WholeJob } from './picture-args.js';
import { planPicture, type PicturePlan } from './plan.js';
import { RungError, toCutError } from './errors.js';
import { copyPictures, lookAt, smartPictures, wholePictures, type RungContext, type Seen } from './rungs.js';
import { shapeOf, type VerticalLayout } from './shape.js';
import { AAC_FRAME, COMPARE_RATE, makeSound, SOUND_RATE, type ClipSound } from './sound.js';
import { readSource, type Source } from './source.js';
import { pictureFault, verify, type Verdict } from './verify.js';

const PLATFORM_SOUND: SoundTarget = { targetLufs: -14, truePeakDb: -1 };

export interface CutOptions {
  input: string;
  /** What `readSource` said of it, for who cuts several clips of one file. */
  source?: Source;
  /** Counted from the recording's start. The first frame is the one nearest, the last the one before the end. */
  startMs: number;
  endMs: number;
  output: string;
  sound?: SoundTarget;
  /** Burned in; counted from the recording's start. */
  captions?: readonly CaptionCue[];
  /** `vertical` is 1080×1920. */
  shape: 'wide' | 'vertical';
  /** How a vertical clip is put together; without one, a window follows what happens. */
  layout?: VerticalLayout;
  /** Of one child; two may run at a time. */
  threads?: number;
  signal?: AbortSignal;
  /** 0 to 1. */
  onProgress?(share: number): void;
}

export interface CutResult {
  cut: 'copy' | 'smart' | 'full';
  bytes: number;
  /** Of the recording, ms: when its first frame is shown there. */
  firstFrameMs: number;
  frames: number;
  /** Null for a clip without sound, or one that cannot be measured. */
  lufs: number | null;
  truePeakDb: number | null;
  /** For people: why nothing less did, what is damaged, what of the sound could not be done. */
  notes: string[];
}

/**
 * @throws ServerError VALIDATION, MEDIA_MISSING, MEDIA_UNREADABLE, DISK_FULL, DISK_READ_ONLY, CUT_KILLED, CUT_FAILED; the signal's reason.
 */
export async function cutClip(options: CutOptions): Promise<CutResult> {
  const { output, signal } = options;
  const folder = `${output}.tmp`;
  try {
    const source = options.source ?? await readSource(options.input, signal);
    await rm(folder, { recursive: true, force: true });
    await makeFolder(folder);
    return await new Cut(options, source, folder).run();
  } catch (error) {
    signal?.throwIfAborted();
    throw toCutError(error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Rung = CutResult['cut'];
interface Climb {
  plan: PicturePlan | null;
  /** Of the file's own time. */
  firstSeconds: number;
  endSeconds: number;
  /** Seconds from frame to frame. */
  step: number;
  isShaped: boolean;
  /** Samples of sound before the clip's own, at SOUND_RATE. */
  lead: number;
  sounding: Promise<ClipSound | null>;
  /** Keyframes are not where they are said to be, or nobody says where. */
  isDoubtful: boolean;
  signal: AbortSignal;
}

interface Made {
  track: PictureTrack;
  looks: readonly Look[];
  /** Of the recording, at the looks. */
  seen: readonly Seen[] | null;
  isResampled: boolean;
  files: FileHandle[];
  faults: string[];
}

/** A recording that is damaged gives at least so much of what was asked for, or nothing. */
const LEAST_OF_DAMAGED = 0.5;
/** A recording whose picture comes later than its sound by more than this has a hole there. */
const LATEST_FIRST_SECONDS = 0.5;
/** x264 with two B-frames shows a frame two later than it decodes it. */
const OWN_REORDER_FRAMES = 2;

class Cut {
  readonly #opened: FileHandle[] = [];
  readonly #notes: string[] = [];
  readonly #threads: number;

  constructor(private readonly options: CutOptions, private readonly source: Source, private readonly folder: string) {
    this.#threads = options.threads ?? 1;
  }

  async run(): Promise<CutResult> {
    const { source, options } = this;
    const endMs = source.durationMs > 0 ? Math.min(options.endMs, source.durationMs) : options.endMs;
    if (!(options.startMs >= 0) || !(endMs > options.startMs)) {
      throw new ServerError('VALIDATION', `There is nothing between ${options.startMs} and ${options.endMs} ms of a recording of ${source.durationMs} ms.`);
    }
    if (endMs < options.endMs) this.#notes.push(`the recording ends ${Math.round(options.endMs - endMs)} ms earlier`);
    const asked = source.startSeconds + options.startMs / 1000;
    // Sound comes before the first picture in most recordings: where nothing stands since before, the clip begins with that.
    const firstShown = typeof source.index === 'string' ? asked : firstShownAt(source.index.samples) / source.index.timescale;
    const start = firstShown > asked && firstShown - asked <= LATEST_FIRST_SECONDS ? firstShown : asked;
    const end = source.startSeconds + endMs / 1000;
    const isShaped = options.shape === 'vertical' || (options.captions?.length ?? 0) > 0;
    try {
      const plan = typeof source.index === 'string' ? null : planPicture(source.index.samples, source.index.timescale, start, end);
      return await this.#make(plan, start, end, isShaped);
    } finally {
      for (const file of this.#opened) await file.close();
    }
  }

  async #make(plan: PicturePlan | null, start: number, end: number, isShaped: boolean): Promise<CutResult> {
    const { source, options, folder } = this;
    const { signal } = options;
    const [num, den] = source.picture.rate;
    const step = plan?.stepSeconds ?? den / num;
    const firstSeconds = plan ? (plan.firstSeconds - start < step ? plan.firstSeconds : start) : await this.#firstFrame(start, step);
    const lead = leadSamples(source, plan);
    const failed = new AbortController();
    const either = AbortSignal.any([failed.signal, ...(signal ? [signal] : [])]);
    // Sound is the same whatever becomes of the pictures, so both are made at once.
    const sounding = source.hasSound
      ? makeSound({ span: { file: source, fromSeconds: firstSeconds, seconds: plan ? plan.lastSeconds + step - firstSeconds : end - start }, leadSamples: lead - AAC_FRAME, target: options.sound ?? PLATFORM_SOUND, folder, signal: either })
      : Promise.resolve(null);
    sounding.catch(() => failed.abort());
    try {
      return await this.#climb({ plan, firstSeconds, endSeconds: end, step, isShaped, lead, sounding, isDoubtful: !source.findsKeyframes, signal: either });
    } catch (error) {
      const isBySound = failed.signal.aborted;
      failed.abort();
      // Pictures that were ended because the sound failed have no reason of their own.
      if (isBySound && error instanceof Error && error.name === 'AbortError') await sounding;
      throw error;
    } finally {
      await sounding.then((sound) => sound?.close(), () => undefined);
    }
  }

  /** The frame nearest the start, where no index says it. */
  async #firstFrame(start: number, step: number): Promise<number> {
    const { source, options } = this;
    const rollSeconds = source.findsKeyframes ? 0 : ROLL_SECONDS;
    const [seen] = await lookAt({ source, looks: [{ place: 'first', atSeconds: start, stepSeconds: step, before: 0, after: 0, rollSeconds }], threads: this.#threads, signal: options.signal });
    return seen?.[0]?.atSeconds ?? start;
  }

  /** From the least that does down to all encoded anew. */
  async #climb(climb: Climb): Promise<CutResult> {
    const { source, options, folder } = this;
    const { plan, isShaped } = climb;
    const rungs: Rung[] = isShaped || !plan || typeof source.index === 'string' ? ['full'] : ['copy', 'smart', 'full'];
    if (isShaped) this.#notes.push(options.shape === 'vertical' ? 'all encoded anew: it is vertical' : 'all encoded anew: captions are burned in');
    else if (typeof source.index === 'string') this.#notes.push(`all encoded anew: ${source.index}`);
    for (const cut of rungs) {
      const isLast = cut === 'full';
      const made = await this.#rung(cut, climb).catch((error: unknown) => {
        if (!(error instanceof RungError) || isLast) throw error;
        climb.isDoubtful ||= error.isOfIndex;
        this.#notes.push(`not by ${cut}: ${error.message}`);
        return null;
      });
      if (!made) continue;
      const sound = await climb.sounding;
      const path = join(folder, 'clip.mp4');
      const { bytes, frames, faults } = await this.#finish(path, made, sound, climb);
      const all = [...made.faults, ...faults];
      if (all.length === 0) return await this.#keep(cut, path, { bytes, frames, firstSeconds: climb.firstSeconds, sound });
      if (isLast) throw new RungError(`${all.join(', ')}.`);
      this.#notes.push(`not by ${cut}: ${all.join(', ')}`);
      climb.isDoubtful = true;
      await rm(path, { force: true });
    }
    throw new RungError('no way of cutting does.');
  }

  /** Writes and verifies it; once more where its sound came out other than it should be. */
  async #finish(path: string, { track, seen, looks, isResampled }: Made, sound: ClipSound | null, climb: Climb): Promise<Omit<Verdict, 'loudness'> & { bytes: number }> {
    for (;;) {
      await rm(path, { force: true });
      const bytes = await writeMovie(path, { picture: track, sound: sound?.track ?? null, leadSeconds: climb.lead / SOUND_RATE }, climb.signal);
      const { loudness, ...verdict } = await verify({
        path, track, stepSeconds: climb.step, firstSeconds: climb.firstSeconds, looks, seen, isResampled, isMetered: sound?.loudness === null,
        reference: sound?.reference.subarray(0, Math.round(track.samples.length * climb.step * COMPARE_RATE)) ?? null, threads: this.#threads, signal: climb.signal,
      });
      if (verdict.faults.length > 0 || !sound || sound.loudness !== null || !(await sound.heard(loudness ?? { lufs: null, peakDb: null }))) return { ...verdict, bytes };
    }
  }

  async #rung(cut: Rung, climb: Climb): Promise<Made> {
    const { plan, signal } = climb;
    const { source, folder } = this;
    if (cut === 'full' || !plan || typeof source.index === 'string') return this.#whole(climb);
    const file = await open(source.path, 'r');
    this.#opened.push(file);
    const looks = looksAtCopied({ ...this.#looks(climb), plan }, cut === 'smart' && plan.smart?.tail !== null);
    const context: RungContext = { source, track: source.index, plan, looks, folder, file, threads: this.#threads, signal };
    const made = await (cut === 'copy' ? copyPictures(context) : smartPictures(context));
    this.#opened.push(...made.files);
    return { ...made, looks, isResampled: false, faults: [] };
  }

  async #whole(climb: Climb): Promise<Made> {
    const { source, options, folder } = this;
    const { firstSeconds, endSeconds, signal } = climb;
    const { rate } = source.picture;
    const frames = Math.max(1, Math.round(((endSeconds - firstSeconds) * rate[0]) / rate[1]));
    const tappedFrames = looksAt(this.#looks(climb), frames).map(({ atSeconds }) => Math.round(((atSeconds - firstSeconds) * rate[0]) / rate[1]));
    const shape = climb.isShaped ? await shapeOf({ source, firstSeconds, seconds: (frames * rate[1]) / rate[0], shape: options.shape, layout: options.layout, threads: this.#threads, signal }) : null;
    const captions = options.captions?.length ? await writeCaptions(options.captions, { folder, firstMs: (firstSeconds - source.startSeconds) * 1000, shape: options.shape, picture: source.picture }) : null;
    const job: WholeJob = {
      file: source, output: join(folder, 'whole.mp4'), fromSeconds: firstSeconds, rollSeconds: climb.isDoubtful ? ROLL_SECONDS : 0, frames, rate, facts: source.picture, threads: this.#threads,
      shape: [shape?.filter, captions].filter(Boolean).join(',') || null, tapped: climb.isShaped ? tappedFrames : [], preset: options.shape === 'vertical' ? 'superfast' : 'veryfast',
    };
    const { track, tapped, file } = await wholePictures(job, signal, (atMs) => this.options.onProgress?.(Math.min(0.95, atMs / ((frames * rate[1] * 1000) / rate[0]))));
    this.#opened.push(file);
    this.#notes.push(...(shape?.notes ?? []));
    const got = track.samples.length;
    if (got < frames - 1) {
      if (got < frames * LEAST_OF_DAMAGED) throw new ServerError('MEDIA_UNREADABLE', `Of the ${frames} pictures of the clip only ${got} can be read: the recording is damaged there.`);
      this.#notes.push(`the recording is damaged or ends there: ${frames - got} pictures of ${frames} are missing at the end`);
    }
    const looks = looksAt(this.#looks(climb), got);
    const seen = await lookAt({ source, looks, threads: this.#threads, signal });
    const made = { track, looks, isResampled: true, files: [file] };
    if (!climb.isShaped) return { ...made, seen, faults: [] };
    return { ...made, seen: null, faults: tapped.length < 3 || got < frames - 1 ? [] : tapFaults(tapped, seen, looks) };
  }

  #looks(climb: Climb): LooksOf {
    return { ...climb, isH264: this.source.picture.codec === 'h264' };
  }

  async #keep(cut: Rung, path: string, { bytes, frames, firstSeconds, sound }: { bytes: number; frames: number; firstSeconds: number; sound: ClipSound | null }): Promise<CutResult> {
    const { source, options } = this;
    if (source.hasSound && !sound) this.#notes.push('no sound could be read there');
    options.signal?.throwIfAborted();
    await rename(path, options.output);
    const folder = await open(dirname(options.output), 'r');
    await folder.sync().finally(() => folder.close());
    options.onProgress?.(1);
    return {
      cut, bytes, firstFrameMs: (firstSeconds - source.startSeconds) * 1000, frames,
      lufs: sound?.loudness?.lufs ?? null, truePeakDb: sound?.loudness?.peakDb ?? null, notes: [...this.#notes, ...(sound?.notes ?? [])],
    };
  }
}

/** B-frames of the first keyframe are shown soon after it. */
function firstShownAt({ shownAt }: { shownAt: ArrayLike<number> }): number {
  let first = shownAt[0] ?? 0;
  for (let i = 1; i < Math.min(16, shownAt.length); i++) first = Math.min(first, shownAt[i]!);
  return first;
}

/** So much before the clip that both tracks have room for what stands in front: the order of B-frames, and AAC's own beginning. */
function leadSamples({ index, picture }: Source, plan: PicturePlan | null): number {
  const step = plan?.stepSeconds ?? picture.rate[1] / picture.rate[0];
  const copied = plan?.smart?.copied;
  const late = copied && typeof index !== 'string' ? reorderTicks(index.samples.shownAt.subarray(copied.first, copied.first + copied.count)) / index.timescale : 0;
  return AAC_FRAME * Math.ceil((Math.max(late, OWN_REORDER_FRAMES * step) * SOUND_RATE) / AAC_FRAME);
}

/** What went into the shape, compared with the recording. */
function tapFaults(tapped: readonly Uint8Array[], seen: readonly Seen[], looks: readonly Look[]): string[] {
  return looks.flatMap((look, i) => {
    const fault = pictureFault([{ atSeconds: 0, small: tapped[i]! }], look, seen[i] ?? null, true);
    return fault ? [`a picture ${fault}`] : [];
  });
}
