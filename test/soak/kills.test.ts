/**
 * Row 21 at length: `npm run soak`, with SOAK_KILLS (default 50). Each recording lives through a kill of everything that it
 * depends on, in another order each time.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cheapSettings, describeKills, recordThrough, victims, type RecordingReport } from '../support/recording_kills.js';
import { percentile } from '../support/pattern/analyse.js';
import { Rig, rigMissing } from '../support/rig.js';

const recordings = Math.ceil(Number(process.env.SOAK_KILLS ?? 50) / victims.length);
if (rigMissing) console.log(`kills: skipped, ${rigMissing}`);

describe.skipIf(rigMissing)(`${recordings * victims.length} kills in mid-recording`, () => {
  let rig: Rig;
  beforeAll(async () => { rig = await new Rig({ cameras: [{ width: 320, height: 180 }], settings: cheapSettings }).start(); }, 90_000);
  afterAll(async () => { await rig?.stop(); }, 30_000);

  it('row 21: all is playable, and little of the tail is lost', async () => {
    const reports: RecordingReport[] = [];
    for (let i = 0; i < recordings; i++) {
      // Each is the first and the last in turn, and follows different ones.
      const order = victims.map((_, n) => victims[(i + n * (1 + (Math.floor(i / 5) % 4))) % victims.length]!);
      reports.push(await recordThrough(rig, rig.cameras[0]!, order, (n) => 500 + ((i * 5 + n) * 137) % 1_000));
      console.log(`recording ${i + 1} of ${recordings}: ${reports.at(-1)!.kills.map(({ victim, tailMs, holeMs }) => `${victim} ${tailMs.toFixed(0)}/${holeMs.toFixed(0)}`).join(', ')} ms of tail/hole`);
    }
    console.log(`row 21:\n  ${describeKills(reports)}`);
    const tailsMs = reports.flatMap(({ kills }) => kills.map(({ tailMs }) => tailMs));
    expect(tailsMs).toHaveLength(recordings * victims.length);
    expect(percentile(tailsMs, 99)).toBeLessThanOrEqual(2_000);
    for (const { syncP50Ms } of reports) expect(syncP50Ms).toBeLessThanOrEqual(20);
  }, 3_600_000);
});
