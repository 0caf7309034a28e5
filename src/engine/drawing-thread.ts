/** One life of the drawing thread: what it is told, a wish at a time, and whether it still answers. */
import { Worker } from 'node:worker_threads';
import type { EngineOverlay } from '../protocol/link.js';
import type { FromDrawing, ToDrawing } from './overlay-messages.js';
import type { VideoFormat } from './scene-plan.js';

export interface DrawingWish {
  channelName: string;
  overlays: EngineOverlay[];
}

/** What it says of its drawings. */
export type DrawingWord = Exclude<FromDrawing, { type: 'known' }>;

export interface DrawingEvents {
  onWord(message: DrawingWord): void;
  /** It still answers, after it was asked before: what it was told first did not make it hang. */
  onSound(): void;
  onCrash(error: Error): void;
  /** It has said nothing for so long, ms, and is being ended. */
  onHang(silentMs: number): void;
  onExit(): void;
}

const LOOK_EVERY_MS = 1000;
/** Of itself it says nothing where there is nothing to draw: it is asked so often. */
const LOOKS_TO_ASK = 5;
/** Counted in looks: where the engine itself is given no processor nobody looks, and none of that is held against the thread. */
const MOST_LOOKS = 15;
/** It has its fonts to read. To end one that is slow because the machine is would give the machine all of it to do again. */
const MOST_LOOKS_AT_START = 30;

export class DrawingThread {
  readonly #worker = new Worker(new URL('./overlay-worker.js', import.meta.url));
  readonly #watch = setInterval(() => this.#look(), LOOK_EVERY_MS);
  #wish: DrawingWish | undefined;
  #toldName: string | undefined;
  /** A wish of which it has not said that it knows it: no other is posted, or they would pile up before one that hangs. */
  #isAsked = false;
  /** The wish has changed since. */
  #isBehind = false;
  #hasSpoken = false;
  #answers = 0;
  /** Looks since it answered, and since it said anything. */
  #sinceAnswer = 0;
  #sinceWord = 0;

  constructor(private readonly format: VideoFormat, private readonly events: DrawingEvents) {
    this.#worker.on('message', (message: FromDrawing) => this.#onMessage(message));
    this.#worker.on('error', (error) => events.onCrash(error));
    this.#worker.on('exit', () => {
      clearInterval(this.#watch);
      events.onExit();
    });
  }

  tell(wish: DrawingWish): void {
    this.#wish = wish;
    if (this.#isAsked) this.#isBehind = true;
    else this.#ask(wish);
  }

  /** The next picture of that overlay may come. */
  taken(pictureId: string): void {
    this.#post({ type: 'taken', pictureId });
  }

  async end(): Promise<void> {
    clearInterval(this.#watch);
    await this.#worker.terminate();
  }

  #ask({ channelName, overlays }: DrawingWish): void {
    this.#isAsked = true;
    this.#isBehind = false;
    if (channelName !== this.#toldName) this.#post({ type: 'frame', width: this.format.width, height: this.format.height, channelName });
    this.#toldName = channelName;
    this.#post({ type: 'overlays', overlays });
  }

  #post(message: ToDrawing): void {
    this.#worker.postMessage(message);
  }

  #onMessage(message: FromDrawing): void {
    this.#sinceWord = 0;
    this.#hasSpoken = true;
    if (message.type !== 'known') {
      this.events.onWord(message);
      return;
    }
    this.#isAsked = false;
    this.#sinceAnswer = 0;
    this.#answers += 1;
    if (this.#answers > 1) this.events.onSound();
    if (this.#isBehind) this.#ask(this.#wish!);
  }

  #look(): void {
    this.#sinceAnswer += 1;
    this.#sinceWord += 1;
    if (!this.#isAsked) {
      // By what it knows already: of that it draws nothing.
      if (this.#wish && this.#sinceAnswer >= LOOKS_TO_ASK) this.#ask(this.#wish);
      return;
    }
    if (this.#sinceWord < (this.#hasSpoken ? MOST_LOOKS : MOST_LOOKS_AT_START)) return;
    this.events.onHang(this.#sinceWord * LOOK_EVERY_MS);
    void this.end();
  }
}
