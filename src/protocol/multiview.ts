/** Small pictures of the program, of preview, of sources and of scenes: how they are asked for. */
import { z } from 'zod';
import { Id } from './ids.js';
import { MOST_TILES, PREVIEW_TILE, PROGRAM_TILE } from './tile.js';

export const TileWish = z.strictObject({
  /** A source's or scene's id, `program` or `preview`. */
  id: z.union([z.literal(PROGRAM_TILE), z.literal(PREVIEW_TILE), Id]),
  /** Pixels across, at most; as high as its picture's proportions make it, and at most 9/16 of this. */
  width: z.int().min(64).max(960).default(320),
  /** Pictures a second, at most: fewer for a client that reads slowly, none while nothing changes. */
  fps: z.number().min(0.2).max(30).default(10),
});
export type TileWish = z.infer<typeof TileWish>;
export const TileWishes = z.array(TileWish).max(MOST_TILES);
