/**
 * Where a timeline's filler stands by itself: where no video track has a clip, and when the timeline is over. A gap at the end of
 * a loop goes on at its start: there it is one, and a film in it does not begin anew.
 */
import type { CompiledClip, CompiledDocument } from './compile.js';
import { lastUpTo } from './curves.js';

export interface Gap {
  /** From the lap's start, ms; */
  readonly startMs: number;
  /** past the lap's end where it goes on in the next one; Infinity: for ever. */
  readonly endMs: number;
  /** In lap 0 only: in later laps the gap at the lap's end reaches over it. */
  readonly once: boolean;
}

/** By start; `starts` are their `startMs`. */
export interface Gaps {
  readonly list: readonly Gap[];
  readonly starts: Float64Array;
}
export const NO_GAPS: Gaps = { list: [], starts: new Float64Array() };

/** A gap that has a moment. */
export interface Standing {
  readonly gap: Gap;
  readonly lap: number;
}

export function gapsOf(document: CompiledDocument): Gaps {
  const list = listOf(document);
  return { list, starts: Float64Array.from(list, ({ startMs }) => startMs) };
}

function listOf({ durationMs, loop, tracks }: CompiledDocument): Gap[] {
  const clips = tracks.filter(({ kind }) => kind === 'video').flatMap((track) => track.clips).sort(byStart);
  const inner: { startMs: number; endMs: number }[] = [];
  let coveredMs = 0;
  for (const { startMs, endMs } of clips) {
    if (startMs > coveredMs) inner.push({ startMs: coveredMs, endMs: startMs });
    coveredMs = Math.max(coveredMs, endMs);
  }
  const once = (gap: { startMs: number; endMs: number }): Gap => ({ ...gap, once: true });
  const always = (gap: { startMs: number; endMs: number }): Gap => ({ ...gap, once: false });
  // What is not planned at the end stands on when it is over.
  if (!loop || durationMs === 0 || clips.length === 0) return [...inner, { startMs: coveredMs, endMs: Infinity }].map(once);
  if (coveredMs === durationMs) return inner.map(always);
  const first = inner[0]?.startMs === 0 ? inner[0] : undefined;
  const last = always({ startMs: coveredMs, endMs: durationMs + (first?.endMs ?? 0) });
  return [...(first ? [once(first), ...inner.slice(1).map(always)] : inner.map(always)), last];
}

const byStart = (a: CompiledClip, b: CompiledClip): number => a.startMs - b.startMs;

/** The one that has a moment, if any has. `now` is ms from the timeline's start, all laps counted, and not before it. */
export function gapAt({ list, starts }: Gaps, { durationMs, loop }: CompiledDocument, now: number): Standing | null {
  const last = list.at(-1);
  if (!last) return null;
  const lap = loop && durationMs > 0 ? Math.floor(now / durationMs) : 0;
  const find = (ms: number, inLap: number): Standing | null => {
    const gap = list[lastUpTo(starts, ms)];
    return gap && ms < gap.endMs && (!gap.once || inLap === 0) ? { gap, lap: inLap } : null;
  };
  // For ever, whatever the lap.
  if (last.endMs === Infinity && now >= last.startMs) return { gap: last, lap: 0 };
  const here = find(now - lap * durationMs, lap);
  if (here || lap === 0 || last.endMs <= durationMs) return here;
  return now - (lap - 1) * durationMs < last.endMs ? { gap: last, lap: lap - 1 } : null;
}

/** Of what stands in a gap: of one gap of one lap in all of the timeline's time. */
export function gapKey({ gap, lap }: Standing): string {
  return gap.endMs === Infinity ? 'filler' : `filler:${gap.startMs}@${lap}`;
}
