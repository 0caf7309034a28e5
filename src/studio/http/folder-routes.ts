/** The REST routes of folders. */
import { z } from 'zod';
import { Folder, FolderInput, FolderWithFiles } from '../../protocol/folder.js';
import type { Folders } from '../services/folders.js';
import { parse } from '../validate.js';
import type { Route } from './route.js';

const Page = z.object({ from: z.coerce.number().int().min(0).max(1_000_000).default(0) });

export function folderRoutes({ folders }: { folders: Folders }): Route[] {
  const tag = 'folders';
  return [
    {
      method: 'get', path: '/folders', tag, summary: 'List all folders, without their files.',
      answer: { status: 200, schema: z.object({ items: z.array(Folder) }), description: 'In the order in which they were made.' },
      handle: () => ({ items: folders.list() }),
    },
    {
      method: 'post', path: '/folders', tag, summary: 'Make a folder of films and pictures a timeline, which follows its files.', body: { schema: FolderInput },
      answer: { status: 201, schema: Folder, description: 'The whole of it, with the id of its timeline; its files follow as they are looked at.' },
      handle: ({ body }) => folders.create(body),
    },
    {
      method: 'get', path: '/folders/{id}', tag, summary: 'Read a folder with its files, 500 at a time: `?from=500` gives the next.',
      answer: { status: 200, schema: FolderWithFiles, description: 'Its revision is the ETag.' },
      handle: ({ id, context }) => folders.withFiles(id, parse(Page, { from: context.req.query('from') }).from),
    },
    {
      method: 'patch', path: '/folders/{id}', tag, summary: 'Change a folder, on air as well: fields that are left out stay.',
      body: { schema: z.looseObject({}).describe('Any fields of a new folder.') }, errors: ['STALE_REVISION'],
      answer: { status: 200, schema: Folder, description: 'The whole of it as it is now.' },
      handle: ({ id, body, expected }) => folders.patch(id, body, expected),
    },
    {
      method: 'delete', path: '/folders/{id}', tag, summary: 'Delete a folder with its timeline. The files stay where they are.', errors: ['IN_USE', 'STALE_REVISION'],
      answer: { status: 204, description: 'It is gone.' }, handle: ({ id, expected }) => folders.remove(id, expected),
    },
  ];
}
