import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Layer } from '../../../../src/protocol/resources.js';
import { bounded, cropped, drawn, HANDLES, LEAST, moved, resized, roundedPlace, WIDE, type Handle, type Laid } from '../../../../src/panel/lib/scenes/geometry.js';
import { ACTION_SAFE, GRAPHICS_SAFE } from '../../../../src/panel/lib/scenes/safe-areas.js';
import { snapLines, snapMove, snapResize } from '../../../../src/panel/lib/scenes/snap.js';

const NONE = { left: 0, top: 0, right: 0, bottom: 0 };
const laid = (more: Partial<Laid> = {}): Laid => ({ x: 0, y: 0, width: 1, height: 1, fit: 'contain', crop: NONE, ...more });
const near = (n: number): number => expect.closeTo(n, 6) as number;

const span = fc.integer({ min: 20, max: 1500 }).map((n) => n / 1000);
const at = fc.integer({ min: -400, max: 1000 }).map((n) => n / 1000);
const anyPlace = fc.record({ x: at, y: at, width: span, height: span });
const anyHandle = fc.constantFrom(...HANDLES);
const anyStep = fc.integer({ min: -800, max: 800 }).map((n) => n / 1000);
const anyAspect = fc.constantFrom(WIDE, 4 / 3, 1, 9 / 16, 2.39);
const side = fc.integer({ min: 0, max: 45 }).map((n) => n / 100);
const anyLaid: fc.Arbitrary<Laid> = fc.record({
  place: anyPlace, fit: fc.constantFrom('contain' as const, 'cover' as const, 'fill' as const), crop: fc.record({ left: side, top: side, right: side, bottom: side }),
}).map(({ place, fit, crop }) => ({ ...place, fit, crop }));

describe('what is drawn of a layer', () => {
  it('lies within its place, or fills it, by its fit', () => {
    expect(drawn(laid(), 4 / 3, WIDE).to).toEqual({ x: near(0.125), y: 0, width: near(0.75), height: 1 });
    expect(drawn(laid(), 2.4, 1.6).to).toEqual({ x: 0, y: near(1 / 6), width: 1, height: near(2 / 3) });
    expect(drawn(laid({ fit: 'cover' }), 4 / 3, WIDE)).toEqual({ to: { x: 0, y: 0, width: 1, height: 1 }, from: { x: 0, y: near(0.125), width: 1, height: near(0.75) } });
    expect(drawn(laid({ fit: 'fill', crop: { ...NONE, left: 0.25 } }), 4 / 3, WIDE)).toEqual({ to: { x: 0, y: 0, width: 1, height: 1 }, from: { x: 0.25, y: 0, width: 0.75, height: 1 } });
  });

  it('keeps the picture\'s proportions unless it is to fill, and shows no more than is left of it', () => {
    fc.assert(fc.property(anyLaid, anyAspect, anyAspect, (layer, picture, frame) => {
      const { to, from } = drawn(layer, picture, frame);
      if (layer.fit !== 'fill') expect((to.width * frame) / to.height / ((from.width * picture) / from.height)).toBeCloseTo(1, 6);
      expect(to.width).toBeLessThanOrEqual(layer.width + 1e-9);
      expect(to.height).toBeLessThanOrEqual(layer.height + 1e-9);
      expect(from.x).toBeGreaterThanOrEqual(layer.crop.left - 1e-9);
      expect(from.y + from.height).toBeLessThanOrEqual(1 - layer.crop.bottom + 1e-9);
    }));
  });
});

describe('a handle', () => {
  it('moves its sides and leaves what lies opposite', () => {
    const place = { x: 0.2, y: 0.2, width: 0.4, height: 0.4 };
    expect(resized(place, { across: 1, down: 1 }, 0.1, -0.1, false)).toEqual({ x: 0.2, y: 0.2, width: near(0.5), height: near(0.3) });
    expect(resized(place, { across: -1, down: 0 }, 0.1, 0.3, false)).toEqual({ x: near(0.3), y: 0.2, width: near(0.3), height: 0.4 });
    expect(resized(place, { across: -1, down: -1 }, -0.2, 0.01, true)).toEqual({ x: near(0), y: near(0), width: near(0.6), height: near(0.6) });
    expect(resized(place, { across: 0, down: 1 }, 0, 0.2, true)).toEqual({ x: near(0.1), y: 0.2, width: near(0.6), height: near(0.6) });
  });

  it('keeps proportions when it is to, and what lies opposite always', () => {
    fc.assert(fc.property(anyPlace, anyHandle, anyStep, anyStep, fc.boolean(), (place, handle, dx, dy, keep) => {
      const next = resized(place, handle, dx, dy, keep);
      if (keep) expect(next.width / next.height / (place.width / place.height)).toBeCloseTo(1, 5);
      if (next.x > -1 && next.x < 2) {
        if (handle.across > 0) expect(next.x).toBeCloseTo(place.x, 9);
        if (handle.across < 0) expect(next.x + next.width).toBeCloseTo(place.x + place.width, 9);
        if (handle.across === 0) expect(next.x + next.width / 2).toBeCloseTo(place.x + place.width / 2, 9);
      }
    }));
  });

  it('makes nothing that the studio does not take', () => {
    fc.assert(fc.property(anyLaid, anyHandle, anyStep, anyStep, fc.boolean(), anyAspect, (layer, handle, dx, dy, keep, picture) => {
      for (const next of [resized(layer, handle, dx, dy, keep), moved(layer, dx * 9, dy * 9), cropped(layer, handle, dx, dy, picture, WIDE)]) {
        const { crop, ...place } = { crop: layer.crop, ...next };
        expect(Layer.safeParse({ sourceId: 'a', ...layer, ...roundedPlace({ x: place.x, y: place.y, width: place.width, height: place.height }), crop }).error).toBeUndefined();
      }
    }));
  });

  it('grows back to where it was', () => {
    fc.assert(fc.property(anyPlace, anyHandle, fc.integer({ min: 0, max: 300 }).map((n) => n / 1000), (place, handle, by) => {
      const out = resized(place, handle, handle.across * by, handle.down * by, false);
      const back = resized(out, handle, -handle.across * by, -handle.down * by, false);
      if (out.x > -1 && out.y > -1) for (const key of ['x', 'y', 'width', 'height'] as const) expect(back[key]).toBeCloseTo(place[key], 9);
    }));
  });
});

describe('a crop by a handle', () => {
  it('cuts sides off and leaves the rest where it is', () => {
    expect(cropped(laid(), { across: -1, down: 0 }, 0.25, 0, WIDE, WIDE)).toEqual({ x: 0.25, y: 0, width: 0.75, height: 1, crop: { ...NONE, left: 0.25 } });
    // Of a cropped half as large: what the hand moves is twice as much of the picture.
    const half = laid({ width: 0.5, height: 0.5, crop: { ...NONE, right: 0.2 }, fit: 'fill' });
    expect(cropped(half, { across: 1, down: 0 }, -0.125, 0, WIDE, WIDE).crop.right).toBeCloseTo(0.4, 4);
    // As far as there is picture, and no further.
    expect(cropped(half, { across: 1, down: 0 }, 0.9, 0, WIDE, WIDE).crop.right).toBe(0);
  });

  it('neither moves nor scales what stays in the picture, of any fit', () => {
    fc.assert(fc.property(anyLaid, anyHandle, anyStep, anyStep, anyAspect, (layer, handle, dx, dy, picture) => {
      const before = drawn(layer, picture, WIDE);
      const after = drawn({ ...layer, ...cropped(layer, handle, dx, dy, picture, WIDE) }, picture, WIDE);
      // A picture's point p lies in the frame at to + (p - from) · to.size / from.size.
      for (const [a, size] of [['x', 'width'], ['y', 'height']] as const) {
        const scale = (d: typeof before) => d.to[size] / d.from[size];
        const zero = (d: typeof before) => d.to[a] - d.from[a] * scale(d);
        // Crops are stored to a hundred-thousandth: of a strip that narrow it shows.
        if (after.from.width < 0.03 || after.from.height < 0.03) continue;
        expect(scale(after) / scale(before)).toBeCloseTo(1, 2);
        expect(Math.abs(zero(after) - zero(before))).toBeLessThan(0.005 * Math.max(1, scale(before)));
      }
    }));
  });
});

describe('snapping', () => {
  const reach = { x: 0.01, y: 0.01 };
  const lines = snapLines([{ x: 0.1, y: 0.1, width: 0.3, height: 0.3 }], true);

  it('catches edges, middles, thirds, safe areas and other layers, and says by what', () => {
    const place = (x: number, y: number) => ({ x, y, width: 0.2, height: 0.2 });
    expect(snapMove(place(0.004, 0.6), lines, reach)).toEqual({ place: { x: 0, y: 0.6, width: 0.2, height: 0.2 }, guides: [{ axis: 'x', at: 0 }] });
    expect(snapMove({ x: 0.404, y: 0.395, width: 0.15, height: 0.15 }, lines, reach).guides).toEqual([{ axis: 'x', at: 0.4 }, { axis: 'y', at: 0.4 }]);
    expect(snapMove(place(0.745, 0.6), lines, reach).place.x + 0.2).toBeCloseTo(0.95);
    expect(snapMove(place(0.133, 0.6), lines, reach).place.x + 0.2).toBeCloseTo(1 / 3);
    expect(snapMove(place(0.6, 0.6), lines, reach).guides).toEqual([]);
  });

  it('of a handle catches the side that it moves, and proportions stay', () => {
    const place = { x: 0.2, y: 0.55, width: 0.295, height: 0.2 };
    expect(snapResize(place, { across: 1, down: 0 }, lines, reach, false)).toEqual({ place: { ...place, width: near(0.3) }, guides: [{ axis: 'x', at: 0.5 }] });
    const kept = snapResize(place, { across: 1, down: 1 }, lines, reach, true).place;
    expect(kept.x + kept.width).toBeCloseTo(0.5);
    expect(kept.width / kept.height).toBeCloseTo(place.width / place.height);
  });

  it('never moves further than its reach, and what is snapped stays snapped', () => {
    fc.assert(fc.property(anyPlace, (place) => {
      const once = snapMove(place, lines, reach).place;
      expect(Math.abs(once.x - place.x)).toBeLessThanOrEqual(reach.x + 1e-9);
      expect(once.width).toBe(bounded(place).width);
      const twice = snapMove(once, lines, reach).place;
      expect(twice.x).toBeCloseTo(once.x, 9);
    }));
  });

  it('of a handle ends on the line it names', () => {
    fc.assert(fc.property(anyPlace, anyHandle, fc.boolean(), (place, handle: Handle, keep) => {
      const { place: next, guides } = snapResize(place, handle, lines, reach, keep);
      for (const { axis, at: line } of guides) {
        const size = axis === 'x' ? next.width : next.height;
        const edge = (axis === 'x' ? handle.across : handle.down) < 0 ? next[axis] : next[axis] + size;
        if (next.x > -1 && next.y > -1 && size > LEAST) expect(edge).toBeCloseTo(line, 6);
      }
    }));
  });
});

it('safe areas are those of EBU R 95: 93 % for what happens, 90 % for what is to be read', () => {
  expect([ACTION_SAFE.width, ACTION_SAFE.height, GRAPHICS_SAFE.width, GRAPHICS_SAFE.height]).toEqual([near(0.93), near(0.93), near(0.9), near(0.9)]);
  expect([ACTION_SAFE.x, GRAPHICS_SAFE.y]).toEqual([0.035, 0.05]);
});
