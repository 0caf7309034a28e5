/** A resolved frame as the compositor takes it, and the documents that frames are resolved from. */
import { describe, expect, it } from 'vitest';
import type { Mix, Node, Player, ResolvedLayer } from '../../../src/domain/timeline/model.js';
import { TimelineDocuments } from '../../../src/engine/timeline/documents.js';
import { timelineScene } from '../../../src/engine/timeline/timeline-scene.js';
import { silentLog } from '../../../src/runtime/log.js';
import { camera, desired, film } from './doubles.js';
import { clip, document, known } from './timeline_stage.js';

const rest = { x: 0.1, y: 0.2, width: 0.3, height: 0.4, fit: 'cover', opacity: 0.5, crop: { left: 0.1, top: 0, right: 0, bottom: 0 }, gain: 0.25 } as const;
const layer = (player: Player): ResolvedLayer => ({ player, ...rest });
const node = (player: Player): Node => ({ type: 'layer', layer: layer(player) });
const shared = (sourceId: string): Player => ({ type: 'shared', sourceId });
const playout = (key: string): Player => ({ type: 'clip', key, sourceId: 'src_film', startPosition: 0, inUs: 0 });
const mix = (over: Partial<Mix>): Mix => ({ type: 'mix', from: [], to: [], kind: 'fade', step: 2, frames: 12, ...over });
const scene = (nodes: Node[], sounds: { player: Player; gain: number }[] = []) => timelineScene('tml', { nodes, sounds }, ({ key }) => (key === 'c1@0' ? 'clip:7' : undefined), 'slate');

describe('timelineScene', () => {
  it('names each player by what shows it, in its place', () => {
    expect(scene([node(shared('src_cam')), node({ type: 'overlay', overlayId: 'ovl_1' }), node(playout('c1@0'))])).toEqual({
      id: 'tml', layers: ['src_cam', 'overlay:ovl_1', 'clip:7'].map((sourceId) => ({ sourceId, ...rest })),
    });
  });

  it('shows the slate for a film that nobody plays', () => {
    expect(scene([node(playout('c1@1'))])).toEqual({ id: 'tml', layers: [{ sourceId: 'slate', ...rest }] });
  });

  it('hears sounds by layers that nobody sees, above the pictures', () => {
    expect(scene([node(shared('src_cam'))], [{ player: playout('c1@0'), gain: 0.7 }])).toEqual({
      id: 'tml',
      layers: [
        { sourceId: 'src_cam', ...rest },
        { sourceId: 'clip:7', x: 0, y: 0, width: 1, height: 1, fit: 'contain', opacity: 0, crop: { left: 0, top: 0, right: 0, bottom: 0 }, gain: 0.7 },
      ],
    });
  });

  it('hands over mixes within mixes, empty sides and colours', () => {
    const inner = mix({ from: [node(shared('a'))], kind: 'dip', color: '#ff8000', step: 0, frames: 1 });
    expect(scene([mix({ from: [inner, node(shared('b'))], to: [node(playout('c1@0'))] })])).toEqual({
      id: 'tml',
      layers: [{ mix: {
        from: [
          { mix: { from: [{ sourceId: 'a', ...rest }], to: [], transition: { kind: 'dip', frames: 1, color: 0xff8000 }, step: 0 } },
          { sourceId: 'b', ...rest },
        ],
        to: [{ sourceId: 'clip:7', ...rest }], transition: { kind: 'fade', frames: 12 }, step: 2,
      } }],
    });
  });

  it('hands over where a mix goes on', () => {
    const area = { x: 0.5, y: 0, width: 0.5, height: 1 };
    expect(scene([mix({ to: [node(shared('a'))], area })]).layers).toMatchObject([{ mix: { area } }]);
    expect(scene([mix({ to: [node(shared('a'))] })]).layers[0]).not.toHaveProperty('mix.area');
  });

  it.each([['wipe', 'wipe-left'], ['slide', 'slide-left'], ['push', 'push-left'], ['push-up', 'push-up']] as const)('gives %s the direction it has', (kind, native) => {
    expect(scene([mix({ kind, to: [node(shared('a'))] })]).layers).toMatchObject([{ mix: { transition: { kind: native, frames: 12 } } }]);
  });
});

describe('TimelineDocuments', () => {
  const rate = { num: 25, den: 1 };
  const a = document({ clips: [clip('src_film', 0, 2000), clip('src_cam', 2000, 3000)] });
  const outer = document({ loop: true, clips: [{ timelineId: 'tml_a', startMs: 0, durationMs: 9000 }] });
  const wish = (over: object = {}) => desired({ sources: [film('src_film'), camera('src_cam')], timelines: [known('tml_a', a), known('tml_out', outer)], ...over });
  const make = () => new TimelineDocuments(rate, silentLog);
  const ids = (changed: { id: string }[]) => changed.map(({ id }) => id);

  it('knows what it is told of, how long it is and what is wanted of it', () => {
    const documents = make();
    expect(ids(documents.apply(wish()))).toEqual(['tml_a', 'tml_out']);
    expect(documents.get('tml_a')).toMatchObject({ revision: 1, durationMs: 5000, playback: { is: 'stopped' } });
    expect(documents.get('tml_9')).toBeUndefined();
    documents.apply(wish({ timelines: [known('tml_a', a)] }));
    expect(documents.get('tml_out')).toBeUndefined();
  });

  it('compiles nothing when nothing of it has changed', () => {
    const documents = make();
    documents.apply(wish());
    const { compiled } = documents.get('tml_a')!;
    expect(documents.apply(wish({
      timelines: [known('tml_a', a, 1, { is: 'paused', positionMs: 5 }), known('tml_out', outer)],
      sources: [film('src_film', { name: 'Other', fallbackSourceId: 'src_cam', delayMs: 100 }), camera('src_cam', { name: 'Left' })],
    }))).toEqual([]);
    expect(documents.get('tml_a')).toMatchObject({ playback: { is: 'paused', positionMs: 5 } });
    expect(documents.get('tml_a')!.compiled).toBe(compiled);
  });

  it('compiles one that has another revision, and those that it lies in', () => {
    const documents = make();
    documents.apply(wish({ timelines: [known('tml_a', a), known('tml_out', outer), known('tml_b', a)] }));
    expect(ids(documents.apply(wish({ timelines: [known('tml_a', a, 2), known('tml_out', outer), known('tml_b', a)] })))).toEqual(['tml_a', 'tml_out']);
    expect(documents.get('tml_a')!.revision).toBe(2);
  });

  it.each([
    ['a source is there that was not', { sources: [film('src_film'), camera('src_cam'), camera('src_new')] }],
    ['a film has another in-point', { sources: [film('src_film', { inMs: 40 }), camera('src_cam')] }],
    ['a film has another file', { sources: [film('src_film', { path: '/media/b.mp4' }), camera('src_cam')] }],
    ['a source is of another kind', { sources: [camera('src_film'), camera('src_cam')] }],
    ['a scene has changed', { scenes: [{ id: 'scn_1', layers: [] }] }],
  ])('compiles all anew when %s', (_what, over) => {
    const documents = make();
    documents.apply(wish());
    expect(ids(documents.apply(wish(over)))).toEqual(['tml_a', 'tml_out']);
    expect(documents.apply(wish(over))).toEqual([]);
  });

  it('keeps what it knew of one that cannot be read, and takes the next that can', () => {
    const documents = make();
    documents.apply(wish());
    const before = documents.get('tml_a');
    expect(documents.apply(wish({ timelines: [{ ...known('tml_a', a, 2), document: { name: 7 } }, known('tml_out', outer)] }))).toEqual([]);
    expect(documents.get('tml_a')).toBe(before);
    expect(ids(documents.apply(wish({ timelines: [known('tml_a', a, 3), known('tml_out', outer)] })))).toContain('tml_a');
  });
});
