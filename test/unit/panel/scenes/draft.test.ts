import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Layer } from '../../../../src/protocol/resources.js';
import { acknowledged, edited, followed, isChanged, openDraft, pending, redone, undone, withMine, withTheirs, type Draft } from '../../../../src/panel/lib/scenes/draft.js';
import { addSource, changeLayer, moveLayer, removeLayer } from '../../../../src/panel/lib/scenes/layers.js';
import { layerKeys, mergeLayers, ORDER } from '../../../../src/panel/lib/scenes/merge.js';

const layer = (sourceId: string, more: object = {}): Layer => Layer.parse({ sourceId, ...more });
const [a, b, c] = [layer('a'), layer('b'), layer('c')] as [Layer, Layer, Layer];

const anyLayers = fc.array(fc.record({
  sourceId: fc.constantFrom('a', 'b', 'c', 'd'), x: fc.constantFrom(0, 0.1, 0.2), opacity: fc.constantFrom(1, 0.5), hidden: fc.boolean(),
}), { maxLength: 5 }).map((layers) => layers.map(({ sourceId, ...more }) => layer(sourceId, more)));

describe('layers of two people', () => {
  it('are told apart by what they show', () => {
    expect(layerKeys([a, b, a, Layer.parse({ overlayId: 'o' })])).toEqual(['a', 'b', 'a.2', 'o']);
  });

  it('keep what each did to layers and fields of their own', () => {
    const merged = mergeLayers([a, b], [layer('a', { x: 0.1 }), b], [layer('a', { opacity: 0.5 }), layer('b', { y: 0.2 }), c]);
    expect(merged).toEqual({ layers: [layer('a', { x: 0.1, opacity: 0.5 }), layer('b', { y: 0.2 }), c], contested: [] });
    expect(mergeLayers([a, b], [b, a], [a, b, c])).toEqual({ layers: [b, c, a], contested: [] });
    expect(mergeLayers([a, b, c], [a, c], [layer('a', { x: 0.1 }), b, c])).toEqual({ layers: [layer('a', { x: 0.1 }), c], contested: [] });
  });

  it('say where they meet, and have mine there', () => {
    expect(mergeLayers([a], [layer('a', { x: 0.1 })], [layer('a', { x: 0.2, y: 0.3 })])).toEqual({ layers: [layer('a', { x: 0.1, y: 0.3 })], contested: ['a'] });
    expect(mergeLayers([a, b], [a], [a, layer('b', { x: 0.2 })])).toEqual({ layers: [a], contested: ['b'] });
    expect(mergeLayers([a, b, c], [c, a, b], [b, a, c]).contested).toEqual([ORDER]);
  });

  it('are mine where nobody else was, theirs where I was not, and never lost without a word', () => {
    fc.assert(fc.property(anyLayers, anyLayers, anyLayers, (base, mine, theirs) => {
      expect(mergeLayers(base, mine, base)).toEqual({ layers: mine, contested: [] });
      expect(mergeLayers(base, base, theirs)).toEqual({ layers: theirs, contested: [] });
      expect(mergeLayers(base, mine, mine).contested).toEqual([]);
      const { layers, contested } = mergeLayers(base, mine, theirs);
      // What they put in or changed is there, unless it is told.
      const was = new Map(layerKeys(base).map((key, i) => [key, base[i]!]));
      const my = new Map(layerKeys(mine).map((key, i) => [key, mine[i]!]));
      layerKeys(theirs).forEach((key, i) => {
        if (was.has(key) || my.has(key) || contested.includes(key)) return;
        expect(layers).toContainEqual(theirs[i]);
      });
    }));
  });
});

describe('a draft', () => {
  it('names what waits to be stored: layers that are other ones, new and gone, and another order', () => {
    const draft = openDraft({ layers: [a, b, c], revision: 1 });
    expect(pending(draft)).toEqual([]);
    expect(pending(edited(draft, [a, layer('b', { x: 0.1 }), c]))).toEqual(['b']);
    expect(pending(edited(draft, [a, c, layer('d')]))).toEqual(['d', 'b']);
    expect(pending(edited(draft, [c, a, b]))).toEqual([ORDER]);
    expect(pending(undone(edited(draft, [c, a])))).toEqual([]);
  });

  it('has nothing that waits exactly where nothing was changed', () => {
    fc.assert(fc.property(anyLayers, anyLayers, (stored, layers) => {
      const draft = edited(openDraft({ layers: stored, revision: 1 }), layers);
      expect(pending(draft).length > 0).toBe(isChanged(draft));
    }));
  });

  const open = (layers = [a, b]): Draft => openDraft({ layers, revision: 1 });

  it('undoes and redoes step by step', () => {
    fc.assert(fc.property(anyLayers, fc.array(anyLayers, { maxLength: 6 }), (first, steps) => {
      let draft = open(first);
      const seen = [draft.layers];
      for (const layers of steps) {
        const next = edited(draft, layers);
        if (next !== draft) seen.push(layers);
        draft = next;
      }
      for (const layers of seen.slice(0, -1).reverse()) expect((draft = undone(draft)).layers).toEqual(layers);
      expect(isChanged(draft)).toBe(false);
      expect(undone(draft)).toBe(draft);
      for (const layers of seen.slice(1)) expect((draft = redone(draft)).layers).toEqual(layers);
    }));
  });

  it('undoes what I did and leaves what somebody else did since', () => {
    let draft = acknowledged(edited(open(), changeLayer([a, b], 0, { x: 0.1 })), { layers: changeLayer([a, b], 0, { x: 0.1 }), revision: 2 });
    draft = followed(draft, { layers: [layer('a', { x: 0.1 }), layer('b', { x: 0.5 })], revision: 3 });
    expect(undone(draft).layers).toEqual([a, layer('b', { x: 0.5 })]);
  });

  it('follows others, and has mine on top where we do not meet', () => {
    const draft = followed(edited(open(), changeLayer([a, b], 0, { x: 0.1 })), { layers: [a, b, c], revision: 2 });
    expect(draft).toMatchObject({ layers: [layer('a', { x: 0.1 }), b, c], stored: [a, b, c], revision: 2, contested: [], theirs: null });
    expect(followed(draft, { layers: [], revision: 2 })).toBe(draft);
  });

  it('asks where we meet, and stores neither before', () => {
    const mine = edited(open(), changeLayer([a, b], 0, { x: 0.1 }));
    const contested = followed(mine, { layers: changeLayer([a, b], 0, { x: 0.2, opacity: 0.5 }), revision: 2 });
    expect(contested).toMatchObject({ layers: mine.layers, revision: 1, contested: ['a'] });
    expect(withMine(contested)).toMatchObject({ layers: [layer('a', { x: 0.1, opacity: 0.5 }), b], revision: 2, contested: [], theirs: null });
    const theirs = withTheirs(contested);
    expect([theirs.layers, isChanged(theirs)]).toEqual([changeLayer([a, b], 0, { x: 0.2, opacity: 0.5 }), false]);
  });
});

describe('the list of layers', () => {
  it('moves, adds and removes', () => {
    expect(moveLayer([a, b, c], 0, 2)).toEqual([b, c, a]);
    expect(moveLayer([a, b, c], 2, -5)).toEqual([c, a, b]);
    expect(removeLayer([a, b], 0)).toEqual([b]);
    expect(addSource([], 'x')[0]).toMatchObject({ width: 1 });
    expect(addSource([a], 'x')[1]).toMatchObject({ x: 0.25, width: 0.5 });
  });
});
