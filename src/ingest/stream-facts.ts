/** What is known of a publisher's stream: from its codec headers, its metadata and what really came. */
import { amf0Fields, decodeAmf0 } from '../rtmp/amf0.js';
import { describeAudio, describeVideo } from '../rtmp/flv.js';
import type { CameraStatus } from '../protocol/status.js';
import type { Clock } from '../runtime/clock.js';
import type { TagKind } from './feed.js';
import { aacSound, avcPicture, hevcPicture } from './sequence-header.js';

const RATE_WINDOW_MS = 1000;
const FPS_FRAMES = 60;
/** A step longer than this between two frames is a gap and says nothing of the frame rate. */
const FPS_GAP_MS = 2000;
const MP3_RATES = [5500, 11_025, 22_050, 44_100];
const NAMES: Record<string, string> = { avc: 'h264' };

type Video = NonNullable<CameraStatus['video']>;
type Audio = NonNullable<CameraStatus['audio']>;

export class StreamFacts {
  #video: Video | null = null;
  #audio: Audio | null = null;
  bytes = 0;
  #lastMediaMs: number | null = null;
  #window = { startMs: 0, bytes: 0, kbps: 0 };
  #frameTimes: number[] = [];
  #metadata: { width?: number; height?: number } = {};

  constructor(private readonly clock: Clock) {}

  get video(): Video | null {
    if (this.#video === null) return null;
    const fps = this.#fps();
    return { ...this.#metadata, ...this.#video, ...(fps === undefined ? {} : { fps }) };
  }

  get audio(): Audio | null {
    return this.#audio;
  }

  /** Since the last sound or picture; null before the first. */
  get ageMs(): number | null {
    return this.#lastMediaMs === null ? null : Math.max(0, Math.round(this.clock.monotonicMs() - this.#lastMediaMs));
  }

  get kbps(): number {
    const elapsed = this.clock.monotonicMs() - this.#window.startMs;
    if (elapsed > 3 * RATE_WINDOW_MS) return 0;
    return this.#window.kbps;
  }

  note(kind: TagKind, timestampMs: number, payload: Buffer): void {
    const nowMs = this.clock.monotonicMs();
    this.bytes += payload.length;
    if (kind !== 'script') this.#lastMediaMs = nowMs;
    this.#rate(nowMs, payload.length);
    if (kind === 'video-header') this.#video = { codec: videoCodec(payload), ...picture(payload) };
    else if (kind === 'audio-header' || (kind === 'audio' && this.#audio === null)) this.#audio = sound(payload);
    else if (kind === 'script') this.#metadata = metadataSize(payload);
    if (kind === 'frame' || kind === 'keyframe') {
      this.#video ??= { codec: videoCodec(payload) };
      this.#frameTimes.push(timestampMs);
      if (this.#frameTimes.length > FPS_FRAMES) this.#frameTimes.shift();
    }
  }

  #rate(nowMs: number, bytes: number): void {
    const window = this.#window;
    if (window.startMs === 0) window.startMs = nowMs;
    window.bytes += bytes;
    const elapsed = nowMs - window.startMs;
    if (elapsed >= RATE_WINDOW_MS) this.#window = { startMs: nowMs, bytes: 0, kbps: Math.round((window.bytes * 8) / elapsed) };
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

function metadataSize(payload: Buffer): { width?: number; height?: number } {
  const fields = amf0Fields(decodeAmf0(payload)[1]);
  const side = (value: unknown): value is number => typeof value === 'number' && value >= 1 && value <= 16_384;
  const [width, height] = [fields?.['width'], fields?.['height']];
  return { ...(side(width) ? { width } : {}), ...(side(height) ? { height } : {}) };
}
