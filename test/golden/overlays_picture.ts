/** Pictures compared with those that a person has looked at. UPDATE_GOLDENS=1 writes them anew; a missing one fails. */
import { createCanvas, loadImage } from '@napi-rs/canvas';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const folder = join(import.meta.dirname, 'overlays');
const actualFolder = join(import.meta.dirname, 'actual');

export interface Comparison {
  /** Mean difference of a channel, and the part of pixels that differ by more than 24 of 255 in one. */
  mean: number;
  far: number;
}

/**
 * Compares a PNG with the golden of that name. Text is set by the same library and the same fonts everywhere; what is
 * left to differ is the rounding of blends.
 * @throws Error when there is no golden, or it has another size
 */
export async function compareWithGolden(name: string, png: Buffer): Promise<Comparison> {
  const file = join(folder, `${name}.png`);
  if (process.env.UPDATE_GOLDENS === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, png);
  }
  if (!existsSync(file)) throw new Error(`There is no golden ${file}. Run with UPDATE_GOLDENS=1, and look at what it wrote.`);
  const [golden, actual] = await Promise.all([pixels(readFileSync(file)), pixels(png)]);
  const result = golden.width === actual.width && golden.height === actual.height ? difference(golden.data, actual.data) : { mean: 255, far: 1 };
  if (result.mean > 0.5 || result.far > 0.001) {
    mkdirSync(actualFolder, { recursive: true });
    writeFileSync(join(actualFolder, `${name}.png`), png);
  }
  return result;
}

async function pixels(png: Buffer): Promise<{ width: number; height: number; data: Uint8ClampedArray }> {
  const image = await loadImage(png);
  const canvas = createCanvas(image.width, image.height);
  const ctx = canvas.getContext('2d');
  ctx.drawImage(image, 0, 0);
  return { width: image.width, height: image.height, data: ctx.getImageData(0, 0, image.width, image.height).data };
}

function difference(a: Uint8ClampedArray, b: Uint8ClampedArray): Comparison {
  let total = 0;
  let far = 0;
  for (let i = 0; i < a.length; i += 4) {
    let worst = 0;
    for (let channel = 0; channel < 4; channel++) {
      const distance = Math.abs(a[i + channel]! - b[i + channel]!);
      total += distance;
      worst = Math.max(worst, distance);
    }
    if (worst > 24) far += 1;
  }
  return { mean: total / a.length, far: far / (a.length / 4) };
}

/** Draws on a canvas of that size, over a picture when there is to be one, and gives the PNG. */
export function drawPng(width: number, height: number, draw: (ctx: ReturnType<ReturnType<typeof createCanvas>['getContext']>) => void): Buffer {
  const canvas = createCanvas(width, height);
  draw(canvas.getContext('2d'));
  return canvas.toBuffer('image/png');
}
