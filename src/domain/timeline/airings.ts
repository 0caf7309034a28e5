/** Which file players a stretch of a timeline needs: what has to be opened and prerolled. */
import type { CompiledClip, CompiledDocument, CompiledTimeline } from './compile.js';
import { lastUpTo } from './curves.js';
import type { Airing } from './model.js';
import { clipKey, hasFrames, inUsOf, mayNest } from './resolve.js';
import { frameAt, momentOf, type Rate } from './rate.js';

/** The stretch that is asked for. */
interface Asked {
  readonly rate: Rate;
  readonly from: number;
  readonly to: number;
  readonly into: Airing[];
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
 * last, be they in the stretch or not. Takes time in proportion to what is in the stretch.
 * @param to finite
 */
export function airings(timeline: CompiledTimeline, from: number, to: number): Airing[] {
  const { rate, document, filler } = timeline;
  const asked: Asked = { rate, from: Math.max(0, from), to, into: [] };
  collect(asked, document, { zeroMs: 0, from: 0, to: Infinity, keys: '', around: [document] });
  if (filler?.is === 'layers' && (!document.loop || document.durationMs === 0)) {
    const end = frameAt(document.durationMs, rate);
    for (const { part } of filler.layers) {
      if (part.type !== 'file' || end >= to) continue;
      asked.into.push({ key: `filler${part.suffix}`, sourceId: part.sourceId, startPosition: end, endPosition: Infinity, inUs: inUsOf(rate, part.inMs, 0, end, end), heardOnly: false });
    }
  }
  return asked.into.sort((a, b) => a.startPosition - b.startPosition);
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
  }
}
