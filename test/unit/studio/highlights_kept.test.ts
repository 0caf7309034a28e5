/** What was accepted and is not found any more, as the list shows it. */
import { expect, it } from 'vitest';
import { highlightsOf } from '../../../src/studio/analyses/view.js';
import type { StoredDecision } from '../../../src/studio/store/decision-table.js';
import { analysisFile } from '../../support/analysis.js';

it('has the reasons and the picture that it was accepted with, and at least says what it is', () => {
  const file = analysisFile('rec_1');
  const decided = (highlightId: string): [string, StoredDecision] => [highlightId, {
    stream: 'rec_1', highlightId, verdict: 'accepted', startMs: 12_500, endMs: 13_500, foundStartMs: 12_000, foundEndMs: 14_000, score: 0.7, kind: 'sound', vector: [], atMs: 1, by: 'Ann',
  } as unknown as StoredDecision];
  const kept = { ...file.highlights[0]!, id: 'was', peakMs: 13_000, reasons: ['crowd loud ×4'], picture: 'was.jpg' };
  const shown = highlightsOf({ ...file, kept: [kept, { ...kept, id: 'undecided' }] }, new Map([decided('was'), decided('older')]));
  expect(shown.map(({ id }) => id)).toEqual(['h1', 'h2', 'older', 'was', 'h3']);
  expect(shown[3]).toMatchObject({ startMs: 12_000, endMs: 14_000, peakMs: 13_000, picture: 'was.jpg', reasons: ['crowd loud ×4', 'accepted when an earlier analysis found it'], decision: { startMs: 12_500 } });
  expect(shown[3]).not.toHaveProperty('vector');
  expect(shown[2]).toMatchObject({ picture: null, reasons: ['accepted when an earlier analysis found it'] });
});
