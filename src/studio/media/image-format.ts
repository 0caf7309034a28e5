/** Of what format a picture is, by its first bytes, as the decoder tells: left to itself, FFmpeg takes a JPEG by its name for one of a numbered series. */
import { open } from 'node:fs/promises';

const HEAD_BYTES = 16;
/** Where the magic stands, and the name of FFmpeg's demuxer. */
const MAGIC: readonly (readonly [at: number, bytes: string, format: string])[] = [
  [0, '\x89PNG', 'png_pipe'], [0, '\xff\xd8\xff', 'jpeg_pipe'], [8, 'WEBP', 'webp_pipe'], [0, 'GIF8', 'gif'], [0, 'BM', 'bmp_pipe'],
  [0, 'II*\0', 'tiff_pipe'], [0, 'MM\0*', 'tiff_pipe'], [0, 'qoif', 'qoi_pipe'], [0, '\xff\x0a', 'jpegxl_pipe'], [0, '\0\0\0\x0cJXL ', 'jpegxl_pipe'], [4, 'ftyp', 'mov'],
];

/**
 * @param real absolute, links followed
 * @returns null for what is no picture, or cannot be read
 */
export async function imageFormat(real: string): Promise<string | null> {
  const file = await open(real).catch(() => null);
  if (!file) return null;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const head = buffer.toString('latin1', 0, bytesRead);
    return MAGIC.find(([at, bytes]) => head.startsWith(bytes, at))?.[2] ?? null;
  } catch {
    return null;
  } finally {
    await file.close();
  }
}
