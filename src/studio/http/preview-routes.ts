/** REST for the two buses: what is armed on preview, and how it is taken. */
import { z } from 'zod';
import { TakeReply } from '../../protocol/link.js';
import { PreviewArm, ProgramBar, ProgramBlack, ProgramTake } from '../../protocol/preview.js';
import { ProgramTarget } from '../../protocol/status.js';
import type { Black } from '../services/black.js';
import type { Preview } from '../services/preview.js';
import { parse } from '../validate.js';
import type { Route } from './route.js';

const Armed = z.object({ preview: ProgramTarget.nullable() });

const Faded = z.object({ frame: z.number().int().nullable(), ptsMs: z.number().nullable() });

export function previewRoutes({ preview, black }: { preview: Preview; black: Black }): Route[] {
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
    {
      method: 'post', path: '/program/bar', tag: 'program', summary: 'Move the T-bar between program and preview: 1 takes what is armed, 0 takes the bar back.', body: { schema: ProgramBar },
      answer: { status: 200, schema: TakeReply, description: 'The first program frame that shows it, and when it is due.' },
      errors: ['CONFLICT', 'EMERGENCY', 'ENGINE_AWAY', 'TIMEOUT'], handle: ({ body }) => preview.bar(parse(ProgramBar, body)),
    },
    {
      method: 'post', path: '/program/black', tag: 'program', summary: 'Fade all that goes out to black, overlays and sound included, or back.', body: { schema: ProgramBlack },
      answer: { status: 200, schema: Faded, description: 'The frame on which it begins; null while the engine is away, which comes back with it.' },
      errors: ['EMERGENCY'], handle: ({ body }) => black.fade(parse(ProgramBlack, body)),
    },
  ];
}
