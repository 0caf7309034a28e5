/** REST for the two buses: what is armed on preview, and how it is taken. */
import { z } from 'zod';
import { TakeReply } from '../../protocol/link.js';
import { PreviewArm, ProgramTake } from '../../protocol/preview.js';
import { ProgramTarget } from '../../protocol/status.js';
import type { Preview } from '../services/preview.js';
import { parse } from '../validate.js';
import type { Route } from './route.js';

const Armed = z.object({ preview: ProgramTarget.nullable() });

export function previewRoutes({ preview }: { preview: Preview }): Route[] {
  const armed = { status: 200, schema: Armed, description: 'What is armed; null: nothing.' } as const;
  return [
    { method: 'get', path: '/preview', tag: 'program', summary: 'What is armed on preview.', answer: armed, handle: () => ({ preview: preview.target }) },
    {
      method: 'post', path: '/preview', tag: 'program', summary: 'Arm a source, a scene or a timeline on preview; with an empty body, nothing.', body: { schema: PreviewArm, optional: true },
      answer: armed, errors: ['NOT_FOUND', 'CONFLICT'],
      handle: async ({ body }) => {
        await preview.arm(parse(PreviewArm, body));
        return { preview: preview.target };
      },
    },
    {
      method: 'post', path: '/preview/take', tag: 'program', summary: 'Take what is armed on program; what was there is armed in its place.', body: { schema: ProgramTake, optional: true },
      answer: { status: 200, schema: TakeReply, description: 'The first program frame that shows it, and when it is due.' },
      errors: ['CONFLICT', 'EMERGENCY', 'ENGINE_AWAY', 'TIMEOUT'], handle: ({ body }) => preview.take(parse(ProgramTake, body)),
    },
  ];
}
