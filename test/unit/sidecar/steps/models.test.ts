import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DecisionRow } from '../../../../src/protocol/highlights.js';
import { VECTORS } from '../../../../src/sidecar/steps/found.js';
import { learnFrom, summaryOf } from '../../../../src/sidecar/steps/models.js';
import { removeFolder, tempFolder } from '../../../support/temp.js';

const folders: string[] = [];
let first: string;
let second: string;
beforeEach(() => { folders.push(first = tempFolder('v-models-'), second = tempFolder('v-models-')); });
afterEach(() => { for (const folder of folders.splice(0)) removeFolder(folder); });

/** Sixty decisions of six streams. `scoreOf`: what people saw them ranked by. */
const rows = (scoreOf: (isAccepted: boolean) => number): DecisionRow[] => Array.from({ length: 60 }, (_, i) => {
  const isAccepted = i % 3 === 0;
  return {
    stream: `s${Math.floor(i / 10)}`, highlightId: `h${i}`, verdict: isAccepted ? 'accepted' : 'rejected', startMs: 0, endMs: 20_000, foundStartMs: 0, foundEndMs: 20_000,
    score: scoreOf(isAccepted), kind: 'sound', vector: VECTORS.names.map((_name, k) => (k === 0 ? (isAccepted ? 2 : -2) + i / 100 : Math.sin(i * (k + 1)))), atMs: i,
  };
});

it('what was ranked by a model is learnt from as the heuristic ranks it: none is taught by its own scores', async () => {
  await learnFrom(first, { rows: rows(() => 0.5), of: 60 }, 1);
  await learnFrom(second, { rows: rows((isAccepted) => (isAccepted ? 0.9 : 0.1)), of: 60 }, 1);
  const [{ models: [one] }, { models: [other] }] = await Promise.all([summaryOf(first), summaryOf(second)]);
  expect(one!.metrics.pairsHeuristic).toEqual(expect.any(Number));
  expect(other!.metrics).toEqual(one!.metrics);
});
