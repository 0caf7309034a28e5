/** The REST routes of the media library. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { MediaFile, Waveform } from '../../protocol/media.js';
import type { MediaLibrary } from '../media/library.js';
import type { MadeOf, MediaPictures } from '../media/pictures.js';
import type { Route, RouteRequest } from './route.js';

const Path = z.string().min(1).max(1024);
const Which = z.object({ path: Path });
/** `v`: anything that changes with the file, as its time; with it the answer may be kept for good. */
const Versioned = z.object({ path: Path, v: z.string().max(100).optional() });
const ThumbnailQuery = z.object({
  ...Versioned.shape, atMs: z.coerce.number().int().min(0).optional(), width: z.coerce.number().int().min(1).max(640).default(320),
});

export function mediaRoutes({ library, pictures }: { library: MediaLibrary; pictures: MediaPictures }): Route[] {
  const tag = 'media';
  return [
    {
      method: 'get', path: '/media', tag, summary: 'List the files of the media folder by path, 20,000 at most, with what is known of them and what they lie in. Takes If-None-Match.',
      answer: { status: 200, schema: z.object({ items: z.array(MediaFile) }), description: 'What was not looked at yet has neither `facts` nor `problem`; ask again. 304 when nothing has changed.' }, errors: ['TIMEOUT', 'DISK_ERROR'],
      handle: async ({ context }) => {
        const text = JSON.stringify({ items: await library.list() });
        return tagged(context, { content: Buffer.from(text), tag: createHash('sha256').update(text).digest('hex').slice(0, 32) }, 'application/json', false);
      },
    },
    {
      method: 'delete', path: '/media', tag, query: Which, summary: 'Delete a file of the media folder that nothing names: `?path=…`.', errors: ['NOT_FOUND', 'PATH_NOT_ALLOWED', 'IN_USE'],
      answer: { status: 204, description: 'It is gone.' }, handle: ({ query }) => library.remove((query as z.infer<typeof Which>).path),
    },
    {
      method: 'get', path: '/media/thumbnail', tag, query: ThumbnailQuery,
      summary: 'A small picture of a file: `?path=…&atMs=…&width=…`, of the keyframe at or before that moment; without one, of a little into it. Takes If-None-Match; with `v`, anything that changes with the file, it may be kept for good.',
      answer: { status: 200, description: 'A JPEG of that width or the next larger of 80, 160, 320 and 640, and as high at most. `NOT_READY` when it takes its time: ask again.' },
      errors: ['NOT_FOUND', 'PATH_NOT_ALLOWED', 'MEDIA_UNREADABLE', 'NOT_READY'],
      handle: async ({ query, context }) => {
        const wanted = query as z.infer<typeof ThumbnailQuery>;
        return tagged(context, await pictures.thumbnail(wanted, context.req.raw.signal), 'image/jpeg', wanted.v !== undefined);
      },
    },
    {
      method: 'get', path: '/media/waveform', tag, query: Versioned, summary: 'How loud a file is over its length: `?path=…`. Takes If-None-Match, and `v` as above.',
      answer: { status: 200, schema: Waveform, description: 'A peak for each stretch. `NOT_READY` while it is made, which takes some seconds for an hour: ask again.' },
      errors: ['NOT_FOUND', 'PATH_NOT_ALLOWED', 'MEDIA_UNREADABLE', 'NOT_READY'],
      handle: async ({ query, context }) => {
        const { path, v } = query as z.infer<typeof Versioned>;
        return tagged(context, await pictures.waveform(path, context.req.raw.signal), 'application/json', v !== undefined);
      },
    },
  ];
}

/** With its ETag, or 304 for whoever has it. */
function tagged(context: RouteRequest['context'], { content, tag }: MadeOf, type: string, forGood: boolean): Response {
  const headers = { ETag: `"${tag}"`, 'Cache-Control': forGood ? 'private, max-age=31536000, immutable' : 'private, no-cache' };
  const known = context.req.header('if-none-match')?.split(',').some((one) => one.trim().replace(/^W\//, '') === headers.ETag);
  if (known) return new Response(null, { status: 304, headers });
  return new Response(new Uint8Array(content), { headers: { ...headers, 'Content-Type': type, 'Content-Length': String(content.length) } });
}
