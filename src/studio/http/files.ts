/** Sending a file: whole or the part that was asked for, read as the receiver takes it. */
import { open, type FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { HonoRequest } from 'hono';
import type { Clock } from '../../runtime/clock.js';
import { ServerError } from '../../runtime/errors.js';

/**
 * A HEAD is answered without the file's bytes: nobody would read them to their end, and the file would stay open.
 * @throws ServerError NOT_FOUND when there is no such file, and what `opened` throws
 */
export async function fileResponse(request: HonoRequest, file: string, headers: Record<string, string>, opened: (file: string) => Promise<FileHandle> = openFile): Promise<Response> {
  const handle = await opened(file);
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

const openFile = (file: string): Promise<FileHandle> => open(file, 'r').catch(() => { throw new ServerError('NOT_FOUND', 'There is no such file.'); });

/** Whoever asks for a file of a disk that does not answer is told so after a while. */
const SILENT_MS = 5000;
/** Each that is being opened keeps one of the threads that the process has for files. */
const MOST_AT_A_TIME = 2;

/** Opens files of a disk that may hang, as one that is far away: those that wait for it leave threads for everybody else's files. */
export class PatientOpener {
  #opening = 0;
  readonly #queue: (() => void)[] = [];

  /** @param what lies on it, for people */
  constructor(private readonly what: string, private readonly clock: Pick<Clock, 'after'>, private readonly opened: (file: string) => Promise<FileHandle> = openFile) {}

  /** @throws ServerError NOT_FOUND when there is no such file, DISK_ERROR when the disk does not answer */
  readonly open = (file: string): Promise<FileHandle> => new Promise((resolve, reject) => {
    const given = new AbortController();
    const cancel = this.clock.after(SILENT_MS, () => {
      given.abort();
      reject(new ServerError('DISK_ERROR', `The disk of ${this.what} does not answer. Look at its cable and power, or at the server that it is on, and try again.`));
    });
    void this.#inTurn(file, given.signal).then((handle) => {
      if (!given.signal.aborted) resolve(handle!);
      else void handle?.close().catch(() => undefined);
    }, reject).finally(cancel);
  });

  /** Null for who has given up before their turn. */
  async #inTurn(file: string, given: AbortSignal): Promise<FileHandle | null> {
    if (this.#opening >= MOST_AT_A_TIME) await new Promise<void>((next) => { this.#queue.push(next); });
    else this.#opening += 1;
    try {
      return given.aborted ? null : await this.opened(file);
    } finally {
      // The place goes to the next one, or is free.
      const next = this.#queue.shift();
      if (next) next();
      else this.#opening -= 1;
    }
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
