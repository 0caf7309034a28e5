/** What an operator may put on program. While an emergency is on that is nothing but another one; what the schedule does goes by other doors. */
import type { CameraSwitch } from '../../protocol/messages.js';
import type { PlaybackControl, PlaybackReply } from '../../protocol/playback.js';
import type { TakeReply } from '../../protocol/link.js';
import type { Emergency } from './emergency.js';
import type { PlaybackService } from './playback.js';
import type { Program } from './program.js';

export class Operator {
  constructor(private readonly program: Program, private readonly playback: PlaybackService, private readonly emergency: Emergency) {}

  /** @throws ServerError EMERGENCY, and what a take throws */
  async take(message: CameraSwitch): Promise<TakeReply> {
    this.emergency.checkNone();
    return this.program.take(message);
  }

  /** @throws ServerError EMERGENCY, and what PlaybackService throws */
  async control({ action, ...rest }: PlaybackControl): Promise<PlaybackReply> {
    switch (action) {
      case 'emergency': return this.emergency.begin(rest);
      case 'release':
        if (this.emergency.isOn) return this.emergency.release(rest);
        break;
      case 'play':
        this.emergency.checkNone();
        break;
      case 'pause':
      case 'region':
      case 'seek':
      case 'stop':
        // Another timeline is changed for when it will be played.
        if (this.playback.isOnProgram(rest.timelineId)) this.emergency.checkNone();
        break;
      case 'arm':
      case 'disarm':
        break;
      default:
        action satisfies never;
    }
    return this.playback.control({ action, ...rest });
  }
}
