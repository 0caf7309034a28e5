/** The fake native program: frames, scenes, sources and feeds as figures. Made and driven by test/fakes/native-core.ts. */
import type {
  NativeLayer, NativeLevel, NativeMonitorSound, NativeMonitorWish, NativePlanned, NativeProgram, NativeProgramOptions, NativeScene, NativeSound, NativeSourceOptions,
  NativeStats, NativeTile, NativeTileWish, NativeTransition,
} from '../../src/engine/native.js';
import * as args from './native-arguments.js';
import { FakeFeed } from './native-feed.js';
import { FakeSource, type Production } from './native-source.js';
import { FakePlans, FakeStage, firstShown, layersOf, type FakeSide } from './native-stage.js';

/** Behind by more than this the clock skips; behind by less it makes every frame. */
const CATCH_UP_US = 1e6;
const MOST_FALLBACKS = 8;
const COMPOSE_US = 500;
/** Sample frames that are kept of a monitor. */
const MONITOR_FRAMES = 1 << 15;

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
  readonly #plans = new FakePlans();
  readonly #stage = new FakeStage(false, this.#plans, (id) => this.#sources.get(id)?.setPlaying(true));
  readonly #cover = new FakeStage(true, this.#plans, (id) => this.#sources.get(id)?.setPlaying(true));
  #commands: (() => void)[] = [];
  #overlays: NativeLayer[] = [];
  #slateId = '';
  #black = { is: 0, to: 0, step: 1 };
  #next: number;
  #counts = { rendered: 0, late: 0, skipped: 0, repeated: 0 };
  readonly #covers = new Map<string, { missed: number; blank: number }>();
  /** The last frame that was made; 0: none was. */
  #frame = 0;
  #seen: Omit<NativeStats, 'feeds'> | undefined;
  #metered = new Set<string>();
  /** What is set at the mixer. */
  sound: NativeSound = { gain: 1, sources: [] };
  #monitors = new Map<NativeMonitorWish, { begun: number; fetched: number }>();
  #tiles: NativeTileWish[] = [];
  readonly #tiled = new Map<string, number>();
  /** Told of each frame as it is made: what is on program, and what it comes from while a transition runs. */
  onFrame: ((frame: number, to: NativeScene | undefined, from: NativeScene | undefined) => void) | undefined;

  constructor(private readonly descriptors: FakeDescriptors, readonly options: NativeProgramOptions, nowUs: number) {
    this.#next = this.#frameAt(nowUs) + 1;
  }

  addSource(options: NativeSourceOptions): void {
    const checked = args.sourceOptions(options);
    this.#running();
    if (this.#known.has(checked.id)) args.fail(`There is a source "${checked.id}" already.`);
    this.#known.add(checked.id);
    this.#post(() => this.#sources.set(checked.id, new FakeSource(checked, this.#intervalUs)));
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
    this.rings.set(fd, sourceId);
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
    this.#post(() => this.#sources.get(sourceId)?.setPlaying(playing));
  }

  playFrom(sourceId: string, frame: number, positionUs: number, beginFrame: number): void {
    this.#knownSource(sourceId);
    const dueUs = this.#dueUs(args.frame(args.given(frame, 'frame'), 'frame'));
    args.number(args.given(positionUs, 'positionUs'), 'positionUs', 0, 9e15);
    const beginUs = this.#dueUs(args.frame(args.given(beginFrame, 'beginFrame'), 'beginFrame'));
    this.#post(() => this.#sources.get(sourceId)?.playFrom(dueUs, positionUs, beginUs));
  }

  holdFrom(sourceId: string, frame: number): void {
    this.#knownSource(sourceId);
    const dueUs = this.#dueUs(args.frame(args.given(frame, 'frame'), 'frame'));
    this.#post(() => this.#sources.get(sourceId)?.holdFrom(dueUs));
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

  take(scene: NativeScene, transition: NativeTransition, films?: string[]): { frame: number } {
    const take = { scene: args.scene(scene), fills: false, transition: args.transition(transition), films: args.ids(films, 'films') };
    this.#running();
    return { frame: firstShown(this.#post(() => this.#stage.take(take)).frame, take.transition) };
  }

  takeAt(frame: number, scene: NativeScene, transition: NativeTransition, films?: string[]): { frame: number } {
    const at = args.frame(args.given(frame, 'frame'), 'frame');
    const take = { scene: args.scene(scene), fills: false, transition: args.transition(transition), films: args.ids(films, 'films') };
    this.#running();
    const { frame: next } = this.#post(() => this.#stage.takeAt(at, take, false));
    return { frame: firstShown(Math.max(next, at), take.transition) };
  }

  bar(position: number, scene: NativeScene | null, transition: NativeTransition, films?: string[]): { frame: number } {
    const at = args.number(args.given(position, 'position'), 'position', 0, 1);
    const take = { scene: scene === null ? undefined : args.scene(scene), fills: false, transition: args.transition(transition), films: args.ids(films, 'films') };
    if (take.scene && take.transition.kind === 'cut') args.fail('transition.kind must not be "cut": there is no way to go by hand.');
    this.#running();
    return this.#post(() => this.#stage.bar(at, take));
  }

  black(on: boolean, frames: number): { frame: number } {
    const to = args.boolean(args.given(on, 'on'), 'on') ? 1 : 0;
    const step = 1 / (args.whole(args.given(frames, 'frames'), 'frames', 0, 100_000) + 1);
    this.#running();
    return this.#post(() => { this.#black = { ...this.#black, to, step }; });
  }

  coverAt(frame: number, scene: NativeScene | null, fills: boolean, transition: NativeTransition, films?: string[]): { frame: number } {
    const at = args.frame(args.given(frame, 'frame'), 'frame');
    const take = {
      scene: scene === null ? undefined : args.scene(scene), fills: args.boolean(args.given(fills, 'fills'), 'fills'),
      transition: args.transition(transition), films: args.ids(films, 'films'),
    };
    this.#running();
    const { frame: next } = this.#post(() => this.#cover.takeAt(Math.max(at, this.#frame + 1), take, true));
    return { frame: Math.max(next, at) };
  }

  plan(sceneId: string, fromFrame: number, entries: NativePlanned[]): { frame: number } {
    const id = args.text(args.given(sceneId, 'sceneId'), 'sceneId');
    const from = args.frame(args.given(fromFrame, 'fromFrame'), 'fromFrame');
    const added = args.planned(entries);
    this.#running();
    return this.#post(() => this.#plans.plan(id, from, added));
  }

  updateScene(scene: NativeScene, films?: string[]): { frame: number } {
    const take = { scene: args.scene(scene), fills: false, transition: { kind: 'cut' as const, frames: 0 }, films: args.ids(films, 'films') };
    this.#running();
    return this.#post(() => this.#stage.update(take));
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
    return { ...this.#atFrame(), feeds: [...this.#feeds.values()].map((feed) => feed.stats()) };
  }

  /** Of what it counts, what does not change between two frames. */
  #atFrame(): Omit<NativeStats, 'feeds'> {
    if (this.#seen?.frame === this.#frame) return this.#seen;
    const dueUs = this.#dueUs(this.#frame);
    return (this.#seen = {
      ...this.#counts, sceneId: this.#stage.settled.scene?.id ?? '', frame: this.#frame,
      composeUsAvg: this.#frame > 0 ? COMPOSE_US : 0, composeUsP99: this.#frame > 0 ? COMPOSE_US : 0, inTransition: this.#stage.from !== undefined, black: this.#black.is,
      coverId: this.#cover.to.scene?.id ?? '', coverInTransition: this.#cover.from !== undefined,
      covers: [...this.#covers].map(([sceneId, counts]) => ({ sceneId, ...counts })),
      sources: [...this.#sources.values()].map((source) => source.stats(dueUs)), tiles: { made: 0, dropped: 0 },
    });
  }

  levels(): NativeLevel[] {
    const metered = [...this.#metered];
    this.#metered.clear();
    return metered.map((id) => ({ id, peak: [-100, -100], rms: [-100, -100] }));
  }

  setSound(sound: NativeSound): { frame: number } {
    const checked = args.sound(sound);
    this.#running();
    return this.#post(() => { this.sound = checked; });
  }

  wishMonitors(monitors: NativeMonitorWish[]): void {
    const wishes = args.monitorWishes(monitors);
    this.#running();
    const before = new Map([...this.#monitors].map(([wish, made]) => [JSON.stringify(wish), made]));
    this.#monitors = new Map(wishes.map((wish) => [wish, before.get(JSON.stringify(wish)) ?? { begun: this.#counts.rendered, fetched: 0 }]));
  }

  /** Silence, as long as a program of so many frames is. */
  takeMonitors(): NativeMonitorSound[] {
    this.#running();
    return [...this.#monitors].flatMap(([{ id }, made]) => {
      const all = Math.round((this.#counts.rendered - made.begun) * this.#intervalUs * 0.048);
      const at = made.fetched;
      const count = Math.min(all - at, MONITOR_FRAMES);
      made.fetched = all;
      return count > 0 ? [{ id, at, pcm: Buffer.alloc(count * 4) }] : [];
    });
  }

  wishTiles(tiles: NativeTileWish[]): void {
    this.#running();
    this.#tiles = args.tileWishes(tiles);
    this.#tiled.clear();
  }

  /** One a call of whatever has been rendered since the last: no picture is looked at. */
  takeTiles(): NativeTile[] {
    this.#running();
    return this.#tiles.flatMap(({ id, width, height, scene }) => {
      const isThere = id === 'program' || scene ? this.#frame > 0 : this.#atFrame().sources.some((source) => source.id === id && source.ready);
      if (!isThere || this.#tiled.get(id) === this.#frame) return [];
      this.#tiled.set(id, this.#frame);
      return [{ id, frame: this.#frame, width, height, jpeg: Buffer.from([0xff, 0xd8, 0xff, 0xd9]) }];
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#feeds.clear();
    this.#commands = [];
  }

  // ---- for the test

  /** Which source each ring was opened for, by its descriptor. */
  readonly rings = new Map<number, string>();

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

  get monitors(): NativeMonitorWish[] {
    return [...this.#monitors.keys()];
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  get scene(): NativeScene | undefined {
    return this.#stage.to.scene;
  }

  /** The sources of what is on program, those in mixes too. */
  get sourcesOnProgram(): string[] {
    return layersOf(this.#stage.to.scene).map(({ sourceId }) => sourceId);
  }

  /** What is over the program, and what it comes from while a transition runs. */
  get cover(): { to: FakeSide; from: FakeSide | undefined } {
    return { to: this.#cover.to, from: this.#cover.from };
  }

  get sourcesOfCover(): string[] {
    return layersOf(this.#cover.to.scene).map(({ sourceId }) => sourceId);
  }

  /** What a scene is to become, as far as it is known. */
  planned(sceneId: string): readonly NativePlanned[] {
    return this.#plans.planned(sceneId);
  }

  /** Scenes of which something is known that is to come. */
  get plannedScenes(): string[] {
    return this.#plans.scenes;
  }

  get overlays(): string[] {
    return this.#overlays.map((layer) => layer.sourceId);
  }

  get pictures(): string[] {
    return [...this.#pictures.keys()];
  }

  /** How far the bar has been moved; null: nobody holds it. */
  get barPosition(): number | null {
    return this.#stage.byHand ? this.#stage.position : null;
  }

  get tilesWished(): readonly NativeTileWish[] {
    return this.#tiles;
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

  /** Files: the frame of the film that a source shows, one a program frame; -1: none. */
  positionOf(id: string): number {
    return this.#sources.get(id)?.position ?? -1;
  }

  get sourceIds(): string[] {
    return [...this.#sources.keys()];
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
    if (this.#commands.length > 0) for (const command of this.#commands.splice(0)) command();
    this.#stage.follow(n);
    this.#cover.follow(n);
    const { is, to, step } = this.#black;
    this.#black.is = to > is ? Math.min(to, is + step) : Math.max(to, is - step);
    const dueUs = this.#dueUs(n);
    for (const source of this.#sources.values()) source.advance(dueUs);
    const sides = [this.#stage.to, this.#stage.from, this.#cover.to, this.#cover.from].filter((side) => side !== undefined && !side.stands);
    // Also what a cover hides is looked to: it goes on.
    for (const side of sides) for (const { sourceId } of layersOf(side?.scene)) this.#lookTo(sourceId, n);
    const covered = [this.#cover.to, ...(this.#cover.from ? [this.#cover.from] : [])].every((side) => side.scene !== undefined && side.fills);
    const seen = [...(covered || this.#stage.to.stands ? [] : [this.#stage.to]), this.#cover.to];
    if (seen.some(({ scene }) => layersOf(scene).some(({ sourceId }) => this.#repeats(sourceId)))) this.#counts.repeated += 1;
    for (const side of [this.#cover.to, this.#cover.from]) if (side?.scene) this.#count(side.scene, side.fills);
    this.#stage.drawn();
    for (const feed of this.#feeds.values()) feed.tick(this.#fed.has(feed), this.descriptors.isOpen(feed.fd), nowUs);
    this.#counts.rendered += 1;
    this.#metered.add('program');
    for (const [id, { options }] of this.#sources) this.#metered.add(options.soundId ?? id);
    this.#frame = n;
    this.onFrame?.(n, this.#stage.to.scene, this.#stage.from?.scene);
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

  /** Of what lies over the program: whether all of it, and any of it, was there. */
  #count(scene: NativeScene, fills: boolean): void {
    const counts = this.#covers.get(scene.id) ?? { missed: 0, blank: 0 };
    this.#covers.set(scene.id, counts);
    const layers = layersOf(scene);
    const isHeard = ({ sourceId, opacity }: NativeLayer): boolean => this.#sources.has(sourceId) && (opacity <= 0 || this.#sources.get(sourceId)!.options.soundOnly === true);
    const pictures = layers.filter((layer) => !isHeard(layer) && layer.opacity > 0 && !(layer.sourceId.startsWith('overlay:') && !this.#pictures.has(layer.sourceId)));
    const isMissed = ({ sourceId }: NativeLayer): boolean => this.#sources.get(sourceId)?.pictureMissed ?? (!this.#pictures.has(sourceId) || sourceId === this.#slateId);
    const sounds = layers.filter((layer) => isHeard(layer) && layer.gain > 0);
    const missed = pictures.length > 0 ? pictures.map(isMissed) : sounds.map(({ sourceId }) => this.#sources.get(sourceId)!.soundMissed);
    const nothing = (layers.length === 0 && fills) || (this.#black.is >= 1 && !scene.overBlack);
    if (nothing || missed.includes(true)) counts.missed += 1;
    if (nothing || (missed.length > 0 && !missed.includes(false))) counts.blank += 1;
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
