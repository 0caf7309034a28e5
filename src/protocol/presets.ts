/** Ready settings that come with the installation, in `presets/`. */
import { z } from 'zod';
import { Settings, SoundEncoding } from './resources.js';

/** What `PATCH /settings` takes, under the name of its file. */
export const EncoderPreset = z.object({
  id: z.string(),
  settings: z.strictObject({ video: Settings.shape.video, encoder: Settings.shape.encoder, audio: SoundEncoding.prefault({}) }),
});
export type EncoderPreset = z.infer<typeof EncoderPreset>;
export const Presets = z.object({ encoder: z.array(EncoderPreset) });
export type Presets = z.infer<typeof Presets>;
