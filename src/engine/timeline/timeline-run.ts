/**
 * A timeline on its way: which program frame shows which position, the players of what is near, and the scenes of coming
 * frames. It owns its players; what is on program is the business of whoever owns it.
 */
import { playouts } from '../../domain/timeline/playouts.js';
import type { CompiledTimeline } from '../../domain/timeline/compile.js';
import { continues, positionAfterEdit, type Keeps } from '../../domain/timeline/edits.js';
import type { Playout } from '../../domain/timeline/model.js';
import { frameAt } from '../../domain/timeline/rate.js';
import { bareKey, leftOf, passAt, placeAt, shiftOf, type Region } from '../../domain/timeline/region.js';
import { resolve } from '../../domain/timeline/resolve.js';
import { sameOpening } from '../decoder-args.js';
import type { NativePlanned, NativeScene, NativeSourceStats } from '../native.js';
import { SLATE_ID } from '../scene-plan.js';
import type { ClipPlayer } from './clip-player.js';
import { ClipPlayers, type RunContext } from './clip-players.js';
import { CountedOnce } from './counted-once.js';
import { Motion, type Interlude } from './motion.js';
import { timelineScene } from './timeline-scene.js';

/** Files are opened this long before they are due: a codec that is slow to find its place has time for it. */
const PREROLL_MS = 4000;
/** Films and sounds open at once, at most; of more the ones that are due first. */
const MOST_OPEN = 24;
/** A file that is over so shortly before its clip is not worth another picture. */
const REMAINDER_FRAMES = 12;

export class TimelineRun {
  readonly #motion: Motion;
  readonly #players: ClipPlayers;
  readonly #late = new CountedOnce();
  readonly #failed = new CountedOnce();
  /** Playouts in whose place the filler stands: failed, or over before their time. */
  #standIns: ReadonlySet<string> = new Set();
  readonly #isFailed = (key: string): boolean => this.#standIns.has(key);
  /** Frame up to which scenes have been planned, and the next position that differs. */
  #plannedTo = -1;
  #nextChange = -1;

  constructor(
    private readonly context: RunContext,
    /** Of the scenes it makes. */
    readonly sceneId: string,
    private compiled: CompiledTimeline,
    position: number,
    /** What it goes round; null: nothing. */
    private round: Region | null,
  ) {
    this.#motion = new Motion(position);
    this.#players = new ClipPlayers(context, this.#motion, () => this.#fillerId());
  }

  get running(): boolean {
    return this.#motion.running;
  }

  /** The frame that shows position 0, or would if there had never been an interlude; undefined while held. */
  get zeroFrame(): number | undefined {
    return this.#motion.zeroFrame;
  }

  get openPlayers(): number {
    return this.#players.count;
  }

  get lateClips(): number {
    return this.#late.count;
  }

  get failedClips(): number {
    return this.#failed.count;
  }

  get region(): Region | null {
    return this.round;
  }

  /** Counts on over the joins of a region. */
  positionAt(frame: number): number {
    return this.#motion.positionAt(frame);
  }

  /** Where in the timeline that is. */
  placeAt(frame: number): number {
    return placeAt(this.round, this.positionAt(frame));
  }

  /** By how much the position is past the place. */
  shiftAt(frame: number): number {
    return this.positionAt(frame) - this.placeAt(frame);
  }

  ended(frame: number): boolean {
    return resolve(this.compiled, this.placeAt(frame)).ended;
  }

  /** From `frame` on it runs, with `position` shown there. */
  run(frame: number, position: number): void {
    this.#motion.run(frame, position);
    this.#players.place(frame);
    this.forgetPlan();
  }

  /** Held where it is at `frame`. */
  hold(frame: number): void {
    const { interlude } = this.#motion;
    const at = interlude && this.context.now() < interlude.from ? Math.min(frame, interlude.from) : frame;
    this.#motion.hold(frame);
    this.#players.holdFrom(at);
    this.forgetPlan();
  }

  /**
   * It is held over an interlude and goes on behind it where it was: told ahead, neither waits for JavaScript.
   * @param isCounted what `run` was told is how it will go on
   */
  interrupt(interlude: Interlude, isCounted = false): void {
    if (!this.#motion.interrupt(interlude, isCounted)) return;
    this.#players.place(0);
    this.forgetPlan();
  }

  /** One that has an interlude, or is to, goes on with `frame` already. */
  goOn(frame: number): void {
    if (!this.#motion.goOn(frame)) return;
    this.#players.place(0);
    this.forgetPlan();
  }

  /** Opens what is due soon after `frame`, and closes what has been shown by then. */
  tend(frame: number): void {
    this.#motion.pass(frame);
    const position = this.positionAt(frame);
    const ahead = frameAt(PREROLL_MS, this.context.rate);
    const wanted = new Map<string, Playout>();
    for (const playout of playouts(this.compiled, position - 2, position + ahead, this.#isFailed, this.round)) {
      if (wanted.size >= MOST_OPEN) break;
      wanted.set(playout.key, playout);
    }
    const opened = this.#players.tend(wanted, frame);
    // Scenes in which they were not there have been planned already.
    if (this.running && opened.some(({ startPosition }) => this.#motion.frameOf(startPosition) <= this.#plannedTo)) this.forgetPlan();
  }

  /** Whether all that `frame` shows is there to be shown, no less and no more. What has failed is not waited for. */
  ready(frame: number, stats: readonly NativeSourceStats[]): boolean {
    this.#fill(frame, stats);
    const position = this.positionAt(frame);
    const byId = new Map(stats.map((source) => [source.id, source]));
    const isThere = (player: ClipPlayer): boolean => {
      const source = byId.get(player.id);
      return source !== undefined && player.isReady(source) && player.reached;
    };
    return [...this.#players.open.values()].every(({ player, playout }) => playout.startPosition > position || playout.endPosition <= position || player.failed || isThere(player));
  }

  /** Counts playouts that were not there in time, or not at all. */
  watch(frame: number, stats: readonly NativeSourceStats[]): void {
    this.#fill(frame, stats);
    if (!this.running) return;
    const position = this.positionAt(frame);
    const byId = new Map(stats.map((source) => [source.id, source]));
    for (const [key, { player, playout }] of this.#players.open) {
      if (position < playout.startPosition + 2 || position >= playout.endPosition) continue;
      const source = byId.get(player.id);
      if (player.failed) this.#failed.add(bareKey(key));
      else if (source && !player.isReady(source)) this.#late.add(bareKey(key));
    }
  }

  sceneAt(frame: number): NativeScene {
    return this.#scene(this.positionAt(frame));
  }

  /**
   * The scenes of the frames after the last one planned, or from `from` on when nothing is planned, up to `to`. Only frames
   * whose scene differs from the one before are listed. What has passed meanwhile is left out.
   */
  planUpTo(from: number, to: number): { fromFrame: number; entries: NativePlanned[] } {
    const [stretch] = this.#motion.stretches;
    if (!stretch) return { fromFrame: from, entries: [] };
    const entries: NativePlanned[] = [];
    const anew = this.#plannedTo < from - 1;
    const fromFrame = anew ? Math.max(from, stretch.beginFrame) : this.#plannedTo + 1;
    let position = anew ? this.positionAt(fromFrame) : Math.max(this.#nextChange, this.positionAt(fromFrame));
    for (let frame = fromFrame; (frame = Math.max(frame, this.#motion.frameOf(position))) <= to;) {
      const resolved = resolve(this.compiled, position, this.#isFailed, this.round);
      entries.push({ frame, scene: this.#scene(position, resolved) });
      position = resolved.next;
    }
    this.#nextChange = position;
    this.#plannedTo = to;
    return { fromFrame, entries };
  }

  /** Another version of the document, as of `frame`. What it leaves as it is is not reopened. */
  edit(compiled: CompiledTimeline, frame: number, keeps: Keeps = 'time'): void {
    const before = this.compiled;
    const fillerBefore = this.#fillerId();
    const place = this.placeAt(frame);
    const now = positionAfterEdit(before, compiled, place, keeps);
    this.compiled = compiled;
    const { round } = this;
    // A region is in the lap that it is in, and about the same clips where these are what stays.
    const by = round ? (keeps === 'clip' ? now - place : positionAfterEdit(before, compiled, round.from) - round.from) : 0;
    const moved = round && { from: Math.max(0, round.from + by), to: round.to + by };
    this.#goOnAt(now, moved && leftOf(moved, compiled), frame, this.#fillerId() !== fillerBefore);
  }

  /** Goes round a region from `frame` on, or nothing any more. What is seen goes on. @param region ahead, or it is in it */
  goRound(region: Region | null, frame: number): void {
    this.#goOnAt(this.placeAt(frame), region, frame, false);
  }

  /** At `frame` it is at a place, which may be another by what was changed, and goes round a region from there. */
  #goOnAt(place: number, region: Region | null, frame: number, otherFiller: boolean): void {
    const { rate } = this.context;
    const position = this.positionAt(frame);
    const pass = passAt(this.round, position);
    this.round = region && place < region.to ? region : null;
    // In the same pass, so that what is open goes on by its key, as long as it goes round the same.
    const now = this.round && place >= this.round.from ? place + shiftOf(this.round, pass) : place;
    const moved = now - position;
    this.#motion.move(moved);
    this.forgetPlan();
    const after = playouts(this.compiled, now, now + frameAt(PREROLL_MS, rate), this.#isFailed, this.round);
    const fillerId = this.#fillerId();
    for (const [key, held] of [...this.#players.open]) {
      const { player } = held;
      const shifted = { ...held.playout, startPosition: held.playout.startPosition + moved };
      // By its own key, if it can be: that of another pass is only the second best.
      const same = after.filter((playout) => bareKey(playout.key) === bareKey(key) && continues({ ...shifted, key: playout.key }, playout, rate));
      const playout = same.find((one) => one.key === key) ?? same[0];
      const file = this.context.file(player.source.id);
      if (playout && file && sameOpening(file, player.source)) {
        this.#players.rekey(key, player, playout);
        if (otherFiller) player.fallBackTo(fillerId);
        continue;
      }
      this.#players.replace(held, after.find((one) => one.key === key), frame);
    }
    this.tend(frame);
  }

  stop(): Promise<void> {
    return this.#players.stop();
  }

  /** Sees which playouts have nothing to show, so that the scenes to come have the filler in their place. */
  #fill(frame: number, stats: readonly NativeSourceStats[]): void {
    if (!this.compiled.filler) return;
    const position = this.positionAt(frame);
    const byId = new Map(stats.map((source) => [source.id, source]));
    const standIns = [...this.#players.open].filter(([, { player, playout }]) => {
      const source = byId.get(player.id);
      // One that is over with its clip has done its part.
      const short = source?.state === 'ended' && playout.endPosition - position > REMAINDER_FRAMES;
      return short || (player.failed && (!source || !player.isReady(source) || source.state === 'gone'));
    }).map(([key]) => key);
    if (standIns.length === this.#standIns.size && standIns.every(this.#isFailed)) return;
    this.#standIns = new Set(standIns);
    this.forgetPlan();
    this.tend(frame);
  }

  forgetPlan(): void {
    this.#plannedTo = this.#nextChange = -1;
  }

  #scene(position: number, resolved = resolve(this.compiled, position, this.#isFailed, this.round)): NativeScene {
    return timelineScene(this.sceneId, resolved, ({ key }) => this.#players.open.get(key)?.player.id, SLATE_ID);
  }

  #fillerId(): string | null {
    const content = this.compiled.filler;
    if (content?.is !== 'layers') return null;
    const part = content.layers[0]?.part;
    return part && part.type !== 'overlay' ? part.sourceId : null;
  }
}
