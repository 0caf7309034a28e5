/** The fake native program: frames, scenes, sources and feeds as figures. Made and driven by test/fakes/native-core.ts. */
import type {
  NativeLayer, NativeLevel, NativeProgram, NativeProgramOptions, NativeScene, NativeSourceOptions, NativeStats, NativeTransition,
} from '../../src/engine/native.js';
import * as args from './native-arguments.js';
import { FakeFeed } from './native-feed.js';
import { FakeSource, type Production } from './native-source.js';

/** Behind by more than this the clock skips; behind by less it makes every frame. */
const CATCH_UP_US = 1e6;
const MOST_FALLBACKS = 8;
const COMPOSE_US = 500;

/** The descriptors of the process that a program lives in. */
export interface FakeDescriptors {
  open(): number;
  isOpen(fd: number): boolean;
}

export class FakeNativeProgram implements NativeProgram {
  // What JS has asked for, at once.
  readonly #known = new Set<string>();
  readonly #feeds = new Map<number, FakeFeed>();
  #stopped = false;
  #lastFeed = 0;
  // What the render thread has, from the tick after.
  readonly #sources = new Map<string, FakeSource>();
  readonly #pictures = new Map<string, { width: number; height: number }>();
  readonly #fed = new Set<FakeFeed>();
  #commands: (() => void)[] = [];
  #to: NativeScene | undefined;
  #from: NativeScene | undefined;
  #transition: NativeTransition = { kind: 'cut', frames: 0 };
  #transitionStart: number | undefined;
  #overlays: NativeLayer[] = [];
  #slateId = '';
  #next: number;
  #counts = { rendered: 0, late: 0, skipped: 0, repeated: 0 };
  #seen: NativeStats = {
    sceneId: '', frame: 0, rendered: 0, late: 0, skipped: 0, repeated: 0, composeUsAvg: 0, composeUsP99: 0, inTransition: false, sources: [], feeds: [],
  };
  #metered = new Set<string>();

  constructor(private readonly descriptors: FakeDescriptors, readonly options: NativeProgramOptions, nowUs: number) {
    this.#next = this.#frameAt(nowUs) + 1;
  }

  addSource(options: NativeSourceOptions): void {
    const checked = args.sourceOptions(options);
    this.#running();
    if (this.#known.has(checked.id)) args.fail(`There is a source "${checked.id}" already.`);
    this.#known.add(checked.id);
    this.#post(() => this.#sources.set(checked.id, new FakeSource(checked)));
  }

  updateSource(id: string, change: { fallbackId?: string | null; delayUs?: number }): void {
    this.#knownSource(id);
    const { fallbackId, delayUs } = args.object(args.given(change, 'change'), 'change');
    if (fallbackId !== undefined && fallbackId !== null) args.text(fallbackId, 'change.fallbackId');
    if (delayUs !== undefined) args.delayUs(delayUs, 'change.delayUs');
    this.#post(() => Object.assign(this.#sources.get(id)?.options ?? {}, JSON.parse(JSON.stringify(change))));
  }

  removeSource(id: string): void {
    args.text(args.given(id, 'id'), 'id');
    this.#running();
    this.#known.delete(id);
    this.#post(() => this.#sources.delete(id));
  }

  openRing(sourceId: string): number {
    this.#knownSource(sourceId);
    const fd = this.descriptors.open();
    this.#post(() => this.#sources.get(sourceId)?.attach());
    return fd;
  }

  detachRing(sourceId: string): void {
    args.text(args.given(sourceId, 'sourceId'), 'sourceId');
    this.#running();
    this.#post(() => this.#sources.get(sourceId)?.detach());
  }

  setPlaying(sourceId: string, playing: boolean): void {
    this.#knownSource(sourceId);
    args.boolean(args.given(playing, 'playing'), 'playing');
    this.#post(() => {
      const source = this.#sources.get(sourceId);
      if (source?.options.mode === 'file') source.playing = playing;
    });
  }

  setPicture(id: string, width: number, height: number, rgba: Uint8Array, stride: number): void {
    args.text(args.given(id, 'id'), 'id');
    args.pixels(width, height, args.given(rgba, 'rgba'), stride);
    this.#running();
    this.#post(() => this.#pictures.set(id, { width, height }));
  }

  removePicture(id: string): void {
    args.text(args.given(id, 'id'), 'id');
    this.#running();
    this.#post(() => this.#pictures.delete(id));
  }

  setSlate(pictureId: string): void {
    args.text(args.given(pictureId, 'pictureId'), 'pictureId');
    this.#running();
    this.#post(() => { this.#slateId = pictureId; });
  }

  take(scene: NativeScene, transition: NativeTransition): { frame: number } {
    const to = args.scene(scene);
    const way = args.transition(transition);
    this.#running();
    const { frame } = this.#post(() => {
      this.#from = way.kind === 'cut' || way.frames === 0 ? undefined : this.#to;
      this.#to = to;
      this.#transition = way;
      this.#transitionStart = undefined;
    });
    // A dip shows the new scene in its second half only.
    return { frame: way.kind === 'dip' && way.frames > 0 ? frame + Math.floor((way.frames + 1) / 2) : frame };
  }

  updateScene(scene: NativeScene): { frame: number } {
    const to = args.scene(scene);
    this.#running();
    return this.#post(() => { this.#to = to; });
  }

  setOverlays(layers: NativeLayer[]): { frame: number } {
    const overlays = args.layers(layers, 'layers');
    this.#running();
    return this.#post(() => { this.#overlays = overlays; });
  }

  openFeed(queueFrames: number): { id: number; fd: number; firstFrame: number } {
    const capacity = args.whole(args.given(queueFrames, 'queueFrames'), 'queueFrames', 1, 240);
    this.#running();
    const feed = new FakeFeed(++this.#lastFeed, this.descriptors.open(), capacity, this.#next);
    this.#feeds.set(feed.id, feed);
    this.#post(() => this.#fed.add(feed));
    return { id: feed.id, fd: feed.fd, firstFrame: feed.firstFrame };
  }

  closeFeed(id: number): void {
    args.whole(args.given(id, 'id'), 'id', 0, 2 ** 30);
    this.#running();
    const feed = this.#feeds.get(id);
    if (!feed || feed.closing) return;
    feed.closing = true;
    this.#post(() => this.#fed.delete(feed));
  }

  stats(): NativeStats {
    for (const feed of this.#feeds.values()) {
      if (feed.closing && !this.#fed.has(feed) && feed.done) this.#feeds.delete(feed.id);
    }
    return { ...this.#seen, sources: this.#seen.sources.map((source) => ({ ...source })), feeds: [...this.#feeds.values()].map((feed) => feed.stats()) };
  }

  levels(): NativeLevel[] {
    const metered = [...this.#metered];
    this.#metered.clear();
    return metered.map((id) => ({ id, peak: [-100, -100], rms: [-100, -100] }));
  }

  stop(): void {
    this.#stopped = true;
    this.#feeds.clear();
    this.#commands = [];
  }

  // ---- for the test

  /** A decoder fills the source's ring, from the next tick on. */
  produce(id: string, production: Production = {}): void {
    this.#post(() => this.#sources.get(id)?.produce(production));
  }

  /** Its decoder stands still. */
  stall(id: string): void {
    this.#post(() => this.#sources.get(id)?.stall());
  }

  /** Whether the feed's encoder reads. */
  setReading(feedId: number, reading: boolean): void {
    const feed = this.#feeds.get(feedId);
    if (feed) feed.read = reading;
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  get scene(): NativeScene | undefined {
    return this.#to;
  }

  get overlays(): string[] {
    return this.#overlays.map((layer) => layer.sourceId);
  }

  get pictures(): string[] {
    return [...this.#pictures.keys()];
  }

  get slateId(): string {
    return this.#slateId;
  }

  sourceOptions(id: string): NativeSourceOptions | undefined {
    return this.#sources.get(id)?.options;
  }

  isPlaying(id: string): boolean {
    return this.#sources.get(id)?.playing ?? false;
  }

  // ---- the clock

  /** When the next frame is due; never once it was stopped. */
  get nextDueUs(): number {
    return this.#stopped ? Infinity : this.#dueUs(this.#next);
  }

  /** Makes the frames that are due at `nowUs`. */
  wake(nowUs: number): void {
    while (!this.#stopped && this.nextDueUs <= nowUs) {
      const behind = nowUs - this.nextDueUs;
      if (behind > CATCH_UP_US) {
        const to = this.#frameAt(nowUs);
        this.#counts.skipped += to - this.#next;
        this.#next = to;
      } else if (behind > this.#intervalUs) {
        this.#counts.late += 1;
      }
      this.#tick(this.#next++, nowUs);
    }
  }

  get #intervalUs(): number {
    return (this.options.fpsDen * 1e6) / this.options.fpsNum;
  }

  #dueUs(frame: number): number {
    return (frame * this.options.fpsDen * 1e6) / this.options.fpsNum;
  }

  /** The first frame due at or after `us`. */
  #frameAt(us: number): number {
    return Math.ceil((us * this.options.fpsNum) / (this.options.fpsDen * 1e6));
  }

  #tick(n: number, nowUs: number): void {
    for (const command of this.#commands.splice(0)) command();
    if (this.#from) this.#transitionStart ??= n;
    const dueUs = this.#dueUs(n);
    for (const source of this.#sources.values()) source.advance(dueUs);
    if (this.#from && n - this.#transitionStart! >= this.#transition.frames) this.#from = undefined;
    const layers = [...(this.#to?.layers ?? []), ...(this.#from?.layers ?? [])];
    for (const layer of layers) this.#lookTo(layer.sourceId, n);
    if (this.#to?.layers.some(({ sourceId }) => this.#repeats(sourceId))) this.#counts.repeated += 1;
    for (const feed of this.#feeds.values()) feed.tick(this.#fed.has(feed), this.descriptors.isOpen(feed.fd), nowUs);
    this.#counts.rendered += 1;
    this.#metered = new Set([...this.#metered, 'program', ...this.#sources.keys()]);
    this.#seen = {
      ...this.#counts, sceneId: this.#to?.id ?? '', frame: n, composeUsAvg: COMPOSE_US, composeUsP99: COMPOSE_US, inTransition: this.#from !== undefined,
      sources: [...this.#sources.values()].map((source) => source.stats(dueUs)), feeds: [],
    };
  }

  /** Follows the fallbacks of a layer that is drawn. */
  #lookTo(first: string, n: number): void {
    for (let id = first, hop = 0; hop < MOST_FALLBACKS; hop++) {
      const source = this.#sources.get(id);
      if (!source) return;
      if (hop > 0) source.standIn(n);
      if (!source.pictureGone || source.options.fallbackId === null) return;
      id = source.options.fallbackId;
    }
  }

  #repeats(id: string): boolean {
    const source = this.#sources.get(id);
    return source?.options.mode === 'live' && source.state === 'late';
  }

  #post(command: () => void): { frame: number } {
    this.#commands.push(command);
    return { frame: this.#next };
  }

  #running(): void {
    if (this.#stopped) throw new Error('The program has been stopped.');
  }

  #knownSource(sourceId: unknown): void {
    const id = args.text(args.given(sourceId, 'sourceId'), 'sourceId');
    this.#running();
    if (!this.#known.has(id)) args.fail(`There is no source "${id}".`);
  }
}
