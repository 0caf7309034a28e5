/**
 * Pictures that a person has looked at, kept as PNG. A missing one fails; `VISTTER_UPDATE_GOLDENS=1` writes them anew; a
 * failure writes what came out to `actual/` beside them.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createCanvas, loadImage } from '@napi-rs/canvas';

export interface Rgba {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}

export interface Distance {
  /** Mean absolute difference of the colour channels, 0..255. */
  mean: number;
  /** Share of pixels of which a channel differs by more than 12. */
  off: number;
}

/** Tight limited-range BT.709 I420 → RGBA, chroma repeated. */
export function rgbaOfI420(i420: Uint8Array, width: number, height: number): Rgba {
  const data = new Uint8ClampedArray(width * height * 4);
  const chromaWidth = width / 2;
  const u = width * height;
  const v = u + (chromaWidth * height) / 2;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const luma = 1.164384 * (i420[y * width + x]! - 16);
      const at = (y >> 1) * chromaWidth + (x >> 1);
      const cb = i420[u + at]! - 128;
      const cr = i420[v + at]! - 128;
      const o = 4 * (y * width + x);
      data[o] = luma + 1.792741 * cr;
      data[o + 1] = luma - 0.213249 * cb - 0.532909 * cr;
      data[o + 2] = luma + 2.112402 * cb;
      data[o + 3] = 255;
    }
  }
  return { width, height, data };
}

export function distance(a: Rgba, b: Rgba): Distance {
  if (a.width !== b.width || a.height !== b.height) return { mean: 255, off: 1 };
  let sum = 0;
  let off = 0;
  for (let i = 0; i < a.data.length; i += 4) {
    let worst = 0;
    for (let c = 0; c < 3; c++) {
      const d = Math.abs(a.data[i + c]! - b.data[i + c]!);
      sum += d;
      worst = Math.max(worst, d);
    }
    if (worst > 12) off++;
  }
  const pixels = a.data.length / 4;
  return { mean: sum / (3 * pixels), off: off / pixels };
}

/** Compares with `path`, which ends in .png; throws with the distance when it is above what is allowed. */
export async function matchGolden(actual: Rgba, path: string, allowed: Distance = { mean: 0.5, off: 0.001 }): Promise<void> {
  if (process.env['VISTTER_UPDATE_GOLDENS'] === '1') {
    writePng(actual, path);
    return;
  }
  const beside = join(dirname(path), 'actual', path.slice(dirname(path).length + 1));
  if (!existsSync(path)) {
    writePng(actual, beside);
    throw new Error(`There is no golden ${path}. What came out is ${beside}; look at it, then run with VISTTER_UPDATE_GOLDENS=1.`);
  }
  const image = await loadImage(readFileSync(path));
  const canvas = createCanvas(image.width, image.height);
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const golden = context.getImageData(0, 0, image.width, image.height);
  const d = distance(actual, { width: image.width, height: image.height, data: golden.data });
  if (d.mean <= allowed.mean && d.off <= allowed.off) return;
  writePng(actual, beside);
  throw new Error(`${path} differs: mean ${d.mean.toFixed(3)} (allowed ${allowed.mean}), ${(d.off * 100).toFixed(3)} % of its pixels (allowed ${allowed.off * 100} %). See ${beside}.`);
}

function writePng({ width, height, data }: Rgba, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  const image = context.createImageData(width, height);
  image.data.set(data);
  context.putImageData(image, 0, 0);
  writeFileSync(path, canvas.toBuffer('image/png'));
}
