/** `npm run soak`, with SOAK_KILLS (default 50): the sidecar itself, killed at random moments while it analyses a recording and cuts clips of it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AnalysisRig, killAnalyses } from '../support/analysis_kills.js';

const kills = Number(process.env.SOAK_KILLS ?? 50);
const rig = new AnalysisRig();
beforeAll(() => rig.startStudio());
afterAll(() => rig.stop());

it(`analyses find the same through ${kills} kills of the sidecar, leave nothing half made, and do nothing again that was done`, async () => {
  const { analyses, steps, begun } = await killAnalyses(rig, kills, Math.random);
  console.log(`${kills} kills in ${analyses} analyses: ${steps} steps, begun ${begun} times`);
  expect(begun).toBeLessThanOrEqual(steps + 2 * kills);
}, 1_800_000);
