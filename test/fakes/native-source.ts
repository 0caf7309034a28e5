/** One source of the fake native program: the rules of native/compositor/source.h for when it is there and when it is gone. */
import type { NativeSourceOptions, NativeSourceStats } from '../../src/engine/native.js';

const GONE_US = 350e3;
const FILE_GONE_US = 2000e3;
const STUTTER_US = 200e3;
/** Stamps are whole µs: nearer than this to each other is the same. */
const TIE_US = 50;

/** What a decoder would put into the ring. */
export interface Production {
  width?: number;
  height?: number;
  /** Files: how many frames it is long; without it, it never ends. */
  frames?: number;
  /** Files: the frame it begins with. */
  from?: number;
  /** A picture that stays, as an image's or a colour's. */
  still?: boolean;
}

type Producer = { is: 'none' } | { is: 'running'; frames: number; still: boolean } | { is: 'stalled' } | { is: 'ended' };

/** Files: source time `positionUs` belongs at program time `dueUs`; it stands until `beginUs`. */
interface Placed {
  dueUs: number;
  positionUs: number;
  beginUs: number;
}

export class FakeSource {
  state: NativeSourceStats['state'] = 'waiting';
  #playing = false;
  #producer: Producer = { is: 'none' };
  #attached = false;
  #picture: { width: number; height: number } | undefined;
  /** What is shown came from this ring and this pass of the film. */
  #current = false;
  /** Files: the frame that is shown, of one a program frame, and whether their time has begun and runs. */
  #position = 0;
  #started = false;
  #running = false;
  #placed: Placed | undefined;
  /** Where it goes on once it has stood. */
  #then: Placed | undefined;
  /** Files: program time from which it stands. */
  #holdUs = Infinity;
  #asked = false;
  #stoodInFrame = -1;
  #lastNewUs = -1;
  #newSinceGone = 0;
  #shown = 0;
  #repeated = 0;
  /** Ticks in a row without a new picture that should have had one. */
  #stood = 0;

  constructor(readonly options: NativeSourceOptions, private readonly intervalUs: number) {}

  get playing(): boolean {
    return this.#playing;
  }

  /** Files: the frame of the film that is shown, counted from its beginning; -1: none of this ring. */
  get position(): number {
    return this.#current ? this.#position : -1;
  }

  setPlaying(playing: boolean): void {
    if (this.options.mode !== 'file') return;
    this.#placed = this.#then = undefined;
    this.#holdUs = Infinity;
    this.#playing = playing;
  }

  playFrom(dueUs: number, positionUs: number, beginUs: number): void {
    if (this.options.mode !== 'file') return;
    const placed = { dueUs, positionUs, beginUs: Math.max(dueUs, beginUs) };
    if (placed.beginUs > this.#holdUs) {
      this.#then = placed;
      return;
    }
    this.#placed = placed;
    this.#then = undefined;
    this.#holdUs = Infinity;
    this.#running = false;
  }

  holdFrom(dueUs: number): void {
    if (this.options.mode !== 'file') return;
    this.#holdUs = dueUs;
    this.#then = undefined;
  }

  attach(): void {
    this.#attached = true;
    this.#producer = { is: 'none' };
    this.#begin(0);
  }

  detach(): void {
    this.#attached = false;
    if (this.#producer.is === 'running') this.#producer = { is: 'stalled' };
  }

  /** A decoder fills the ring from now on; said again, it has gone back to the film's beginning. */
  produce({ width = 640, height = 360, frames = Infinity, from = 0, still = false }: Production): void {
    this.#producer = { is: 'running', frames, still };
    this.#picture = { width, height };
    this.#begin(from);
  }

  /** Nothing new comes, and nobody says why. */
  stall(): void {
    this.#producer = { is: 'stalled' };
  }

  /** It is looked to as a fallback at this tick, which is frame `n`: a film's time runs from the next on. */
  standIn(n: number): void {
    this.#asked = true;
    this.#stoodInFrame = n;
  }

  advance(dueUs: number): void {
    const standsIn = this.#asked;
    this.#asked = false;
    const isNew = this.options.mode === 'file' ? this.#playOn(standsIn, dueUs) : this.#takeLive();
    if (isNew) {
      this.#shown += 1;
      this.#newSinceGone += 1;
      this.#lastNewUs = dueUs;
    }
    this.#judge(dueUs, isNew);
    const isStill = this.#producer.is === 'ended' || (this.#producer.is === 'running' && this.#producer.still);
    const holds = this.options.mode === 'file' && !this.#running;
    this.#stood = isNew || isStill || holds || this.#shown === 0 ? 0 : this.#stood + 1;
  }

  get pictureGone(): boolean {
    if (this.options.soundOnly) return false;
    return this.state === 'gone' || this.state === 'ended' || this.state === 'waiting' || this.#shown === 0;
  }

  /** Something else is seen in its place, or its last picture for longer than a stutter. */
  get pictureMissed(): boolean {
    return this.pictureGone || this.#stood * this.intervalUs > STUTTER_US;
  }

  get soundMissed(): boolean {
    return this.#shown === 0 || this.state === 'gone' || this.state === 'ended';
  }

  stats(dueUs: number): NativeSourceStats {
    return {
      id: this.options.id, state: this.state, ready: this.#current, ageMs: this.#lastNewUs < 0 ? -1 : (dueUs - this.#lastNewUs) / 1000,
      width: this.#shown === 0 ? 0 : (this.#picture?.width ?? 0), height: this.#shown === 0 ? 0 : (this.#picture?.height ?? 0),
      shown: this.#shown, skipped: 0, dropped: 0, repeated: this.#repeated, offsetUs: 0, audioErrorUs: 0, audioUnderruns: 0,
      stoodInFrame: this.#stoodInFrame,
    };
  }

  #begin(from: number): void {
    this.#current = this.#started = this.#running = false;
    this.#position = from;
  }

  #takeLive(): boolean {
    if (this.#producer.is !== 'running') return false;
    if (this.#producer.still && this.#current) return false;
    this.#current = true;
    return true;
  }

  /** A file shows its first frame, holds it until it is wanted, and then shows one a tick. True when this tick has another frame. */
  #playOn(standsIn: boolean, dueUs: number): boolean {
    const appeared = !this.#current && this.#producer.is === 'running';
    if (appeared) this.#current = true;
    // What is due at that moment is still shown.
    if (dueUs > this.#holdUs + this.intervalUs / 2) {
      this.#running = this.#playing = false;
      this.#placed = this.#then;
      this.#then = undefined;
      this.#holdUs = Infinity;
    }
    if (this.#placed) return this.#playPlaced(this.#placed, dueUs) || appeared;
    if (!this.#current) return appeared;
    const wanted = this.#playing || standsIn;
    const step = wanted && this.#started;
    if (wanted && !this.#running) this.#lastNewUs = dueUs;
    this.#running = wanted;
    this.#started ||= wanted;
    return (step && this.#moveTo(this.#position + 1)) || appeared;
  }

  #playPlaced(placed: Placed, dueUs: number): boolean {
    if (!this.#running) {
      if (!this.#attached || dueUs < placed.beginUs - TIE_US) return false;
      this.#running = this.#started = this.#playing = true;
      this.#lastNewUs = dueUs;
    }
    // One that is ahead of its time waits for it, one that is behind joins in where it should be.
    const due = Math.round((dueUs - placed.dueUs + placed.positionUs) / this.intervalUs);
    return this.#current && due > this.#position && this.#moveTo(due);
  }

  #moveTo(position: number): boolean {
    if (this.#producer.is !== 'running' || this.#producer.still) return false;
    this.#position = Math.min(position, this.#producer.frames);
    if (position < this.#producer.frames) return true;
    this.#producer = { is: 'ended' };
    return false;
  }

  #judge(dueUs: number, isNew: boolean): void {
    if (this.#lastNewUs < 0) return;
    const file = this.options.mode === 'file';
    if (this.#producer.is === 'running' && this.#producer.still) {
      this.state = 'live';
      return;
    }
    if (this.#producer.is === 'ended') {
      this.state = this.#running ? 'ended' : 'live';
      return;
    }
    const held = file && !this.#running && this.#attached;
    if (this.state === 'gone') {
      if (this.#newSinceGone >= (file ? 1 : 2)) this.state = 'live';
      return;
    }
    if (!held && dueUs - this.#lastNewUs > (file && this.#attached ? FILE_GONE_US : GONE_US)) {
      this.state = 'gone';
      this.#newSinceGone = 0;
      return;
    }
    if (!isNew && !held) this.#repeated += 1;
    this.state = isNew || held ? 'live' : 'late';
  }
}
