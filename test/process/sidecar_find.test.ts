/** Finding in a long recording, by the thread that does it as it is built. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { foundApart as FoundApart } from '../../src/sidecar/steps/found-apart.js';
import { found } from '../../src/sidecar/steps/found.js';
import { repositoryRoot } from '../support/media.js';
import { excite, tableOf } from '../unit/sidecar/finding/tables.js';

const { foundApart } = await import(join(repositoryRoot, 'dist/src/sidecar/steps/found-apart.js')) as { foundApart: typeof FoundApart };
const HOUR = 3_600;
const busy = (hours: number) => tableOf(hours * HOUR, (columns) => { for (let at = 600; at + 700 < hours * HOUR; at += 1_800) excite(columns, at, at + 20); });

it('finds in eight hours what is found in one go, while the process goes on with other things', async () => {
  const table = busy(8);
  let turns = 0;
  const timer = setInterval(() => { turns += 1; }, 5);
  const apart = await foundApart(table, { top: 10 }).finally(() => clearInterval(timer));
  expect(turns).toBeGreaterThan(5);
  expect(apart).toEqual(found(table, { top: 10 }));
  expect(apart.highlights).toHaveLength(10);
});

it('ends as soon as nobody wants it any more', async () => {
  const wanted = new AbortController();
  const finding = foundApart(busy(12), { top: 10 }, wanted.signal);
  setTimeout(() => wanted.abort(new Error('not wanted')), 20);
  await expect(finding).rejects.toThrow('not wanted');
});

it('finds at once in a short one', async () => {
  let turns = 0;
  const timer = setInterval(() => { turns += 1; }, 0);
  await foundApart(busy(1), { top: 10 }).finally(() => clearInterval(timer));
  expect(turns).toBe(0);
});
