/**
 * Every error code a person or program can meet, with the HTTP status it answers with. The one place codes are made;
 * sentences are written where the error is thrown, because only that place knows what to advise.
 */
export const ERROR_STATUS = {
  // What a request can get wrong.
  BAD_REQUEST: 400,
  VALIDATION: 400,
  UNKNOWN_MESSAGE: 400,
  TOO_LARGE: 413,
  UNAUTHORIZED: 401,
  FORBIDDEN_ORIGIN: 403,
  TOO_MANY_ATTEMPTS: 429,
  /** No more panels or previews at once. */
  TOO_MANY_CLIENTS: 503,
  /** No more different mixes can be listened to at once. */
  TOO_MANY_MIXES: 503,
  NOT_FOUND: 404,
  STALE_REVISION: 409,
  IN_USE: 409,
  CONFLICT: 409,
  /** A timeline without clips, filler and length is to be armed or played. */
  TIMELINE_EMPTY: 409,
  /** The emergency picture is on program. */
  EMERGENCY: 409,
  NO_DESTINATION: 409,
  NOT_LIVE: 409,
  ALREADY_LIVE: 409,
  PATH_NOT_ALLOWED: 400,
  MEDIA_MISSING: 400,
  MEDIA_UNREADABLE: 400,
  /** What was received is not what its digest says. */
  DIGEST_WRONG: 400,
  /** It is being made; the same request is answered in a moment. */
  NOT_READY: 503,

  // What the chain can report.
  ENGINE_AWAY: 503,
  EGRESS_AWAY: 503,
  TIMEOUT: 504,
  LINK_CLOSED: 503,
  /** Too much is being asked of the studio at once. */
  LINK_BUSY: 503,

  // Jobs.
  /** Too many go on. */
  JOBS_FULL: 503,
  /** Anything else that went wrong in a step; its sentence says what. */
  STEP_FAILED: 500,
  /** Its worker ended in the middle of it, again and again. */
  STEP_LOST: 500,

  // Start-up.
  CONFIG_UNKNOWN_KEY: 500,
  CONFIG_BAD_VALUE: 500,
  PUBLIC_BIND: 500,
  PORT_IN_USE: 500,
  NATIVE_MISSING: 500,
  NATIVE_ABI: 500,
  HOME_UNUSABLE: 500,
  HOME_IN_USE: 500,
  DATABASE_UNUSABLE: 500,
  SECRETS_UNUSABLE: 500,

  // Destinations.
  DEST_REFUSED: 502,
  DEST_TIMEOUT: 504,
  DEST_DNS: 502,
  DEST_TLS: 502,
  DEST_BAD_KEY: 502,
  DEST_BAD_APP: 502,
  DEST_STALLED: 504,
  DEST_CLOSED: 502,
  DEST_PROTOCOL: 502,
  PROGRAM_AWAY: 503,

  // Recording.
  DISK_FULL: 507,
  DISK_ERROR: 500,
  /** Nothing can be written on it, as after the system has found errors on it. */
  DISK_READ_ONLY: 500,
  RECORDING_EMPTY: 500,
  /** It is one file, but something of what was written was damaged on the disk and is left out. */
  RECORDING_DAMAGED: 500,
  REMUX_FAILED: 500,
  /** FFmpeg was killed from outside while it made the file, or hung; it is tried again. */
  REMUX_KILLED: 500,

  // Cutting clips.
  /** No way of cutting gave what the recording shows. */
  CUT_FAILED: 500,
  /** FFmpeg was killed from outside while it cut, or hung; it may be tried again. */
  CUT_KILLED: 500,

  // Analysis of a recording.
  /** What was found cannot be read. */
  ANALYSIS_DAMAGED: 500,
  MODELS_BUSY: 503,
  /** What was cut is not there. */
  CLIP_MISSING: 500,

  // Encoder and decoders.
  ENCODER_FAILED: 500,
  CODEC_UNAVAILABLE: 500,
  ENCODER_SLOW: 500,
  OVERLAY_FAILED: 500,

  // A source's decoder: what is wrong with what it reads. MEDIA_MISSING and MEDIA_UNREADABLE, above, are its as well.
  /** Anything else; its sentence says what. */
  DECODER_FAILED: 500,
  /** The camera's stream is not FLV as the decoder knows it. */
  CAMERA_STREAM: 500,
  /** Pictures or sound in a codec that cannot be decoded. */
  VIDEO_CODEC: 500,
  AUDIO_CODEC: 500,
  /** Pictures or sound that were decoded, in a format that cannot be used. */
  PIXEL_FORMAT: 500,
  SOUND_FORMAT: 500,
  /** Not a file, but an address. */
  MEDIA_FORBIDDEN: 500,
  /** Damaged, not a file, or of a kind that cannot be played. */
  MEDIA_INVALID: 500,
  /** Neither pictures nor sound in it. */
  MEDIA_EMPTY: 500,
  /** It was opened, and nothing in it could be decoded. */
  MEDIA_BROKEN: 500,
  /** Somebody wrote to it while it was read. */
  MEDIA_CHANGED: 409,
  /** One cannot go to a place in it: neither to its in-point nor, to loop, back to its start. */
  MEDIA_SEEK: 500,
  /** Not a picture of a known kind, or one that is damaged. */
  IMAGE_INVALID: 500,
  IMAGE_BROKEN: 500,
  /** The path of the camera's socket is longer than the kernel allows. */
  SOCKET_PATH: 500,
  /** The engine told the decoder what it does not know: the two are of different versions. */
  BAD_COMMAND: 500,

  // What the sidecar asks outside of the product, such as a language model or a transcriber: its server
  /** is not there, or broke off; */
  OUTSIDE_AWAY: 502,
  /** will not do it, however often it is asked; */
  OUTSIDE_REFUSED: 502,
  /** wants to be asked later; */
  OUTSIDE_BUSY: 503,
  /** did not answer in time; */
  OUTSIDE_TIMEOUT: 504,
  /** answered what cannot be used. */
  OUTSIDE_ANSWER: 502,
  /** The program that makes transcripts on this machine. */
  TRANSCRIBER_FAILED: 500,
  /** A file with captions that is none, or too large. */
  CAPTIONS_INVALID: 400,
  /** A video's manifest: not as it should be, or of a later version of the product. */
  MANIFEST_INVALID: 500,
  MANIFEST_NEWER: 500,

  INTERNAL: 500,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof ERROR_STATUS;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERROR_STATUS, text);
}

/** A code that came from another process; one that is not known here is INTERNAL. */
export function toErrorCode(text: string): ErrorCode {
  return isErrorCode(text) ? text : 'INTERNAL';
}
