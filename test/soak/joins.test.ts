/**
 * Joins at length: `npm run soak`, with SOAK_JOINS (default 1000) between films of every codec, rate, size and sound, in
 * slices of 170 on one product. SOAK_SEED begins with another slice.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeJoins, joinFilms, playJoins, type JoinsReport } from '../support/joins.js';
import type { Film } from '../support/pattern/film.js';
import { rigMissing } from '../support/rig.js';
import { TimelineRig } from '../support/timeline_rig.js';

const joins = Number(process.env.SOAK_JOINS ?? 1_000);
const firstSeed = Number(process.env.SOAK_SEED ?? 1);
const slice = 170;
const clickDb = -60;
if (rigMissing) console.log(`joins: skipped, ${rigMissing}`);

describe.skipIf(rigMissing)(`${joins} joins`, () => {
  let rig: TimelineRig;
  let films: Film[];
  beforeAll(async () => {
    films = await joinFilms();
    rig = await new TimelineRig().start();
  }, 300_000);
  afterAll(async () => { await rig?.stop(); }, 30_000);

  it.each(Array.from({ length: Math.ceil(joins / slice) }, (_, i) => [firstSeed + i, Math.min(slice, joins - i * slice)]))('slice %i: %i joins are like any other frame', async (seed, count) => {
    const report: JoinsReport = await playJoins(rig, films, count, seed);
    console.log(describeJoins(report));
    rig.expectExact(report.picture, `slice ${seed}`);
    expect(report.sound.p99Ms).toBeLessThanOrEqual(20);
    expect(report).toMatchObject({ failedClips: 0, lateClips: 0, sound: { silent: 0 } });
    expect(report.clicks.loudestDb).toBeLessThan(clickDb);
    expect(report.growthMb).toBeLessThan(15);
    expect(report.moreFiles).toBeLessThan(3);
    expect(rig.product.restarts).toEqual([]);
  }, 900_000);
});
