/** The one file that draws: everything else of the engine sees plain premultiplied RGBA. */
import { createCanvas, GlobalFonts, type Canvas, type SKRSContext2D } from '@napi-rs/canvas';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { INSTALL_ROOT } from '../runtime/paths.js';

const FONT_FOLDER = join(INSTALL_ROOT, 'overlays/fonts');

/** Makes the fonts of the repository known, so that a title looks the same on every machine. Call once a thread. */
export function registerFonts(): void {
  for (const file of readdirSync(FONT_FOLDER)) {
    if (/\.(ttf|otf|woff2?)$/.test(file)) GlobalFonts.registerFromPath(join(FONT_FOLDER, file));
  }
}

export interface Picture {
  width: number;
  height: number;
  /** Bytes a row. */
  stride: number;
  /** Premultiplied RGBA; its own memory, free to be transferred to another thread. */
  rgba: Uint8Array<ArrayBuffer>;
}

/** A canvas kept for as long as its size stays, because making one costs more than drawing on it. */
export class Drawing {
  #canvas: Canvas | undefined;

  /** Clears, lets `draw` draw, and copies the pixels out. Sizes are whole pixels. */
  render<T>(width: number, height: number, draw: (ctx: SKRSContext2D) => T): { picture: Picture; result: T } {
    if (!this.#canvas || this.#canvas.width !== width || this.#canvas.height !== height) this.#canvas = createCanvas(width, height);
    const ctx = this.#canvas.getContext('2d');
    ctx.save();
    ctx.clearRect(0, 0, width, height);
    let result: T;
    try {
      result = draw(ctx);
    } catch (error) {
      // It may be clipped, and states of it saved: from then on no more than that part would be cleared and drawn.
      this.#canvas = undefined;
      throw error;
    }
    ctx.restore();
    const data = this.#canvas.data();
    return { picture: { width, height, stride: width * 4, rgba: new Uint8Array(data) }, result };
  }
}
