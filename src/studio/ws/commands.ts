/** What a websocket client may ask for, and who answers it. */
import type { ClientMessage } from '../../protocol/messages.js';
import type { Black } from '../services/black.js';
import type { Broadcast } from '../services/broadcast.js';
import type { InsertPlayer } from '../services/insert-player.js';
import type { Moments } from '../services/moments.js';
import type { Mixer } from '../services/mixer.js';
import type { Operator } from '../services/operator.js';
import type { Preview } from '../services/preview.js';
import type { Overlays } from '../services/scenes.js';
import type { Timelines } from '../services/timelines.js';

export interface CommandServices {
  operator: Operator;
  preview: Preview;
  black: Black;
  broadcast: Broadcast;
  overlays: Overlays;
  player: InsertPlayer;
  mixer: Mixer;
  moments: Moments;
  timelines: Timelines;
}

/** Those that concern the connection itself are the hub's. */
export type Command = Exclude<ClientMessage, { type: 'subscribe' | 'resume' | 'operator' | 'ping' }>;

/** @returns the ack's payload. @throws ServerError */
export async function runCommand(services: CommandServices, message: Command): Promise<unknown> {
  switch (message.type) {
    case 'camera:switch':
      return services.operator.take(message.payload);
    case 'preview:arm':
      return services.preview.arm(message.payload);
    case 'program:take':
      return services.preview.take(message.payload);
    case 'program:bar':
      return services.preview.bar(message.payload);
    case 'program:black':
      return services.black.fade(message.payload);
    case 'playback:control':
      return services.operator.control(message.payload);
    case 'insert:control':
      return services.player.control(message.payload);
    case 'marker:add':
      return services.moments.mark(message.payload);
    case 'audio:control':
      return services.mixer.control(message.payload);
    case 'timeline:update':
      return services.timelines.update(message.payload);
    case 'overlay:control': {
      const { revision } = await services.overlays.show(message.payload.overlayId, message.payload.visible);
      return { revision };
    }
    case 'broadcast:control': {
      const { broadcast } = services;
      const { payload } = message;
      switch (payload.action) {
        case 'start': {
          const { action: _, ...request } = payload;
          await broadcast.start(request);
          return { state: broadcast.state };
        }
        case 'stop':
          await broadcast.stop();
          return { state: broadcast.state };
        case 'record-start':
          return { recordingId: await broadcast.startRecording() };
        case 'record-stop':
          return { recordingId: await broadcast.stopRecording() };
        default:
          return payload satisfies never;
      }
    }
    default:
      return message satisfies never;
  }
}
