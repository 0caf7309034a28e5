/** docs/PROTOCOL.md: every message and resource, written from the schemas that check them. */
import { ERROR_STATUS } from '../../protocol/error-codes.js';
import {
  EgressActual, EgressDesired, BarRequest, BlackRequest, EmergencyRequest, EngineActual, EngineDesired, EngineInsert, IngestActual, IngestDesired, InsertEndRequest, InsertReply, PlaybackRequest, SidecarActual,
  SidecarDesired, SoundRequest, TakeReply, TakeRequest,
} from '../../protocol/link.js';
import { ClientMessage, ServerMessage } from '../../protocol/messages.js';
import { Levels } from '../../protocol/status.js';
import { API } from '../http/app.js';
import type { Route } from '../http/route.js';
import { MAX_BODY_BYTES, MAX_TIMELINE_BYTES } from '../http/route.js';
import { MESSAGES_A_SECOND, MESSAGES_AT_ONCE } from '../ws/allowance.js';
import { MAX_BUFFERED_BYTES, MAX_MESSAGE_BYTES } from '../ws/hub.js';
import { jsonSchema, namedSchemas, type JsonSchema } from './schemas.js';
import { typeText } from './type-text.js';

/** What each message is for; a message without a sentence fails the build of the page. */
const CLIENT_MESSAGES: Readonly<Record<string, string>> = {
  'camera:switch': 'Puts a source or a scene on program; over a timeline it is an override, until `release`. The ack is `TakeReply`: the first program frame that shows it, and when it is due in ms of program time.',
  'preview:arm': 'Arms a source, a scene or a timeline on preview, in the place of what was armed there; without an id, nothing. Its files are opened, so that it can be taken without a wait, and the tile `preview` shows it. ' +
    'A timeline that is armed is the one that `arm` of `playback:control` holds ready. What is armed is stored, and cannot be deleted meanwhile. Ack: `{}`.',
  'program:take': 'Takes what is armed on preview on program, by the transition that is given or as a cut; what was on program is armed in its place. Of a timeline it is as `play` of `playback:control`, and over one it is an override. The ack is `TakeReply`. ' +
    'With nothing armed it is refused with `CONFLICT`. `camera:switch` takes something on program and leaves preview as it is.',
  'program:bar': 'Moves the T-bar: the way from program to what is armed on preview has been gone as far as `position`, in picture and sound. The first position above 0 begins it, by the transition that is given (its length does not matter; a cut, or none, is a fade), ' +
    'and the films in what is armed with it. At 1 it is a take as `program:take`; at 0 all is as it was. It stands where it is, also when the client goes: `broadcast:status` has it as `program.bar`. Whatever is taken meanwhile ends it. Ack: `{frame, ptsMs}` of the first frame that shows it.',
  'program:black': 'Fades all that goes out to black in `durationMs`, overlays, inserts and sound included, and back with `on: false`. Beneath it everything goes on. It holds over crashes and restarts. An emergency is seen over it, and when that is released it is black again; ' +
    'during one `on: true` is refused with `EMERGENCY`. Ack: `{frame, ptsMs}` of the frame on which it begins, null while the engine is away, which comes back with it.',
  'broadcast:control': 'Starts and stops the broadcast and the recording. Acks: `{state}` for `start` and `stop`, `{recordingId}` for `record-start` and `record-stop`.',
  'playback:control': 'Plays timelines. `play` puts one on program, from `positionMs`, from a clip, or where it stands; without a `timelineId` it goes on with the one on program. `pause`, `seek` and ' +
    '`stop` change the one on program, or how another will stand when it is played. `arm` holds one ready, `disarm` does not any more. One without clips, filler and length has nothing to play: `play` and `arm` of it are refused with `TIMELINE_EMPTY`. `release` ends an override: the timeline comes back where it would be by now, ' +
    'or with `resume: "left"` where it was. `loop` switches looping in the document. ' +
    '`region` has the timeline on program go round a loop region: at `toMs` it goes on at `fromMs`, on the frame, with its films opened before. With `region: null` it goes on past the end. In a timeline that loops it is that part of this lap or of the next; ' +
    'one that is past it is refused with `CONFLICT`, as is a timeline that is not on program. A `seek` keeps it, unless it leads past it, and can set it. The ack is `PlaybackReply`. `emergency` puts the scene or source that is named, else the one that the settings name, else the slate, ' +
    'over everything on the next frame: program, transitions, inserts and overlays. Beneath it everything goes on. Until its `release`, which takes it away and nothing else, `camera:switch`, `play`, and `pause`, `seek` and `stop` ' +
    'of the timeline on program are refused with `EMERGENCY`; with `resume: "left"` that timeline comes back where it was when the emergency began. While the engine is away the emergency is what it comes back with: `frame` is null then.',
  'insert:control': '`air` puts an insert on air as soon as it is ready, `stop` ends the one that is. Acks: `InsertAired`, `InsertStopped`. One is on air at a time: another is refused with `CONFLICT`, and during an emergency with `EMERGENCY`; one whose file is not there or cannot be read with `MEDIA_MISSING` or `MEDIA_UNREADABLE`. ' +
    'A take by `camera:switch` or `playback:control` ends it early.',
  'timeline:update': 'Changes a timeline that is at `revision`, on air as well: to another document, or by a JSON Patch (RFC 6902) on the document without id, revision and dates. Ack: the new `{revision}`; of the timeline on program also `{frame, ptsMs}`, the first program frame that shows the edit. ' +
    'At another revision the error is `CONFLICT`, its details have the present `revision`, and nothing was changed. Documents larger than a message go by REST.',
  'overlay:control': 'Shows or hides an overlay. Ack: `{revision}`.',
  'audio:control': 'Moves a fader, mutes, or holds sound back: of a source, or of the `program`. Heard within two frames, without a click; seen by others in `state` patches at most 20 times a second, and stored within half a second. ' +
    'Of many moves in a row the last one is always stored. The same fields can be changed by REST. At −60 dB nothing is heard. Ack: `{applied}`, whether the engine has it now; one that is away has it when it comes back.',
  'marker:add': 'Marks this moment of what is being recorded, with a text or without: whoever finds highlights afterwards heeds it. It is on the disk before it is answered. Ack: `MarkerAdded`, in which recordings it lies and where. While nothing is recorded it is refused with `CONFLICT`.',
  subscribe: 'Asks for what is not sent by itself: `levels` for `audio:levels`, `events` for `event`, `multiview` for small pictures of the program, of `preview`, of sources and of scenes, as wide and as often as is said, in the place of those asked for before; `listen` for sound, until it is null. ' +
    'At most 4 different mixes are made for all clients together: one more is refused with `TOO_MANY_MIXES`. Ack: what is now subscribed to, `{levels, multiview, events, mix}`.',
  resume: 'Asks for what was missed since a `rev`: the patches since then, or a snapshot when that is too long ago. Ack: the current `{rev}`. Connecting to `/ws?rev=N` does the same in place of the first snapshot.',
  operator: 'Says who sits at a panel and which page is looked at: shown to the others as `operators` of `broadcast:status`, and the name stands beside what is done, in the log of events. Over REST the header `X-Operator` does that, percent-encoded.',
  ping: 'Asks for a word; the ack comes at once. A client that has sent one is closed when the studio stood still for more than 1.5 s, so that nothing is done late that was asked of it meanwhile.',
};
const SERVER_MESSAGES: Readonly<Record<string, string>> = {
  ack: 'The request with this `id` worked.',
  error: 'The request with this `id` did not, and nothing was changed. `code` is one of the codes below.',
  state: 'What the operator has made: a snapshot on connecting, with the `page` that this studio serves (a word that another version of the panel changes), then patches (RFC 6902: add, remove, replace), each with the next `rev`.',
  'broadcast:status': 'What is, each second.',
  'audio:levels': 'Peak and RMS of left and right since the last one, dBFS, floor −100; 20 a second to those who subscribed. `id` is a source, or `program`. A source that is open is measured before its fader and mute, whether or not it is on program, and with what clips of timelines play of it; ' +
    'the program as it goes out, behind its fader and limiter.',
  event: 'Something happened; to those who subscribed to `events`. One that repeats itself comes again with the same id and a greater count.',
};

export function protocolMarkdown(routes: Route[]): string {
  return [
    '# The protocol\n',
    '<!-- Generated from src/protocol by "npm run docs"; do not edit. -->\n',
    '`src/protocol` is the contract; this page and [openapi.json](openapi.json) are written from it. Fields may be added; none is taken away or changes its meaning.\n',
    '## Getting in\n',
    'Every request but `health` and `session` needs `Authorization: Bearer TOKEN`, on REST and on the websocket\'s upgrade alike ("npm run token" shows the token). ' +
      'A browser trades the token for a cookie by `POST /api/v1/session {"token": …}`; with the cookie, requests that change something and websockets must come from the ' +
      'server\'s own pages. Without either: 401, and no websocket. An address that tried many wrong tokens gets 429 for a while.\n',
    '## REST\n',
    `Below \`${API}\`, JSON, bodies of at most ${MAX_BODY_BYTES / 1024 / 1024} MiB, timelines ${MAX_TIMELINE_BYTES / 1024 / 1024} MiB. A field with "=" has that value when it is left out. Lists are \`{items: […]}\`. What has a \`revision\` answers it as ETag; ` +
      '`If-Match` with another one is refused with `STALE_REVISION`. Errors are `{error: {code, message, details?}}`. Prometheus metrics are at `/metrics` ([metrics.md](metrics.md)).\n',
    routeTable(routes),
    '## Websocket\n',
    `At \`/ws\`, JSON text. A client sends \`{type, id?, payload}\`; the answer has the same \`id\`. Messages have at most ${MAX_MESSAGE_BYTES / 1024 / 1024} MiB; ` +
      `a client that leaves ${MAX_BUFFERED_BYTES / 1024 / 1024} MiB unread is closed and may come back. Pings come every 5 s, and who leaves three of them unanswered is closed. A client may send ${MESSAGES_AT_ONCE} messages at once and ${MESSAGES_A_SECOND} a second; what is more is refused with \`TOO_MANY_ATTEMPTS\`, and who goes on all the same is closed with 1008. \`/preview.flv\` is a websocket that carries the program as FLV.\n`,
    '### From the client\n',
    ...messages(ClientMessage.options, CLIENT_MESSAGES, 'input'),
    '### From the server\n',
    ...messages(ServerMessage.options, SERVER_MESSAGES, 'output'),
    '### Tiles\n',
    'Who asked for `multiview` gets binary messages, each a picture: version (1 byte, 1), length of the id (1 byte), the id (`program`, `preview`, a source or a scene), the program frame at which the picture was there (float64), ' +
      'width and height (uint16 each), all big-endian, and a JPEG. A client that has not read the last ones gets none until it has, and a picture that has not changed is not sent again.\n',
    '### Sound\n',
    'Who asked to `listen` gets binary messages, each a piece of the mix: kind (1 byte, 2), channels (1 byte, 2), number of the mix (uint16), number of the first sample frame since the mix began (float64), all big-endian, and the samples: ' +
      '48 kHz, interleaved, signed 16 bits, little-endian. Sources are heard as they come in, before fader and mute, with their delay; with no source, the program as it goes out. A client that has not read the last ones gets none until it has.\n',
    '## Types\n',
    '```ts',
    ...Object.entries(namedSchemas()).map(([name, schema]) => `type ${name} = ${typeText(schema)};\n`),
    '```\n',
    '## Error codes\n',
    '| code | HTTP status |\n|---|---|',
    ...Object.entries(ERROR_STATUS).map(([code, status]) => `| \`${code}\` | ${status} |`),
    '',
    '## Between the processes\n',
    'Over `run/studio.sock`, one JSON object a line. A process says `hello`, gets `desired` (all that is wanted of it, again at each change and each connection), and sends `actual` ' +
      '(all that is) once a second and when something important changes. Nobody keeps history. This part is internal: it changes with the version.\n',
    '```ts',
    ...Object.entries({
      IngestDesired, IngestActual, EngineDesired, EngineActual, EgressDesired, EgressActual, SidecarDesired, SidecarActual,
      TakeRequest, BarRequest, BlackRequest, PlaybackRequest, SoundRequest, EmergencyRequest, EngineInsert, InsertEndRequest, TakeReply, InsertReply, LevelsEvent: Levels,
    }).map(([name, schema]) => `type ${name} = ${name === 'TakeReply' ? typeText(namedSchemas().TakeReply!) : typeText(jsonSchema(schema, 'output'))};\n`),
    '```',
    '',
  ].join('\n');
}

function routeTable(routes: Route[]): string {
  const rows = routes.map(({ method, path, summary, body, bytes, answer, open }) =>
    `| \`${method.toUpperCase()} ${path}\` | ${summary}${open ? ' Open.' : ''} | ${body ? cell(jsonSchema(body.schema, 'input')) : bytes === undefined ? '' : 'bytes'} | ${answer.status}${answer.schema ? ` ${cell(jsonSchema(answer.schema, 'output'))}` : ''} |`);
  return ['| route | what it does | body | answer |', '|---|---|---|---|', ...rows, ''].join('\n');
}

function cell(schema: JsonSchema): string {
  const text = typeText(schema).replace(/\s+/g, ' ').replaceAll('|', '\\|');
  return text === '{}' ? 'some fields' : `\`${text}\``;
}

type MessageSchema = (typeof ClientMessage.options)[number] | (typeof ServerMessage.options)[number];

function messages(options: readonly MessageSchema[], sentences: Readonly<Record<string, string>>, io: 'input' | 'output'): string[] {
  return options.map((option) => {
    const type: string = option.shape.type.value;
    const sentence = sentences[type];
    if (!sentence) throw new Error(`PROTOCOL.md has no sentence for "${type}".`);
    return `#### \`${type}\`\n\n${sentence}\n\n\`\`\`ts\n${typeText(jsonSchema(option.shape.payload, io)).trim()}\n\`\`\`\n`;
  });
}
