/** A rig that plays timelines of pattern films, and reads at the far end which program frame showed what. */
import { copyFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Film } from './pattern/film.js';
import type { Reading } from './pattern/read.js';
import { Rig, type RigOptions } from './rig.js';
import { unrest, watchCameras } from './steady.js';
import {
  compareSound, compareWithLine, programFrames, type Anchor, type Line, type LineReport, type Placed, type ProgramFrame, type SoundReport,
} from './timeline_reading.js';
import { monotonicMs, waitFor } from './wait.js';

/** Key of the far end that is read. */
const KEY = 'far';
/** A program frame is here this long after it was due, at most: encoding, sending. */
const ARRIVES_MS = 8_000;
/** As test/support/steady.ts has it: above this the product's own threads were late. */
const busyShare = 0.25;

export interface PlayAck {
  frame: number;
  ptsMs: number;
  playback: { is: string; positionMs?: number };
}

/** What a timeline's document has of a clip. */
export type ClipBody = Record<string, unknown> & { startMs: number; durationMs: number };

export class TimelineRig extends Rig {
  anchor!: Anchor;
  private readonly sources = new Map<Film, string>();
  private droppedBefore = 0;
  private clips = 0;

  constructor(options: RigOptions = {}, readonly fps = 30) {
    super({ farKeys: [KEY], ...options });
  }

  override async start(): Promise<this> {
    await super.start();
    try {
      await this.findAnchor();
    } catch (error) {
      await this.stop().catch(() => undefined);
      throw error;
    }
    return this;
  }

  /** One cut says where program frames lie in the stream; that a cut is on the frame it names is the far-end test's to prove. */
  async findAnchor(): Promise<void> {
    const [a, b] = this.cameras;
    if (!a || !b) throw new Error('a timeline rig needs two cameras');
    await this.settle(a, KEY);
    const ack = await this.socket.switchTo({ sourceId: b.id });
    this.anchor = { frame: ack.frame, mediaMs: NaN, fps: this.fps };
    const since = this.dueMs(ack.frame) - 500;
    await waitFor('the second camera at the far end', () => this.far.mediaTimeMs(KEY, this.dueMs(ack.frame) + 2_000) < Infinity, { timeoutMs: ARRIVES_MS });
    const { frames } = await this.far.read(KEY, since, { sound: false });
    const first = frames.find((frame, i) => frame.codes[0]?.camera === b.number && frames[i - 1]?.codes[0]?.camera === a.number);
    if (!first) throw new Error('the cut was not seen');
    this.anchor = { frame: ack.frame, mediaMs: first.ptsMs, fps: this.fps };
  }

  /** When a program frame is due: CLOCK_MONOTONIC, ms. */
  dueMs(frame: number): number {
    return (frame * 1_000) / this.fps;
  }

  /** The first program frame that is due after a moment. */
  frameAfter(ms: number): number {
    return Math.ceil((ms * this.fps) / 1_000);
  }

  /** The source of a film, made now if there is none. */
  async sourceOf(film: Film): Promise<string> {
    const known = this.sources.get(film);
    if (known !== undefined) return known;
    const name = basename(film.path);
    copyFileSync(film.path, join(this.product.home, 'media', name));
    const { id } = await this.product.api.post<{ id: string }>('/api/v1/sources', { kind: 'media', name: name.slice(0, 80), path: name });
    this.sources.set(film, id);
    return id;
  }

  /** A clip as the product takes it. */
  async clip({ film, camera, startMs, durationMs, inMs = 0 }: Placed): Promise<ClipBody> {
    const sourceId = film ? await this.sourceOf(film) : this.cameras.find(({ number }) => number === camera)!.id;
    return { id: `clip${++this.clips}`, sourceId, startMs, durationMs, inMs, fit: 'fill' };
  }

  async timeline(name: string, tracks: (readonly Placed[])[], more: Record<string, unknown> = {}): Promise<{ id: string; tracks: ClipBody[][] }> {
    const bodies: ClipBody[][] = [];
    for (const track of tracks) {
      const clips: ClipBody[] = [];
      for (const placed of track) clips.push(await this.clip(placed));
      bodies.push(clips);
    }
    const { id } = await this.product.api.post<{ id: string }>('/api/v1/timelines', { name, ...more, tracks: bodies.map((clips) => ({ kind: 'video', clips })) });
    return { id, tracks: bodies };
  }

  control(action: string, more: Record<string, unknown> = {}): Promise<PlayAck> {
    return this.socket.request<PlayAck>('playback:control', { action, ...more }, 10_000);
  }

  /** Puts a timeline on program from a position; `zero` is the frame that shows position 0. */
  async play(timelineId: string, positionMs = 0, more: Record<string, unknown> = {}): Promise<PlayAck & { zero: number }> {
    const ack = await this.control('play', { timelineId, positionMs, ...more });
    return { ...ack, zero: ack.frame - Math.round((positionMs * this.fps) / 1_000) };
  }

  /** Waits until a program frame has come to the far end and been passed there. */
  async passed(frame: number): Promise<void> {
    const wait = this.dueMs(frame) - monotonicMs();
    await waitFor(`program frame ${frame} at the far end`, () => {
      const last = this.far.publication(KEY).tags.findLast((tag) => tag.type === 9);
      return last !== undefined && last.timestampMs > this.anchor.mediaMs + ((frame - this.anchor.frame) * 1_000) / this.fps + 500;
    }, { timeoutMs: Math.max(0, wait) + ARRIVES_MS });
  }

  /** The far end from a program frame on. */
  async seen(from: number): Promise<{ reading: Reading; frames: ProgramFrame[] }> {
    const reading = await this.far.read(KEY, this.dueMs(from) - 200);
    return { reading, frames: programFrames(reading.frames, this.anchor).filter(({ n }) => n >= from) };
  }

  /** Runs a line up to `to` and compares what was seen from `from` on with it. */
  async compare(line: Line, zero: number, from: number, to: number): Promise<{ picture: LineReport; sound: SoundReport; frames: ProgramFrame[]; reading: Reading }> {
    await this.passed(to);
    const { reading, frames } = await this.seen(from);
    return {
      picture: compareWithLine(frames, line, zero, this.fps, from, to), sound: compareSound(reading, frames, line, zero, this.fps, from, to), frames, reading,
    };
  }

  /** Forgets how busy the machine was. */
  watch(): void {
    watchCameras(this.cameras.map(({ pusher }) => pusher));
    this.droppedBefore = this.dropped;
  }

  /** Frames that the encoder was too slow to take, as the product counts them; FFmpeg shows a neighbour in their place. */
  private get dropped(): number {
    return this.socket.lastStatus?.encoder?.dropped ?? 0;
  }

  /**
   * Nothing is missing or black in any case, and every frame is what its position says. On a machine that kept the product's
   * own threads from running since `watch`, a few frames may be another's, and those that the encoder did not take; that is
   * told. Throws where it does not hold.
   */
  expectExact(picture: LineReport, what: string): void {
    const { camerasLateMs, waitingShare } = unrest(this.cameras.map(({ pusher }) => pusher));
    const busy = waitingShare > busyShare;
    const dropped = Math.max(0, this.dropped - this.droppedBefore);
    const why = busy ? ` (the machine overloaded ${(100 * waitingShare).toFixed(0)} % of the time, cameras up to ${camerasLateMs.toFixed(0)} ms late, ${dropped} frames not encoded)` : '';
    const text = `${what}: ${picture.frames} frames, missing ${picture.missing}, black ${picture.black}, repeated ${picture.repeated}, wrong ${picture.wrong}${why}`;
    console.log(text);
    const allowed = busy ? 4 + dropped : 0;
    if (picture.frames === 0 || picture.missing > 0 || picture.black > 0 || picture.repeated + picture.wrong > allowed) {
      throw new Error(`${text}\n${picture.examples.join('\n')}`);
    }
  }
}
