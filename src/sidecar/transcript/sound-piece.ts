/** A piece of a recording's sound as a file that every transcriber reads: 16 kHz, mono, 16 bit. */
import type { Clock } from '../../runtime/clock.js';
import { ServerError } from '../../runtime/errors.js';
import { runChild } from './child.js';
import type { Span } from './sentences.js';

export type SoundFormat = 'flac' | 'wav';

/** 16 kHz, 16 bit: a FLAC is never longer than this by more than its frames' heads. */
export const BYTES_PER_MS = 32;

/** @param path absolute */
export function soundPieceArgs(path: string, { startMs, endMs }: Span, format: SoundFormat, output: string): string[] {
  return [
    '-nostdin', '-hide_banner', '-loglevel', 'warning', '-y', '-threads', '1', '-protocol_whitelist', 'file,pipe',
    '-ss', seconds(startMs), '-i', `file:${path}`, '-t', seconds(endMs - startMs), '-map', '0:a:0', '-vn', '-sn', '-dn', '-map_metadata', '-1',
    // Sound that begins later than the picture, and holes in it, stay where they are.
    '-af', 'aresample=16000:async=1:first_pts=0', '-ac', '1', '-ar', '16000',
    ...(format === 'wav' ? ['-c:a', 'pcm_s16le', '-f', 'wav'] : ['-c:a', 'flac', '-sample_fmt', 's16', '-f', 'flac']),
    `file:${output}`,
  ];
}

const seconds = (ms: number): string => (ms / 1000).toFixed(3);

/**
 * Writes a piece to `output`. False: there is no sound in the recording.
 * @throws ServerError MEDIA_UNREADABLE, TIMEOUT where FFmpeg hung however often it was begun; the signal's reason
 */
export async function writeSoundPiece(path: string, span: Span, format: SoundFormat, output: string, signal: AbortSignal, clock?: Clock): Promise<boolean> {
  const { code, stderr, isHung } = await runChild('ffmpeg', soundPieceArgs(path, span, format, output), { signal, ...(clock ? { clock } : {}) });
  if (code === 0) return true;
  if (isHung) throw new ServerError('TIMEOUT', 'FFmpeg, which takes the sound out of the recording, hung again and again: it was stopped from outside, or the disk does not answer.');
  if (/matches no streams/.test(stderr)) return false;
  if (code === 127) throw new ServerError('MEDIA_UNREADABLE', 'There is no FFmpeg on this machine to take the sound out of the recording.');
  throw new ServerError('MEDIA_UNREADABLE', 'The sound of the recording could not be read: it is damaged, or FFmpeg was ended.');
}
