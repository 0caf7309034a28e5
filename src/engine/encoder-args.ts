/** Pure: settings → the encoder's command line. Snapshot-tested; nothing a person typed gets in as text. */
import { framesOf } from '../domain/timeline/rate.js';
import type { Settings } from '../protocol/resources.js';
import type { VideoFormat } from './scene-plan.js';

export type Codec = 'libx264' | 'h264_nvenc';

/**
 * The FLV muxer moves a stream that starts below zero (AAC priming 21 ms, two B-frames 84 ms) up to zero, which would shift
 * it against program time by an amount nobody is told. Starting later leaves it nothing to move. Egress keeps the encoder
 * before this one back from timestamp 0 on, which must come before it has sent that: it is 0.4 s behind program time.
 */
const TIMESTAMP_LEAD_MS = 200;

/**
 * x264 takes a thread and a half for each core, and each holds a frame back: the first picture is out 0.5 s after it came with 3, 0.8 s with 12, 2 s with
 * 48 (360p30, 2 cores). With 12 it uses up to twelve cores.
 */
const MOST_THREADS = 12;

/**
 * Sound is ready long before the picture that belongs to it, for x264 holds 8 frames, those that are shown out of order and one for each of its
 * threads: 0.9 s at 12 fps on 2 cores, 0.7 s at 30 fps on 8 or more, 2.2 s at 10 fps on those. The muxer must wait for that first picture: once it has written later
 * sound, it refuses the picture, and FFmpeg ends, each time anew. Afterwards nobody waits for longer than the picture takes.
 */
const MOST_HELD_MS = 10_000;

export interface EncoderPlan {
  codec: Codec;
  /** Cores that it may use. */
  cores: number;
  format: VideoFormat;
  encoder: Settings['encoder'];
  audio: Pick<Settings['audio'], 'bitrateKbps'>;
  /** Due time of the first frame fed, ms of program time. */
  firstFrameMs: number;
  socketPath: string;
}

/** Frames between keyframes: whole, at least one. */
export function keyframeFrames(intervalMs: number, format: VideoFormat): number {
  return Math.max(1, framesOf(intervalMs, format.rate));
}

/** Arguments of `ffmpeg`: NUT on stdin, progress on descriptor 3, FLV out to egress. */
export function encoderArgs(plan: EncoderPlan): string[] {
  const { encoder, format } = plan;
  const gop = keyframeFrames(encoder.keyframeIntervalMs, format);
  const rate = `${encoder.bitrateKbps}k`;
  return [
    '-hide_banner', '-nostdin', '-loglevel', 'warning', '-progress', 'pipe:3', '-stats_period', '0.5',
    // NUT names its streams in its header, so there is nothing to probe for: each probed frame would be latency.
    '-probesize', '32', '-analyzeduration', '0', '-fflags', '+nobuffer', '-f', 'nut', '-i', 'pipe:0',
    '-map', '0:v:0', '-map', '0:a:0',
    // A frame dropped under load is repeated here, so that output timestamps have no gap.
    '-fps_mode', 'cfr', '-r', `${format.rate.num}/${format.rate.den}`,
    '-c:v', plan.codec, ...codecArgs(plan),
    '-b:v', rate, '-maxrate', rate, '-bufsize', rate, '-g', String(gop), '-keyint_min', String(gop),
    '-pix_fmt', 'yuv420p', '-color_range', 'tv', '-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709',
    '-c:a', 'aac', '-b:a', `${plan.audio.bitrateKbps}k`, '-ar', '48000', '-ac', '2',
    '-output_ts_offset', String(TIMESTAMP_LEAD_MS / 1000), '-flush_packets', '1', '-max_interleave_delta', String(MOST_HELD_MS * 1000),
    '-metadata', `program_ms=${plan.firstFrameMs - TIMESTAMP_LEAD_MS}`,
    '-flvflags', 'no_duration_filesize', '-f', 'flv', `unix:${plan.socketPath}`,
  ];
}

function codecArgs({ codec, encoder, cores }: EncoderPlan): string[] {
  switch (codec) {
    case 'libx264':
      // nal-hrd=cbr pads to the rate that platforms ask for; scenecut off keeps keyframes where they are promised.
      // The lookahead settings take encoding from 567 ms to 400 ms of delay (1080p30 veryfast, 2 cores) at the same CPU.
      return [
        ...(cores * 1.5 > MOST_THREADS ? ['-threads:v', String(MOST_THREADS)] : []), '-preset', encoder.preset, '-profile:v', 'high', '-sc_threshold', '0', '-bf', '2',
        '-x264-params', 'nal-hrd=cbr:force-cfr=1:open-gop=0:rc-lookahead=8:sync-lookahead=0',
      ];
    case 'h264_nvenc':
      return ['-preset', 'p4', '-tune', 'll', '-rc', 'cbr', '-profile:v', 'high', '-no-scenecut', '1', '-forced-idr', '1', '-bf', '2', '-strict_gop', '1'];
    default:
      return codec satisfies never;
  }
}

/** Arguments that encode one picture and throw it away: works exactly when the codec does on this machine. */
export function probeArgs(codec: Codec): string[] {
  return [
    '-hide_banner', '-nostdin', '-loglevel', 'error', '-f', 'lavfi', '-i', 'color=black:s=320x240:r=30:d=0.1',
    '-frames:v', '1', '-c:v', codec, '-pix_fmt', 'yuv420p', '-f', 'null', '-',
  ];
}
