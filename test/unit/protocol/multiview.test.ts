import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTile, writeTile } from '../../../src/protocol/tile.js';

describe('a tile', () => {
  it('is read back as it was written', () => {
    const tile = fc.record({
      id: fc.stringMatching(/^[a-z0-9_]{1,40}$/), frame: fc.nat({ max: Number.MAX_SAFE_INTEGER }), width: fc.nat(65535), height: fc.nat(65535),
      jpeg: fc.uint8Array({ maxLength: 300 }).map((bytes) => new Uint8Array(bytes)),
    });
    fc.assert(fc.property(tile, (one) => { expect(readTile(writeTile(one))).toEqual(one); }));
  });
  it('is not made of anything else', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const tile = readTile(new Uint8Array(bytes));
      if (tile) expect(writeTile(tile)).toEqual(new Uint8Array(bytes));
    }));
    expect(readTile(new Uint8Array([]))).toBeNull();
    expect(readTile(new Uint8Array([1, 200, 3]))).toBeNull();
  });
});
