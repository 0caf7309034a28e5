/** How a timeline is played: what is asked, and where it stands. Positions are ms from the timeline's start, laps included. */
import { z } from 'zod';
import { Id } from './ids.js';
import { Transition } from './resources.js';

/** What may be asked for: three years. */
const positionMs = z.number().min(0).max(1e11);
/** Where a timeline may have come to by then, and stand: for ever, as whole ms. */
const standsMs = z.number().min(0).max(Number.MAX_SAFE_INTEGER);

/** A loop region of less would have a film opened again and again before it is seen. */
export const MIN_REGION_MS = 1000;
/** Having come to `toMs` it goes on at `fromMs`, and round again: positions, laps included. */
export const Region = z.strictObject({ fromMs: standsMs, toMs: standsMs });
export type Region = z.infer<typeof Region>;

/** Where one is, ms, who goes round a region and has come so far. */
export function roundRegion(ms: number, region: Region | undefined): number {
  return region === undefined || ms < region.toMs ? ms : region.fromMs + ((ms - region.fromMs) % (region.toMs - region.fromMs));
}

/** Where a timeline stands, so that whoever comes back finds it where it should be. */
export const Playback = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('stopped') }),
  z.strictObject({
    is: z.literal('paused'), positionMs: standsMs,
    /** Cameras go on; else the whole picture stands. */
    live: z.literal(true).optional(),
    /** Over which it goes round when it runs. */
    region: Region.optional(),
  }),
  z.strictObject({
    is: z.literal('playing'),
    /** When position 0 was due: CLOCK_MONOTONIC µs of the boot `bootId`, which counts while that boot lasts; */
    zeroUs: z.number(), bootId: z.string(),
    /** and ms since 1970, after it. */
    zeroWallMs: z.number(),
    /** Over which it goes round. */
    region: Region.optional(),
  }),
]);
export type Playback = z.infer<typeof Playback>;
export const STOPPED: Playback = { is: 'stopped' };

/**
 * `play` puts a timeline on program, from `positionMs` or where it stands; without a timelineId it goes on with the one on
 * program. `arm` makes one ready to be played without a wait. `release` ends an override: the timeline comes back where it
 * would be by `now`, or where it was `left`. `region` has the timeline on program go round a loop region, until it is stopped,
 * played from elsewhere or sought behind it, or not any more. `emergency` puts what is named, else what the settings name, over everything at once;
 * `release` takes that away first, and the timeline on program is where it would be by `now`, or where it was `left`.
 */
export const PlaybackControl = z.strictObject({
  action: z.enum(['play', 'pause', 'seek', 'stop', 'release', 'region', 'arm', 'disarm', 'emergency']),
  timelineId: Id.optional(),
  positionMs: positionMs.optional(),
  /** `seek`, `play` and `arm`: to the first airing of this clip, in place of a position. */
  clipId: Id.optional(),
  /** `emergency` only. */
  sourceId: Id.optional(),
  sceneId: Id.optional(),
  /** `region`: what it goes round; null: it goes on past it. `seek`: the same beside it; left out: the one that it has, unless that is left behind. */
  region: Region.refine(({ fromMs, toMs }) => toMs - fromMs >= MIN_REGION_MS, `A loop region is at least ${MIN_REGION_MS} ms long.`).nullable().optional(),
  /** Switches looping in the timeline itself. */
  loop: z.boolean().optional(),
  /** `play`, `release` and `emergency`. */
  transition: Transition.optional(),
  /** `pause` only: cameras stay live and heard, films stand; when left out the whole picture stands and is silent. */
  live: z.boolean().optional(),
  /** `release` only; `now` when left out. */
  resume: z.enum(['now', 'left']).optional(),
}).refine((m) => m.positionMs === undefined || m.clipId === undefined, 'Give either a positionMs or a clipId.')
  .refine((m) => m.action !== 'region' || m.region !== undefined, 'Give the region, or null for none.')
  .refine((m) => m.action === 'region' || m.action === 'seek' || m.region === undefined, 'Only region and seek take a region.')
  .refine((m) => m.sourceId === undefined || m.sceneId === undefined, 'Give either a sourceId or a sceneId.')
  .refine((m) => m.action === 'emergency' || (m.sourceId === undefined && m.sceneId === undefined), 'Only an emergency takes a sourceId or a sceneId.');
export type PlaybackControl = z.infer<typeof PlaybackControl>;

/** What came of a PlaybackControl. */
export const PlaybackReply = z.object({
  /** The first program frame that shows it, and when it is due; null where nothing on program was changed. */
  frame: z.number().int().nullable(), ptsMs: z.number().nullable(),
  /** How the timeline stands from there on. */
  playback: Playback,
});
export type PlaybackReply = z.infer<typeof PlaybackReply>;

/** As `broadcast:status` shows it: of the timeline on program, or of the one that an override covers. */
export const TimelineStatus = z.object({
  timelineId: Id, revision: z.number().int(),
  state: z.enum(['preparing', 'playing', 'paused', 'stopped', 'ended']),
  /** Something else was taken over it, and `release` brings it back. */
  overridden: z.boolean(),
  positionMs: z.number(), durationMs: z.number(), lap: z.number().int(),
  /** Over which it goes round; left out: none. */
  region: Region.optional(),
  /** Clips whose file failed or came late since it was put on program. */
  failedClips: z.number().int(), lateClips: z.number().int(),
  /** Film players open now. */
  open: z.number().int(),
});
export type TimelineStatus = z.infer<typeof TimelineStatus>;
