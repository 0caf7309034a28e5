/** Ready settings and arrangements that come with the product, as files below presets/. */
import { z } from 'zod';
import { Name } from './ids.js';
import { placed, Settings } from './resources.js';

/** A scene without its sources: which place of it each layer shows is told, and what is seen there is chosen when it is used. */
export const SceneTemplate = z.strictObject({
  name: Name,
  /** What the places are for, as people call them. */
  places: z.array(Name).min(1).max(8),
  /** Later ones on top; `place` counts from 0. */
  layers: z.array(z.strictObject({ place: z.int().min(0), ...placed })).min(1).max(32),
}).refine(({ places, layers }) => layers.every(({ place }) => place < places.length), 'A layer shows one of the places.');
export type SceneTemplate = z.infer<typeof SceneTemplate>;

/** What of the settings a profile holds: the channel, its schedule and its emergency stay as they are. */
export const EncoderProfile = Settings.pick({ video: true, encoder: true, audio: true });
export type EncoderProfile = z.infer<typeof EncoderProfile>;

/** `id` is the file's name without its end. */
export const Presets = z.object({
  scenes: z.array(z.object({ id: z.string(), ...SceneTemplate.shape })),
  encoder: z.array(z.object({ id: z.string(), ...EncoderProfile.shape })),
});
export type Presets = z.infer<typeof Presets>;
