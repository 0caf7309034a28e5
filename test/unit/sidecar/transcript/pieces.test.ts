import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutIntoPieces, joinAt, OVERLAP_MS } from '../../../../src/sidecar/transcript/pieces.js';
import type { TimedText } from '../../../../src/sidecar/transcript/transcript.js';

const silencesIn = (durationMs: number) => fc.array(fc.record({ at: fc.nat(durationMs), length: fc.integer({ min: 300, max: 5_000 }) }), { maxLength: 40 })
  .map((all) => all.sort((a, b) => a.at - b.at).map(({ at, length }) => ({ startMs: at, endMs: Math.min(durationMs, at + length) })));

describe('cutIntoPieces', () => {
  it('covers all, never longer than allowed, each piece reaching into its neighbours', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 5_000_000 }).chain((durationMs) => fc.tuple(fc.constant(durationMs), silencesIn(durationMs), fc.integer({ min: 20_000, max: 700_000 }))), ([durationMs, silences, maxMs]) => {
      const pieces = cutIntoPieces(durationMs, silences, maxMs);
      expect(pieces[0]).toMatchObject({ startMs: 0, ownStartMs: 0 });
      expect(pieces.at(-1)).toMatchObject({ endMs: durationMs, ownEndMs: durationMs });
      for (const [i, piece] of pieces.entries()) {
        expect(piece.endMs - piece.startMs).toBeLessThanOrEqual(maxMs);
        expect(piece.ownEndMs).toBeGreaterThan(piece.ownStartMs);
        if (i === 0) continue;
        expect(piece.ownStartMs).toBe(pieces[i - 1]!.ownEndMs);
        expect(piece.startMs).toBe(piece.ownStartMs - OVERLAP_MS);
      }
      // No more of them than twice what is needed: a cut lies in the second half of what a piece may be.
      expect(pieces.length).toBeLessThanOrEqual(Math.ceil((2 * durationMs) / (maxMs - 2 * OVERLAP_MS)) + 1);
    }));
  });

  it('cuts in the middle of a silence where one is near', () => {
    expect(cutIntoPieces(100_000, [{ startMs: 30_000, endMs: 31_000 }, { startMs: 47_000, endMs: 48_000 }, { startMs: 90_000, endMs: 91_000 }], 56_000).map((piece) => piece.ownStartMs)).toEqual([0, 47_500, 90_500]);
    expect(cutIntoPieces(100_000, [], 56_000).map((piece) => piece.ownStartMs)).toEqual([0, 50_000]);
  });
});

/** Speech as it was, heard in pieces: whole words of the piece, each with its time a little off; those that an edge cuts are heard wrongly or not at all. */
const Spoken = fc.record({
  words: fc.array(fc.record({ text: fc.constantFrom('no', 'no', 'go', 'yes', 'left', 'boss', 'the', 'and'), lengthMs: fc.integer({ min: 120, max: 600 }), gapMs: fc.constantFrom(0, 20, 60, 200, 1_500) }), { minLength: 20, maxLength: 150 }),
  jitter: fc.infiniteStream(fc.integer({ min: -60, max: 60 })),
  odd: fc.infiniteStream(fc.constantFrom('gone', 'uh', 'said')),
});

describe('joinAt', () => {
  it('keeps every word once, however words repeat and clocks differ', () => {
    fc.assert(fc.property(Spoken, fc.integer({ min: 15_000, max: 40_000 }), ({ words, jitter, odd }, maxMs) => {
      let atMs = 0;
      const truth = words.map(({ text, lengthMs, gapMs }) => {
        const startMs = atMs + gapMs;
        atMs = startMs + lengthMs;
        return { text, startMs, endMs: atMs };
      });
      const heard = cutIntoPieces(atMs + 500, [], maxMs).map((piece) => ({
        piece,
        words: truth.flatMap((word): TimedText[] => {
          if (word.endMs <= piece.startMs || word.startMs >= piece.endMs) return [];
          const isCut = word.startMs < piece.startMs || word.endMs > piece.endMs;
          const by = jitter.next().value;
          if (isCut) return by > 0 ? [] : [{ text: odd.next().value, startMs: Math.max(piece.startMs, word.startMs), endMs: Math.min(piece.endMs, word.endMs) }];
          return [{ text: word.text, startMs: Math.max(0, word.startMs + by), endMs: word.endMs + by }];
        }),
      }));
      const joined = heard.slice(1).reduce((all, { piece, words: own }) => joinAt(all, own, piece.ownStartMs), heard[0]!.words);
      expect(joined.map(({ text }) => text)).toEqual(truth.map(({ text }) => text));
      joined.slice(1).forEach((word, i) => expect(word.startMs).toBeGreaterThanOrEqual(joined[i]!.startMs));
    }), { numRuns: 300 });
  });

  it('keeps a word once that two pieces spell differently', () => {
    const left = [{ text: 'hello', startMs: 9_600, endMs: 9_900 }, { text: 'grey', startMs: 9_950, endMs: 10_100 }];
    const right = [{ text: 'gray', startMs: 9_890, endMs: 10_060 }, { text: 'sky', startMs: 10_200, endMs: 10_500 }];
    expect(joinAt(left, right, 10_000).map(({ text }) => text)).toEqual(['hello', 'grey', 'sky']);
  });

  it('joins at the moment itself where the two have nothing in common', () => {
    expect(joinAt([{ text: 'a', startMs: 0, endMs: 100 }], [{ text: 'b', startMs: 50_000, endMs: 50_100 }], 30_000).map(({ text }) => text)).toEqual(['a', 'b']);
    expect(joinAt([], [], 10)).toEqual([]);
  });
});
