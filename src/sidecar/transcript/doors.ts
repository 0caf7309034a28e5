/** Which of the four doors a recording's transcript comes through. */
import { commandDoor, type CommandDoorSettings } from './command-door.js';
import { captionsBeside, fileDoor } from './file-door.js';
import { PiecewiseTranscriber } from './piecewise.js';
import { serverDoor, type ServerDoorSettings } from './server-door.js';
import type { Transcriber, TranscribeRequest } from './transcriber.js';
import { NOTHING_SAID, type Transcript } from './transcript.js';

export interface TranscriptSettings {
  /** Looked for beside the recording when left out; null: not looked for. */
  captionsPath?: string | null;
  server?: ServerDoorSettings;
  command?: CommandDoorSettings;
  /** A folder of the caller's for one piece of sound, up to 25 MB, while it is listened to. */
  scratchFolder: string;
}

/** Nobody listens. */
export const noDoor: Transcriber = { id: 'none', transcribe: () => Promise.resolve(NOTHING_SAID) };

/** Captions that are there; else a server; else the command; else none. What somebody wrote is better than what is heard, and costs nothing. */
async function transcriberFor(mediaPath: string, settings: TranscriptSettings): Promise<Transcriber> {
  const captions = settings.captionsPath === undefined ? await captionsBeside(mediaPath) : settings.captionsPath;
  if (captions !== null) return fileDoor(captions);
  if (settings.server) return new PiecewiseTranscriber(serverDoor(settings.server), settings.scratchFolder);
  if (settings.command) return new PiecewiseTranscriber(commandDoor(settings.command), settings.scratchFolder);
  return noDoor;
}

/**
 * What is said in a recording, and by whom it was written down.
 * @throws ServerError with a sentence for people (an OutsideError says whether it may work later); the signal's reason
 */
export async function transcribe(request: TranscribeRequest, settings: TranscriptSettings): Promise<{ transcript: Transcript; by: string }> {
  const transcriber = await transcriberFor(request.mediaPath, settings);
  return { transcript: await transcriber.transcribe(request), by: transcriber.id };
}
