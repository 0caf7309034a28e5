/**
 * How many picture slots a decoder's ring has: the one place that adds them up. What they are for is spread over the native core,
 * whose numbers these have to be:
 *
 * | slots | for | there |
 * |---|---|---|
 * | 12 | jitter: 200 ms at 60 pictures a second | `kMaxMarginUs`, native/compositor/source_clock.cpp |
 * | 4 | one drawn into, one that is done, one on show, one on its way to the encoder | `kInUseSlots`, native/compositor/source.cpp |
 * | 6 | lent to a camera's codec, which refers to them after they were shown | `leasableSlots`, native/ring/ring.h |
 * | 60 a second | what is waited out of a delay, a second at most (`delayMs`, src/protocol/resources.ts) | |
 *
 * That is 82 at most, and no ring has more than 96 (`kMaxSlots`, native/ring/ring.h). A slot of 1080p takes 3 MB of memory once it was
 * drawn in, 5 with alpha.
 */
import type { EngineSource } from '../protocol/link.js';

const MOST_PER_S = 60;
const JITTER_SLOTS = (200 * MOST_PER_S) / 1000;
const IN_USE_SLOTS = 4;
const LENT_SLOTS = 6;

/** Of a source without a delay. */
export const SLOTS = JITTER_SLOTS + IN_USE_SLOTS + LENT_SLOTS;
/** As many as a ring can have. */
export const MOST_SLOTS = 96;
/** Of one that stands still: what it is drawn from. */
const STILL_SLOTS = 3;
/** Of a film in a timeline, which is never late: pictures decoded ahead, what a busy third of a second takes. */
const AHEAD_SLOTS = 12;

/** Of a source. A delay is waited out in its slots, so it takes as many more as pictures come in that time. */
export function ringSlots({ kind, delayMs }: EngineSource): number {
  if (kind === 'image' || kind === 'color') return STILL_SLOTS;
  return Math.min(MOST_SLOTS, SLOTS + Math.ceil((delayMs * MOST_PER_S) / 1000));
}

/** Of a playout in a timeline, which has no delay. */
export const playoutSlots = (kind: 'media' | 'audio' | 'image'): number => (kind === 'image' ? STILL_SLOTS : AHEAD_SLOTS);
