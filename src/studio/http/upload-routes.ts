/** The REST routes of uploads into the media folder. */
import { z } from 'zod';
import { Upload, UPLOAD_CHUNK_BYTES, UploadInput } from '../../protocol/media.js';
import { ServerError } from '../../runtime/errors.js';
import type { Uploads } from '../media/uploads.js';
import { readBytes, skipBytes, type Route } from './route.js';

/** Pieces that are taken in at once, each in memory until it is written. */
const MOST_AT_ONCE = 4;

const Offset = z.object({ offset: z.string().regex(/^\d{1,15}$/, 'An offset is a whole number.').transform(Number) });

export function uploadRoutes({ uploads }: { uploads: Uploads }): Route[] {
  const tag = 'media';
  let atOnce = 0;
  return [
    {
      method: 'get', path: '/uploads', tag, summary: 'List the uploads that are not done.',
      answer: { status: 200, schema: z.object({ items: z.array(Upload) }), description: 'In the order in which they were begun.' }, handle: async () => ({ items: await uploads.list() }),
    },
    {
      method: 'post', path: '/uploads', tag, summary: 'Begin to upload a file into the media folder.', body: { schema: UploadInput },
      errors: ['CONFLICT', 'IN_USE', 'PATH_NOT_ALLOWED', 'DISK_FULL'],
      answer: { status: 201, schema: Upload, description: 'Send the bytes from `offset` on, `chunkBytes` at most at a time. With nothing sent for a day it is removed.' },
      handle: ({ body }) => uploads.create(body),
    },
    {
      method: 'get', path: '/uploads/{id}', tag, summary: 'Where an upload stands; one that is done is known for an hour.',
      answer: { status: 200, schema: Upload, description: 'What comes next begins at `offset`. When that is all and it is not done, an empty piece has it put in its place.' }, handle: ({ id }) => uploads.get(id),
    },
    {
      method: 'put', path: '/uploads/{id}', tag, query: Offset, bytes: 'The next bytes of the file.',
      summary: 'Send a piece: `?offset=…`. `Content-Digest: sha-256=:…:` (RFC 9530) of the piece is checked where it is given. After the last piece the file is checked and put in its place.',
      errors: ['CONFLICT', 'DIGEST_WRONG', 'IN_USE', 'PATH_NOT_ALLOWED', 'DISK_FULL', 'NOT_READY'],
      answer: { status: 200, schema: Upload, description: 'What comes next begins at `offset`. A wrong offset is refused with `CONFLICT`, and `details.offset` is the right one.' },
      handle: async ({ id, query, context }) => {
        if (atOnce >= MOST_AT_ONCE) {
          // A browser that is cut off while it sends does not see the answer.
          await skipBytes(context, UPLOAD_CHUNK_BYTES);
          throw new ServerError('NOT_READY', 'Too much is being uploaded at once. Send this piece again in a moment.');
        }
        atOnce += 1;
        try {
          const bytes = await readBytes(context, UPLOAD_CHUNK_BYTES);
          return await uploads.put(id, (query as z.infer<typeof Offset>).offset, bytes, digestOf(context.req.header('content-digest')));
        } finally {
          atOnce -= 1;
        }
      },
    },
    {
      method: 'delete', path: '/uploads/{id}', tag, summary: 'Cancel an upload: what has come of it is removed.',
      answer: { status: 204, description: 'It is gone.' }, handle: ({ id }) => uploads.cancel(id),
    },
  ];
}

/** @returns SHA-256 in base64. @throws ServerError BAD_REQUEST for another kind of digest */
function digestOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const digest = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):/.exec(header)?.[1];
  if (digest === undefined) throw new ServerError('BAD_REQUEST', 'Content-Digest must have "sha-256=:…:" with the digest in base64.');
  return digest;
}
