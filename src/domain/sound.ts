/** Faders that were moved and are not stored yet, as part of the state. Pure. */
import { PROGRAM_SOUND, type SourceAudio } from '../protocol/sound.js';
import type { StudioState } from './documents.js';

/** What was moved, by a source's id or `program`. */
export type MovedSound = ReadonlyMap<string, Partial<SourceAudio>>;

export function withMovedSound(state: StudioState, moved: MovedSound): StudioState {
  if (moved.size === 0) return state;
  const program = moved.get(PROGRAM_SOUND);
  const { settings } = state;
  return {
    ...state,
    sources: state.sources.map((source) => {
      const audio = moved.get(source.id);
      return audio ? { ...source, data: { ...source.data, audio: { ...source.data.audio, ...audio } } } : source;
    }),
    settings: program ? { ...settings, data: { ...settings.data, audio: { ...settings.data.audio, ...program } } } : settings,
  };
}
