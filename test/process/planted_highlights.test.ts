import { expect, test } from 'vitest';
import { findHighlights } from '../../src/sidecar/finding/find.js';
import { tableOf } from '../bench/highlights.js';
import { makePlanted } from '../bench/planted/media.js';
import type { StreamPlan } from '../bench/planted/plan.js';
import { scoreOf } from '../bench/planted/score.js';

test('what was planted in a stream is found in its file and its chat, and the music, the raid and the cuts beside it are not', async () => {
  const plan: StreamPlan = {
    seed: 7, seconds: 330, world: 'talk', keyframeSeconds: 1, chatRate: 0.4, has: { sound: true, picture: true, chat: true },
    highlights: [{ start: 90, end: 108, senses: ['sound', 'picture', 'chat'], strength: 0.8 }, { start: 250, end: 272, senses: ['sound', 'chat'], strength: 0.9 }],
    decoys: [{ kind: 'raid', start: 25, end: 45 }, { kind: 'music', start: 140, end: 190 }, { kind: 'cuts', start: 212, end: 230 }],
  };
  const highlights = findHighlights(await tableOf(plan, makePlanted));
  const { precision, recall, ious } = scoreOf(highlights, plan.highlights.map(({ start, end }) => ({ startMs: start * 1000, endMs: end * 1000 })));
  expect({ precision, recall }).toEqual({ precision: 1, recall: 1 });
  expect(Math.min(...ious)).toBeGreaterThan(0.6);
  expect(highlights.map(({ kind }) => kind)).toEqual(['combined', 'combined']);
});
