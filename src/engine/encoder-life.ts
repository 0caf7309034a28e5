/** One FFmpeg from its start to its end, and the feed that is its input. */
import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Clock } from '../runtime/clock.js';
import { readLines } from '../runtime/lines.js';
import { nativeProgram } from '../runtime/paths.js';
import { DeniedTime, Silence } from '../runtime/silence.js';
import type { NativeCore, NativeFeedStats, NativeProgram } from './native.js';

/** It took no frame for this long, of the time that it could use: it hangs, or egress does not read. */
const HANG_MS = 2200;
/** It reported no new frame for this long. */
const SILENT_MS = 2500;
/** Who does nothing for this long, of the time that it could use, is not slow: it stands still. Before that nobody can tell. */
const STILL_MS = 1500;
/** Between two looks, and a little. */
const UNCLEAR_MS = 300;
/** FFmpeg's own start. */
const START_LIMIT_MS = 6000;
/** Longest an encoder may take to write what it still holds when its feed ends. */
const DRAIN_LIMIT_MS = 1000;
/** What it says at each start though all is well. */
const NO_COMPLAINT = /^Guessed Channel Layout/;
const MAX_LINE_BYTES = 16 * 1024;

export interface EncoderLifeOptions {
  core: Pick<NativeCore, 'closeFd' | 'monotonicUs'>;
  program: Pick<NativeProgram, 'openFeed' | 'closeFeed'>;
  clock: Clock;
  /** Frames that may wait for it. */
  queueFrames: number;
  /** Frames from one keyframe to the next; the first is one. */
  gopFrames: number;
  /** FFmpeg's arguments, given the first frame it will be fed. */
  args(firstFrame: number): string[];
  onFirstFrame(life: EncoderLife): void;
  onLine(line: string): void;
  /** Its process is gone; the feed is still open. */
  onEnd(life: EncoderLife, exit: { code: number | null; signal: NodeJS.Signals | null }): void;
}

export class EncoderLife {
  readonly feedId: number;
  /** The program frame that it begins with. */
  readonly firstFrame: number;
  readonly bornMs: number;
  readonly #child: ChildProcess;
  #ended: Promise<void>;
  #over = false;
  #isKilled = false;
  #frames = 0;
  readonly #denied: DeniedTime;
  /** Since it reported a frame, and since it took one. */
  readonly #made: Silence;
  readonly #taken: Silence;
  #takenUs = 0;
  #kbps = 0;
  #fps = 0;
  /** The first thing it complained of, which is the cause more often than the last. */
  #reason = '';

  constructor(private readonly options: EncoderLifeOptions) {
    const { core, program, clock } = options;
    const { id, fd, firstFrame } = program.openFeed(options.queueFrames);
    this.feedId = id;
    this.firstFrame = firstFrame;
    this.bornMs = clock.monotonicMs();
    this.#denied = new DeniedTime(clock);
    this.#made = new Silence(clock, this.#denied);
    this.#taken = new Silence(clock, this.#denied);
    this.#child = startedOn(fd, options, firstFrame, () => {
      core.closeFd(fd);
      program.closeFeed(id);
    });
    core.closeFd(fd);
    if (this.#child.stderr) {
      readLines(this.#child.stderr, MAX_LINE_BYTES, (line) => {
        if ((this.#frames === 0 && !NO_COMPLAINT.test(line)) || /error|fail|cannot|unable|broken|invalid/i.test(line)) this.#reason ||= line;
        options.onLine(line);
      });
    }
    readLines(this.#child.stdio[3] as Readable, MAX_LINE_BYTES, (line) => this.#onProgress(line));
    this.#ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#over = true;
        options.onEnd(this, { code, signal });
        resolve();
      });
    });
  }

  /** Frames FFmpeg says that it encoded. */
  get frames(): number { return this.#frames; }
  get kbps(): number { return this.#kbps; }
  get fps(): number { return this.#fps; }
  /** Why it ended, in its own words; empty when it did not say. */
  get reason(): string { return this.#reason; }
  get ageMs(): number { return this.options.clock.monotonicMs() - this.bornMs; }

  /** The first program frame at or after `frame` that it makes a keyframe. */
  keyframeAt(frame: number): number {
    const { gopFrames } = this.options;
    return this.firstFrame + Math.ceil((frame - this.firstFrame) / gopFrames) * gopFrames;
  }

  /**
   * To be called a few times a second; `feed` is its feed's state now. `still`: it takes no frames though some wait, or gives none, and
   * had the time to; `hangs`: it has for so long that it is to be replaced; `unclear`: that, or it gets no processor.
   */
  look(feed: NativeFeedStats | undefined): 'works' | 'unclear' | 'still' | 'hangs' {
    // One that is killed goes when it next gets a processor.
    if (this.#over || this.#isKilled) return 'still';
    if (feed && feed.progressUs !== this.#takenUs) this.#taken.broken((this.options.core.monotonicUs() - feed.progressUs) / 1000);
    this.#takenUs = feed?.progressUs ?? 0;
    const mustTake = feed !== undefined && feed.queued > 0 && feed.progressUs > 0;
    if (this.#made.isOdd || (mustTake && this.#taken.isOdd)) this.#denied.look(this.#child.pid);
    else this.#denied.rest();
    if (mustTake && this.#taken.usableMs > HANG_MS && this.ageMs > HANG_MS && this.#frames > 0) return 'hangs';
    if (this.#made.usableMs > (this.#frames === 0 ? START_LIMIT_MS : SILENT_MS)) return 'hangs';
    const quiet = mustTake ? [this.#made, this.#taken] : [this.#made];
    if (quiet.some(({ usableMs }) => usableMs > STILL_MS)) return 'still';
    return quiet.some(({ isOdd, ms }) => isOdd && ms <= STILL_MS + UNCLEAR_MS) ? 'unclear' : 'works';
  }

  /** We stood still ourselves: what it did meanwhile was not seen, so its time starts again. */
  forgive(): void {
    this.#denied.rest();
    this.#made.broken();
  }

  /** Ends it now; what it holds is lost. `onEnd` follows. */
  kill(): void {
    this.#isKilled = true;
    this.#child.kill('SIGKILL');
  }

  /** Ends its feed and lets it write what it holds, for a second at most. */
  async end(): Promise<void> {
    if (this.#over) return;
    this.options.program.closeFeed(this.feedId);
    const cancel = this.options.clock.after(DRAIN_LIMIT_MS, () => this.kill());
    await this.#ended;
    cancel();
  }

  #onProgress(line: string): void {
    const [key, value = ''] = line.split('=', 2);
    if (key === 'bitrate') {
      const kbps = Number.parseFloat(value);
      if (Number.isFinite(kbps)) this.#kbps = kbps;
      return;
    }
    const frames = key === 'frame' ? Number(value.trim()) : 0;
    if (!(frames > this.#frames)) return;
    const first = this.#frames === 0;
    if (!first) {
      const rate = ((frames - this.#frames) * 1000) / Math.max(1, this.#made.ms);
      this.#fps = this.#fps === 0 ? rate : this.#fps * 0.7 + rate * 0.3;
    }
    this.#frames = frames;
    this.#made.broken();
    if (first) this.options.onFirstFrame(this);
  }
}

/** @throws where the machine has no memory or descriptors for another process, after `undo` */
function startedOn(fd: number, { args, onLine }: EncoderLifeOptions, firstFrame: number, undo: () => void): ChildProcess {
  try {
    const child = spawn(nativeProgram('vistter-launch'), ['--nice', '2', '--', 'ffmpeg', ...args(firstFrame)], { stdio: [fd, 'ignore', 'pipe', 'pipe'] });
    child.on('error', (error) => onLine(error.message));
    // Without descriptors there is a child in name alone.
    if (!child.stdio[3]) throw new Error('No descriptors are left for the encoder.');
    return child;
  } catch (error) {
    undo();
    throw error;
  }
}
