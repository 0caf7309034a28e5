/** A transcriber of whole recordings by one that takes short files: cut at silences, one piece after another, joined by the words' times. */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cuesOf } from './cues.js';
import { cutIntoPieces, inOrder, joinAt, OVERLAP_MS } from './pieces.js';
import { BYTES_PER_MS, writeSoundPiece, type SoundFormat } from './sound-piece.js';
import { timedWords, type Heard } from './timed-words.js';
import type { Transcriber, TranscribeRequest } from './transcriber.js';
import { NOTHING_SAID, type TimedText, type Transcript } from './transcript.js';

export interface PieceDoor {
  readonly id: string;
  readonly format: SoundFormat;
  /** What the file of a piece may hold, bytes; */
  readonly maxBytes: number;
  /** and how long it may be, ms. */
  readonly maxPieceMs: number;
  /** Of the file alone: times count from its start. */
  hear(file: string, options: { language: string | undefined; pieceMs: number; signal: AbortSignal }): Promise<Heard>;
}

/** The head of a WAV, and those of a FLAC's frames. */
const HEADS = 1.02;
/** A piece that is shorter has no word in it, and some transcribers refuse it. */
const LEAST_MS = 100;

export class PiecewiseTranscriber implements Transcriber {
  /** @param scratchFolder where pieces lie while they are listened to; what a killed process left there may be deleted */
  constructor(private readonly door: PieceDoor, private readonly scratchFolder: string) {}

  get id(): string {
    return this.door.id;
  }

  async transcribe(request: TranscribeRequest): Promise<Transcript> {
    const { durationMs, silences, signal } = request;
    if (durationMs < LEAST_MS) return NOTHING_SAID;
    const maxMs = Math.min(this.door.maxPieceMs, Math.floor(this.door.maxBytes / (BYTES_PER_MS * HEADS)));
    const pieces = cutIntoPieces(durationMs, silences, maxMs, Math.min(OVERLAP_MS, Math.floor(maxMs / 4)));
    const folder = await mkdtemp(join(this.scratchFolder, 'sound-'));
    try {
      let words: TimedText[] = [];
      const languages = new Map<string, number>();
      for (const [i, piece] of pieces.entries()) {
        signal.throwIfAborted();
        const file = join(folder, `piece.${this.door.format}`);
        if (!(await writeSoundPiece(request.mediaPath, piece, this.door.format, file, signal))) return NOTHING_SAID;
        const pieceMs = piece.endMs - piece.startMs;
        const heard = await this.door.hear(file, { language: request.language, pieceMs, signal });
        const own = timedWords(heard, pieceMs).map(({ startMs, endMs, text }) => ({ startMs: startMs + piece.startMs, endMs: endMs + piece.startMs, text }));
        words = i === 0 ? own : joinAt(words, own, piece.ownStartMs);
        // A piece of music is heard in any language: the one with the most words is the recording's.
        if (heard.language !== null) languages.set(heard.language, (languages.get(heard.language) ?? 0) + own.length);
        request.onProgress?.((i + 1) / pieces.length);
      }
      const language = request.language ?? [...languages].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
      return { language, words: inOrder(words), cues: cuesOf(words) };
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }
}
