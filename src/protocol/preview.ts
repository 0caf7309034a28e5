/** Two buses, as on a hardware switcher: what is armed on preview, and how it comes on program. */
import { z } from 'zod';
import { Id } from './ids.js';
import { Transition, unit } from './resources.js';

/** Puts something on preview; without an id nothing is armed. A timeline is made ready to be played without a wait. */
export const PreviewArm = z
  .strictObject({ sourceId: Id.optional(), sceneId: Id.optional(), timelineId: Id.optional() })
  .refine((m) => [m.sourceId, m.sceneId, m.timelineId].filter((one) => one !== undefined).length <= 1, 'Give one of sourceId, sceneId and timelineId, or none.');
export type PreviewArm = z.infer<typeof PreviewArm>;

/** Takes what is armed on program; what was on program is armed in its place. Left out: a cut. */
export const ProgramTake = z.strictObject({ transition: Transition.optional() });
export type ProgramTake = z.infer<typeof ProgramTake>;

/**
 * The T-bar: how far the way from program to preview has been gone by hand. The first position above 0 begins a transition of
 * the given kind; 1 ends it as a take does, 0 takes it back. What else is taken meanwhile ends it too.
 */
export const ProgramBar = z.strictObject({ position: unit, transition: Transition.optional() });
export type ProgramBar = z.infer<typeof ProgramBar>;

/** Fade to black: the whole program, overlays and sound included, and back. It says nothing of what is on program beneath. */
export const ProgramBlack = z.strictObject({ on: z.boolean(), durationMs: z.number().int().min(0).max(10_000).default(500) });
export type ProgramBlack = z.infer<typeof ProgramBlack>;
