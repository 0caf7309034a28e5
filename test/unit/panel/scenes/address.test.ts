import { expect, it } from 'vitest';
import { addressOf, placeOf, tabOf, TABS } from '../../../../src/panel/lib/scenes/address.js';

it('the address tells the part of the page, or the scene on the desk', () => {
  expect(TABS.map((tab) => tabOf(placeOf(addressOf(tab))))).toEqual([...TABS]);
  expect([placeOf('#/scenes/scene_a-1'), tabOf('scene_a-1')]).toEqual(['scene_a-1', 'scenes']);
  for (const hash of ['', '#/live', '#/media/sources', '#/scenes/']) expect(placeOf(hash)).toBe('');
});
