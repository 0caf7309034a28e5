/** Ready settings and arrangements that come with the installation, in `presets/`. */
import { z } from 'zod';
import { Name } from './ids.js';
import { placed, Settings, SoundEncoding } from './resources.js';

/** What is made of the program: its size and rate, and how picture and sound are encoded. */
export const Encoding = z.strictObject({ video: Settings.shape.video, encoder: Settings.shape.encoder, audio: SoundEncoding.prefault({}) });
export type Encoding = z.infer<typeof Encoding>;

/** What `PATCH /settings` takes, under the name of its file. */
export const EncoderPreset = z.object({ id: z.string(), settings: Encoding });
export type EncoderPreset = z.infer<typeof EncoderPreset>;

/** A scene without its sources: which place of it each layer shows is told, and what is seen there is chosen when it is used. */
export const SceneTemplate = z.strictObject({
  name: Name,
  /** What the places are for, as people call them. */
  places: z.array(Name).min(1).max(8),
  /** Later ones on top; `place` counts from 0. */
  layers: z.array(z.strictObject({ place: z.int().min(0), ...placed })).min(1).max(32),
}).refine(({ places, layers }) => layers.every(({ place }) => place < places.length), 'A layer shows one of the places.');
export type SceneTemplate = z.infer<typeof SceneTemplate>;
/** Under the name of its file. */
export const ScenePreset = z.object({ id: z.string(), template: SceneTemplate });
export type ScenePreset = z.infer<typeof ScenePreset>;

export const Presets = z.object({ scenes: z.array(ScenePreset), encoder: z.array(EncoderPreset) });
export type Presets = z.infer<typeof Presets>;
