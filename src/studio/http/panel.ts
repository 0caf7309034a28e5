/** The panel's files, as the build left them. They are public: what they show is behind the token. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { extname, join, normalize, sep } from 'node:path';
import type { Context } from 'hono';
import { ServerError } from '../../runtime/errors.js';
import { fileResponse } from './files.js';
import type { Env } from './route.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml',
  '.png': 'image/png', '.ico': 'image/x-icon', '.json': 'application/json', '.woff2': 'font/woff2', '.txt': 'text/plain; charset=utf-8',
  '.map': 'application/json', '.webmanifest': 'application/manifest+json',
};

/** Of these a third is left when they are compressed; fonts and pictures are compressed already. */
const COMPRESSED = ['.js', '.css', '.svg'];
const compress = promisify(gzip);

export class Panel {
  /** By the file's path; what the build names by its content is compressed once. As many as the build made, at most. */
  readonly #compressed = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

  /** Another one with each change of the panel: its page names its files by their content. Empty: it was not built. */
  readonly version: string;

  constructor(private readonly folder: string) {
    const page = join(folder, 'index.html');
    this.version = existsSync(page) ? createHash('sha256').update(readFileSync(page)).digest('hex').slice(0, 16) : '';
  }

  async answer(c: Context<Env>): Promise<Response> {
    const file = this.#find(c.req.path);
    if (file === null) {
      return c.text('The panel was not built. Run "npm run build:panel", then load this page again. The REST interface and the websocket work without it.\n', 503);
    }
    // What the build names by its content never changes; the page itself must be asked for each time.
    const isAsset = c.req.path.startsWith('/assets/');
    const headers = { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream', 'Cache-Control': isAsset ? 'public, max-age=31536000, immutable' : 'no-cache' };
    if (!isAsset || !COMPRESSED.includes(extname(file))) return fileResponse(c.req, file, headers);
    const varying = { ...headers, Vary: 'Accept-Encoding' };
    if (c.req.header('range') !== undefined || !/\bgzip\b/.test(c.req.header('accept-encoding') ?? '')) return fileResponse(c.req, file, varying);
    const bytes = await this.#compress(file);
    return new Response(bytes, { headers: { ...varying, 'Content-Encoding': 'gzip', 'Content-Length': String(bytes.length) } });
  }

  #compress(file: string): Promise<Uint8Array<ArrayBuffer>> {
    const before = this.#compressed.get(file);
    if (before) return before;
    const bytes = readFile(file).then((plain) => compress(plain)).then((packed) => new Uint8Array(packed));
    this.#compressed.set(file, bytes);
    bytes.catch(() => this.#compressed.delete(file));
    return bytes;
  }

  /** A path without a file is the application's own: it gets the page. Null when there is no page either. */
  #find(path: string): string | null {
    const wanted = join(this.folder, normalize(decode(path)));
    if (!wanted.startsWith(this.folder + sep) && wanted !== this.folder) throw new ServerError('NOT_FOUND', 'There is no such file.');
    if (TYPES[extname(wanted)]) {
      if (existsSync(wanted)) return wanted;
      throw new ServerError('NOT_FOUND', 'There is no such file.');
    }
    const page = join(this.folder, 'index.html');
    return existsSync(page) ? page : null;
  }
}

function decode(path: string): string {
  try {
    const text = decodeURIComponent(path);
    if (!text.includes('\0')) return text;
  } catch {
    // Falls through.
  }
  throw new ServerError('BAD_REQUEST', 'The path cannot be read.');
}
