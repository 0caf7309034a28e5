/** The short form of test/soak/joins.test.ts: films of other codecs, rates, sizes and sounds follow each other like any other frame. */
import { beforeAll, describe, expect, it } from 'vitest';
import { describeJoins, joinFilms, playJoins, shortJoinFilms } from '../support/joins.js';
import type { Film } from '../support/pattern/film.js';
import type { TimelineRig } from '../support/timeline_rig.js';

export const joins = (shared: { rig: TimelineRig }) => describe('joins between films that have nothing in common', () => {
  let films: Film[];
  beforeAll(async () => { films = await joinFilms(shortJoinFilms); }, 120_000);

  it('are not seen and not heard', async () => {
    const { rig } = shared;
    const report = await playJoins(rig, films, 12, 7);
    console.log(describeJoins(report));
    rig.expectExact(report.picture, 'joins');
    expect(report.sound.p99Ms).toBeLessThanOrEqual(20);
    expect(report).toMatchObject({ failedClips: 0, lateClips: 0, sound: { silent: 0 } });
    expect(report.sound.offsetsMs.length).toBeGreaterThan(8);
    // All of them were joined to another, and heard: so many as have sound.
    expect(new Set(report.sound.films).size).toBe(films.filter(({ sound }) => sound !== 'none').length);
    expect(report.clicks.loudestDb).toBeLessThan(-60);
    expect(rig.product.restarts).toEqual([]);
  });
});
