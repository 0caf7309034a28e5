/** Finds out which codec works on this machine, by encoding one picture with it. */
import { execFile } from 'node:child_process';
import type { Settings } from '../protocol/resources.js';
import type { Problem } from '../protocol/status.js';
import type { Clock } from '../runtime/clock.js';
import { probeArgs, type Codec } from './encoder-args.js';

const PROBE_LIMIT_MS = 5000;

/** `late`: it was given up before it was known, as where a card's driver is cold or the machine is still starting. */
export type Tried = 'works' | 'refused' | 'late';

/** Whether the codec really encodes a picture here. */
export function tryCodec(codec: Codec): Promise<Tried> {
  return new Promise((resolve) => {
    execFile('ffmpeg', probeArgs(codec), { timeout: PROBE_LIMIT_MS, killSignal: 'SIGKILL' }, (error) => resolve(error === null ? 'works' : error.killed ? 'late' : 'refused'));
  });
}

export interface CodecChoice {
  codec: Codec;
  /** Why it is not the one that was asked for. */
  problem?: Problem;
  /** Another may work as well: that is not known yet. */
  isForNow?: boolean;
}

/**
 * The codec to use: `auto` is h264_nvenc when it works here, else libx264. One that was asked for by name and does not work
 * is replaced by libx264 and reported, because a program with another codec is better than none.
 */
export async function chooseCodec(wanted: Settings['encoder']['codec'], tries: (codec: Codec) => Promise<Tried>): Promise<CodecChoice> {
  if (wanted === 'libx264') return { codec: 'libx264' };
  const tried = await tries('h264_nvenc');
  if (tried === 'works') return { codec: 'h264_nvenc' };
  const forNow = tried === 'late' ? { isForNow: true } : {};
  if (wanted === 'auto') return { codec: 'libx264', ...forNow };
  return {
    codec: 'libx264', ...forNow,
    problem: {
      code: 'CODEC_UNAVAILABLE',
      message: 'This machine cannot encode with h264_nvenc (no NVIDIA card, or no driver), so libx264 is used.',
    },
  };
}

/** One that could not be tried is tried again, so often at most: each takes the time of a start of FFmpeg. */
const AGAIN_MS = 30_000;
const MOST_TRIES = 20;

/** What works on this machine is found out once; what is not known for sure, again. */
export class CodecFinder {
  readonly #found = new Map<string, Promise<CodecChoice>>();
  #cancel: () => void = () => {};

  /** @param onBetter another codec works after all */
  constructor(private readonly tries: (codec: Codec) => Promise<Tried>, private readonly clock: Pick<Clock, 'after'>, private readonly onBetter: () => void) {}

  find(wanted: Settings['encoder']['codec']): Promise<CodecChoice> {
    const found = this.#found.get(wanted);
    if (found) return found;
    const choice = chooseCodec(wanted, this.tries);
    this.#found.set(wanted, choice);
    void choice.then(({ isForNow }) => { if (isForNow) this.#again(wanted, 1); }, () => undefined);
    return choice;
  }

  stop(): void {
    this.#cancel();
  }

  #again(wanted: Settings['encoder']['codec'], tries: number): void {
    if (tries > MOST_TRIES) return;
    this.#cancel();
    this.#cancel = this.clock.after(AGAIN_MS, () => {
      void chooseCodec(wanted, this.tries).then((choice) => {
        if (choice.isForNow) return this.#again(wanted, tries + 1);
        this.#found.set(wanted, Promise.resolve(choice));
        if (choice.codec !== 'libx264') this.onBetter();
      }, () => undefined);
    });
  }
}
