/** What is told of a camera that goes on sending. */
import { h } from 'preact';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openDesk } from './desk.js';
import { shownHere, type Shown } from './small_dom.js';

let state: typeof import('../../../../src/panel/store/state.js');
let page: Shown;
const target = { key: { sourceId: 'a' }, id: 'a', name: 'Altar', kind: 'camera' } as const;

beforeEach(async () => {
  await openDesk();
  state = await import('../../../../src/panel/store/state.js');
  state.connection.value = 'open';
  state.snapshot.value = { sources: [{ id: 'a', name: 'Altar', kind: 'camera' }], scenes: [], timelines: [], preview: null, program: { sourceId: 'a' } } as unknown as NonNullable<typeof state.snapshot.value>;
  const { TargetButton } = await import('../../../../src/panel/components/live/target-button.js');
  page = shownHere(h(TargetButton, { target }));
});
afterEach(() => {
  page.end();
  vi.unstubAllGlobals();
});

it.each([
  [{}, 'Live'], [{ still: true }, 'Frozen'], [{ still: true, black: true, silent: true }, 'Black'], [{ silent: true }, 'Silent'], [{ soundOnly: true, silent: true }, 'Sound only'],
  [{ state: 'late', ageMs: 2000 }, 'Frozen for 0:02'], [{ state: 'gone', ageMs: 3000, still: true }, 'Gone for 0:03'],
])('%j: %s', (fields, said) => {
  state.status.value = { program: { sourceId: 'a' }, onAir: ['a'], sources: [{ id: 'a', state: 'live', ageMs: 10, ...fields }] } as unknown as NonNullable<typeof state.status.value>;
  expect(page.all('span').find(({ attributes }) => String(attributes.class ?? '').startsWith('state '))?.textContent).toBe(said);
});
