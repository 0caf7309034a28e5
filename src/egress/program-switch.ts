/**
 * Makes one program of the encoder lives that come one after another and may overlap.
 *
 * What is promised of its output stands in program-output.ts.
 *
 * When a newer encoder overlaps the one on air, its tags are held from its first keyframe (program time T) until the old
 * one has delivered T, has closed, has been silent for 0.6 s, or `maxHoldMs` have passed. The old one's tags from T on are held too, and dropped at the
 * switch; so that they are still there to be dropped, T is taken from what the new encoder announced, before its first
 * keyframe came out. A new encoder whose keyframe is already behind what went out waits for its next one.
 *
 * T is a decoding time. Where there are B-frames the new one's sound begins later than that, so the old one's sound from T on
 * is sent, in its order among the new one's frames, until the new one's takes over.
 */
import { shownLaterMs } from '../rtmp/flv.js';
import { ProgramOutput } from './program-output.js';
import type { ProgramItem } from './program-stream.js';
import type { MediaTag, ProgramMetadata, ProgramSink } from './program-tag.js';

const MAX_HELD_BYTES = 32 * 1024 * 1024;
/** Half an AAC frame: a new encoder's sound frame that begins within this is the old one's frame again. */
const AUDIO_OVERLAP_MS = 10;
/** The first AAC frame of an encoder only gets it going: what it gives is not what was to be heard. */
const AUDIO_PRIMING_MS = 1024 / 48;
/** An encoder in real time that says nothing for so long has stalled; a ready successor is not kept waiting for it. */
const SILENT_MS = 600;
/** With nobody on air, an encoder this far behind what went out has another idea of time; it is moved rather than waited for. */
const MAX_WAIT_BEHIND_MS = 2500;

interface Lane {
  id: number;
  metadata: ProgramMetadata | null;
  videoHeader: MediaTag | null;
  audioHeader: MediaTag | null;
  /** Added to its times; not 0 only for one that was moved. */
  shiftMs: number;
  /** When its first usable keyframe is expected, while it has none. */
  expectedMs: number | null;
  lastKeyframeMs: number | null;
  /** The keyframe that `held` begins with: program time of its decoding and of its showing, and its arrival. */
  keyframe: { timeMs: number; shownMs: number; arrivedMs: number } | null;
  held: MediaTag[];
  heldBytes: number;
}

export interface ProgramSwitchOptions {
  nowMs(): number;
  sink: ProgramSink;
  maxHoldMs?: number;
}

export class ProgramSwitch {
  readonly #lanes = new Map<number, Lane>();
  readonly #maxHoldMs: number;
  #active: Lane | null = null;
  /** Tags of the one on air that the next one will replace, if it comes. */
  #back: MediaTag[] = [];
  #backBytes = 0;
  #backSinceMs = 0;
  /** Sound of the encoder before, still to be sent in its place among what the present one sends. */
  #bridge: MediaTag[] = [];
  /** The present one's sound is taken from here on; null: that is settled when its first comes. */
  #soundFromMs: number | null = null;
  #activeArrivedMs = 0;
  readonly #output: ProgramOutput;
  #dropped = 0;
  /** Encoders put on air so far. */
  switches = 0;

  constructor(private readonly options: ProgramSwitchOptions) {
    this.#output = new ProgramOutput(options.sink);
    this.#maxHoldMs = options.maxHoldMs ?? 1500;
  }

  /** The encoder on air, by the id it was added with. */
  get activeId(): number | null {
    return this.#active?.id ?? null;
  }

  /** Tags that would have stepped back in time, or that came from an encoder that was replaced. */
  get dropped(): number {
    return this.#dropped + this.#output.dropped;
  }

  /** A new encoder life. Ids grow: a later one replaces an earlier one, never the other way round while both live. */
  add(id: number): void {
    this.#lanes.set(id, {
      id, metadata: null, videoHeader: null, audioHeader: null, shiftMs: 0, expectedMs: null, lastKeyframeMs: null,
      keyframe: null, held: [], heldBytes: 0,
    });
  }

  /** Something that encoder delivered. */
  take(id: number, item: ProgramItem): void {
    const lane = this.#lanes.get(id);
    if (!lane) return;
    if (item.kind === 'metadata') {
      lane.metadata = item.metadata;
      if (item.programMs !== null && item.programMs > this.#output.videoMs) lane.expectedMs = item.programMs;
      if (lane === this.#active) this.#output.metadata(item.metadata);
      return;
    }
    const tag = lane.shiftMs === 0 ? item.tag : { ...item.tag, timeMs: item.tag.timeMs + lane.shiftMs };
    if (lane === this.#active) this.#takeActive(tag);
    else if (tag.packet === 'header') this.#keepHeader(lane, tag);
    else if (this.#active === null || lane.id > this.#active.id) this.#takeCandidate(lane, tag);
    else this.#dropped += 1;
  }

  /** That encoder's connection is gone. */
  remove(id: number): void {
    const lane = this.#lanes.get(id);
    if (!lane) return;
    this.#lanes.delete(id);
    if (lane !== this.#active) {
      if (!this.#next()) this.#releaseBack(Infinity);
      return;
    }
    const next = this.#ready();
    this.#releaseBack(next?.keyframe?.timeMs ?? Infinity);
    this.#active = null;
    this.#settle();
  }

  /** To be called about ten times a second: lets what is held go when its time is up. */
  tick(): void {
    this.#settle();
  }

  // ---- the encoder on air

  #takeActive(tag: MediaTag): void {
    this.#activeArrivedMs = this.options.nowMs();
    if (tag.packet === 'header') this.#keepHeader(this.#active!, tag);
    const next = this.#next();
    const switchMs = next?.keyframe?.timeMs ?? next?.expectedMs ?? null;
    if (this.#back.length === 0 && (switchMs === null || tag.timeMs < switchMs)) {
      this.#join(tag);
      return;
    }
    if (this.#back.length === 0) this.#backSinceMs = this.options.nowMs();
    this.#back.push(tag);
    this.#backBytes += tag.payload.length;
    if (this.#backBytes > MAX_HELD_BYTES) this.#releaseBack(Infinity);
    this.#settle();
  }

  #releaseBack(beforeMs: number): void {
    const back = this.#back;
    this.#back = [];
    this.#backBytes = 0;
    for (const tag of back) {
      if (tag.timeMs < beforeMs) this.#join(tag);
      else if (tag.kind === 'audio' && tag.packet !== 'header') this.#bridge.push(tag);
      else this.#dropped += 1;
    }
  }

  // ---- those that wait

  #keepHeader(lane: Lane, tag: MediaTag): void {
    if (tag.kind === 'video') lane.videoHeader = tag;
    else lane.audioHeader = tag;
    // A header in the middle of what is held keeps its place among the frames.
    if (lane.keyframe !== null) lane.held.push(tag);
  }

  #takeCandidate(lane: Lane, tag: MediaTag): void {
    if (tag.kind === 'video' && tag.keyframe) tag = this.#meetKeyframe(lane, tag);
    if (lane.keyframe === null && tag.kind === 'video') return;
    lane.held.push(tag);
    lane.heldBytes += tag.payload.length;
    if (lane.keyframe === null) {
      // Sound before the first picture: only what may still be needed to join on without a hole.
      while (lane.held.length > 0 && lane.held[0]!.timeMs < tag.timeMs - 1000) lane.heldBytes -= lane.held.shift()!.payload.length;
    } else if (lane.heldBytes > MAX_HELD_BYTES) {
      lane.held = [];
      lane.heldBytes = 0;
      lane.keyframe = null;
    }
    this.#settle();
  }

  #meetKeyframe(lane: Lane, tag: MediaTag): MediaTag {
    const intervalMs = lane.lastKeyframeMs === null ? null : tag.timeMs - lane.lastKeyframeMs;
    lane.lastKeyframeMs = tag.timeMs;
    if (lane.keyframe !== null) return tag;
    if (this.#active === null && tag.timeMs < this.#output.videoMs - MAX_WAIT_BEHIND_MS) {
      const byMs = Math.ceil(this.#output.videoMs + 1 - tag.timeMs);
      lane.shiftMs += byMs;
      lane.lastKeyframeMs += byMs;
      lane.held = [];
      lane.heldBytes = 0;
      tag = { ...tag, timeMs: tag.timeMs + byMs };
    }
    if (tag.timeMs > this.#output.videoMs) {
      lane.keyframe = { timeMs: tag.timeMs, shownMs: tag.timeMs + Math.max(0, shownLaterMs(tag.payload)), arrivedMs: this.options.nowMs() };
      lane.expectedMs = null;
    } else {
      const nextMs = intervalMs === null ? null : tag.timeMs + intervalMs;
      lane.expectedMs = nextMs !== null && nextMs > this.#output.videoMs ? nextMs : null;
    }
    return tag;
  }

  /** The newest encoder that is to replace the one on air and has said when, or can. */
  #next(): Lane | null {
    let found: Lane | null = null;
    for (const lane of this.#lanes.values()) {
      if (lane === this.#active || (this.#active !== null && lane.id < this.#active.id)) continue;
      if (lane.keyframe === null && lane.expectedMs === null) continue;
      // One that can go on air now beats a newer one that has only announced itself.
      if (found === null || lane.keyframe !== null || found.keyframe === null) found = lane;
    }
    return found;
  }

  #ready(): Lane | null {
    const next = this.#next();
    return next?.keyframe ? next : null;
  }

  // ---- switching

  #settle(): void {
    const nowMs = this.options.nowMs();
    const next = this.#ready();
    if (next) {
      const { timeMs, shownMs, arrivedMs } = next.keyframe!;
      const silent = nowMs - this.#activeArrivedMs >= SILENT_MS;
      if (this.#active === null || silent || this.#reached(timeMs, shownMs) || nowMs - arrivedMs >= this.#maxHoldMs) this.#promote(next);
      else if (this.#back.length > 0 && this.#back[0]!.timeMs < timeMs) this.#trimBack(timeMs);
      return;
    }
    if (this.#back.length > 0 && nowMs - this.#backSinceMs >= this.#maxHoldMs) {
      for (const lane of this.#lanes.values()) lane.expectedMs = null;
      this.#releaseBack(Infinity);
    }
  }

  /** The new one began later than it had announced: what the old one has until then goes out. */
  #trimBack(beforeMs: number): void {
    const keep: MediaTag[] = [];
    for (const tag of this.#back) {
      if (tag.timeMs < beforeMs) {
        this.#join(tag);
        this.#backBytes -= tag.payload.length;
      } else keep.push(tag);
    }
    this.#back = keep;
  }

  /** Whether the one on air has delivered its picture up to T, and what is heard until T is shown if it has sound. */
  #reached(timeMs: number, shownMs: number): boolean {
    let video = false;
    let audio = this.#active?.audioHeader === null;
    for (const tag of this.#back) {
      if (tag.kind === 'video') video ||= tag.timeMs >= timeMs;
      else audio ||= tag.timeMs >= shownMs;
    }
    return video && audio;
  }

  #promote(lane: Lane): void {
    this.#releaseBack(lane.keyframe?.timeMs ?? Infinity);
    this.#active = lane;
    this.#activeArrivedMs = this.options.nowMs();
    this.switches += 1;
    const held = lane.held;
    lane.held = [];
    lane.heldBytes = 0;
    const startMs = lane.keyframe?.timeMs ?? 0;
    lane.keyframe = null;
    lane.expectedMs = null;
    this.#output.begin();
    if (lane.metadata) this.#output.metadata(lane.metadata);
    for (const header of [lane.videoHeader, lane.audioHeader]) {
      if (header) this.#output.tag({ ...header, timeMs: startMs });
    }
    // The very first sound begins with the first picture; later, sound before the picture closes the gap to the last encoder.
    this.#soundFromMs = this.#output.videoMs === -Infinity ? startMs : null;
    for (const tag of held) this.#join(tag);
  }

  /** Sends a tag of the encoder on air, and before it what is left of the last one's sound and due. */
  #join(tag: MediaTag): void {
    if (tag.packet === 'header') return this.#output.tag(tag);
    if (tag.kind === 'audio') {
      this.#soundFromMs ??= this.#trimBridge(tag.timeMs + AUDIO_PRIMING_MS) + AUDIO_OVERLAP_MS;
      if (tag.timeMs < this.#soundFromMs) {
        this.#dropped += 1;
        return;
      }
    }
    while (this.#bridge[0] && this.#bridge[0].timeMs <= tag.timeMs) this.#output.tag(this.#bridge.shift()!);
    this.#output.tag(tag);
  }

  /** Keeps what begins before; gives when the last sound then begins. */
  #trimBridge(beforeMs: number): number {
    const kept = this.#bridge.filter((tag) => tag.timeMs < beforeMs);
    this.#dropped += this.#bridge.length - kept.length;
    this.#bridge = kept;
    return kept.at(-1)?.timeMs ?? this.#output.audioMs;
  }
}
