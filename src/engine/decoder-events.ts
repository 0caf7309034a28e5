/** What a decoder says of itself: one JSON object a line, as native/decoder sends them. */
import { z } from 'zod';
import { isErrorCode, type ErrorCode } from '../protocol/error-codes.js';

const count = z.number();

export const DecoderEvent = z.discriminatedUnion('event', [
  /** What the pictures are, said anew when that changes. */
  z.object({ event: z.literal('format'), width: count.optional(), height: count.optional(), fps: count.optional() }),
  /**
   * Once a second, so that silence means that it hangs. Counted since its start, but for `pictureStepMs`: for how long the thread of the
   * pictures has been at one step by now, as at one picture. It is 0 while that has nothing to do, and small while it waits for room.
   */
  z.object({ event: z.literal('stats'), bytesRead: count, framesDecoded: count, audioWritten: count, pictureStepMs: count }),
  /** Something is wrong with what it reads. The same code at most once in 5 s. */
  z.object({ event: z.literal('error'), code: z.string().transform(decoderErrorCode), message: z.string() }),
  /** A camera that nobody publishes. */
  z.object({ event: z.literal('waiting') }),
  z.object({ event: z.literal('running') }),
  /** A file that does not loop has given its last frame. */
  z.object({ event: z.literal('ended') }),
  /** A camera's timestamps leapt by so much, and were made continuous. */
  z.object({ event: z.literal('jump'), deltaMs: z.number() }),
  /** What a person would see and hear of a camera: at each change, 1 for what is so. */
  z.object({ event: z.literal('sight'), still: count, black: count, silent: count }),
]);
export type DecoderEvent = z.infer<typeof DecoderEvent>;

/** A code that is not listed, as of a decoder of another version, is told as DECODER_FAILED: its sentence still says what is wrong. */
function decoderErrorCode(code: string): ErrorCode {
  return isErrorCode(code) ? code : 'DECODER_FAILED';
}
