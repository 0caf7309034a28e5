/** Sending a file: whole or the part that was asked for, read as the receiver takes it. */
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { HonoRequest } from 'hono';
import { ServerError } from '../../runtime/errors.js';

/**
 * A HEAD is answered without the file's bytes: nobody would read them to their end, and the file would stay open.
 * @throws ServerError NOT_FOUND when there is no such file
 */
export async function fileResponse(request: HonoRequest, file: string, headers: Record<string, string>): Promise<Response> {
  const handle = await open(file, 'r').catch(() => { throw new ServerError('NOT_FOUND', 'There is no such file.'); });
  try {
    const info = await handle.stat();
    if (!info.isFile()) throw new ServerError('NOT_FOUND', 'There is no such file.');
    const part = parseRange(request.header('range'), info.size);
    if (part === 'unsatisfiable') {
      await handle.close();
      return new Response(null, { status: 416, headers: { 'Content-Range': `bytes */${info.size}` } });
    }
    const length = part ? part.end - part.start + 1 : info.size;
    const all = {
      ...headers, 'Accept-Ranges': 'bytes', 'Content-Length': String(length), 'Last-Modified': info.mtime.toUTCString(),
      ...(part ? { 'Content-Range': `bytes ${part.start}-${part.end}/${info.size}` } : {}),
    };
    const status = part ? 206 : 200;
    if (length === 0 || request.method === 'HEAD') {
      await handle.close();
      return new Response(null, { status, headers: all });
    }
    const stream = handle.createReadStream({ start: part?.start ?? 0, end: part?.end ?? info.size - 1, autoClose: true });
    return new Response(Readable.toWeb(stream) as ReadableStream<Uint8Array>, { status, headers: all });
  } catch (error) {
    await handle.close().catch(() => undefined);
    throw error;
  }
}

/** What is made while it is sent. A HEAD is answered without it. */
export function streamResponse(request: HonoRequest, stream: Readable, bytes: number, headers: Record<string, string>): Response {
  const all = { ...headers, 'Content-Length': String(bytes) };
  if (request.method !== 'HEAD') return new Response(Readable.toWeb(stream) as ReadableStream<Uint8Array>, { headers: all });
  stream.destroy();
  return new Response(null, { headers: all });
}

/** One range; several, or what is no range, mean the whole file (RFC 9110, 14.2). Ends are inclusive. */
export function parseRange(header: string | undefined, size: number): { start: number; end: number } | 'unsatisfiable' | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const last = match[2] === '' ? size - 1 : Number(match[2]);
  if (match[1] === '') return last === 0 || size === 0 ? 'unsatisfiable' : { start: Math.max(0, size - last), end: size - 1 };
  const start = Number(match[1]);
  if (start >= size) return 'unsatisfiable';
  if (last < start) return undefined;
  return { start, end: Math.min(last, size - 1) };
}
