/** What travels inside egress: media in program time, and what describes it. */
import { EcmaArray, amf0Fields, decodeAmf0, encodeAmf0, type Amf0Object, type Amf0Value } from '../rtmp/amf0.js';
import { sameJson } from '../runtime/same-json.js';

/** One coded frame or codec header. `timeMs` is program time: whole ms of CLOCK_MONOTONIC, 64 bits wide. */
export interface MediaTag {
  kind: 'video' | 'audio';
  timeMs: number;
  payload: Buffer;
  /** `header`: codec configuration; `frames`: coded media; `other`: passed on like frames. */
  packet: 'header' | 'frames' | 'other';
  keyframe: boolean;
}

/** What the encoder says of its stream; only what far ends use. Zero or absent: unknown. */
export interface ProgramMetadata {
  width: number;
  height: number;
  fps: number;
  videoKbps: number;
  audioKbps: number;
  sampleRate: number;
  stereo: boolean;
  /** FLV codec ids: 7 AVC, 10 AAC, or a FourCC as a number for enhanced RTMP. */
  videoCodecId: number;
  audioCodecId: number;
}

/** When the encoder has said nothing of itself. */
export const NO_METADATA: ProgramMetadata = {
  width: 0, height: 0, fps: 0, videoKbps: 0, audioKbps: 0, sampleRate: 0, stereo: true, videoCodecId: 7, audioCodecId: 10,
};

/** Whoever takes the program: destinations, the recorder, the preview. Must not throw, must not block. */
export interface ProgramSink {
  metadata(metadata: ProgramMetadata): void;
  tag(tag: MediaTag): void;
}

const finite = (value: Amf0Value): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

/**
 * Reads the payload of an `onMetaData` script tag. Null for other script data.
 * @throws RtmpError `AMF_*` when the payload is not AMF0
 */
export function parseMetadata(payload: Buffer): { metadata: ProgramMetadata; programMs: number | null } | null {
  const [name, value] = decodeAmf0(payload);
  const fields = amf0Fields(value);
  if (name !== 'onMetaData' || fields === null) return null;
  const programText = fields['program_ms'];
  // FFmpeg writes its -metadata as strings.
  const programMs = typeof programText === 'string' && /^\d{1,15}(\.\d{1,9})?$/.test(programText.trim()) ? Math.round(Number(programText)) : null;
  return {
    programMs,
    metadata: {
      width: finite(fields['width']), height: finite(fields['height']), fps: finite(fields['framerate']),
      videoKbps: finite(fields['videodatarate']), audioKbps: finite(fields['audiodatarate']),
      sampleRate: finite(fields['audiosamplerate']), stereo: fields['stereo'] === true,
      videoCodecId: finite(fields['videocodecid']), audioCodecId: finite(fields['audiocodecid']),
    },
  };
}

/** The `onMetaData` object as far ends expect it from an encoder. `extra` is added as it is. */
function metadataFields(metadata: ProgramMetadata, extra: Amf0Object = {}): EcmaArray {
  return new EcmaArray({
    duration: 0,
    width: metadata.width, height: metadata.height, framerate: metadata.fps,
    videocodecid: metadata.videoCodecId, videodatarate: metadata.videoKbps,
    audiocodecid: metadata.audioCodecId, audiodatarate: metadata.audioKbps,
    audiosamplerate: metadata.sampleRate, audiosamplesize: 16, stereo: metadata.stereo,
    encoder: 'VistterStudio',
    ...extra,
  });
}

/** Payload of an FLV script tag. */
export function metadataPayload(metadata: ProgramMetadata, extra: Amf0Object = {}): Buffer {
  return encodeAmf0(['onMetaData', metadataFields(metadata, extra)]);
}

/** Whether two descriptions are the same to a far end. */
export function sameMetadata(a: ProgramMetadata | null, b: ProgramMetadata | null): boolean {
  return sameJson(a, b);
}
