/**
 * The sound mixer. A fader under a hand is moved many times a second: each move is asked of the engine at once and seen by the others
 * soon, and the last one is stored within half a second. A studio that is killed before that comes back with what was stored.
 */
import { THE_ONE } from '../../domain/documents.js';
import { PLAIN_AUDIO, PROGRAM_SOUND, type AudioControl, type SourceAudio } from '../../protocol/sound.js';
import type { SoundRequest } from '../../protocol/link.js';
import { ServerError } from '../../runtime/errors.js';
import type { Owner } from '../../runtime/lifecycle.js';
import type { Log } from '../../runtime/log.js';
import type { DesiredState } from '../desired-state.js';
import type { Model } from '../model.js';
import { invalidField } from '../validate.js';

const STORE_AFTER_MS = 500;
/** Where that cannot be stored. */
const STORE_AGAIN_MS = 2000;
const SHOW_AFTER_MS = 50;

export interface MixerOptions {
  model: Model;
  desired: DesiredState;
  log: Log;
  askEngine(request: SoundRequest): Promise<unknown>;
  /** Something is to be shown to browsers. */
  onMoved(): void;
}

export class Mixer implements Owner {
  #storing: NodeJS.Timeout | undefined;
  #showing: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;
  #isTold = false;

  constructor(private readonly options: MixerOptions) {}

  start(): void {}

  /** Stores what is not stored yet. */
  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      clearTimeout(this.#showing);
      await this.settle().catch(() => undefined);
      clearTimeout(this.#storing);
    })());
  }

  /** @returns whether the engine has it now; one that comes back has it in any case @throws ServerError NOT_FOUND, VALIDATION */
  async control({ id, ...change }: AudioControl): Promise<{ applied: boolean }> {
    if (id === PROGRAM_SOUND && change.delayMs !== undefined) throw invalidField('delayMs', 'The program has no delay; its sources have.');
    const { desired } = this.options;
    const audio: SourceAudio = { ...this.#audio(id), ...change };
    desired.movedSound.set(id, { ...desired.movedSound.get(id), ...change });
    this.#showing ??= setTimeout(() => {
      this.#showing = undefined;
      this.options.onMoved();
    }, SHOW_AFTER_MS);
    this.#storeIn(STORE_AFTER_MS);
    const applied = await this.options.askEngine({ id, audio }).then(() => true, () => false);
    return { applied };
  }

  /** Stores what was moved. What is changed in another way builds on that. */
  async settle(): Promise<void> {
    const { model, desired, log } = this.options;
    const moved = [...desired.movedSound];
    if (moved.length === 0) return;
    try {
      await model.change((draft) => {
        for (const [id, audio] of moved) {
          if (id === PROGRAM_SOUND) {
            const { data } = draft.get('settings', THE_ONE);
            draft.update('settings', THE_ONE, { ...data, audio: { ...data.audio, ...audio } });
          } else if (model.find('source', id)) {
            const { data } = draft.get('source', id);
            draft.update('source', id, { ...data, audio: { ...data.audio, ...audio } });
          }
        }
      });
      this.#isTold = false;
    } catch (error) {
      if (!this.#isTold) log.error({ code: (error as ServerError).code }, 'what was set at the mixer could not be stored; it holds, and is tried again');
      this.#isTold = true;
      this.#storeIn(STORE_AGAIN_MS);
      throw error;
    }
    // What was moved meanwhile is stored the next time.
    for (const [id, audio] of moved) if (desired.movedSound.get(id) === audio) desired.movedSound.delete(id);
    if (desired.movedSound.size > 0) this.#storeIn(STORE_AFTER_MS);
  }

  #storeIn(ms: number): void {
    if (this.#stopped) return;
    this.#storing ??= setTimeout(() => {
      this.#storing = undefined;
      this.settle().catch(() => undefined);
    }, ms);
  }

  /** As it is set now. @throws ServerError NOT_FOUND */
  #audio(id: string): SourceAudio {
    const { model, desired } = this.options;
    const moved = desired.movedSound.get(id);
    if (id !== PROGRAM_SOUND) return { ...model.get('source', id).data.audio, ...moved };
    const { gainDb, muted } = model.state.settings.data.audio;
    return { ...PLAIN_AUDIO, gainDb, muted, ...moved };
  }
}
