/**
 * The encoder: one FFmpeg on air, replaced without a break when its settings change and at once when it dies or hangs.
 * Destinations hang on egress, so none of this reaches them.
 */
import { availableParallelism } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { encodeLess } from '../domain/health/words.js';
import { msOf } from '../domain/timeline/rate.js';
import type { Settings } from '../protocol/resources.js';
import type { Problem } from '../protocol/status.js';
import { Backoff } from '../runtime/backoff.js';
import { systemClock, type Clock } from '../runtime/clock.js';
import type { Owner } from '../runtime/lifecycle.js';
import type { Log } from '../runtime/log.js';
import type { CodecChoice } from './codec-probe.js';
import { encoderArgs, keyframeFrames } from './encoder-args.js';
import { EncoderLife } from './encoder-life.js';
import type { NativeCore, NativeFeedStats, NativeProgram } from './native.js';
import type { VideoFormat } from './scene-plan.js';

/** FLV timestamps are 31 bits of ms (24.8 days): a fresh encoder starts them again long before. */
const ROTATE_AFTER_MS = 20 * 24 * 3600 * 1000;
/** A new encoder begins where the old one has a keyframe, unless that is further away than this. */
const KEYFRAME_WAIT_MS = 4000;
/**
 * Old and new run together until egress has changed over to the new one and cuts the old one off, which ends it. Nothing that
 * FFmpeg reports would say so: version 5.1 counts a frame when it takes it in, and it is out 0.4 s later (1080p30 veryfast,
 * 2 cores; longer while two share the machine). Should egress not do it, the old one goes this long after the new one's third
 * keyframe, which is the last that egress may have waited for.
 */
const HANDOVER_MARGIN_MS = 1500;
/** A new one that has not begun by then may be waiting for what the old one holds, such as one of a card's few sessions. */
const HANDOVER_LIMIT_MS = 8000;
/** A life this long starts the backoff anew. */
const HEALTHY_MS = 10_000;
const WATCH_EVERY_MS = 250;
/**
 * What may wait for FFmpeg: enough for its start (0.3 s on a quiet machine, 0.8 s seen on a busy one) and for moments in which the
 * machine has no processor for it, after which it catches up; little enough to bound memory and delay.
 */
const MOST_WAITING = { seconds: 1.5, bytes: 150_000_000, leastSeconds: 0.5 };
/** How often it is judged whether the encoder keeps up, and the part of the frames whose loss says that it does not. */
const JUDGE_EVERY_MS = 5000;
const SLOW_PART = 0.02;

/** Of the sound, what the encoder makes of it: the rest is the mixer's. */
export interface EncoderSettings extends Pick<Settings, 'encoder'> {
  audio: Pick<Settings['audio'], 'bitrateKbps'>;
}

export interface EncoderReport {
  state: 'starting' | 'running' | 'restarting' | 'failed';
  codec: string;
  kbps: number;
  fps: number;
  dropped: number;
  restarts: number;
  error?: Problem;
}

/** Program frames that may wait for the encoder; 1080p60 is bounded by memory, and 2160p30 by what a busy moment needs at least. */
export function queueFrames({ width, height, rate }: VideoFormat): number {
  const framesIn = (seconds: number): number => Math.ceil((seconds * rate.num) / rate.den);
  return Math.max(framesIn(MOST_WAITING.leastSeconds), Math.min(framesIn(MOST_WAITING.seconds), Math.floor(MOST_WAITING.bytes / (width * height * 1.5))));
}

export class Encoder implements Owner {
  #settings: EncoderSettings;
  /** The one whose output counts; undefined between a death and the next start. */
  #current: EncoderLife | undefined;
  /** The one before it, until the far end has been handed over. Never more than one. */
  #leaving: EncoderLife | undefined;
  /** Settings changed while one was leaving: the newest are taken up when it is gone. */
  #again = false;
  #cancelRestart = (): void => {};
  #cancelReplacement = (): void => {};
  #cancelHandover = (): void => {};
  #watchdog: NodeJS.Timeout | undefined;
  #watchedMs = 0;
  /** What was dropped when it was last judged, and what was found then; `atMs` 0: from the next time on. */
  #judged = { atMs: 0, dropped: 0, slow: undefined as Problem | undefined };
  #stopped: Promise<void> | undefined;
  #restarts = 0;
  /** By feeds that are gone, and by the others when they were last looked at. */
  #droppedBefore = 0;
  #droppedBy: ReadonlyMap<number, number> = new Map();
  #problem: Problem | undefined;
  readonly #backoff = new Backoff(100, 5000);

  constructor(
    private readonly core: NativeCore,
    private readonly program: NativeProgram,
    private readonly format: VideoFormat,
    private readonly socketPath: string,
    private readonly log: Log,
    settings: EncoderSettings,
    private choice: CodecChoice,
    private readonly clock: Clock = systemClock,
  ) {
    this.#settings = pick(settings);
  }

  start(): void {
    this.#begin();
    this.#watchedMs = this.clock.monotonicMs();
    this.#watchdog = setInterval(() => this.#watch(), WATCH_EVERY_MS);
  }

  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      clearInterval(this.#watchdog);
      this.#cancelRestart();
      this.#cancelReplacement();
      this.#cancelHandover();
      await Promise.all([this.#leaving?.end(), this.#current?.end()]);
    })());
  }

  /** New settings take over at one of the old encoder's keyframes, within 4 s; the far end keeps its connection. */
  update(settings: EncoderSettings, choice: CodecChoice): void {
    const wanted = pick(settings);
    const before = { ...this.#settings, codec: this.choice.codec };
    this.#settings = wanted;
    this.choice = choice;
    // The codec that was asked for is settled in the choice.
    const opening = ({ encoder, audio, codec }: typeof before) => ({ ...encoder, audio, codec });
    if (isDeepStrictEqual(opening({ ...wanted, codec: choice.codec }), opening(before))) return;
    this.#replace('its settings changed');
  }

  /** What it does now; `feeds` as the native program reports them. */
  report(feeds: NativeFeedStats[]): EncoderReport {
    const life = this.#current;
    const running = life !== undefined && life.frames > 0;
    const problem = running ? (this.#judged.slow ?? this.choice.problem) : (this.#problem ?? this.choice.problem);
    return {
      state: running ? 'running' : this.#problem ? 'failed' : this.#restarts > 0 ? 'restarting' : 'starting',
      codec: this.choice.codec,
      kbps: Math.round(life?.kbps ?? 0),
      fps: Math.round((life?.fps ?? 0) * 100) / 100,
      dropped: this.#dropped(feeds),
      restarts: this.#restarts,
      ...(problem ? { error: problem } : {}),
    };
  }

  /** Since the start, by the feeds of all encoders: during a handover there are two, and one that is closed is gone when it has drained. */
  #dropped(feeds: readonly NativeFeedStats[]): number {
    const now = new Map(feeds.map(({ id, dropped }) => [id, dropped]));
    for (const [id, dropped] of this.#droppedBy) if (!now.has(id)) this.#droppedBefore += dropped;
    this.#droppedBy = now;
    return [...now.values()].reduce((sum, dropped) => sum + dropped, this.#droppedBefore);
  }

  readonly #begin = (): void => {
    this.#current = this.#launched(this.#begin);
  };

  /** A machine that is short of memory or descriptors starts none now. @param orElse what is done then, a little later */
  #launched(orElse: () => void): EncoderLife | undefined {
    try {
      return this.#launch();
    } catch (error) {
      this.log.error({ err: error }, 'an encoder could not be started; it is tried again');
      this.#problem = { code: 'ENCODER_FAILED', message: `FFmpeg could not be started: ${(error as Error).message}` };
      this.#cancelRestart();
      this.#cancelRestart = this.clock.after(this.#backoff.nextMs(), orElse);
      return undefined;
    }
  }

  #launch(): EncoderLife {
    return new EncoderLife({
      core: this.core,
      program: this.program,
      clock: this.clock,
      queueFrames: queueFrames(this.format),
      gopFrames: keyframeFrames(this.#settings.encoder.keyframeIntervalMs, this.format),
      args: (firstFrame) => encoderArgs({
        codec: this.choice.codec, cores: availableParallelism(), format: this.format, ...this.#settings, firstFrameMs: msOf(firstFrame, this.format.rate), socketPath: this.socketPath,
      }),
      onFirstFrame: (life) => {
        this.#problem = undefined;
        this.log.info({ codec: this.choice.codec, afterMs: Math.round(life.ageMs) }, 'the encoder runs');
        if (this.#leaving) this.#handOverIn(HANDOVER_MARGIN_MS + 2 * this.#settings.encoder.keyframeIntervalMs);
      },
      onLine: (line) => this.log.debug(`encoder: ${line}`),
      onEnd: (life, exit) => this.#onEnd(life, exit),
    });
  }

  #watch(): void {
    const now = this.clock.monotonicMs();
    const stoodStill = now - this.#watchedMs > WATCH_EVERY_MS * 4;
    this.#watchedMs = now;
    const { feeds } = this.program.stats();
    const dropped = this.#dropped(feeds);
    const life = this.#current;
    if (!life) return;
    const feed = feeds.find(({ id }) => id === life.feedId);
    const does = stoodStill ? 'works' : life.look(feed);
    if (does === 'still' || does === 'hangs') this.#judgeAnew();
    else if (does === 'works' && life.frames > 0 && now - this.#judged.atMs >= JUDGE_EVERY_MS) this.#judge(now, dropped);
    if (stoodStill) life.forgive();
    else if (life.ageMs > ROTATE_AFTER_MS) this.#replace('its timestamps would overflow');
    else if (does === 'hangs') {
      this.log.warn('the encoder hangs, or nobody reads what it makes; replacing it');
      life.kill();
    }
  }

  /** What was lost while it stood still, or while there was none, says nothing of how fast it is. */
  #judgeAnew(): void {
    this.#judged = { ...this.#judged, atMs: 0 };
  }

  /** Says once when it begins to fall behind, and takes it back when it keeps up again. */
  #judge(now: number, dropped: number): void {
    const lost = dropped - this.#judged.dropped;
    const { width, height, rate } = this.format;
    const due = ((now - this.#judged.atMs) / 1000) * (rate.num / rate.den);
    const first = this.#judged.atMs === 0;
    const wasSlow = this.#judged.slow !== undefined;
    const slow: Problem | undefined = first ? this.#judged.slow : lost > due * SLOW_PART
      ? { code: 'ENCODER_SLOW', message: `The encoder is too slow for this machine: ${lost} of ${Math.round(due)} frames were dropped.` }
      : undefined;
    if (slow && !wasSlow) this.log.warn(`${slow.message} ${encodeLess({ width, height, fps: rate.num / rate.den }, this.#settings.encoder)}`);
    if (!slow && wasSlow) this.log.info('the encoder keeps up again');
    this.#judged = { atMs: now, dropped, slow };
  }

  #replace(why: string): void {
    const old = this.#current;
    // None runs: the next to start has the new settings anyway.
    if (!old) return;
    if (this.#leaving) {
      this.#again = true;
      return;
    }
    if (old.frames === 0) {
      // Nothing of it is on air yet.
      this.program.closeFeed(old.feedId);
      old.kill();
      this.#begin();
      return;
    }
    this.#cancelReplacement();
    this.#cancelReplacement = this.clock.after(this.#untilKeyframeMs(old), () => {
      if (this.#current !== old) return;
      this.log.info(`replacing the encoder on air: ${why}`);
      const next = this.#launched(() => this.#replace(why));
      if (!next) return;
      this.#leaving = old;
      this.#current = next;
      this.#handOverIn(HANDOVER_LIMIT_MS);
    });
  }

  /**
   * How long until an encoder started then has its first frame, a keyframe, where this one has a keyframe too: there the
   * program can be cut from one to the other. Anywhere else B-frames lie across the cut: one is lost and one comes twice.
   */
  #untilKeyframeMs(life: EncoderLife): number {
    const { num, den } = this.format.rate;
    const intervalMs = (1000 * den) / num;
    const nowMs = this.core.monotonicUs() / 1000;
    // Half a frame early, which leaves timers as much room on either side: a feed begins with the next frame.
    const waitMs = (life.keyframeAt(Math.ceil(nowMs / intervalMs + 0.5)) - 0.5) * intervalMs - nowMs;
    return waitMs > KEYFRAME_WAIT_MS ? 0 : waitMs;
  }

  #handOverIn(ms: number): void {
    this.#cancelHandover();
    this.#cancelHandover = this.clock.after(ms, () => void this.#leaving?.end());
  }

  #onEnd(life: EncoderLife, { code, signal }: { code: number | null; signal: NodeJS.Signals | null }): void {
    this.#dropped(this.program.stats().feeds);
    this.program.closeFeed(life.feedId);
    if (life === this.#leaving) {
      this.#leaving = undefined;
      this.#cancelHandover();
      if (this.#again && !this.#stopped) {
        this.#again = false;
        this.#replace('its settings changed again');
      }
      return;
    }
    if (life !== this.#current) return;
    this.#current = undefined;
    this.#judgeAnew();
    if (this.#stopped) return;
    this.log.warn({ code, signal, detail: life.reason }, 'the encoder ended; starting it again');
    // Where egress is away nothing is wrong with the encoder, and another codec is no help.
    if (life.frames === 0 && !life.reason.includes(this.socketPath)) this.#problem = { code: 'ENCODER_FAILED', message: `FFmpeg ended before its first frame${life.reason ? `: ${life.reason}` : '.'}` };
    if (life.ageMs > HEALTHY_MS) this.#backoff.reset();
    this.#restarts += 1;
    this.#cancelRestart = this.clock.after(this.#backoff.nextMs(), this.#begin);
  }
}

const pick = ({ encoder, audio: { bitrateKbps } }: EncoderSettings): EncoderSettings => ({ encoder, audio: { bitrateKbps } });
