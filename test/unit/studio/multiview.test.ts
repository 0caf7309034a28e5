import { describe, expect, it } from 'vitest';
import { TileWishes } from '../../../src/protocol/multiview.js';
import { MOST_TILES } from '../../../src/protocol/tile.js';
import { tilesWanted, Watching } from '../../../src/studio/ws/multiview.js';

const wish = (id: string, width = 320, fps = 10) => ({ id, width, fps });

describe('tiles', () => {
  it('are asked for once, as large and as often as anybody wants them', () => {
    const watchers = [new Watching([wish('program', 640, 15), wish('src_b')]), new Watching([wish('src_b', 160, 30), wish('src_a', 160, 1)])];
    expect(tilesWanted(watchers)).toEqual({ tiles: [wish('program', 640, 15), wish('src_a', 160, 1), wish('src_b', 320, 30)], leftOut: 0 });
    expect(tilesWanted([])).toEqual({ tiles: [], leftOut: 0 });
  });
  it('of all clients together are no more than of one: the program and preview first, then those of who came first', () => {
    const many = (name: string): Watching => new Watching(Array.from({ length: MOST_TILES }, (_, i) => wish(`${name}_${String(i).padStart(2, '0')}`)));
    const { tiles, leftOut } = tilesWanted([many('src'), many('scn'), new Watching([wish('preview'), wish('program')])]);
    const ids = tiles.map(({ id }) => id);
    expect([ids.length, leftOut]).toEqual([MOST_TILES, MOST_TILES + 2]);
    expect(ids.slice(0, 3)).toEqual(['preview', 'program', 'src_00']);
    expect(ids.at(-1)).toBe('src_61');
    expect(TileWishes.safeParse(tiles).success).toBe(true);
  });
  it.each([[10, 10], [10, 30], [1, 10], [15, 15], [4, 25]])('go %i a second to who wants so many, though %i are made', (fps, made) => {
    const watching = new Watching([wish('src_a', 320, fps)]);
    let sent = 0;
    // A tick of the program more or less, as it happens.
    for (let i = 0; i < 10 * made; i++) sent += watching.takes('src_a', 1000 + (i * 1000) / made + (i % 3) * 10) ? 1 : 0;
    expect(sent / 10).toBeGreaterThanOrEqual(fps * 0.95);
    expect(sent / 10).toBeLessThanOrEqual(fps * 1.7);
  });
  it('that come too early are owed, until one is sent', () => {
    const watching = new Watching([wish('src_a'), wish('src_b')]);
    expect([watching.takes('src_a', 1000), watching.takes('src_a', 1010), watching.owed()]).toEqual([true, false, ['src_a']]);
    expect([watching.takes('src_a', 1100), watching.owed()]).toEqual([true, []]);
    watching.owe('src_b');
    watching.owe('src_c');
    expect(watching.owed()).toEqual(['src_b']);
  });
  it('go to nobody who did not ask for them', () => {
    expect(new Watching([wish('src_a')]).takes('src_b', 1000)).toBe(false);
  });
});
