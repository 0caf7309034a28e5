/** The REST routes of timelines and of how they are played. */
import { z } from 'zod';
import { PlaybackControl, PlaybackReply } from '../../protocol/playback.js';
import { Timeline, TimelineInput, TimelineReport, TimelineSaved, TimelineSummary } from '../../protocol/timeline.js';
import type { PlaybackService } from '../services/playback.js';
import type { Timelines } from '../services/timelines.js';
import { parse } from '../validate.js';
import { MAX_TIMELINE_BYTES, type Route } from './route.js';

export function timelineRoutes(s: { timelines: Timelines; playback: PlaybackService }): Route[] {
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
    {
      method: 'post', path: '/playback', tag: 'program', summary: 'Play, pause, seek, stop, arm or release a timeline.', body: { schema: PlaybackControl },
      answer: { status: 200, schema: PlaybackReply, description: 'The first program frame that shows it, and how the timeline stands from there on.' },
      errors: ['NOT_FOUND', 'CONFLICT', 'ENGINE_AWAY', 'TIMEOUT'], handle: ({ body }) => s.playback.control(parse(PlaybackControl, body)),
    },
  ];
}
