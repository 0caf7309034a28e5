/** Clips of a track that want the same time. */
import { coverOf } from '../../protocol/clip-rules.js';
import type { ClipAt } from './check.js';
import type { Named, Report } from './report.js';

/**
 * A clip may begin after another and before it ends if it comes in by a transition that is at least as long as what they share,
 * and no third one is there by then. Each clip is held against the two before it that last longest: one overlap too many is enough to tell.
 */
export function checkOverlaps(clips: readonly ClipAt[], report: Report): void {
  const sorted = [...clips].sort((a, b) => a.clip.startMs - b.clip.startMs);
  let longest: ClipAt | null = null;
  let second: ClipAt | null = null;
  for (const at of sorted) {
    const { startMs } = at.clip;
    const together = [longest, second].find((other) => other?.clip.startMs === startMs);
    if (together) {
      report.error(at.path, 'overlap', `${nameOf(at)} begins together with ${nameOf(together)}, of which nothing is shown.`, ...namesOf(at, together));
    } else if (longest && endOf(longest) > startMs) {
      const shared = endOf(longest) - startMs;
      const covered = coverOf(at.clip, at.track.kind);
      if (shared > covered) report.error(at.path, 'overlap', `${overlapOf(at, longest, shared)}, and ${covered > 0 ? `its transition covers only ${covered} ms` : 'it has no transition'}.`, ...namesOf(at, longest));
      else if (second && endOf(second) > startMs) {
        report.error(at.path, 'overlap', `${overlapOf(at, second, endOf(second) - startMs)}, where ${nameOf(longest)} is still coming in.`, ...namesOf(at, second, longest));
      }
    }
    if (!longest || endOf(at) > endOf(longest)) [longest, second] = [at, longest];
    else if (!second || endOf(at) > endOf(second)) second = at;
  }
}

function endOf({ clip }: ClipAt): number {
  return clip.startMs + clip.durationMs;
}

function nameOf({ clip, path }: ClipAt): string {
  return clip.id === undefined ? path : `"${clip.id}" (${path})`;
}

function namesOf(...clips: ClipAt[]): Named[] {
  return clips.flatMap((at) => (at.clip.id === undefined ? [] : { said: nameOf(at), id: at.clip.id }));
}

function overlapOf(later: ClipAt, earlier: ClipAt, sharedMs: number): string {
  return `${nameOf(later)} begins ${sharedMs} ms before ${nameOf(earlier)} ends`;
}
