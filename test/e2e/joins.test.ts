/** The short form of test/soak/joins.test.ts: films of other codecs, rates, sizes and sounds follow each other like any other frame. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeJoins, joinFilms, playJoins, shortJoinFilms } from '../support/joins.js';
import type { Film } from '../support/pattern/film.js';
import { rigMissing } from '../support/rig.js';
import { TimelineRig } from '../support/timeline_rig.js';

if (rigMissing) console.log(`joins: skipped, ${rigMissing}`);

describe.skipIf(rigMissing)('joins between films that have nothing in common', () => {
  let rig: TimelineRig;
  let films: Film[];
  beforeAll(async () => {
    films = await joinFilms(shortJoinFilms);
    rig = await new TimelineRig().start();
  }, 120_000);
  afterAll(async () => { await rig?.stop(); }, 30_000);

  it('are not seen and not heard', async () => {
    const report = await playJoins(rig, films, 24, 7);
    console.log(describeJoins(report));
    rig.expectExact(report.picture, 'joins');
    expect(report.sound.p99Ms).toBeLessThanOrEqual(20);
    expect(report).toMatchObject({ failedClips: 0, lateClips: 0, sound: { silent: 0 } });
    expect(report.sound.offsetsMs.length).toBeGreaterThan(15);
    expect(report.clicks.loudestDb).toBeLessThan(-60);
    expect(rig.product.restarts).toEqual([]);
  });
});
