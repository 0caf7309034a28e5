/** A compiled timeline at a position → what is seen and heard in that frame. */
import type { Curved } from '../../protocol/clip-rules.js';
import type { CompiledClip, CompiledDocument, CompiledTimeline, CompiledTrack, CompiledTransition } from './compile.js';
import { linearOf, type ContentLayer } from './content.js';
import { changesAt, lastUpTo, sample, type Until } from './curves.js';
import { gapAt, gapKey, type Standing } from './gaps.js';
import { MAX_NESTING, type Node, type Player, type Resolved, type ResolvedLayer, type Sound } from './model.js';
import { isWhole, WHOLE, within, type Place } from './place.js';
import { frameAt, momentOf, usOf, type Rate } from './rate.js';
import { keysOf, passAt, shiftOf, sightOf, type Region } from './region.js';

/** The frame that is being resolved. */
interface Instant {
  readonly rate: Rate;
  /** Its place in the timeline, and by how much later it is by going round a region. */
  readonly position: number;
  readonly shift: number;
  /** The moment it stands for, absolute ms. */
  readonly now: number;
  readonly until: Until;
  /** Stands in for files that have failed; null: nothing does. */
  readonly filler: readonly ContentLayer[] | null;
  readonly isFailed: IsFailed;
}

/** Whether the file of a playout, by its key, has failed and has nothing to show. */
export type IsFailed = (key: string) => boolean;
export const NONE_FAILED: IsFailed = () => false;

/** What a document lies in: the frame, or a clip of another. */
interface Setting {
  /** When its own time is 0, absolute ms. */
  readonly zeroMs: number;
  /** The first frame in which it is in sight. */
  readonly from: number;
  readonly place: Place;
  readonly opacity: number;
  readonly gain: number;
  /** How far the transitions around it let sounds through, which no mix fades. */
  readonly faded: number;
  /** The clips around it, for keys: '' or `c3@0/`. */
  readonly keys: string;
  /** This document and those it lies in, the one that is played first. */
  readonly around: readonly CompiledDocument[];
}

/** A clip in a lap. */
interface ClipInLap {
  readonly clip: CompiledClip;
  readonly lap: number;
  /** When that lap begins, absolute ms. */
  readonly lapMs: number;
}

interface Drawn {
  readonly nodes: Node[];
  readonly sounds: Sound[];
}

/**
 * @param position a whole frame since the timeline's start; before 0 there is nothing yet
 * @param isFailed the filler stands in the place of these
 * @param region over which it goes round; null: none
 */
export function resolve(timeline: CompiledTimeline, position: number, isFailed: IsFailed = NONE_FAILED, region: Region | null = null): Resolved {
  if (position < 0) return { nodes: [], sounds: [], next: 0, ended: false };
  const { rate, document } = timeline;
  const pass = passAt(region, position);
  const shift = shiftOf(region, pass);
  const place = position - shift;
  const { from, to } = sightOf(region, pass);
  const keys = keysOf(pass);
  const until: Until = { ms: Infinity, moving: false };
  const filler = fillerLayers(timeline);
  const instant: Instant = { rate, position: place, shift, now: momentOf(place, rate), until, filler, isFailed };
  const drawn: Drawn = { nodes: [], sounds: [] };
  const standing = gapAt(timeline.gaps, document, instant.now);
  if (filler && standing) {
    const showing = fillerShowing(timeline, standing, from, keys);
    for (const layer of filler) drawn.nodes.push({ type: 'layer', layer: layerOf(instant, layer, showing, 0, 1, 1) });
  }
  const ended = !drawDocument(instant, document, { zeroMs: 0, from, place: WHOLE, opacity: 1, gain: 1, faded: 1, keys, around: [document] }, drawn);
  const next = until.moving ? place + 1 : until.ms === Infinity ? Infinity : frameAt(until.ms, rate);
  return { ...drawn, next: Math.min(next, to) + shift, ended };
}

/** Where and when a file of a clip begins to be seen. */
interface Showing {
  readonly place: Place;
  readonly key: string;
  /** The clip's first frame, and the first one in which it is in sight. */
  readonly firstFrame: number;
  readonly from: number;
}

/** null: there is nothing to stand in. */
export function fillerLayers({ filler }: CompiledTimeline): readonly ContentLayer[] | null {
  return filler?.is === 'layers' && filler.layers.length > 0 ? filler.layers : null;
}

function fillerShowing({ rate, document }: CompiledTimeline, standing: Standing, from: number, keys: string): Showing {
  const firstFrame = frameAt(standing.lap * document.durationMs + standing.gap.startMs, rate);
  return { place: WHOLE, key: keys + gapKey(standing), firstFrame, from: Math.max(firstFrame, from) };
}

/** Of what stands in for a file that has failed, below that playout's own key. */
export function standInKey(key: string): string {
  return `${key}/filler`;
}

/** @returns false when the document is over */
function drawDocument(at: Instant, document: CompiledDocument, setting: Setting, into: Drawn): boolean {
  const { durationMs, loop } = document;
  const time = at.now - setting.zeroMs;
  if (durationMs === 0 || (!loop && time >= durationMs)) return false;
  const inLap = time % durationMs;
  const lapMs = at.now - inLap;
  const lap = (time - inLap) / durationMs;
  changesAt(at.until, lapMs + durationMs);
  for (const track of document.tracks) drawTrack(at, track, { lap, lapMs, durationMs }, inLap, setting, into);
  return true;
}

function drawTrack(at: Instant, track: CompiledTrack, lap: { lap: number; lapMs: number; durationMs: number }, inLap: number, setting: Setting, into: Drawn): void {
  const i = lastUpTo(track.starts, inLap);
  const following = track.starts[i + 1];
  if (following !== undefined) changesAt(at.until, lap.lapMs + following);
  const clip = track.clips[i];
  if (!clip || inLap >= clip.endMs) return;
  changesAt(at.until, lap.lapMs + clip.endMs);

  const shown: ClipInLap = { clip, lap: lap.lap, lapMs: lap.lapMs };
  const { entry, exit } = clip;
  if (entry && inLap < clip.startMs + entry.durationMs) {
    const before = entry.from === 'nothing' ? null : clipBefore(at.rate, track, entry.from, i, lap);
    drawMix(at, entry, lap.lapMs + clip.startMs, before, shown, setting, into);
  } else if (exit && inLap >= clip.endMs - exit.durationMs) {
    drawMix(at, exit, lap.lapMs + clip.endMs - exit.durationMs, shown, null, setting, into);
  } else {
    if (exit) changesAt(at.until, lap.lapMs + clip.endMs - exit.durationMs);
    drawClip(at, shown, setting, 1, into);
  }
}

/** What a clip comes out of; null when that had no frame of its own, so that nothing of it may be seen. */
function clipBefore(rate: Rate, track: CompiledTrack, from: 'previous' | 'lap-before', i: number, lap: { lap: number; lapMs: number; durationMs: number }): ClipInLap | null {
  if (from === 'lap-before' && lap.lap === 0) return null;
  const before: ClipInLap = from === 'previous'
    ? { clip: track.clips[i - 1]!, lap: lap.lap, lapMs: lap.lapMs }
    : { clip: track.clips.at(-1)!, lap: lap.lap - 1, lapMs: lap.lapMs - lap.durationMs };
  return hasFrames(rate, before.clip, before.lapMs) ? before : null;
}

/** Whether a clip is shown at all in a lap: it may be so short that it begins and ends in one frame. */
export function hasFrames(rate: Rate, clip: CompiledClip, lapMs: number): boolean {
  return frameAt(lapMs + clip.startMs, rate) < frameAt(lapMs + clip.endMs, rate);
}

/** A frame of the way from one clip to another, either of which may be nothing. */
function drawMix(at: Instant, transition: CompiledTransition, startMs: number, from: ClipInLap | null, to: ClipInLap | null, setting: Setting, into: Drawn): void {
  at.until.moving = true;
  const first = frameAt(startMs, at.rate);
  const frames = frameAt(startMs + transition.durationMs, at.rate) - first;
  const step = at.position - first;
  const share = (step + 1) / (frames + 1);
  // Both halves together keep their power, as in the compositor's own transitions.
  const going = Math.cos((share * Math.PI) / 2);
  const coming = Math.sin((share * Math.PI) / 2);
  const a: Drawn = { nodes: [], sounds: into.sounds };
  const b: Drawn = { nodes: [], sounds: into.sounds };
  if (from) drawClip(at, from, setting, going, a);
  if (to) drawClip(at, to, setting, coming, b);
  if (a.nodes.length === 0 && b.nodes.length === 0) return;
  if (transition.kind === 'fade' && a.nodes.length === 0) fade(b.nodes, share, coming, into.nodes);
  else if (transition.kind === 'fade' && b.nodes.length === 0) fade(a.nodes, 1 - share, going, into.nodes);
  else {
    const color = transition.color === undefined ? {} : { color: transition.color };
    const area = isWhole(setting.place) ? {} : { area: setting.place };
    into.nodes.push({ type: 'mix', from: a.nodes, to: b.nodes, kind: transition.kind, ...color, step, frames, ...area });
  }
}

/** A fade with nothing on its other side lets through what lies below. */
function fade(nodes: readonly Node[], opacity: number, gain: number, into: Node[]): void {
  const fadeNode = (node: Node): Node => node.type === 'layer'
    ? { type: 'layer', layer: { ...node.layer, opacity: node.layer.opacity * opacity, gain: node.layer.gain * gain } }
    : { ...node, from: node.from.map(fadeNode), to: node.to.map(fadeNode) };
  for (const node of nodes) into.push(fadeNode(node));
}

function drawClip(at: Instant, { clip, lap, lapMs }: ClipInLap, setting: Setting, faded: number, into: Drawn): void {
  const startMs = lapMs + clip.startMs;
  const value = (property: Curved, still: number): number => {
    const curve = clip.curves?.[property];
    return curve ? sample(curve, startMs, at.position, at.now, at.rate, at.until) : still;
  };
  const { curves, content } = clip;
  const place = within(setting.place, curves
    ? { x: value('x', clip.place.x), y: value('y', clip.place.y), width: value('width', clip.place.width), height: value('height', clip.place.height) }
    : clip.place);
  const opacity = setting.opacity * value('opacity', clip.opacity);
  const gain = setting.gain * linearOf(clip.gainDb + value('gainDb', 0));
  const firstFrame = frameAt(startMs, at.rate);
  const from = Math.max(firstFrame, setting.from);
  const key = clipKey(setting.keys, clip, lap);
  if (content.is === 'timeline') {
    const { document } = content;
    if (!mayNest(document, setting.around)) return;
    drawDocument(at, document, {
      zeroMs: startMs - clip.inMs, from, place, opacity, gain, faded: setting.faded * faded, keys: `${key}/`, around: [...setting.around, document],
    }, into);
    return;
  }
  const showing: Showing = { place, key, firstFrame, from };
  for (const layer of content.layers) {
    const drawn = layerOf(at, layer, showing, clip.inMs, opacity, gain);
    const { player } = drawn;
    if (content.heardOnly) into.sounds.push({ player, gain: drawn.gain * setting.faded * faded });
    else if (at.filler && player.type === 'clip' && at.isFailed(player.key)) {
      const instead: Showing = { place: within(place, layer), key: standInKey(player.key), firstFrame, from };
      for (const inner of at.filler) into.nodes.push({ type: 'layer', layer: layerOf(at, inner, instead, 0, drawn.opacity, drawn.gain) });
    } else into.nodes.push({ type: 'layer', layer: drawn });
  }
}

export function clipKey(keys: string, clip: CompiledClip, lap: number): string {
  return `${keys}${clip.id}@${lap}`;
}

/** `around`: the timelines that it would lie in, with the one that is played. */
export function mayNest(document: CompiledDocument, around: readonly CompiledDocument[]): boolean {
  return around.length <= MAX_NESTING && !around.includes(document);
}

/** The file's time at the first frame in sight. */
export function inUsOf(rate: Rate, sourceInMs: number, clipInMs: number, firstFrame: number, from: number): number {
  return (sourceInMs + clipInMs) * 1000 + usOf(from - firstFrame, rate);
}

function layerOf({ rate, shift }: Instant, layer: ContentLayer, showing: Showing, inMs: number, opacity: number, gain: number): ResolvedLayer {
  const { part, fit, crop } = layer;
  const player: Player = part.type !== 'file' ? part : {
    type: 'clip', key: showing.key + part.suffix, sourceId: part.sourceId, startPosition: showing.from + shift,
    inUs: inUsOf(rate, part.inMs, inMs, showing.firstFrame, showing.from),
  };
  const { x, y, width, height } = within(showing.place, layer);
  return { player, x, y, width, height, fit, opacity: opacity * layer.opacity, crop, gain: gain * layer.gain };
}
