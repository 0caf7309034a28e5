/** The REST routes of timelines and of how they are played. */
import { z } from 'zod';
import { PlaybackControl, PlaybackReply } from '../../protocol/playback.js';
import { Timeline, TimelineFile, TimelineImported, TimelineInput, TimelineReport, TimelineSaved, TimelineSummary } from '../../protocol/timeline.js';
import type { Operator } from '../services/operator.js';
import type { Timelines } from '../services/timelines.js';
import { parse } from '../validate.js';
import { MAX_TIMELINE_BYTES, type Route } from './route.js';

export function timelineRoutes(s: { timelines: Timelines; operator: Operator }): Route[] {
  const tag = 'timelines';
  const large = { maxBytes: MAX_TIMELINE_BYTES };
  return [
    {
      method: 'get', path: '/timelines', tag, summary: 'List all timelines, without what is in them.',
      answer: { status: 200, schema: z.object({ items: z.array(TimelineSummary) }), description: 'In the order in which they were made.' },
      handle: () => ({ items: s.timelines.list() }),
    },
    {
      method: 'post', path: '/timelines', tag, summary: 'Make a timeline. Tracks and clips without an id get one.', body: { schema: TimelineInput, ...large },
      answer: { status: 201, schema: TimelineSaved, description: 'The whole of it, and what is wrong with it as far as that is seen without opening files.' },
      handle: ({ body }) => s.timelines.create(body),
    },
    {
      method: 'get', path: '/timelines/{id}', tag, summary: 'Read a timeline.',
      answer: { status: 200, schema: Timeline, description: 'Its revision is the ETag.' }, handle: ({ id }) => s.timelines.get(id),
    },
    {
      method: 'patch', path: '/timelines/{id}', tag, summary: 'Change a timeline, on air as well: fields that are left out stay, tracks are replaced as a whole.',
      body: { schema: z.looseObject({}).describe('Any fields of a new timeline.'), ...large }, errors: ['STALE_REVISION'],
      answer: { status: 200, schema: TimelineSaved, description: 'The whole of it as it is now, and what is wrong with it as far as that is seen without opening files.' },
      handle: ({ id, body, expected }) => s.timelines.patch(id, body, expected),
    },
    {
      method: 'delete', path: '/timelines/{id}', tag, summary: 'Delete a timeline.', errors: ['IN_USE', 'STALE_REVISION'],
      answer: { status: 204, description: 'It is gone.' }, handle: ({ id, expected }) => s.timelines.remove(id, expected),
    },
    {
      method: 'post', path: '/timelines/{id}/check', tag, summary: 'Tell all that is wrong with a timeline: its files are opened, and cameras that are not there are named.',
      answer: { status: 200, schema: TimelineReport, description: 'Errors first; at most 200 are listed, all are counted.' }, handle: ({ id }) => s.timelines.check(id),
    },
    ...(['undo', 'redo'] as const).map((verb): Route => ({
      method: 'post', path: `/timelines/{id}/${verb}`, tag,
      summary: verb === 'undo' ? 'Take back the last edit of a timeline; 50 are remembered, over restarts as well.' : 'Do again what was taken back, as long as nothing was edited since.',
      answer: { status: 200, schema: TimelineSaved, description: 'The whole of it as it is now, at a new revision.' }, errors: ['CONFLICT', 'STALE_REVISION'],
      handle: ({ id, expected }) => s.timelines.step(id, verb, expected),
    })),
    {
      method: 'get', path: '/timelines/{id}/export', tag, summary: 'Download a timeline with all that lies in it as one JSON file. No key is in it.',
      answer: { status: 200, schema: TimelineFile, description: 'The file.' },
      handle: ({ id, context }) => {
        const { name, file } = s.timelines.export(id);
        context.header('Content-Disposition', `attachment; ${fileName(name)}`);
        return file;
      },
    },
    {
      method: 'post', path: '/timelines/import', tag, summary: 'Make a timeline of such a file. Its sources are found by id, files also by path, cameras by name.',
      body: { schema: TimelineFile, ...large },
      answer: { status: 201, schema: TimelineImported, description: 'The new timeline, and what it names that is not here.' }, handle: ({ body }) => s.timelines.import(body),
    },
    {
      method: 'post', path: '/playback', tag: 'program', summary: 'Play, pause, seek, stop, arm or release a timeline; put the emergency picture on program.', body: { schema: PlaybackControl },
      answer: { status: 200, schema: PlaybackReply, description: 'The first program frame that shows it, and how the timeline stands from there on.' },
      errors: ['NOT_FOUND', 'CONFLICT', 'TIMELINE_EMPTY', 'EMERGENCY', 'ENGINE_AWAY', 'TIMEOUT'], handle: ({ body }) => s.operator.control(parse(PlaybackControl, body)),
    },
  ];
}

/** RFC 6266: plain letters for the old, and all of them for the rest. */
function fileName(name: string): string {
  const short = [...name].slice(0, 60).join('').replace(/\p{Surrogate}/gu, '_');
  const encoded = encodeURIComponent(short).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return `filename="${short.replace(/[^A-Za-z0-9 _.-]+/g, '_')}.json"; filename*=UTF-8''${encoded}.json`;
}
