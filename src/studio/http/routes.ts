/** Every REST route, below /api/v1. */
import { z } from 'zod';
import {
  Destination, DestinationInput, Overlay, OverlayInput, PlatformInfo, Recording, Scene, SceneInput, Settings, Source, SourceInput,
} from '../../protocol/resources.js';
import { Insert, InsertInput } from '../../protocol/inserts.js';
import { TakeReply } from '../../protocol/link.js';
import { BroadcastStart, CameraSwitch } from '../../protocol/messages.js';
import { Encoding, Presets } from '../../protocol/presets.js';
import { SettingsResource, StateSnapshot } from '../../protocol/state.js';
import { BroadcastStatus } from '../../protocol/status.js';
import { systemClock } from '../../runtime/clock.js';
import type { Black } from '../services/black.js';
import type { Broadcast } from '../services/broadcast.js';
import type { Destinations } from '../services/destinations.js';
import type { AiringLog } from '../services/airing-log.js';
import type { Folders } from '../services/folders.js';
import type { InsertPlayer } from '../services/insert-player.js';
import type { Inserts } from '../services/inserts.js';
import type { Operator } from '../services/operator.js';
import type { Preview } from '../services/preview.js';
import type { Recordings } from '../services/recordings.js';
import type { Schedule } from '../services/schedule.js';
import type { Overlays, Scenes } from '../services/scenes.js';
import type { SettingsService } from '../services/settings.js';
import type { Sources } from '../services/sources.js';
import type { Timelines } from '../services/timelines.js';
import type { PresetFiles } from '../preset-files.js';
import type { MediaLibrary } from '../media/library.js';
import type { MediaPictures } from '../media/pictures.js';
import type { Uploads } from '../media/uploads.js';
import { parse } from '../validate.js';
import type { Access } from './access.js';
import { visitor } from './app.js';
import { analysisRoutes, type AnalysisServices } from './analysis-routes.js';
import { fileResponse, PatientOpener } from './files.js';
import { folderRoutes } from './folder-routes.js';
import { healthRoutes, type HealthServices } from './health-routes.js';
import { insertRoutes } from './insert-routes.js';
import { jobRoutes, type JobServices } from './job-routes.js';
import { mediaRoutes } from './media-routes.js';
import { previewRoutes } from './preview-routes.js';
import type { Route } from './route.js';
import { scheduleRoutes } from './schedule-routes.js';
import type { Sessions } from './sessions.js';
import { timelineRoutes } from './timeline-routes.js';
import { uploadRoutes } from './upload-routes.js';

/** Of a body that anybody may send: it is held in memory before it is known who asks. */
const MAX_SESSION_BYTES = 4096;

export interface RouteServices extends HealthServices, JobServices, Omit<AnalysisServices, 'recordings'> {
  sources: Sources;
  scenes: Scenes;
  overlays: Overlays;
  destinations: Destinations;
  settings: SettingsService;
  presets: PresetFiles;
  timelines: Timelines;
  folders: Folders;
  library: MediaLibrary;
  pictures: MediaPictures;
  uploads: Uploads;
  operator: Operator;
  preview: Preview;
  black: Black;
  inserts: Inserts;
  player: InsertPlayer;
  airings: AiringLog;
  broadcast: Broadcast;
  recordings: Recordings;
  schedule: Schedule;
  access: Access;
  sessions: Sessions;
  status(): BroadcastStatus;
  snapshot(): StateSnapshot;
  health(): object;
}

export function restRoutes(s: RouteServices): Route[] {
  return [
    ...general(s),
    ...collection('sources', 'source', { item: Source, input: SourceInput, service: s.sources, deleteErrors: ['IN_USE', 'STALE_REVISION'] }),
    {
      method: 'post', path: '/sources/{id}/reveal-key', tag: 'sources', summary: 'Show a camera with its stream key.',
      answer: { status: 200, schema: Source, description: 'The camera; `ingest.key` is its key.' }, errors: ['VALIDATION'],
      handle: ({ id }) => s.sources.revealKey(id),
    },
    {
      method: 'post', path: '/sources/{id}/rotate-key', tag: 'sources', summary: 'Give a camera a new stream key; the old one stops working at once.',
      answer: { status: 200, schema: Source, description: 'The camera with its new key.' }, errors: ['VALIDATION'],
      handle: ({ id }) => s.sources.rotateKey(id),
    },
    ...collection('scenes', 'scene', { item: Scene, input: SceneInput, service: s.scenes, deleteErrors: ['IN_USE', 'STALE_REVISION'] }),
    ...collection('overlays', 'overlay', { item: Overlay, input: OverlayInput, service: s.overlays, deleteErrors: ['IN_USE', 'STALE_REVISION'] }),
    ...(['show', 'hide'] as const).map((verb): Route => ({
      method: 'post', path: `/overlays/{id}/${verb}`, tag: 'overlays', summary: `${verb === 'show' ? 'Show' : 'Hide'} an overlay over the program.`,
      answer: { status: 200, schema: Overlay, description: 'The overlay.' }, handle: ({ id }) => s.overlays.show(id, verb === 'show'),
    })),
    ...collection('destinations', 'destination', { item: Destination, input: DestinationInput, service: s.destinations, deleteErrors: ['STALE_REVISION'] }),
    {
      method: 'get', path: '/platforms', tag: 'destinations', summary: 'List the platforms a destination can be at, and whether the encoder\'s settings suit each.',
      answer: { status: 200, schema: z.object({ items: z.array(PlatformInfo) }), description: 'All of them.' }, handle: () => ({ items: s.destinations.platforms() }),
    },
    {
      method: 'post', path: '/platforms/check', tag: 'destinations', summary: 'Tell whether other settings of the encoder would suit each platform; nothing is stored.', body: { schema: Encoding },
      answer: { status: 200, schema: z.object({ items: z.array(PlatformInfo) }), description: 'All of them, with what they would not take.' }, handle: ({ body }) => ({ items: s.destinations.check(body) }),
    },
    ...timelineRoutes(s),
    ...scheduleRoutes(s),
    ...folderRoutes(s),
    ...mediaRoutes(s),
    ...uploadRoutes(s),
    ...collection('inserts', 'insert', { item: Insert, input: InsertInput, service: s.inserts, deleteErrors: ['IN_USE', 'STALE_REVISION'] }),
    ...insertRoutes(s),
    ...healthRoutes(s),
    ...onAir(s),
    ...previewRoutes(s),
    ...recordings(s),
    ...analysisRoutes(s),
    ...jobRoutes(s),
  ];
}

interface Service {
  list(): object[];
  get(id: string): object;
  create(body: unknown): Promise<object>;
  patch(id: string, body: unknown, expected: number | undefined): Promise<object>;
  remove(id: string, expected: number | undefined): Promise<void>;
}

function collection(
  plural: string, singular: string,
  { item, input, service, deleteErrors }: { item: z.ZodType; input: z.ZodType; service: Service; deleteErrors: NonNullable<Route['errors']> },
): Route[] {
  const tag = plural;
  const one = `${/^[aeiou]/.test(singular) ? 'an' : 'a'} ${singular}`;
  return [
    {
      method: 'get', path: `/${plural}`, tag, summary: `List all ${plural}.`,
      answer: { status: 200, schema: z.object({ items: z.array(item) }), description: 'In the order in which they were made.' },
      handle: () => ({ items: service.list() }),
    },
    {
      method: 'post', path: `/${plural}`, tag, summary: `Make ${one}.`, body: { schema: input },
      answer: { status: 201, schema: item, description: 'The whole of it, with its id.' }, handle: ({ body }) => service.create(body),
    },
    {
      method: 'get', path: `/${plural}/{id}`, tag, summary: `Read ${one}.`,
      answer: { status: 200, schema: item, description: 'Its revision is the ETag.' }, handle: ({ id }) => service.get(id),
    },
    {
      method: 'patch', path: `/${plural}/{id}`, tag, summary: `Change ${one}: fields that are left out stay.`,
      body: { schema: z.looseObject({}).describe(`Any fields of a new ${singular} but its kind.`) }, errors: ['STALE_REVISION'],
      answer: { status: 200, schema: item, description: 'The whole of it as it is now.' },
      handle: ({ id, body, expected }) => service.patch(id, body, expected),
    },
    {
      method: 'delete', path: `/${plural}/{id}`, tag, summary: `Delete ${one}.`, errors: deleteErrors,
      answer: { status: 204, description: 'It is gone.' }, handle: ({ id, expected }) => service.remove(id, expected),
    },
  ];
}

function general(s: RouteServices): Route[] {
  return [
    {
      method: 'get', path: '/health', tag: 'general', summary: 'Whether the studio and the other processes answer.', open: true,
      answer: { status: 200, schema: z.object({ status: z.enum(['ok', 'degraded']), version: z.string(), processes: z.record(z.string(), z.boolean()) }), description: '`degraded` while a process is being restarted.' },
      handle: () => s.health(),
    },
    {
      method: 'post', path: '/session', tag: 'general', summary: 'Trade the token for a session cookie.', open: true,
      body: { schema: z.strictObject({ token: z.string().min(1).max(256) }), maxBytes: MAX_SESSION_BYTES }, errors: ['UNAUTHORIZED', 'TOO_MANY_ATTEMPTS'],
      answer: { status: 204, description: 'The cookie is HttpOnly, SameSite=Strict, and lasts 30 days.' },
      handle: async ({ body, context }) => {
        const { token } = parse(z.strictObject({ token: z.string().min(1).max(256) }), body);
        s.access.checkToken(visitor(context), token);
        context.header('Set-Cookie', await s.sessions.open(context.req.header('x-forwarded-proto') === 'https'));
      },
    },
    {
      method: 'delete', path: '/session', tag: 'general', summary: 'End this browser\'s session.',
      answer: { status: 204, description: 'The cookie is worth nothing any more.' },
      handle: async ({ context }) => {
        context.header('Set-Cookie', await s.sessions.close(context.req.header('cookie'), context.req.header('x-forwarded-proto') === 'https'));
      },
    },
    {
      method: 'get', path: '/state', tag: 'general', summary: 'All resources at once, as the websocket\'s snapshot has them.',
      answer: { status: 200, schema: StateSnapshot, description: 'The snapshot.' }, handle: () => s.snapshot(),
    },
    {
      method: 'get', path: '/settings', tag: 'settings', summary: 'Read the settings.',
      answer: { status: 200, schema: SettingsResource, description: 'All settings.' }, handle: () => s.settings.get(),
    },
    {
      method: 'patch', path: '/settings', tag: 'settings', summary: 'Change settings: what is left out stays, at every level. Takes effect on air.',
      body: { schema: Settings }, errors: ['STALE_REVISION'],
      answer: { status: 200, schema: SettingsResource, description: 'All settings as they are now.' },
      handle: ({ body, expected }) => s.settings.patch(body, expected),
    },
    {
      method: 'get', path: '/presets', tag: 'settings', summary: 'List the ready settings and arrangements of scenes that come with the installation.',
      answer: { status: 200, schema: Presets, description: '`encoder`: each what a change of the settings takes. `scenes`: each the layers of a scene, with sources still to be chosen for its places.' }, handle: () => s.presets.read(),
    },
  ];
}

function onAir(s: RouteServices): Route[] {
  const status = { status: 200, schema: BroadcastStatus, description: 'The same object as `broadcast:status`.' } as const;
  return [
    {
      method: 'post', path: '/program/take', tag: 'program', summary: 'Put a source or scene on program.', body: { schema: CameraSwitch },
      answer: { status: 200, schema: TakeReply, description: 'The first program frame that shows it, and when it is due.' },
      errors: ['EMERGENCY', 'ENGINE_AWAY', 'TIMEOUT'], handle: ({ body }) => s.operator.take(parse(CameraSwitch, body)),
    },
    { method: 'get', path: '/broadcast', tag: 'broadcast', summary: 'What is on air, and how it goes.', answer: status, handle: () => s.status() },
    {
      method: 'post', path: '/broadcast/start', tag: 'broadcast', summary: 'Go live; without destinationIds, to every enabled destination.',
      body: { schema: BroadcastStart, optional: true }, errors: ['NO_DESTINATION', 'ALREADY_LIVE', 'NOT_FOUND'], answer: status,
      handle: async ({ body }) => {
        await s.broadcast.start(parse(BroadcastStart, body));
        return s.status();
      },
    },
    {
      method: 'post', path: '/broadcast/stop', tag: 'broadcast', summary: 'End the broadcast; the program goes on.', errors: ['NOT_LIVE'], answer: status,
      handle: async () => {
        await s.broadcast.stop();
        return s.status();
      },
    },
  ];
}

function recordings(s: RouteServices): Route[] {
  const files = new PatientOpener('the recordings', systemClock);
  return [
    {
      method: 'post', path: '/recording/start', tag: 'recordings', summary: 'Record the program.', errors: ['CONFLICT'],
      answer: { status: 200, schema: Recording, description: 'The recording that has begun.' },
      handle: async () => s.recordings.get(await s.broadcast.startRecording()),
    },
    {
      method: 'post', path: '/recording/stop', tag: 'recordings', summary: 'End the recording.', errors: ['CONFLICT'],
      answer: { status: 200, schema: Recording, description: 'The recording; it is `ready` a little later.' },
      handle: async () => s.recordings.get(await s.broadcast.stopRecording()),
    },
    {
      method: 'get', path: '/recordings', tag: 'recordings', summary: 'List all recordings.',
      answer: { status: 200, schema: z.object({ items: z.array(Recording) }), description: 'Newest first.' }, handle: () => ({ items: s.recordings.list() }),
    },
    {
      method: 'get', path: '/recordings/{id}', tag: 'recordings', summary: 'Read a recording.',
      answer: { status: 200, schema: Recording, description: 'The recording.' }, handle: ({ id }) => s.recordings.get(id),
    },
    {
      method: 'get', path: '/recordings/{id}/file', tag: 'recordings', summary: 'Download a recording; takes Range.',
      answer: { status: 200, description: 'The file.' }, errors: ['CONFLICT', 'DISK_ERROR'],
      handle: async ({ id, context }) => fileResponse(context.req, s.recordings.file(id), {
        'Content-Type': 'video/mp4', 'Content-Disposition': `attachment; filename="${id}.mp4"`,
      }, files.open),
    },
    {
      method: 'delete', path: '/recordings/{id}', tag: 'recordings', summary: 'Delete a recording with its files.',
      answer: { status: 204, description: 'It is gone.' }, errors: ['IN_USE', 'DISK_ERROR'], handle: ({ id }) => s.recordings.remove(id),
    },
  ];
}
