/** Which file players a stretch of a timeline needs: what has to be opened and prerolled. */
import type { CompiledClip, CompiledDocument, CompiledTimeline } from './compile.js';
import type { ContentLayer } from './content.js';
import { lastUpTo } from './curves.js';
import { gapKey } from './gaps.js';
import type { Playout } from './model.js';
import { clipKey, fillerLayers, hasFrames, inUsOf, mayNest, NONE_FAILED, standInKey, type IsFailed } from './resolve.js';
import { frameAt, momentOf, type Rate } from './rate.js';
import { keysOf, passAt, shiftOf, sightOf, type Region } from './region.js';

/** The stretch that is asked for, of one pass. */
interface Asked {
  readonly rate: Rate;
  readonly from: number;
  readonly to: number;
  readonly into: Playout[];
  readonly filler: readonly ContentLayer[] | null;
  readonly isFailed: IsFailed;
}

/** Where a document lies in time. */
interface Window {
  readonly zeroMs: number;
  /** The frames in which it is in sight: from the first to before `to`. */
  readonly from: number;
  readonly to: number;
  readonly keys: string;
  readonly around: readonly CompiledDocument[];
}

/**
 * The file players that `resolve` names at any position in [from, to), by start, each from its first frame to the one after its
 * last, be they in the stretch or not; and those that have failed, which may come back. Takes time in proportion to what is in
 * the stretch.
 * @param to finite
 * @param region over which it goes round; null: none
 */
export function playouts(timeline: CompiledTimeline, from: number, to: number, isFailed: IsFailed = NONE_FAILED, region: Region | null = null): Playout[] {
  const { rate, document } = timeline;
  const filler = fillerLayers(timeline);
  const all: Playout[] = [];
  for (let pass = passAt(region, from); pass <= passAt(region, to - 1); pass++) {
    const shift = shiftOf(region, pass);
    const sight = sightOf(region, pass);
    const window: Window = { zeroMs: 0, ...sight, keys: keysOf(pass), around: [document] };
    const asked: Asked = { rate, from: Math.max(sight.from, from - shift), to: Math.min(sight.to, to - shift), into: [], filler, isFailed };
    collect(asked, document, window);
    collectGaps(asked, timeline, window);
    for (const playout of asked.into) all.push(shift === 0 ? playout : { ...playout, startPosition: playout.startPosition + shift, endPosition: playout.endPosition + shift });
  }
  return all.sort((a, b) => a.startPosition - b.startPosition);
}

function collect(asked: Asked, document: CompiledDocument, window: Window): void {
  const { rate } = asked;
  const { durationMs, loop } = document;
  const from = Math.max(asked.from, window.from);
  const to = Math.min(asked.to, window.to);
  if (from >= to || durationMs === 0) return;
  const first = momentOf(from, rate);
  const last = momentOf(to - 1, rate);
  const lapAt = (ms: number): number => (ms - window.zeroMs - ((ms - window.zeroMs) % durationMs)) / durationMs;
  // What comes in over a lap's end may still be seen in the next one, and in no later one.
  const lastLap = loop ? lapAt(last) : 0;
  for (let lap = loop ? Math.max(0, lapAt(first) - 1) : 0; lap <= lastLap; lap++) {
    const lapMs = window.zeroMs + lap * durationMs;
    for (const track of document.tracks) {
      for (let i = lastUpTo(track.seenUntil, first - lapMs) + 1; i < track.clips.length && track.starts[i]! <= last - lapMs; i++) {
        addClip(asked, track.clips[i]!, lap, lapMs, window);
      }
    }
  }
}

/** The filler's own, where it stands by itself. */
function collectGaps(asked: Asked, { rate, document: { durationMs, loop }, gaps: { list, starts } }: CompiledTimeline, window: Window): void {
  if (!asked.filler || asked.from >= asked.to) return;
  const first = momentOf(asked.from, rate);
  const last = momentOf(asked.to - 1, rate);
  const looping = loop && durationMs > 0 && list.at(-1)?.endMs !== Infinity;
  // One at a lap's end may reach into the next one.
  const firstLap = looping ? Math.max(0, Math.floor(first / durationMs) - 1) : 0;
  for (let lap = firstLap; lap <= (looping ? Math.floor(last / durationMs) : 0); lap++) {
    const lapMs = looping ? lap * durationMs : 0;
    for (let i = Math.max(0, lastUpTo(starts, first - lapMs)); i < list.length && starts[i]! <= last - lapMs; i++) {
      const gap = list[i]!;
      if (gap.once && lap > 0) continue;
      const firstFrame = frameAt(lapMs + gap.startMs, rate);
      const from = Math.max(firstFrame, window.from);
      const to = Math.min(gap.endMs === Infinity ? Infinity : frameAt(lapMs + gap.endMs, rate), window.to);
      if (from < to && to > asked.from) addFiller(asked, asked.filler, window.keys + gapKey({ gap, lap }), firstFrame, from, to);
    }
  }
}

function addFiller({ rate, into }: Asked, filler: readonly ContentLayer[], key: string, firstFrame: number, from: number, to: number): void {
  for (const { part } of filler) {
    if (part.type === 'file') into.push({ key: key + part.suffix, sourceId: part.sourceId, startPosition: from, endPosition: to, inUs: inUsOf(rate, part.inMs, 0, firstFrame, from), heardOnly: false });
  }
}

function addClip(asked: Asked, clip: CompiledClip, lap: number, lapMs: number, window: Window): void {
  const { rate } = asked;
  if (!hasFrames(rate, clip, lapMs)) return;
  const startMs = lapMs + clip.startMs;
  const firstFrame = frameAt(startMs, rate);
  const from = Math.max(firstFrame, window.from);
  const to = Math.min(frameAt(lapMs + clip.seenUntilMs, rate), window.to);
  const key = clipKey(window.keys, clip, lap);
  const { content } = clip;
  if (content.is === 'timeline') {
    const { document } = content;
    if (mayNest(document, window.around)) collect(asked, document, { zeroMs: startMs - clip.inMs, from, to, keys: `${key}/`, around: [...window.around, document] });
    return;
  }
  for (const { part } of content.layers) {
    if (part.type !== 'file') continue;
    asked.into.push({
      key: key + part.suffix, sourceId: part.sourceId, startPosition: from, endPosition: to,
      inUs: inUsOf(rate, part.inMs, clip.inMs, firstFrame, from), heardOnly: content.heardOnly,
    });
    if (asked.filler && !content.heardOnly && asked.isFailed(key + part.suffix)) addFiller(asked, asked.filler, standInKey(key + part.suffix), firstFrame, from, to);
  }
}
