import { describe, expect, it } from 'vitest';
import { pixelsAcross, TileBoard } from '../../../src/panel/lib/tiles.js';
import type { TileWish } from '../../../src/protocol/multiview.js';
import type { Tile } from '../../../src/protocol/tile.js';

const wish = (id: string): TileWish => ({ id, width: 320, fps: 10 });
const tile = (id: string): Tile => ({ id, frame: 1, width: 320, height: 180, jpeg: new Uint8Array([1]) });

function begin() {
  const asked: string[][] = [];
  const board = new TileBoard((wishes) => asked.push(wishes.map(({ id }) => id)));
  return { board, asked, settled: () => Promise.resolve() };
}

it('asks for pictures as wide as they are shown, in steps of sixteen to nine, and no wider than they may be', () => {
  expect([163, 192, 192.5, 12, 500, 0].map((shown) => pixelsAcross(shown, 320))).toEqual([192, 192, 224, 64, 320, 320]);
});

describe('the board of tiles', () => {
  it('asks once for all that are shown, and again when that changes', async () => {
    const { board, asked, settled } = begin();
    board.show(wish('a'), () => {});
    const stop = board.show(wish('b'), () => {});
    const stopOther = board.show(wish('b'), () => {});
    await settled();
    expect(asked).toEqual([['a', 'b']]);
    stop();
    await settled();
    expect(asked.at(-1)).toEqual(['a', 'b']);
    stopOther();
    await settled();
    expect(asked.at(-1)).toEqual(['a']);
  });
  it('asks for the largest and fastest of what several want of one', async () => {
    const wishes: TileWish[][] = [];
    const board = new TileBoard((all) => wishes.push(all));
    board.show({ id: 'a', width: 160, fps: 10 }, () => {});
    const stop = board.show({ id: 'a', width: 640, fps: 5 }, () => {});
    await Promise.resolve();
    stop();
    await Promise.resolve();
    expect(wishes).toEqual([[{ id: 'a', width: 640, fps: 10 }], [{ id: 'a', width: 160, fps: 10 }]]);
  });
  it('asks for nothing while the page cannot be seen', async () => {
    const { board, asked, settled } = begin();
    board.show(wish('a'), () => {});
    await settled();
    board.setVisible(false);
    await settled();
    board.setVisible(true);
    await settled();
    expect(asked).toEqual([['a'], [], ['a']]);
  });
  it('gives a tile to those who show it', () => {
    const { board } = begin();
    const seen: string[] = [];
    const stop = board.show(wish('a'), ({ id }) => seen.push(`first ${id}`));
    board.show(wish('a'), ({ id }) => seen.push(`second ${id}`));
    board.take(tile('a'));
    board.take(tile('b'));
    stop();
    board.take(tile('a'));
    expect(seen).toEqual(['first a', 'second a', 'second a']);
  });
});
