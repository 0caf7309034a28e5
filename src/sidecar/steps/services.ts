/** What the steps are given to work with. */
import type { Clock } from '../../runtime/clock.js';
import type { FeatureTable } from '../features/table.js';
import type { LlmSettings } from '../metadata/llm.js';
import type { CommandDoorSettings } from '../transcript/command-door.js';
import type { ServerDoorSettings } from '../transcript/server-door.js';

export interface StepServices {
  /** VISTTER_HOME. */
  home: string;
  modelsFolder: string;
  /** For a piece of sound at a time; emptied by whoever fills it. */
  scratchFolder: string;
  transcript: { server?: ServerDoorSettings; command?: CommandDoorSettings };
  llm: LlmSettings | undefined;
  clock: Clock;
  /** The features of a recording that was looked at while it was made; null: it was not, or not to its end. */
  live(recordingId: string, durationMs: number): Promise<FeatureTable | null>;
}
