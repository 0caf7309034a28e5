/**
 * What a frame of a timeline shows, the slow and obvious way: no index, no remembered state; every clip of every track is looked at for
 * every frame, in frames that are computed in whole numbers of any size.
 */
import type { Layer, Transition } from '../../../../src/protocol/resources.js';
import type { Clip, Keyframe, TimelineDocument, Track } from '../../../../src/protocol/timeline.js';
import type { Node, Player, Resolved, Sound, TimelineLookup } from '../../../../src/domain/timeline/model.js';
import type { Rate } from '../../../../src/domain/timeline/rate.js';

/** a / b rounded, halves up. */
function roundedQuotient(a: bigint, b: bigint): bigint {
  const twice = 2n * a + b;
  const quotient = twice / (2n * b);
  return twice < 0n && twice % (2n * b) !== 0n ? quotient - 1n : quotient;
}

export function exactFrame(ms: number, rate: Rate): number {
  return Number(roundedQuotient(BigInt(ms) * BigInt(rate.num), 1000n * BigInt(rate.den)));
}

export function exactUs(frames: number, rate: Rate): number {
  return Number(roundedQuotient(BigInt(frames) * 1_000_000n * BigInt(rate.den), BigInt(rate.num)));
}

interface Box { x: number; y: number; width: number; height: number }
interface Around { zeroMs: number; from: number; box: Box; opacity: number; gain: number; faded: number; keys: string; within: (string | undefined)[] }
type Picture = Pick<Resolved, 'nodes' | 'sounds' | 'ended'>;

const FRAME: Box = { x: 0, y: 0, width: 1, height: 1 };
const inside = (outer: Box, inner: Box): Box => ({ x: outer.x + outer.width * inner.x, y: outer.y + outer.height * inner.y, width: outer.width * inner.width, height: outer.height * inner.height });
const linear = (db: number): number => 10 ** (db / 20);
const curve = { linear: (s: number) => s, hold: () => 0, 'ease-in': (s: number) => s ** 2, 'ease-out': (s: number) => 1 - (1 - s) ** 2, 'ease-in-out': (s: number) => (s < 0.5 ? 2 * s ** 2 : 1 - 2 * (1 - s) ** 2) };

export function length(document: TimelineDocument): number {
  return document.durationMs ?? Math.max(0, ...document.tracks.flatMap((track) => track.clips.map((clip) => clip.startMs + clip.durationMs)));
}

export class Reference {
  constructor(private readonly top: TimelineDocument & { id?: string }, private readonly rate: Rate, private readonly lookup: TimelineLookup, private readonly failed: (key: string) => boolean = () => false) {}

  at(position: number, from = 0, keys = ''): Picture {
    const sounds: Sound[] = [];
    const nodes = this.document(this.top, position, { zeroMs: 0, from, box: FRAME, opacity: 1, gain: 1, faded: 1, keys, within: [this.top.id] }, sounds);
    return { nodes: [...this.filling(position, from, keys), ...nodes ?? []], sounds, ended: nodes === null };
  }

  /** The frames of so many passes over a region, one after the other, as somebody sees them who goes back by hand each time. */
  *round(from: number, to: number, passes: number): Generator<Picture> {
    let gone = 0;
    for (let place = 0; place < to; place++, gone++) yield this.at(place);
    for (let pass = 1; pass < passes; pass++) {
      for (let place = from; place < to; place++, gone++) yield later(this.at(place, from, `~${pass}/`), gone - place);
    }
  }

  /** The filler beneath everything, where no video track has a clip. */
  private filling(p: number, from: number, keys: string): Node[] {
    const { loop, tracks } = this.top;
    const D = length(this.top);
    const now = this.moment(p);
    const lap = loop && D > 0 ? Math.floor(now / D) : 0;
    const spans = tracks.filter((track) => track.enabled && track.kind === 'video').flatMap(({ clips }) => clips.map((clip, i) => {
      // Of those that begin together the last one has the track.
      const later = clips.filter((other, j) => other.startMs > clip.startMs || (other.startMs === clip.startMs && j > i)).map((other) => other.startMs);
      return { fromMs: clip.startMs, toMs: Math.min(clip.startMs + clip.durationMs, D, ...later) };
    })).filter(({ fromMs, toMs }) => fromMs < toMs);
    const inLaps = (loop ? [lap - 1, lap] : [0]).filter((k) => k >= 0).flatMap((k) => spans.map(({ fromMs, toMs }) => ({ k, fromMs: k * D + fromMs, toMs: k * D + toMs })));
    if (inLaps.some(({ fromMs, toMs }) => fromMs <= now && now < toMs)) return [];
    // It has stood since the last of them was over.
    const since = inLaps.filter(({ toMs }) => toMs <= now).reduce((a, b) => (b.toMs > a.toMs ? b : a), { k: 0, fromMs: 0, toMs: 0 });
    const forever = spans.length === 0 || (!loop && spans.every(({ toMs }) => toMs <= now));
    const inLap = since.toMs - since.k * D;
    // What ends at a lap's end makes room in the next one.
    const key = forever ? 'filler' : inLap === D ? `filler:0@${since.k + 1}` : `filler:${inLap}@${since.k}`;
    const start = this.frame(since.toMs);
    return this.fillers(FRAME, 1, 1, keys + key, start, Math.max(start, from));
  }

  private fillers(box: Box, opacity: number, gain: number, key: string, start: number, from: number): Node[] {
    const { filler } = this.top;
    if (!filler) return [];
    const layers = 'sourceId' in filler ? [{ ...WHOLE_LAYER, sourceId: filler.sourceId }] : this.lookup.scene(filler.sceneId)?.layers ?? [];
    return this.layers(layers, 'sceneId' in filler, box, opacity, gain, key, start, from, 0, true);
  }

  /** The last whole ms that is not in a later frame. */
  private moment(p: number): number {
    let ms = Math.floor((p * 1000 * this.rate.den) / this.rate.num);
    while (this.frame(ms) <= p) ms++;
    while (this.frame(ms) > p) ms--;
    return ms;
  }

  private frame(ms: number): number {
    return exactFrame(ms, this.rate);
  }

  /** null: over. */
  private document(document: TimelineDocument, p: number, around: Around, sounds: Sound[]): Node[] | null {
    const D = length(document);
    if (D === 0) return null;
    if (!document.loop && p >= this.frame(around.zeroMs + D)) return null;
    let lap = 0;
    if (document.loop) {
      // The last lap that has begun, looked for from one that surely has not.
      lap = Math.ceil(((p + 2) * 1000 * this.rate.den / this.rate.num - around.zeroMs) / D) + 2;
      while (this.frame(around.zeroMs + lap * D) > p) lap--;
    }
    const lapMs = around.zeroMs + lap * D;
    return document.tracks.filter((track) => track.enabled).flatMap((track) => this.track(track, document.loop, D, lap, lapMs, p, around, sounds));
  }

  private track(track: Track, loop: boolean, D: number, lap: number, lapMs: number, p: number, around: Around, sounds: Sound[]): Node[] {
    const clips = track.clips.filter((clip) => clip.startMs < D);
    clips.sort((a, b) => a.startMs - b.startMs);
    // The one that began last has the track.
    const i = clips.findLastIndex((clip) => this.frame(lapMs + clip.startMs) <= p);
    const clip = clips[i];
    if (!clip) return [];
    const ends = (c: Clip): number => Math.min(c.startMs + c.durationMs, D);
    const endMs = Math.min(ends(clip), clips[i + 1]?.startMs ?? D);
    if (p >= this.frame(lapMs + endMs)) return [];
    const first = clips.findLast((c) => c.startMs === 0);
    const roomMs = endMs - clip.startMs;
    const inMs = usable(track, clip.transition) ? Math.min(clip.transition!.durationMs, roomMs) : 0;
    if (p < this.frame(lapMs + clip.startMs + inMs)) {
      let from: Clip | undefined;
      let fromLap = lap;
      const before = clips.findLast((c) => c.startMs < clip.startMs);
      if (before && ends(before) >= clip.startMs) from = before;
      if (clip.startMs === 0 && loop && lap > 0) {
        fromLap = lap - 1;
        from = clips.at(-1)!;
        if (ends(from) < D) from = undefined;
      }
      const fromMs = lapMs + (fromLap - lap) * D;
      if (from && this.frame(fromMs + from.startMs) >= this.frame(fromLap === lap ? lapMs + clip.startMs : lapMs)) from = undefined;
      const start = this.frame(lapMs + clip.startMs);
      const share = { step: p - start, frames: this.frame(lapMs + clip.startMs + inMs) - start };
      const { going, coming } = power(share);
      const a = from ? this.clip(track, from, fromLap, fromMs, p, { ...around, faded: around.faded * going }, sounds) : [];
      const b = this.clip(track, clip, lap, lapMs, p, { ...around, faded: around.faded * coming }, sounds);
      return mixed(clip.transition!, a, b, share, around.box);
    }
    const touched = clips[i + 1] ? clips[i + 1]!.startMs <= ends(clip) : loop && first !== undefined && ends(clip) === D;
    const outMs = !touched && usable(track, clip.transitionOut) ? Math.min(clip.transitionOut!.durationMs, roomMs - inMs) : 0;
    const start = this.frame(lapMs + endMs - outMs);
    if (outMs > 0 && p >= start) {
      const share = { step: p - start, frames: this.frame(lapMs + endMs) - start };
      return mixed(clip.transitionOut!, this.clip(track, clip, lap, lapMs, p, { ...around, faded: around.faded * power(share).going }, sounds), [], share, around.box);
    }
    return this.clip(track, clip, lap, lapMs, p, around, sounds);
  }

  private clip(track: Track, clip: Clip, lap: number, lapMs: number, p: number, around: Around, sounds: Sound[]): Node[] {
    const startMs = lapMs + clip.startMs;
    const value = (of: 'x' | 'y' | 'width' | 'height' | 'opacity' | 'gainDb', otherwise: number): number => this.keyed(clip.keyframes, of, startMs, p) ?? otherwise;
    const box = inside(around.box, { x: value('x', clip.x), y: value('y', clip.y), width: value('width', clip.width), height: value('height', clip.height) });
    const opacity = around.opacity * value('opacity', clip.opacity);
    const gain = clip.audio.muted ? 0 : around.gain * linear(track.gainDb + clip.audio.gainDb + value('gainDb', 0));
    const start = this.frame(startMs);
    const from = Math.max(start, around.from);
    const key = `${around.keys}${clip.id}@${lap}`;
    const played = clip.inMs;
    if (track.kind === 'overlay') {
      const own = clip.overlayId === undefined ? undefined : this.lookup.overlay(clip.overlayId);
      if (!own) return [];
      return [{ type: 'layer', layer: { player: { type: 'overlay', overlayId: clip.overlayId! }, ...inside(box, own), fit: 'fill', opacity, crop: NO_CROP, gain: 0 } }];
    }
    if (clip.sourceId !== undefined) {
      const nodes = this.layers([{ ...WHOLE_LAYER, sourceId: clip.sourceId, fit: clip.fit, crop: clip.crop }], false, box, opacity, gain, key, start, from, played, track.kind === 'audio');
      if (track.kind === 'video') return nodes;
      for (const node of nodes) if (node.type === 'layer') sounds.push({ player: node.layer.player, gain: node.layer.gain * around.faded });
      return [];
    }
    if (track.kind === 'audio') return [];
    if (clip.sceneId !== undefined) return this.layers(this.lookup.scene(clip.sceneId)?.layers ?? [], true, box, opacity, gain, key, start, from, played);
    const id = clip.timelineId;
    const inner = id === undefined || around.within.includes(id) || around.within.length > 4 ? undefined : this.lookup.timeline(id);
    if (!inner) return [];
    return this.document(inner, p, { zeroMs: startMs - clip.inMs, from, box, opacity, gain, faded: around.faded, keys: `${key}/`, within: [...around.within, id] }, sounds) ?? [];
  }

  private keyed(keyframes: readonly Keyframe[], of: 'x' | 'y' | 'width' | 'height' | 'opacity' | 'gainDb', startMs: number, p: number): number | undefined {
    const own = keyframes.filter((k) => k[of] !== undefined);
    own.sort((a, b) => a.atMs - b.atMs);
    const i = own.findLastIndex((k) => this.frame(startMs + k.atMs) <= p);
    const before = own[i];
    const after = own[i + 1];
    if (!before || !after) return (before ?? after)?.[of];
    const frames = this.frame(startMs + after.atMs) - this.frame(startMs + before.atMs);
    return before[of]! + (after[of]! - before[of]!) * curve[before.easing]((p - this.frame(startMs + before.atMs)) / frames);
  }

  private layers(layers: readonly Layer[], scene: boolean, box: Box, opacity: number, gain: number, key: string, start: number, from: number, inMs: number, itself = false): Node[] {
    const times: string[] = [];
    return layers.flatMap((layer): Node[] => {
      const { fit, crop } = layer;
      const place = inside(box, layer);
      const own = { ...place, fit, opacity: opacity * layer.opacity, crop };
      if (layer.overlayId !== undefined) return layer.hidden ? [] : [{ type: 'layer', layer: { player: { type: 'overlay', overlayId: layer.overlayId }, ...own, gain: 0 } }];
      const id = layer.sourceId!;
      const nth = times.filter((other) => other === id).length;
      times.push(id);
      if (layer.hidden) return [];
      const facts = this.lookup.source(id);
      const player: Player = facts?.kind === 'media' || facts?.kind === 'audio' || facts?.kind === 'image'
        ? { type: 'clip', key: key + (scene ? `/${id}${nth ? `.${nth}` : ''}` : ''), sourceId: id, startPosition: Math.max(start, from), inUs: ((facts.inMs ?? 0) + inMs) * 1000 + exactUs(Math.max(start, from) - start, this.rate) }
        : { type: 'shared', sourceId: id };
      const heard = layer.audio.muted ? 0 : gain * linear(layer.audio.gainDb);
      if (!itself && player.type === 'clip' && this.failed(player.key)) {
        const instead = this.fillers(place, own.opacity, heard, `${player.key}/filler`, start, Math.max(start, from));
        if (instead.length > 0) return instead;
      }
      return [{ type: 'layer', layer: { player, ...own, gain: heard } }];
    });
  }
}

/** The same, but so many frames later. */
function later({ nodes, sounds, ended }: Picture, frames: number): Picture {
  const player = (one: Player): Player => (one.type === 'clip' ? { ...one, startPosition: one.startPosition + frames } : one);
  const node = (one: Node): Node => (one.type === 'mix' ? { ...one, from: one.from.map(node), to: one.to.map(node) } : { type: 'layer', layer: { ...one.layer, player: player(one.layer.player) } });
  return { nodes: nodes.map(node), sounds: sounds.map((sound) => ({ ...sound, player: player(sound.player) })), ended };
}

const NO_CROP = { left: 0, top: 0, right: 0, bottom: 0 };
const WHOLE_LAYER: Layer = { ...FRAME, fit: 'contain', opacity: 1, crop: NO_CROP, audio: { gainDb: 0, muted: false }, hidden: false, locked: false };

function usable(track: Track, transition: Transition | undefined): boolean {
  return transition !== undefined && transition.kind !== 'cut' && (track.kind !== 'audio' || transition.kind === 'fade');
}

const power = ({ step, frames }: { step: number; frames: number }): { going: number; coming: number } => {
  const angle = ((step + 1) / (frames + 1)) * (Math.PI / 2);
  return { going: Math.cos(angle), coming: Math.sin(angle) };
};

function mixed(transition: Transition, from: Node[], to: Node[], { step, frames }: { step: number; frames: number }, box: Box): Node[] {
  if (from.length + to.length === 0) return [];
  const { going, coming } = power({ step, frames });
  const share = (step + 1) / (frames + 1);
  const faded = (nodes: Node[], opacity: number, gain: number): Node[] => nodes.map((node) => node.type === 'mix'
    ? { ...node, from: faded(node.from, opacity, gain), to: faded(node.to, opacity, gain) }
    : { type: 'layer', layer: { ...node.layer, opacity: node.layer.opacity * opacity, gain: node.layer.gain * gain } });
  if (transition.kind === 'fade' && from.length === 0) return faded(to, share, coming);
  if (transition.kind === 'fade' && to.length === 0) return faded(from, 1 - share, going);
  if (transition.kind === 'cut') throw new Error('A cut is no way.');
  return [{ type: 'mix', from, to, kind: transition.kind, ...(transition.kind === 'dip' && transition.color !== undefined ? { color: transition.color } : {}), step, frames, ...(JSON.stringify(box) === JSON.stringify(FRAME) ? {} : { area: box }) }];
}
