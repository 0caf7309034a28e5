import { expect, test } from 'vitest';
import { readTile, writeTile } from '../../../src/protocol/tile.js';
import { SourceInput, Settings } from '../../../src/protocol/resources.js';
import { mixOf, readSound, writeSound } from '../../../src/protocol/sound-packet.js';

test('a piece of sound is read back as it was written, and told from a tile', () => {
  const samples = Int16Array.from([0, 1, -1, 32767, -32768, 258]);
  const bytes = writeSound({ mix: 40_000, at: 2 ** 40 + 1, pcm: new Uint8Array(samples.buffer) });
  expect(readSound(bytes)).toEqual({ mix: 40_000, at: 2 ** 40 + 1, samples });
  expect(mixOf(bytes)).toBe(40_000);
  expect(readTile(bytes)).toBeNull();
  const tile = writeTile({ id: 'program', frame: 5, width: 16, height: 9, jpeg: new Uint8Array([1, 2]) });
  expect(readSound(tile)).toBeNull();
  for (const cut of [0, 1, 11]) expect(readSound(bytes.slice(0, cut))).toBeNull();
});

test('a source and settings of before have their plain sound', () => {
  const camera = SourceInput.parse({ kind: 'camera', name: 'One', fallbackSourceId: null, delayMs: 0 });
  expect(camera.audio).toEqual({ gainDb: 0, muted: false, delayMs: 0, mode: 'follow' });
  expect(Settings.parse({ audio: { bitrateKbps: 96 } }).audio).toEqual({ bitrateKbps: 96, gainDb: 0, muted: false });
  for (const audio of [{ gainDb: 12.1 }, { gainDb: -61 }, { delayMs: 1001 }, { mode: 'never' }, { pan: 0 }]) {
    expect(SourceInput.safeParse({ kind: 'camera', name: 'One', audio }).success).toBe(false);
  }
});
