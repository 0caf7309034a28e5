/** The panel's files, as the build left them. They are public: what they show is behind the token. */
import { existsSync } from 'node:fs';
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

export class Panel {
  constructor(private readonly folder: string) {}

  async answer(c: Context<Env>): Promise<Response> {
    const file = this.#find(c.req.path);
    if (file === null) {
      return c.text('The panel was not built. Run "npm run build:panel", then load this page again. The REST interface and the websocket work without it.\n', 503);
    }
    // What the build names by its content never changes; the page itself must be asked for each time.
    const caching = c.req.path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    return fileResponse(file, c.req.header('range'), { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream', 'Cache-Control': caching });
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
