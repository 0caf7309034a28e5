import { describe, expect, it } from 'vitest';
import type { Found } from '../../../../src/sidecar/finding/candidates.js';
import { signalsOf } from '../../../../src/sidecar/finding/modes.js';
import { reasonsOf } from '../../../../src/sidecar/finding/reasons.js';
import { tableOf } from './tables.js';

describe('why a moment was found', () => {
  const table = tableOf(120, () => {});
  const found: Found = { start: 40, end: 60, peak: 50, kind: 'combined', score: 0.8, modes: { sound: 0.8, picture: 0.7, chat: 0, event: 0 } };
  const reasons = (riseDb: number, ratio: number) => reasonsOf(found, { ...signalsOf(table), riseDb: new Float32Array(120).fill(riseDb), motionRatio: new Float32Array(120).fill(ratio) }, table, []);

  it('is told in times what is usual, and never as less', () => {
    expect(reasons(12, 5)).toEqual([expect.stringMatching(/ loud ×4$/), 'movement ×5']);
    expect(reasons(-5, 5)).toEqual(['movement ×5']);
    expect(reasons(-5, 0.6)).toEqual(['stands out by more than one sign']);
  });
});
