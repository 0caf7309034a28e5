/** States and figures as a person reads them. Every state has a word, so that nothing is told by colour alone. */
import { UNNAMED } from '../../protocol/unnamed.js';
import type { BroadcastState, DestinationState, SourceState, SourceStatus } from '../../protocol/status.js';
import { texts } from '../texts.js';

const { source, destination, broadcast } = texts.states;

/** How good a state is; the style sheet has a colour for each. */
export type Tone = 'good' | 'busy' | 'bad' | 'quiet';

export interface Said {
  word: string;
  tone: Tone;
  /** What is meant by it, where the word is short for that. */
  hint?: string;
}

const SOURCE_STATES: Record<SourceState, Said> = {
  idle: { word: source.idle, tone: 'quiet' },
  live: { word: source.live, tone: 'good' },
  waiting: { word: source.waiting, tone: 'quiet' },
  late: { word: source.late, tone: 'busy' },
  gone: { word: source.gone, tone: 'bad' },
  ended: { word: source.ended, tone: 'quiet' },
  failed: { word: source.failed, tone: 'bad' },
};

/** A picture that stands so long is seen to stand. */
const FROZEN_MS = 1_000;

/**
 * The same as a person calls it: only a camera is live, and one that goes on sending nothing worth the name is called by what it lacks.
 * What has no sender is ready, and a film or sound that is on program plays.
 * @param isSilent it has been heard to send no sound for some seconds
 */
export function saidOfSource(kind: string, status: SourceWords, isOnAir: boolean, isSilent = false): Said {
  const { state, soundOnly, ageMs } = status;
  if (soundOnly) return SOUND_ONLY;
  if (state === 'late' && ageMs >= FROZEN_MS) return { word: texts.states.frozen, tone: 'busy' };
  const lack = kind === 'camera' && state === 'live' ? lackOf(status, isSilent) : null;
  if (lack) return { word: texts.states[lack], tone: 'busy', hint: texts.states.lacks[lack] };
  if (kind === 'camera' || (state !== 'live' && state !== 'idle')) return SOURCE_STATES[state];
  const plays = isOnAir && state === 'live' && (kind === 'media' || kind === 'audio');
  return { word: plays ? texts.states.plays : texts.states.ready, tone: state === 'live' ? 'good' : 'quiet' };
}

type SourceWords = Pick<SourceStatus, 'state' | 'ageMs' | 'soundOnly' | 'still' | 'black' | 'silent'>;

/** What there is not in what a camera goes on sending; the worst of it. */
function lackOf({ black, still, silent }: SourceWords, isSilent: boolean): 'black' | 'frozen' | 'silent' | null {
  if (black) return 'black';
  if (still) return 'frozen';
  return silent || isSilent ? 'silent' : null;
}

/** Of a camera that is live without a picture. */
const SOUND_ONLY: Said = { word: texts.states.soundOnly, tone: 'busy' };

export const DESTINATION_STATES: Record<DestinationState, Said> = {
  idle: { word: destination.idle, tone: 'quiet' },
  connecting: { word: destination.connecting, tone: 'busy' },
  live: { word: destination.live, tone: 'good' },
  reconnecting: { word: destination.reconnecting, tone: 'busy' },
  failed: { word: destination.failed, tone: 'bad' },
};

/** A state as it was before the studio went out of reach: nobody here knows what it is now. */
export const NOT_KNOWN: Said = { word: texts.shell.notKnown, tone: 'quiet' };

export const BROADCAST_STATES: Record<BroadcastState, Said> = {
  standby: { word: broadcast.standby, tone: 'quiet' },
  starting: { word: broadcast.starting, tone: 'busy' },
  live: { word: broadcast.live, tone: 'bad' },
  stopping: { word: broadcast.stopping, tone: 'busy' },
};

/** The same once it takes longer than a start does: whoever is on air has lost its destinations, or reached none. */
export const NONE_LIVE: Said = { word: texts.states.noneLive, tone: 'bad' };
export const STARTING_LIMIT_MS = 15_000;

/** Who did something, as it stands behind what was done: `by Anna`; of nobody with a name what it came by, `at a panel`. */
export function byWhom(by: string): string {
  switch (by) {
    case UNNAMED.panel: return texts.doneBy.panel;
    case UNNAMED.rest: return texts.doneBy.rest;
    case UNNAMED.websocket: return texts.doneBy.websocket;
    default: return texts.doneBy.named(by);
  }
}

/** `0:07`, `12:05`, `1:02:03`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** `Every 15 min`, `Every 90 s`. */
export function everySoOften(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return seconds % 60 === 0 ? texts.figures.everyMinutes(seconds / 60) : texts.figures.everySeconds(seconds);
}

/** `850 kb/s`, `6.0 Mb/s`. */
export function bitrate(kbps: number): string {
  return kbps >= 1000 ? `${(kbps / 1000).toFixed(1)} Mb/s` : `${Math.round(kbps)} kb/s`;
}

/** `12 MB`, `1.4 GB`: powers of ten, as disks are sold. */
export function size(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.round(bytes / 1e3)} kB`;
}

/** `1080p30`, `360p29.97`; what is not known yet is left out. */
export function format(height: number | undefined, fps: number | undefined): string {
  if (!height) return '';
  return `${height}p${fps ? Number(fps.toFixed(2)) : ''}`;
}

/** `rtmp://host/app` of a server's address; what else may be in it (a user, a key, a query) is left out. */
export function serverAddress(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    const app = pathname.split('/')[1] ?? '';
    return `${protocol}//${host}${app === '' ? '' : `/${app}`}`;
  } catch {
    return '';
  }
}
