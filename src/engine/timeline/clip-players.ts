/** The players of a run: those of what is near, and those that leave. Each is told which of its time belongs on which frame. */
import type { Playout } from '../../domain/timeline/model.js';
import { usOf, type Rate } from '../../domain/timeline/rate.js';
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

interface Leaving {
  player: ClipPlayer;
  /** Not drawn any more from this frame on. */
  closeAfter: number;
  /** The one that it stands in for until then. */
  heir?: ClipPlayer | undefined;
}

export class ClipPlayers {
  readonly #open = new Map<string, ClipPlayer>();
  readonly #leaving: Leaving[] = [];
  readonly #closing = new Set<Promise<void>>();

  /** @param fillerId what they fall back to; null: the slate */
  constructor(private readonly context: RunContext, private readonly motion: Motion, private readonly fillerId: () => string | null) {}

  /** By the key of their playout. */
  get open(): ReadonlyMap<string, ClipPlayer> {
    return this.#open;
  }

  /** Those that leave too. */
  get count(): number {
    return this.#open.size + this.#leaving.length;
  }

  /** Has the wanted ones open and no others, and closes what has been shown by `frame`. Gives the playouts that have a player now. */
  tend(wanted: ReadonlyMap<string, Playout>, frame: number): Playout[] {
    for (const [key, player] of this.#open) {
      if (wanted.has(key)) continue;
      this.#open.delete(key);
      this.#leaving.push({ player, closeAfter: frame });
    }
    const opened: Playout[] = [];
    for (const [key, playout] of wanted) {
      const player = this.#open.get(key);
      if (player) player.playout = playout;
      else if (this.#openOne(playout, null)) opened.push(playout);
    }
    for (let i = this.#leaving.length - 1; i >= 0; i--) {
      const { player, closeAfter, heir } = this.#leaving[i]!;
      if (closeAfter > frame) continue;
      this.#leaving.splice(i, 1);
      if (heir && this.#open.get(heir.playout.key) === heir) heir.fallBackTo(this.fillerId());
      this.#close(player);
    }
    return opened;
  }

  /** Another one has its place as of `frame`, by the new version of its playout; undefined: none has. */
  replace(player: ClipPlayer, playout: Playout | undefined, frame: number): void {
    this.#open.delete(player.playout.key);
    // Until the new one has its first picture, the old one's is nearer to it than a slate.
    this.#leaving.push({ player, closeAfter: frame + REPLACED_FRAMES, heir: playout && this.#openOne(playout, player.id) });
  }

  /** Tells all of them how it moves now. */
  place(beginFrame: number): void {
    for (const player of this.#open.values()) this.#place(player, beginFrame);
  }

  holdFrom(frame: number): void {
    for (const player of this.#open.values()) player.holdFrom(frame);
  }

  async stop(): Promise<void> {
    for (const player of [...this.#open.values(), ...this.#leaving.map(({ player }) => player)]) this.#close(player);
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
    this.#open.set(playout.key, player);
    player.open();
    this.#place(player, 0);
    return player;
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
