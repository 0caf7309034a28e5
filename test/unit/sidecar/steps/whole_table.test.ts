/** What a table says of what was not there to look at. */
import { expect, it } from 'vitest';
import { wholeTable } from '../../../../src/sidecar/steps/whole-table.js';
import { SOUND_FEATURES, PICTURE_FEATURES } from '../../../../src/sidecar/features/table.js';
import { tableOf } from '../finding/tables.js';

const without = (...names: readonly string[]) => tableOf(60, (columns) => { for (const name of names) (columns as Record<string, Float32Array>)[name]?.fill(NaN); });

it.each([
  ['both', [], []],
  ['no sound', [...SOUND_FEATURES], ['There is no sound in it: moments were looked for by the picture alone.']],
  ['no picture', [...PICTURE_FEATURES], ['There is no picture in it: moments were looked for by the sound alone.']],
  ['neither', [...SOUND_FEATURES, ...PICTURE_FEATURES], []],
])('of a film with %s', async (_, names, notes) => {
  expect((await wholeTable(without(...names), null, [], new AbortController().signal)).notes).toEqual(notes);
});
