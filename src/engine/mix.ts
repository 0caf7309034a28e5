/** What is set at the mixer: as it was desired, and as a hand has moved it since, told to the compositor when it has changed. And what is listened to. */
import { linearOf } from '../domain/timeline/content.js';
import type { EngineDesired, SoundRequest } from '../protocol/link.js';
import { LEAST_GAIN_DB, PLAIN_AUDIO, PROGRAM_SOUND, type SourceAudio } from '../protocol/sound.js';
import type { NativeMonitorSound, NativeProgram, NativeSound } from './native.js';

/** The fader's lower end is silence. */
const faderGain = ({ gainDb, muted }: Pick<SourceAudio, 'gainDb' | 'muted'>): number => (muted || gainDb <= LEAST_GAIN_DB ? 0 : linearOf(gainDb));

export class Mix {
  #program: Pick<SourceAudio, 'gainDb' | 'muted'> = PLAIN_AUDIO;
  /** Those of which something is set. */
  readonly #sources = new Map<string, SourceAudio>();
  #told = '';

  constructor(private readonly program: Pick<NativeProgram, 'setSound' | 'wishMonitors' | 'takeMonitors'>) {}

  apply({ sources, settings }: Pick<EngineDesired, 'sources' | 'settings'>): void {
    this.#program = settings.audio;
    this.#sources.clear();
    for (const { id, audio } of sources) this.#put(id, audio);
    this.#tell();
  }

  set({ id, audio }: SoundRequest): void {
    if (id === PROGRAM_SOUND) this.#program = audio;
    else this.#put(id, audio);
    this.#tell();
  }

  listen(wishes: EngineDesired['listen']): void {
    this.program.wishMonitors(wishes.map(({ mix, sourceIds }) => ({ id: mix, sources: sourceIds })));
  }

  /** What was made of it since the last call. */
  heard(): NativeMonitorSound[] {
    return this.program.takeMonitors();
  }

  #put(id: string, audio: SourceAudio): void {
    const { gainDb, muted, delayMs, mode } = audio;
    if (gainDb === 0 && !muted && delayMs === 0 && mode === 'follow') this.#sources.delete(id);
    else this.#sources.set(id, audio);
  }

  #tell(): void {
    const sound: NativeSound = {
      gain: faderGain(this.#program),
      sources: [...this.#sources].map(([id, audio]) => ({ id, gain: faderGain(audio), delayUs: Math.round(audio.delayMs * 1000), always: audio.mode === 'always' })),
    };
    const text = JSON.stringify(sound);
    if (text === this.#told) return;
    this.#told = text;
    this.program.setSound(sound);
  }
}
