/**
 * The encoder: one FFmpeg child on air, replaced without a break when its settings change and at once when it dies or
 * hangs. Destinations hang on egress, so none of this reaches them.
 */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import type { Settings } from '../protocol/resources.js';
import type { Problem } from '../protocol/status.js';
import { Backoff } from '../runtime/backoff.js';
import type { Owner } from '../runtime/lifecycle.js';
import { readLines } from '../runtime/lines.js';
import type { Log } from '../runtime/log.js';
import { nativeProgram } from '../runtime/paths.js';
import { encoderArgs, type Codec } from './encoder-args.js';
import type { NativeCore, NativeFeedStats, NativeProgram } from './native.js';
import { frameMs, type VideoFormat } from './scene-plan.js';

/** It took no frame for this long: it hangs, or egress does not read. */
const HANG_MS = 1500;
/** FFmpeg's own start on a loaded machine. */
const START_LIMIT_MS = 6000;
/** FLV timestamps are 31 bits of ms (24.8 days): a fresh encoder starts them again long before. */
const ROTATE_AFTER_MS = 20 * 24 * 3600 * 1000;
/** Old and new run together until the new one's first keyframe is through. */
const HANDOVER_MS = 2500;

export type EncoderSettings = Pick<Settings, 'encoder' | 'audio'>;

export interface EncoderReport {
  state: 'starting' | 'running' | 'restarting' | 'failed';
  codec: string;
  kbps: number;
  fps: number;
  dropped: number;
  restarts: number;
  error?: Problem;
}

/** One FFmpeg and its feed. */
interface Life {
  feed: number;
  child: ChildProcess;
  bornMs: number;
  /** Frames FFmpeg says it encoded; its growth is what the watchdog believes. */
  frames: number;
  framesAtMs: number;
  /** Bits a second over the last progress reports. */
  kbps: number;
  fps: number;
  lastErrors: string[];
  ended: boolean;
}

export class Encoder implements Owner {
  #current: Life | undefined;
  #settings: EncoderSettings;
  readonly #leaving = new Set<Life>();
  #restart: NodeJS.Timeout | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;
  #restarts = 0;
  #droppedBefore = 0;
  #problem: Problem | undefined;
  readonly #backoff = new Backoff(100, 5000);

  constructor(
    private readonly core: NativeCore,
    private readonly program: NativeProgram,
    private readonly format: VideoFormat,
    private readonly socketPath: string,
    private readonly log: Log,
    settings: EncoderSettings,
    private codec: Codec,
  ) {
    this.#settings = pick(settings);
  }

  start(): void {
    this.#current = this.#launch();
    this.#watchdog = setInterval(() => this.#watch(), 250);
  }

  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      clearInterval(this.#watchdog);
      clearTimeout(this.#restart);
      const lives = [...this.#leaving, ...(this.#current ? [this.#current] : [])];
      await Promise.all(lives.map((life) => this.#end(life)));
    })());
  }

  /** New settings take over at the new encoder's first keyframe; the far end keeps its connection. */
  update(settings: EncoderSettings, codec: Codec): void {
    const wanted = pick(settings);
    if (isDeepStrictEqual(wanted, this.#settings) && codec === this.codec) return;
    this.#settings = wanted;
    this.codec = codec;
    this.#replace('its settings changed');
  }

  report(feeds: NativeFeedStats[]): EncoderReport {
    const life = this.#current;
    const feed = feeds.find((f) => f.id === life?.feed);
    const running = life !== undefined && life.frames > 0;
    return {
      state: running ? 'running' : this.#problem ? 'failed' : this.#restarts > 0 ? 'restarting' : 'starting',
      codec: this.codec,
      kbps: Math.round(life?.kbps ?? 0),
      fps: Math.round((life?.fps ?? 0) * 100) / 100,
      dropped: this.#droppedBefore + (feed?.dropped ?? 0),
      restarts: this.#restarts,
      ...(this.#problem && !running ? { error: this.#problem } : {}),
    };
  }

  #launch(): Life {
    // Half a second of frames: enough for FFmpeg's start and a busy moment, little enough to bound memory and delay.
    const { id, fd, firstFrame } = this.program.openFeed(Math.ceil(this.format.fpsNum / this.format.fpsDen / 2));
    const args = encoderArgs({
      codec: this.codec, format: this.format, ...this.#settings,
      firstFrameMs: frameMs(firstFrame, this.format), socketPath: this.socketPath,
    });
    const child = spawn(nativeProgram('vistter-launch'), ['--nice', '2', '--', 'ffmpeg', ...args], { stdio: [fd, 'ignore', 'pipe', 'pipe'] });
    this.core.closeFd(fd);
    const now = Date.now();
    const life: Life = { feed: id, child, bornMs: now, frames: 0, framesAtMs: now, kbps: 0, fps: 0, lastErrors: [], ended: false };
    child.on('error', (error) => this.log.error({ problem: error.message }, 'the encoder could not be started'));
    if (child.stderr) {
      readLines(child.stderr, 16 * 1024, (line) => {
        life.lastErrors.push(line);
        if (life.lastErrors.length > 5) life.lastErrors.shift();
        this.log.debug(`encoder: ${line}`);
      });
    }
    readLines(child.stdio[3] as Readable, 4096, (line) => this.#onProgress(life, line));
    child.once('close', (code, signal) => this.#onEnd(life, code, signal));
    return life;
  }

  #onProgress(life: Life, line: string): void {
    const [key, value = ''] = line.split('=', 2);
    if (key === 'frame') {
      const frames = Number(value.trim());
      const now = Date.now();
      if (frames > life.frames) {
        if (life.frames === 0) {
          this.#problem = undefined;
          this.log.info({ codec: this.codec, afterMs: now - life.bornMs }, 'the encoder runs');
        } else {
          const rate = ((frames - life.frames) * 1000) / Math.max(1, now - life.framesAtMs);
          life.fps = life.fps === 0 ? rate : life.fps * 0.7 + rate * 0.3;
        }
        life.frames = frames;
        life.framesAtMs = now;
      }
    } else if (key === 'bitrate') {
      const kbps = Number.parseFloat(value);
      if (Number.isFinite(kbps)) life.kbps = kbps;
    }
  }

  #watch(): void {
    const life = this.#current;
    if (!life || life.ended) return;
    const now = Date.now();
    if (now - life.bornMs > ROTATE_AFTER_MS) {
      this.#replace('its timestamps would overflow');
      return;
    }
    const feed = this.program.stats().feeds.find((f) => f.id === life.feed);
    const stuckMs = feed && feed.queued > 0 && feed.progressUs > 0 ? (this.core.monotonicUs() - feed.progressUs) / 1000 : 0;
    const silentMs = now - life.framesAtMs;
    if (stuckMs > HANG_MS && now - life.bornMs > HANG_MS || silentMs > (life.frames === 0 ? START_LIMIT_MS : HANG_MS * 2)) {
      this.log.warn({ stuckMs: Math.round(stuckMs), silentMs }, 'the encoder hangs; replacing it');
      life.framesAtMs = now;
      life.child.kill('SIGKILL');
    }
  }

  #replace(why: string): void {
    const old = this.#current;
    if (!old || old.ended) return;
    this.log.info(`replacing the encoder on air: ${why}`);
    this.#leaving.add(old);
    this.#current = this.#launch();
    setTimeout(() => void this.#end(old), HANDOVER_MS).unref();
  }

  #onEnd(life: Life, code: number | null, signal: NodeJS.Signals | null): void {
    life.ended = true;
    const feed = this.program.stats().feeds.find((f) => f.id === life.feed);
    this.#droppedBefore += feed?.dropped ?? 0;
    this.program.closeFeed(life.feed);
    this.#leaving.delete(life);
    if (life !== this.#current || this.#stopped) return;
    const detail = life.lastErrors.at(-1) ?? '';
    this.log.warn({ code, signal, detail }, 'the encoder ended; starting it again');
    if (life.frames > 0) this.#backoff.reset();
    else this.#problem = { code: 'ENCODER_FAILED', message: `FFmpeg ended before its first frame${detail ? `: ${detail}` : '.'}` };
    this.#restarts += 1;
    this.#restart = setTimeout(() => {
      this.#current = this.#launch();
    }, this.#backoff.nextMs());
  }

  /** Lets it drain for a moment, then ends it whatever it does. */
  #end(life: Life): Promise<void> {
    if (life.ended) return Promise.resolve();
    return new Promise((resolve) => {
      const kill = setTimeout(() => life.child.kill('SIGKILL'), 1000);
      life.child.once('close', () => {
        clearTimeout(kill);
        resolve();
      });
      this.program.closeFeed(life.feed);
    });
  }
}

const pick = ({ encoder, audio }: EncoderSettings): EncoderSettings => ({ encoder, audio });

/** The codec to use: `auto` is h264_nvenc when it really encodes a picture here, else libx264. */
export async function chooseCodec(wanted: Settings['encoder']['codec'], tryCodec: (codec: Codec) => Promise<boolean>): Promise<Codec> {
  if (wanted !== 'auto') return wanted;
  return (await tryCodec('h264_nvenc')) ? 'h264_nvenc' : 'libx264';
}
