import { afterEach, expect, it, vi } from 'vitest';
import { kept, keptAs } from '../../../../src/panel/store/kept.js';

function storageOf(entries: [string, string][]) {
  const map = new Map(entries);
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => map.get(key) ?? null, setItem: (key: string, text: string) => map.set(key, text), removeItem: (key: string) => map.delete(key),
  });
  return map;
}
afterEach(() => { vi.unstubAllGlobals(); });

it('a choice begins as it was kept, and is kept when it changes', () => {
  const map = storageOf([['vistter.mode', 'direct'], ['vistter.snap', 'false'], ['vistter.other', 'nonsense']]);
  const [mode, snap, other] = [kept('mode', ['studio', 'direct'], 'studio'), kept('snap', [true, false], true), kept('other', ['a', 'b'], 'b')];
  expect([mode.value, snap.value, other.value]).toEqual(['direct', false, 'b']);
  // What nobody chose is not written: another default later on is to count.
  expect(map.get('vistter.other')).toBe('nonsense');
  mode.value = 'studio';
  snap.value = true;
  expect([map.get('vistter.mode'), map.get('vistter.snap')]).toEqual(['studio', 'true']);
  expect(kept('mode', ['studio', 'direct'], 'direct').value).toBe('studio');
});

it('the default of some is to keep nothing', () => {
  const map = storageOf([['vistter.theme', 'light']]);
  const theme = keptAs('theme', (text) => text ?? 'system', (choice) => (choice === 'system' ? null : choice));
  expect(theme.value).toBe('light');
  theme.value = 'system';
  expect(map.size).toBe(0);
});

it('a browser that keeps nothing has choices all the same', () => {
  vi.stubGlobal('localStorage', undefined);
  const mode = kept('mode', ['studio', 'direct'], 'studio');
  mode.value = 'direct';
  expect(mode.value).toBe('direct');
});
