import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DecisionsFile } from '../../../src/protocol/analysis-steps.js';
import { MOST_LEARNED } from '../../../src/protocol/highlights.js';
import { AnalysisFolder } from '../../../src/studio/analyses/folder.js';
import { choicesOf, chosenAfter } from '../../../src/studio/analyses/chosen.js';
import { Decisions } from '../../../src/studio/services/decisions.js';
import type { StoredDecision } from '../../../src/studio/store/decision-table.js';
import { analysisFile } from '../../support/analysis.js';
import { removeFolder, tempFolder } from '../../support/temp.js';

let home: string;
beforeEach(() => { home = tempFolder('v-decisions-'); });
afterEach(() => removeFolder(home));

/** What is stored, the oldest first. */
function kept(rows: StoredDecision[], onCount = () => {}): { rows: StoredDecision[]; decisions: Decisions } {
  const store = {
    putDecision: (one: StoredDecision) => Promise.resolve(void rows.push(one)), deleteDecision: () => Promise.resolve(),
    decisions: (recordingId: string) => Promise.resolve(rows.filter(({ stream }) => stream === recordingId)), countDecisions: () => { const all = rows.length; onCount(); return Promise.resolve(all); },
    decisionTexts: (from: number, count: number) => Promise.resolve(rows.slice(from, from + count).map((row) => JSON.stringify(row))),
  };
  return { rows, decisions: new Decisions({ store, folder: new AnalysisFolder(home), wallMs: () => 7 }) };
}
const row = (n: number): StoredDecision => (
  { stream: 's', highlightId: `h${n}`, verdict: 'accepted', startMs: 1, endMs: 2, foundStartMs: 1, foundEndMs: 2, score: 0.5, kind: 'sound', vector: [0.25], atMs: n, by: 'Anna' }
);

describe('decisions', () => {
  it.each([0, 499, 500, 501, MOST_LEARNED, MOST_LEARNED + 13])('are all kept, and the newest of %i are learnt from', async (count) => {
    const { decisions } = kept(Array.from({ length: count }, (_, n) => row(n)));
    const { file } = await decisions.file();
    const { rows, of } = DecisionsFile.parse(JSON.parse(readFileSync(join(home, file), 'utf8')));
    expect([of, rows.length, rows[0]?.highlightId, rows.at(-1)?.highlightId]).toEqual([count, Math.min(count, MOST_LEARNED), ...(count ? [`h${Math.max(0, count - MOST_LEARNED)}`, `h${count - 1}`] : [undefined, undefined])]);
  });

  it('are read anew where one came while they were being written', async () => {
    let counted = (): void => {};
    const count = new Promise<void>((done) => { counted = done; });
    const { decisions } = kept([row(0)], () => counted());
    const writing = decisions.file();
    await count;
    await decisions.decide(analysisFile('rec'), 'h1', { verdict: 'accepted' });
    await writing;
    const { file } = await decisions.file();
    expect(DecisionsFile.parse(JSON.parse(readFileSync(join(home, file), 'utf8'))).of).toBe(2);
  });

  it('know what the finder found beside what was shown and chosen', async () => {
    const [one, ...others] = analysisFile('rec').highlights;
    const file = analysisFile('rec', { highlights: [{ ...one!, startMs: 1_000, found: { startMs: one!.startMs, endMs: one!.endMs } }, ...others] });
    const { rows, decisions } = kept([]);
    await decisions.decide(file, 'h1', { verdict: 'accepted' });
    await decisions.decide(file, 'h1', { verdict: 'rejected' });
    await decisions.decide(file, 'h2', { verdict: 'accepted' });
    expect(rows.map(({ startMs, endMs, foundStartMs, foundEndMs }) => [startMs, endMs, foundStartMs, foundEndMs])).toEqual([[1_000, 5_000, 2_000, 5_000], [2_000, 5_000, 2_000, 5_000], [8_000, 11_000, 8_000, 11_000]]);
  });
});

describe('what is chosen', () => {
  it('says of each field who chose it and when, also where that was kept for all of them together', () => {
    const old = { title: 'One', tags: ['a'], by: 'Anna', atMs: 1, choices: {} };
    expect(choicesOf(old)).toEqual({ title: { by: 'Anna', atMs: 1 }, tags: { by: 'Anna', atMs: 1 } });
    const after = chosenAfter(old, { title: 'Two', hashtags: ['#b'], tags: ['a'] }, 'Ben', 2)!;
    expect(after).toEqual({ title: 'Two', tags: ['a'], hashtags: ['#b'], by: 'Ben', atMs: 2, choices: { title: { by: 'Ben', atMs: 2 }, tags: { by: 'Anna', atMs: 1 }, hashtags: { by: 'Ben', atMs: 2 } } });
    expect(chosenAfter(after, { title: null }, 'Cleo', 3)).toMatchObject({ choices: { tags: { by: 'Anna' }, hashtags: { by: 'Ben' } } });
    expect(chosenAfter(after, { title: null, tags: null, hashtags: null }, 'Cleo', 3)).toBeNull();
  });
});
