/** Scenes and transitions through the real addon, against pictures that were looked at. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { NativeLayer, NativeScene, NativeTransition, TransitionKind } from '../../src/engine/native.js';
import { matchGolden, rgbaOfI420 } from '../support/golden.js';
import { core, full, plain } from '../support/native.js';

const width = 320;
const height = 180;

interface TestPicture {
  id: string;
  width: number;
  height: number;
  rgba: Uint8Array;
  stride: number;
}

interface Rendering {
  width?: number;
  height?: number;
  scene: NativeScene;
  from?: NativeScene;
  transition?: NativeTransition;
  step?: number;
  overlays?: NativeLayer[];
  cover?: { scene?: NativeScene; from?: NativeScene; fills: boolean; transition?: NativeTransition };
}

const testing = (core as unknown as { testing: { render(what: Rendering & { pictures: TestPicture[] }): Uint8Array } }).testing;

/** Colour bars over a ramp, with a diagonal and a frame one pixel wide: shows shifts, scaling and ranges. */
function bars(id: string, w: number, h: number, turned = 0): TestPicture {
  const colors = [[235, 235, 235], [220, 220, 20], [20, 220, 220], [20, 200, 20], [220, 20, 220], [220, 20, 20], [20, 20, 220]] as const;
  const rgba = new Uint8Array(w * h * 4);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const bar = colors[(Math.floor((x * 7) / w) + turned) % 7]!;
      const ramp = Math.round((255 * x) / (w - 1));
      const edge = x === 0 || y === 0 || x === w - 1 || y === h - 1;
      const diagonal = Math.abs(x * h - y * w) < w;
      const color = edge || diagonal ? [255, 255, 255] : y > h * 0.75 ? [ramp, ramp, ramp] : bar;
      rgba.set([...color, 255], 4 * (y * w + x));
    }
  }
  return { id, width: w, height: h, rgba, stride: w * 4 };
}

/** A disc with a soft edge, premultiplied, on nothing. */
function disc(id: string, size: number, [r, g, b]: readonly [number, number, number]): TestPicture {
  const rgba = new Uint8Array(size * size * 4);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const from = Math.hypot(x - size / 2 + 0.5, y - size / 2 + 0.5);
      const alpha = Math.min(1, Math.max(0, (size / 2 - from) / 12));
      rgba.set([r * alpha, g * alpha, b * alpha, 255 * alpha].map(Math.round), 4 * (y * size + x));
    }
  }
  return { id, width: size, height: size, rgba, stride: size * 4 };
}

const pictures: TestPicture[] = [
  bars('bars', width, height),
  bars('turned', width, height, 3),
  bars('tall', 90, 160),
  bars('odd', 201, 113, 2),
  bars('large', 1280, 720, 1),
  disc('disc', 96, [255, 160, 0]),
  { id: 'blue', width, height, rgba: plain(width, height, [20, 60, 200, 255]), stride: width * 4 },
  { id: 'glass', width, height, rgba: plain(width, height, [64, 64, 64, 128]), stride: width * 4 },
];

const render = (what: Rendering) => testing.render({ width, height, pictures, ...what });
const sceneOf = (...layers: NativeLayer[]): NativeScene => ({ id: 'scene', layers });
const pictureAt = (name: string): string => fileURLToPath(new URL(`./compositor/${name}.png`, import.meta.url));

async function golden(name: string, what: Rendering): Promise<void> {
  await matchGolden(rgbaOfI420(render(what), what.width ?? width, what.height ?? height), pictureAt(name));
}

const whole = full('bars');
const crop = (left: number, top: number, right: number, bottom: number) => ({ left, top, right, bottom });

describe('scenes', () => {
  const cases: Record<string, Rendering> = {
    'one-full': { scene: sceneOf(whole) },
    'empty-is-black': { scene: sceneOf() },
    'contain-tall': { scene: sceneOf(full('blue'), full('tall')) },
    'cover-tall': { scene: sceneOf(full('tall', { fit: 'cover' })) },
    'fill-tall': { scene: sceneOf(full('tall', { fit: 'fill' })) },
    'odd-size-scaled-up': { scene: sceneOf(full('odd')) },
    'large-scaled-down': { scene: sceneOf(full('large')) },
    'picture-in-picture': { scene: sceneOf(whole, full('large', { x: 0.6, y: 0.1, width: 0.35, height: 0.35 })) },
    'side-by-side': { scene: sceneOf(full('bars', { width: 0.5, fit: 'cover' }), full('turned', { x: 0.5, width: 0.5, fit: 'cover' })) },
    'crop': { scene: sceneOf(full('blue'), full('bars', { x: 0.25, y: 0.25, width: 0.5, height: 0.5, fit: 'fill', crop: crop(0.25, 0, 0.25, 0.5) })) },
    'half-outside': { scene: sceneOf(full('blue'), full('bars', { x: -0.25, y: 0.5 }), full('turned', { x: 0.75, y: -0.5, width: 0.5, height: 0.75, fit: 'fill' })) },
    'opacity': { scene: sceneOf(whole, full('turned', { opacity: 0.5 })) },
    'opacity-of-a-scaled-one': { scene: sceneOf(whole, full('large', { x: 0.25, y: 0.25, width: 0.5, height: 0.5, opacity: 0.7 })) },
    'alpha': { scene: sceneOf(whole, full('disc', { x: 0.1, y: 0.1, width: 0.3, height: 96 / 180 })) },
    'alpha-scaled-up': { scene: sceneOf(full('blue'), full('disc', { x: 0.1, y: 0, width: 0.8 })) },
    'alpha-scaled-down-and-faded': { scene: sceneOf(whole, full('disc', { x: 0.5, y: 0.5, width: 0.2, height: 0.3, opacity: 0.5 })) },
    'glass-over-all': { scene: sceneOf(whole, full('glass')) },
    'overlays-on-top': { scene: sceneOf(whole), overlays: [full('disc', { x: 0.7, y: 0.4, width: 0.3, height: 96 / 180 })] },
    'order': { scene: sceneOf(full('turned'), full('bars', { x: 0.1, y: 0.1, width: 0.5, height: 0.5 }), full('blue', { x: 0.3, y: 0.3, width: 0.5, height: 0.5 })) },
  };
  for (const [name, what] of Object.entries(cases)) it(name, () => golden(`scene-${name}`, what));
});

describe('transitions', () => {
  const directions = ['left', 'right', 'up', 'down'] as const;
  const kinds: TransitionKind[] = ['fade', 'dip', ...(['wipe', 'slide', 'push'] as const).flatMap((kind) => directions.map((way) => `${kind}-${way}` as const))];
  const between = (kind: TransitionKind, step: number): Rendering => ({
    from: sceneOf(whole), scene: sceneOf(full('turned')), transition: { kind, frames: 9, color: 0x202020 }, step,
    overlays: [full('disc', { x: 0.02, y: 0.04, width: 0.15, height: 0.27 })],
  });
  for (const kind of kinds) {
    it(`${kind}, three tenths through`, () => golden(`transition-${kind}-3`, between(kind, 2)));
  }
  it('dip, eight tenths through', () => golden('transition-dip-8', between('dip', 7)));

  it('goes evenly from the one to the other', () => {
    const luma = (step: number) => {
      const frame = testing.render({
        width, height, pictures, from: sceneOf(full('blue')), scene: sceneOf(full('glass', { opacity: 1 }), full('glass')),
        transition: { kind: 'fade', frames: 30 }, step,
      });
      return frame[0]!;
    };
    const levels = Array.from({ length: 30 }, (_, step) => luma(step));
    for (let i = 2; i < 30; i++) expect(Math.abs(levels[i]! - 2 * levels[i - 1]! + levels[i - 2]!)).toBeLessThanOrEqual(2);
  });
});

describe('the cover', () => {
  const overlays = [full('disc', { x: 0.02, y: 0.04, width: 0.15, height: 0.27 })];
  const spot = sceneOf(full('large', { x: 0.55, y: 0.5, width: 0.4, height: 0.4 }));
  const program: Rendering = { scene: sceneOf(whole), overlays };
  const moving: Rendering = { from: sceneOf(whole), scene: sceneOf(full('turned')), transition: { kind: 'push-left', frames: 9 }, overlays, step: 2 };
  const wipe: NativeTransition = { kind: 'wipe-right', frames: 9 };
  const cases: Record<string, Rendering> = {
    'fills': { ...program, cover: { scene: sceneOf(full('blue'), full('disc', { x: 0.3, y: 0.3, width: 0.4, height: 0.5 })), fills: true } },
    'leaves-the-rest': { ...program, cover: { scene: spot, fills: false } },
    'fills-with-less-than-the-frame': { ...program, cover: { scene: spot, fills: true } },
    'comes-by-fade': { ...program, cover: { scene: sceneOf(full('blue')), fills: true, transition: { kind: 'fade', frames: 9 } }, step: 2 },
    'comes-by-dip': { ...program, cover: { scene: sceneOf(full('turned')), fills: true, transition: { kind: 'dip', frames: 9, color: 0x202020 } }, step: 6 },
    'part-comes-by-slide': { ...program, cover: { scene: spot, fills: false, transition: { kind: 'slide-up', frames: 9 } }, step: 2 },
    'goes-by-wipe': { ...program, cover: { from: sceneOf(full('blue')), fills: true, transition: wipe }, step: 2 },
    'gives-way-to-another': { ...program, cover: { from: sceneOf(full('blue')), scene: sceneOf(full('turned')), fills: true, transition: wipe }, step: 2 },
    'lies-over-a-program-that-moves': { ...moving, cover: { scene: spot, from: spot, fills: false } },
    'goes-while-the-program-moves': { ...moving, cover: { from: sceneOf(full('blue')), fills: true, transition: { kind: 'fade', frames: 9 } } },
  };
  for (const [name, what] of Object.entries(cases)) it(name, () => golden(`cover-${name}`, what));

  it('leaves no trace of what it fills, and none of itself once it has gone', () => {
    const alone = render({ scene: sceneOf(full('blue')) });
    expect(render({ ...moving, cover: { scene: sceneOf(full('blue')), fills: true } })).toEqual(alone);
    expect(render({ ...program, cover: { from: sceneOf(full('blue')), fills: true, transition: wipe }, step: 9 })).toEqual(render(program));
  });
});

describe('what must not change a pixel', () => {
  it('passes a picture of the frame\'s size on as it is', () => {
    expect(render({ scene: sceneOf(whole) })).toEqual(render({ scene: sceneOf(full('turned'), full('blue', { opacity: 0 }), whole) }));
  });

  it('draws nothing that is hidden, outside or without area', () => {
    const plainOne = render({ scene: sceneOf(whole) });
    expect(render({ scene: sceneOf(whole, full('turned', { x: 1 }), full('turned', { y: -1 }), full('turned', { width: 0 }), full('turned', { opacity: 0 })) })).toEqual(plainOne);
  });

  it('keeps colours within the limited range', () => {
    const frame = render({ scene: sceneOf(full('blue'), full('disc', { opacity: 0.3 }), full('large', { x: 0.3, y: 0.3, width: 0.5, height: 0.5 })) });
    expect(Math.min(...frame)).toBeGreaterThanOrEqual(16);
    expect(Math.max(...frame)).toBeLessThanOrEqual(240);
  });
});
