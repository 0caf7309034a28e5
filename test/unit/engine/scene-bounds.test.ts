import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NativeLayer, NativeNode, NativeScene } from '../../../src/engine/native.js';
import { MOST_GAIN, MOST_LAYERS, MOST_PLACE, withinBounds } from '../../../src/engine/scene-bounds.js';
import * as args from '../../fakes/native-arguments.js';

const wild = fc.oneof(fc.double(), fc.double({ min: -40, max: 40 }), fc.double({ min: 0, max: 1 }));
const layer: fc.Arbitrary<NativeLayer> = fc.record({
  sourceId: fc.string(), x: wild, y: wild, width: wild, height: wild, fit: fc.constantFrom('contain', 'cover', 'fill'), opacity: wild,
  crop: fc.record({ left: wild, top: wild, right: wild, bottom: wild }), gain: wild,
});
const { node } = fc.letrec<{ node: NativeNode; mix: NativeNode }>((tie) => ({
  node: fc.oneof({ depthSize: 'large' }, layer, tie('mix')),
  mix: fc.record({
    mix: fc.record({
      from: fc.array(tie('node'), { maxLength: 4 }), to: fc.array(tie('node'), { maxLength: 4 }), transition: fc.record({ kind: fc.constant('fade' as const), frames: fc.nat(100) }),
      step: fc.integer({ min: -5, max: 120 }), area: fc.record({ x: wild, y: wild, width: wild, height: wild }),
    }),
  }) as fc.Arbitrary<NativeNode>,
}));

const plain = (n: number): NativeLayer => ({ sourceId: `s${n}`, x: 0, y: 0, width: 1, height: 1, fit: 'contain', opacity: 1, crop: { left: 0, top: 0, right: 0, bottom: 0 }, gain: 1 });
const sceneOf = (layers: NativeNode[]): NativeScene => ({ id: 's', layers });

describe('a scene within bounds', () => {
  it('is one that the compositor takes, whatever it was made of', () => {
    fc.assert(fc.property(fc.array(node, { maxLength: 300 }), (layers) => { expect(() => args.scene(withinBounds(sceneOf(layers)), 'scene')).not.toThrow(); }), { numRuns: 40 });
  });
  it('is the same where it was within them', () => {
    const scene = sceneOf([plain(1), { mix: { from: [plain(2)], to: [plain(3)], transition: { kind: 'fade', frames: 9 }, step: 3 } }, plain(4)]);
    expect(withinBounds(scene)).toEqual(scene);
  });
  it('has of too many layers those on top, in their order, and the sounds', () => {
    const layers = Array.from({ length: MOST_LAYERS + 40 }, (_, n) => plain(n));
    expect(withinBounds(sceneOf(layers)).layers).toEqual(layers.slice(40));
    const mixed = withinBounds(sceneOf([...layers.slice(0, 200), { mix: { from: layers, to: layers, transition: { kind: 'fade', frames: 9 }, step: 3 } }])).layers;
    expect(mixed).toHaveLength(1);
  });
  it('is as loud and as large as the compositor goes, and no more', () => {
    const [loud] = withinBounds(sceneOf([{ ...plain(1), gain: 251, width: 27, x: -40, opacity: Number.NaN }])).layers;
    expect(loud).toMatchObject({ gain: MOST_GAIN, width: MOST_PLACE, x: -MOST_PLACE, opacity: 0 });
  });
});
