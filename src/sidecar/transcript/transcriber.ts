/** The one interface of all that makes transcripts; ./doors has the four of them. */
import type { Span } from './sentences.js';
import type { Transcript } from './transcript.js';

export interface TranscribeRequest {
  /** Absolute. Only read. */
  mediaPath: string;
  durationMs: number;
  /** Where nothing is to be heard, sorted: it is cut there. */
  silences: readonly Span[];
  /** ISO 639-1; found out where it is left out. */
  language?: string | undefined;
  signal: AbortSignal;
  /** How much is done, 0 to 1; never less than before. */
  onProgress?(share: number): void;
}

export interface Transcriber {
  /** For the manifest: which door, and what stands behind it. Holds no secret. */
  readonly id: string;
  /**
   * Never holds more than one piece of sound on the disk, and nothing afterwards.
   * @throws ServerError with a sentence for people; an OutsideError says whether it may work later; the signal's reason
   */
  transcribe(request: TranscribeRequest): Promise<Transcript>;
}
