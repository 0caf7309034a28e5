/** Every overlay there is, by its kind. A new one is a folder with its drawing, a line here and its schema in the protocol. */
import { clock } from './clock/draw.js';
import { lowerThird } from './lower-third/draw.js';

export const OVERLAYS = { 'lower-third': lowerThird, clock } as const;
export { drawSlate } from './slate/draw.js';
export type { CanvasContext, Drawn, OverlayDefinition, Phase, Size } from './canvas-context.js';
