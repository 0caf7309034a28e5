import { describe, expect, it } from 'vitest';
import { MOST_LAYERS } from '../../../src/engine/scene-bounds.js';
import { planOverlays, planScene, planTransition, sourcesOf, videoFormat } from '../../../src/engine/scene-plan.js';
import { Layer, OverlayInput } from '../../../src/protocol/resources.js';
import { PLAIN_AUDIO } from '../../../src/protocol/sound.js';

const format = videoFormat({ width: 1920, height: 1080, fps: 30 });
const camera = { id: 'src_1', kind: 'camera' as const, name: 'Camera 1', fallbackSourceId: null, delayMs: 0, audio: PLAIN_AUDIO };

describe('planScene', () => {
  it('shows a source over the whole frame with its sound', () => {
    const scene = planScene({ sourceId: 'src_1' }, { sources: [camera], scenes: [] });
    expect(scene.layers).toEqual([expect.objectContaining({ sourceId: 'src_1', x: 0, y: 0, width: 1, height: 1, opacity: 1, gain: 1 })]);
  });

  it('shows the slate for a target that is gone', () => {
    for (const target of [{ sourceId: 'src_9' }, { sceneId: 'scn_9' }, { timelineId: 'tml_9' }]) {
      expect(planScene(target, { sources: [camera], scenes: [] }).layers).toMatchObject([{ sourceId: 'slate' }]);
    }
  });

  it('turns decibels into linear gain, and mute into none', () => {
    const layer = (audio: object) => Layer.parse({ sourceId: 'src_1', audio });
    const scene = { id: 'scn_1', layers: [layer({ gainDb: -6.0206 }), layer({ muted: true }), layer({ gainDb: 0 })] };
    const { layers } = planScene({ sceneId: 'scn_1' }, { sources: [camera], scenes: [scene] });
    expect(layers).toMatchObject([{ gain: expect.closeTo(0.5, 4) as number }, { gain: 0 }, { gain: 1 }]);
  });

  it('leaves out what is hidden, sound and all, and heeds no lock', () => {
    const layer = (sourceId: string, more: object) => Layer.parse({ sourceId, ...more });
    const scene = { id: 'scn_1', layers: [layer('a', { hidden: true }), layer('b', { locked: true }), layer('c', {})] };
    expect(planScene({ sceneId: 'scn_1' }, { sources: [], scenes: [scene] }).layers.map((one) => 'sourceId' in one && one.sourceId)).toEqual(['b', 'c']);
    expect(planScene({ sceneId: 'scn_1' }, { sources: [], scenes: [{ ...scene, layers: scene.layers.slice(0, 1) }] }).layers).toEqual([]);
  });

  it('names an overlay in a scene by its picture', () => {
    const scene = { id: 'scn_1', layers: [Layer.parse({ overlayId: 'ovl_1' })] };
    expect(planScene({ sceneId: 'scn_1' }, { sources: [], scenes: [scene] }).layers).toMatchObject([{ sourceId: 'overlay:ovl_1' }]);
  });
});

describe('sourcesOf', () => {
  it('finds them in mixes within mixes too, each once', () => {
    const [a, b, c] = ['src_a', 'src_b', 'src_c'].map((id) => planScene({ sourceId: id }, { sources: [{ ...camera, id }], scenes: [] }).layers[0]!) as [never, never, never];
    const mix = (from: never[], to: never[]) => ({ mix: { from, to, transition: planTransition({ kind: 'fade', durationMs: 500 }, format), step: 0 } }) as never;
    expect([...sourcesOf({ id: 'x', layers: [a, mix([mix([b], [a])], [c])] })]).toEqual(['src_a', 'src_b', 'src_c']);
  });
});

describe('planOverlays', () => {
  it('keeps those that are up, in their order', () => {
    const overlay = (id: string) => ({ id, ...OverlayInput.parse({ kind: 'clock', name: id }) });
    const layers = planOverlays([overlay('a'), overlay('b'), overlay('c')], (id) => id !== 'b');
    expect(layers.map((l) => l.sourceId)).toEqual(['overlay:a', 'overlay:c']);
  });

  it('keeps of more than the compositor takes those on top', () => {
    const overlays = Array.from({ length: MOST_LAYERS + 3 }, (_, n) => ({ id: `${n}`, ...OverlayInput.parse({ kind: 'clock', name: 'a' }) }));
    const layers = planOverlays(overlays, (id) => id !== '1');
    expect(layers).toHaveLength(MOST_LAYERS);
    expect([layers[0]?.sourceId, layers.at(-1)?.sourceId]).toEqual(['overlay:3', `overlay:${MOST_LAYERS + 2}`]);
  });
});

describe('planTransition', () => {
  it('is a cut when nothing is asked', () => {
    expect(planTransition(undefined, format)).toEqual({ kind: 'cut', frames: 0 });
    expect(planTransition({ kind: 'cut', durationMs: 900 }, format)).toEqual({ kind: 'cut', frames: 0 });
  });

  it('gives wipes, slides and pushes without a direction the usual one', () => {
    expect(planTransition({ kind: 'wipe', durationMs: 1000 }, format)).toEqual({ kind: 'wipe-left', frames: 30 });
    expect(planTransition({ kind: 'push-up', durationMs: 1000 }, format).kind).toBe('push-up');
  });

  it('passes the colour of a dip as a number', () => {
    expect(planTransition({ kind: 'dip', durationMs: 400, color: '#0a0b0c' }, format)).toEqual({ kind: 'dip', frames: 12, color: 0x0a0b0c });
  });
});
