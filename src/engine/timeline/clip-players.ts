/**
 * The players of a run: those of what is near, and those that leave. Each is told which of its time belongs on which frame. A clip
 * that goes on where the one before it ends, in the same file, as the halves of a split one do, has that one's player: nothing is
 * opened or closed at a cut that nobody can see.
 */
import { follows } from '../../domain/timeline/edits.js';
import type { Playout } from '../../domain/timeline/model.js';
import { usOf, type Rate } from '../../domain/timeline/rate.js';
import { sameOpening } from '../decoder-args.js';
import { ClipPlayer, inMsOf, type FileSource, type PlayerContext } from './clip-player.js';
import type { Motion } from './motion.js';

/** A player that a new one has replaced stays as its stand-in for this long. */
const REPLACED_FRAMES = 60;

export interface RunContext extends PlayerContext {
  rate: Rate;
  /** The file behind a source; undefined when there is none of that id. */
  file(sourceId: string): FileSource | undefined;
  /** A number that was not given out before. */
  nextNumber(): number;
  /** The last frame that was made, or would have been by now. */
  now(): number;
}

/** A playout and who plays it. */
export interface Held {
  readonly player: ClipPlayer;
  readonly playout: Playout;
}

interface Leaving {
  player: ClipPlayer;
  /** Not drawn any more from this frame on. */
  closeAfter: number;
  /** The one that it stands in for until then. */
  heir?: ClipPlayer | undefined;
}

export class ClipPlayers {
  readonly #open = new Map<string, Held>();
  readonly #leaving: Leaving[] = [];
  readonly #closing = new Set<Promise<void>>();

  /** @param fillerId what they fall back to; null: the slate */
  constructor(private readonly context: RunContext, private readonly motion: Motion, private readonly fillerId: () => string | null) {}

  /** By the key of their playout. */
  get open(): ReadonlyMap<string, Held> {
    return this.#open;
  }

  /** Those that leave too. */
  get count(): number {
    return new Set([...this.#players(), ...this.#leaving.map(({ player }) => player)]).size;
  }

  /** Has the wanted ones open and no others, and closes what has been shown by `frame`. Gives the playouts that have a player now. */
  tend(wanted: ReadonlyMap<string, Playout>, frame: number): Playout[] {
    // First who goes on, then who leaves: the player of a clip that is over may be that of the next.
    const opened: Playout[] = [];
    for (const [key, playout] of wanted) {
      const held = this.#open.get(key);
      if (held) this.hold(held.player, playout);
      else if (this.#goesOn(playout) || this.#openOne(playout, null)) opened.push(playout);
    }
    for (const [key, { player }] of this.#open) {
      if (wanted.has(key)) continue;
      this.#open.delete(key);
      this.#leaving.push({ player, closeAfter: frame });
    }
    for (let i = this.#leaving.length - 1; i >= 0; i--) {
      const { player, closeAfter, heir } = this.#leaving[i]!;
      if (closeAfter > frame) continue;
      this.#leaving.splice(i, 1);
      const playing = this.#players();
      if (heir && playing.has(heir)) heir.fallBackTo(this.fillerId());
      if (!playing.has(player)) this.#close(player);
    }
    return opened;
  }

  /** It plays this from now on, or this version of it. */
  hold(player: ClipPlayer, playout: Playout): void {
    this.#open.set(playout.key, { player, playout });
    // Of more than one that it plays, the first says where in its file it is: the others follow from it.
    const { key } = player.playout;
    if (key === playout.key || this.#open.get(key)?.player !== player) player.playout = playout;
  }

  /** What is held by one key is this from now on: the same, by another. */
  rekey(key: string, player: ClipPlayer, playout: Playout): void {
    this.#open.delete(key);
    this.hold(player, playout);
  }

  /** Another one has its place as of `frame`, by the new version of its playout; undefined: none has. */
  replace({ player, playout: { key } }: Held, playout: Playout | undefined, frame: number): void {
    this.#open.delete(key);
    // Until the new one has its first picture, the old one's is nearer to it than a slate.
    this.#leaving.push({ player, closeAfter: frame + REPLACED_FRAMES, heir: playout && this.#openOne(playout, player.id) });
  }

  /** Tells all of them how it moves now. */
  place(beginFrame: number): void {
    for (const player of this.#players()) this.#place(player, beginFrame);
  }

  holdFrom(frame: number): void {
    for (const player of this.#players()) player.holdFrom(frame);
  }

  async stop(): Promise<void> {
    for (const player of new Set([...this.#players(), ...this.#leaving.map(({ player }) => player)])) this.#close(player);
    this.#open.clear();
    this.#leaving.length = 0;
    await Promise.all(this.#closing);
  }

  #openOne(playout: Playout, standInId: string | null): ClipPlayer | undefined {
    const source = this.context.file(playout.sourceId);
    if (!source) return undefined;
    const { core, program, places, log, now } = this.context;
    const player: ClipPlayer = new ClipPlayer({
      core, program, places, log, source,
      id: `clip:${this.context.nextNumber()}`,
      fallbackId: standInId ?? this.fillerId(),
      dueUs: () => this.#dueUs(player),
      runs: () => this.motion.running && this.motion.positionAt(now()) !== this.motion.positionAt(now() + 1),
    }, playout);
    this.#open.set(playout.key, { player, playout });
    player.open();
    this.#place(player, 0);
    return player;
  }

  /** Whether one that is open plays this as well from now on. */
  #goesOn(playout: Playout): boolean {
    const { rate, file } = this.context;
    const source = file(playout.sourceId);
    const held = [...this.#open.values()];
    const before = held.find(({ player, playout: earlier }) => follows(earlier, playout, rate) && !player.failed && source && sameOpening(source, player.source)
      // Two that follow at once, as on two tracks, are two.
      && held.every((other) => other.player !== player || other.playout.endPosition <= playout.startPosition));
    if (before) this.hold(before.player, playout);
    return before !== undefined;
  }

  #players(): Set<ClipPlayer> {
    return new Set([...this.#open.values()].map(({ player }) => player));
  }

  #close(player: ClipPlayer): void {
    const closed = player.close().finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }

  #dueUs({ playout: { startPosition, inUs }, source }: ClipPlayer): number {
    const position = this.motion.positionAt(this.context.now());
    return inUs - inMsOf(source) * 1000 + usOf(Math.max(0, position - startPosition), this.context.rate);
  }

  /** One that is to be held for an interlude is told of both ends of that. */
  #place(player: ClipPlayer, beginFrame: number): void {
    const { stretches, interlude } = this.motion;
    const [before, behind] = stretches;
    // What has passed is nothing to be told.
    const isAhead = !interlude || this.context.now() < interlude.from;
    if (before && isAhead) this.#placeFrom(player, before.zeroFrame, beginFrame);
    if (interlude && isAhead) player.holdFrom(interlude.from);
    if (behind) this.#placeFrom(player, behind.zeroFrame, Math.max(beginFrame, behind.beginFrame));
  }

  #placeFrom(player: ClipPlayer, zeroFrame: number, beginFrame: number): void {
    const frame = zeroFrame + player.playout.startPosition;
    // There are no frames before the machine's start: what began then is placed by a later moment of it.
    player.playFrom(Math.max(0, frame), usOf(Math.max(0, -frame), this.context.rate), beginFrame);
  }
}
