/** Which clips of a track may share time: the studio's rule (src/domain/timeline/check-overlaps.ts), and where a clip that is moved finds room. */
import { coverOf } from '../../../protocol/clip-rules.js';
import { MAX_MS } from '../../../protocol/resources.js';
import type { Clip, Track } from '../../../protocol/timeline.js';
import { endOf, inOrder, lastStarting } from './document.js';

type Kind = Track['kind'];

/** Ids of the clips that begin where they may not. A clip may begin before another ends if it comes in by a transition at least that long, and no third is there. */
export function overlapping(track: Pick<Track, 'clips' | 'kind'>): Set<string> {
  const wrong = new Set<string>();
  let longest: Clip | null = null;
  let second: Clip | null = null;
  for (const clip of inOrder(track)) {
    if (longest?.startMs === clip.startMs || second?.startMs === clip.startMs) wrong.add(clip.id);
    else if (longest && endOf(longest) > clip.startMs) {
      if (endOf(longest) - clip.startMs > coverOf(clip, track.kind) || (second && endOf(second) > clip.startMs)) wrong.add(clip.id);
    }
    if (!longest || endOf(clip) > endOf(longest)) [longest, second] = [clip, longest];
    else if (!second || endOf(clip) > endOf(second)) second = clip;
  }
  return wrong;
}

/** Moments by which something may not be moved: more than `from` and less than `to`, ms. */
interface Forbidden {
  from: number;
  to: number;
}

/** Clips that move together onto a track, and those that lie there and stay. */
export interface Meeting {
  kind: Kind;
  moving: readonly Clip[];
  standing: readonly Clip[];
}

const MAX_PAIRS = 400_000;

/**
 * The move nearest to a wished one by which no clip comes to lie where it may not; null when there is none near.
 * @param wished ms, may be negative
 * @param touching clips may touch and no more; else they may share as much time as the later one's transition covers
 */
export function nearestMove(meetings: readonly Meeting[], wished: number, touching = false): number | null {
  const all = meetings.flatMap(({ moving }) => moving);
  if (all.length === 0) return wished;
  const least = -Math.min(...all.map(({ startMs }) => startMs));
  const most = MAX_MS - Math.max(...all.map(endOf));
  const clamped = Math.min(most, Math.max(least, wished));
  const forbidden: Forbidden[] = [];
  let pairs = 0;
  for (const { kind, moving, standing } of meetings) {
    const list = inOrder({ clips: standing as Clip[] });
    if (moving.length * list.length > MAX_PAIRS) {
      // Too many to look at each way out: only what is met at the wished place counts.
      for (const clip of moving) if (meets(clip, clamped, list)) return null;
      continue;
    }
    for (const clip of moving) {
      for (const other of list) {
        pairs += 1;
        const before = touching ? 0 : Math.min(coverOf(other, kind), clip.durationMs - 1);
        const after = touching ? 0 : Math.min(coverOf(clip, kind), other.durationMs - 1);
        forbidden.push({ from: other.startMs - endOf(clip) + before, to: endOf(other) - clip.startMs - after });
      }
    }
  }
  if (pairs === 0) return clamped;
  return nearestOutside(forbidden, clamped, least, most);
}

function nearestOutside(forbidden: Forbidden[], wished: number, least: number, most: number): number | null {
  forbidden.sort((a, b) => a.from - b.from);
  // Ways that lie over each other are one; at the very edge of one there is room, unless another covers it.
  const merged: Forbidden[] = [];
  for (const one of forbidden) {
    const last = merged.at(-1);
    if (last && one.from < last.to) last.to = Math.max(last.to, one.to);
    else merged.push({ ...one });
  }
  const inside = merged.find(({ from, to }) => from < wished && wished < to);
  if (!inside) return wished;
  const candidates = [inside.from, inside.to].filter((ms) => ms >= least && ms <= most);
  return candidates.sort((a, b) => Math.abs(a - wished) - Math.abs(b - wished))[0] ?? null;
}

function meets(clip: Clip, by: number, standing: readonly Clip[]): boolean {
  const start = clip.startMs + by;
  const end = endOf(clip) + by;
  for (let i = lastStarting(standing, end - 1); i >= 0 && i >= lastStarting(standing, end - 1) - 2; i--) if (endOf(standing[i]!) > start) return true;
  return false;
}
