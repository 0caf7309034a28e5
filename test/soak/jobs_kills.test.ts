/** `npm run soak`, with SOAK_KILLS (default 50): a worker of jobs that is killed at random moments. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { JobRig, killThrough } from '../support/job_rig.js';

const kills = Number(process.env.SOAK_KILLS ?? 50);
const rig = new JobRig();
beforeAll(() => rig.startStudio());
afterAll(() => rig.stop());

it(`jobs come to the same end through ${kills} kills, and no step is done again that was done`, async () => {
  const report = await killThrough(rig, kills, Math.random);
  console.log(`${report.kills} kills: ${report.steps} steps, begun ${report.begun} times, ended ${report.ended} times`);
  expect(report.begun).toBeLessThanOrEqual(report.steps + report.kills);
}, 900_000);
