/** What is known of a publisher's stream: from its codec headers, its metadata and what really came. */
import { amf0Fields, decodeAmf0 } from '../rtmp/amf0.js';
import { describeAudio, describeVideo } from '../rtmp/flv.js';
import type { CameraStatus } from '../protocol/status.js';
import type { Clock } from '../runtime/clock.js';
import { RateMeter } from '../runtime/rate-meter.js';
import type { TagKind } from './feed.js';
import { aacSound, avcPicture, hevcPicture } from './sequence-header.js';

const FPS_FRAMES = 60;
/** A step longer than this between two frames is a gap and says nothing of the frame rate. */
const FPS_GAP_MS = 2000;
const FPS_TOLERANCE = 0.01;
const MP3_RATES = [5500, 11_025, 22_050, 44_100];
const NAMES: Record<string, string> = { avc: 'h264' };

type Video = NonNullable<CameraStatus['video']>;
type Audio = NonNullable<CameraStatus['audio']>;

interface Metadata {
  width?: number;
  height?: number;
  fps?: number;
}

export class StreamFacts {
  #video: Video | null = null;
  #audio: Audio | null = null;
  bytes = 0;
  #lastMediaMs: number | null = null;
  readonly #rate = new RateMeter();
  #frameTimes: number[] = [];
  #metadata: Metadata = {};

  constructor(private readonly clock: Clock) {}

  get video(): Video | null {
    if (this.#video === null) return null;
    const { fps: named, ...size } = this.#metadata;
    const measured = this.#fps();
    // Timestamps in whole ms cannot tell 30 from 29.97 for sure; what the encoder says of itself can, if it fits.
    const fps = named && (!measured || Math.abs(named / measured - 1) < FPS_TOLERANCE) ? named : measured;
    return { ...size, ...this.#video, ...(fps === undefined ? {} : { fps }) };
  }

  get audio(): Audio | null {
    return this.#audio;
  }

  /** Since the last sound or picture; null before the first. */
  get ageMs(): number | null {
    return this.#lastMediaMs === null ? null : Math.max(0, Math.round(this.clock.monotonicMs() - this.#lastMediaMs));
  }

  get kbps(): number {
    return this.#rate.kbps(this.clock.monotonicMs());
  }

  note(kind: TagKind, timestampMs: number, payload: Buffer): void {
    const nowMs = this.clock.monotonicMs();
    this.bytes += payload.length;
    if (kind !== 'script') this.#lastMediaMs = nowMs;
    this.#rate.add(nowMs, payload.length);
    if (kind === 'video-header') this.#video = { codec: videoCodec(payload), ...picture(payload) };
    else if (kind === 'audio-header' || (kind === 'audio' && this.#audio === null)) this.#audio = sound(payload);
    else if (kind === 'script') this.#metadata = metadata(payload);
    if (kind === 'frame' || kind === 'keyframe') {
      this.#video ??= { codec: videoCodec(payload) };
      this.#frameTimes.push(timestampMs);
      if (this.#frameTimes.length > FPS_FRAMES) this.#frameTimes.shift();
    }
  }

  /** Decoding timestamps step by whole frames, so B-frames do not disturb it. */
  #fps(): number | undefined {
    let frames = 0;
    let spanMs = 0;
    for (let index = 1; index < this.#frameTimes.length; index += 1) {
      const step = (this.#frameTimes[index] as number) - (this.#frameTimes[index - 1] as number);
      if (step <= 0 || step > FPS_GAP_MS) continue;
      frames += 1;
      spanMs += step;
    }
    return frames < 5 ? undefined : Math.round((frames * 100_000) / spanMs) / 100;
  }
}

function videoCodec(payload: Buffer): string {
  const { codec } = describeVideo(payload);
  return NAMES[codec] ?? codec;
}

function picture(payload: Buffer): { width?: number; height?: number } {
  const { codec } = describeVideo(payload);
  const record = payload.subarray(5);
  return (codec === 'avc' ? avcPicture(record) : codec === 'hevc' ? hevcPicture(record) : null) ?? {};
}

function sound(payload: Buffer): Audio {
  const { codec } = describeAudio(payload);
  const first = payload[0] ?? 0;
  const enhanced = first >> 4 === 9;
  if (codec === 'aac') return { codec, ...aacSound(payload.subarray(enhanced ? 5 : 2)) };
  if (enhanced) return { codec };
  const sampleRate = MP3_RATES[(first >> 2) & 3];
  return { codec, ...(sampleRate ? { sampleRate } : {}), channels: (first & 1) + 1 };
}

function metadata(payload: Buffer): Metadata {
  const fields = amf0Fields(decodeAmf0(payload)[1]);
  const within = (value: unknown, most: number): value is number => typeof value === 'number' && value >= 1 && value <= most;
  const { width, height, framerate } = fields ?? {};
  return {
    ...(within(width, 16_384) ? { width } : {}),
    ...(within(height, 16_384) ? { height } : {}),
    ...(within(framerate, 1000) ? { fps: Math.round(framerate * 1000) / 1000 } : {}),
  };
}
