import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MomentKind, type RecordedMoment } from '../../../../src/protocol/highlights.js';
import { chapterTime } from '../../../../src/protocol/chapter-time.js';
import { chapterLines, makeChapters, type ChapterInputs } from '../../../../src/sidecar/metadata/chapters.js';
import { turns } from '../../../../src/sidecar/metadata/topics.js';
import { splitWords, spread, type Transcript } from '../../../../src/sidecar/transcript/transcript.js';
import { nastyText, randomOf } from '../../../support/nasty_texts.js';

const moment = (atMs: number, kind: RecordedMoment['kind'], text: string): RecordedMoment => ({ atMs, kind, text });
const listed = (inputs: ChapterInputs): string[] => makeChapters(inputs).map(({ startMs, title }) => `${chapterTime(startMs)} ${title}`);

/** Each subject with words of its own, said in sentences for so long. */
const SUBJECTS = [
  ['dragon', 'sword', 'castle', 'armor', 'shield', 'knight', 'dungeon'], ['engine', 'wheel', 'brake', 'circuit', 'tyre', 'gearbox', 'racing'], ['onion', 'garlic', 'butter', 'oven', 'recipe', 'pepper', 'kitchen'], ['guitar', 'drummer', 'melody', 'chorus', 'concert', 'singer', 'album'],
];
export function talk(eachMs: number, subjects = SUBJECTS, seed = 1): Transcript {
  const random = randomOf(seed);
  const words = subjects.flatMap((subject, i) => {
    const text = Array.from({ length: Math.floor(eachMs / 6_000) }, () => {
      const [a, b, c] = [0, 0, 0].map(() => subject[Math.floor(random() * subject.length)]!);
      return `so now we have the ${a} ${b} and then you see how the ${c} is here.`;
    }).join(' ');
    return spread(splitWords(text), i * eachMs, (i + 1) * eachMs);
  });
  return { language: 'en', words, cues: [] };
}

describe('makeChapters', () => {
  it('takes what people marked, wherever it is, and what was on for long', () => {
    const moments = [
      moment(0, 'take', 'Camera 1'), moment(61_500, 'marker', 'The <b>guest</b> arrives'), moment(180_000, 'take', 'Interview'), moment(185_000, 'take', 'Camera 2'), moment(190_000, 'take', 'Interview'),
      moment(330_000, 'alert', 'New follower'), moment(400_000, 'insert', 'Sponsor'), moment(430_000, 'take', 'Gameplay'),
    ];
    expect(listed({ durationMs: 900_000, moments })).toEqual(['0:00 Camera 1', '1:01 The bguest/b arrives', '3:10 Interview', '7:10 Gameplay']);
  });

  it('takes what has a name before a mark that has none', () => {
    const moments = [
      moment(7_500, 'take', 'Camera 1'), moment(27_600, 'marker', ''), moment(56_700, 'take', 'Camera 2'), moment(66_400, 'marker', ''), moment(106_800, 'take', 'Both cameras'), moment(119_000, 'marker', ''),
    ];
    expect(listed({ durationMs: 150_000, moments })).toEqual(['0:00 Camera 1', '0:56 Camera 2', '1:46 Both cameras']);
    expect(listed({ durationMs: 150_000, moments: [moment(0, 'take', 'Camera 1'), moment(1_000, 'marker', ''), moment(60_000, 'marker', '')] })).toEqual(['0:00 Camera 1', '1:00 Part 2', '1:40 Part 3']);
  });

  it('calls the first by what was on program for most of it, not by what was taken for a moment or lies over it', () => {
    const later = [moment(60_000, 'take', 'Camera 3'), moment(150_000, 'take', 'Camera 4')];
    const named = (startedWith: string | null, ...moments: RecordedMoment[]): string => listed({ durationMs: 240_000, startedWith, moments: [...moments, ...later] })[0]!;
    expect(named('Camera 1')).toBe('0:00 Camera 1');
    // Looked at for a second and a half.
    expect(named('Camera 1', moment(8_000, 'take', 'Camera 2'), moment(9_500, 'take', 'Camera 1'))).toBe('0:00 Camera 1');
    expect(named('Camera 1', moment(8_000, 'take', 'Camera 2'))).toBe('0:00 Camera 2');
    // Longer than any, in three pieces.
    expect(named('Camera 1', moment(20_000, 'take', 'Camera 2'), moment(39_000, 'take', 'Camera 1'), moment(40_000, 'take', 'Camera 5'), moment(59_000, 'take', 'Camera 1'))).toBe('0:00 Camera 1');
    expect(named('Camera 1', moment(2_000, 'insert', 'Sponsor'), moment(4_000, 'override', 'Emergency: the slate'), moment(9_000, 'override', 'Emergency released'))).toBe('0:00 Camera 1');
    // Of what nobody knows there is no name.
    expect(named(null, moment(50_000, 'take', 'Camera 2'))).toBe('0:00 Start');
    expect(named('Camera 1', moment(3_000, 'marker', 'Welcome'))).toBe('0:00 Welcome');
  });

  it('calls none by an emergency that is over', () => {
    const moments = [moment(0, 'take', 'Camera 1'), moment(60_000, 'override', 'Emergency: the slate'), moment(120_000, 'override', 'Emergency released')];
    expect(listed({ durationMs: 240_000, moments }).join()).not.toContain('released');
  });

  it('begins no title with a time, which would be taken for a chapter', () => {
    expect(listed({ durationMs: 150_000, moments: [moment(0, 'take', '12:34 12:34'), moment(50_000, 'marker', '0:10 1:02:03 Goal')] }).slice(0, 2)).toEqual(['0:00 Start', '0:50 Goal']);
  });

  it('else where talk turns to something else, called by what is said most there', () => {
    const chapters = makeChapters({ durationMs: 1_200_000, transcript: talk(300_000) });
    const turnsAt = chapters.slice(1).map(({ startMs }) => startMs);
    for (const atMs of [300_000, 600_000, 900_000]) expect(Math.min(...turnsAt.map((own) => Math.abs(own - atMs)))).toBeLessThanOrEqual(30_000);
    expect(chapters.length).toBeLessThanOrEqual(5);
    chapters.forEach(({ startMs, title }) => {
      const subject = SUBJECTS[Math.min(3, Math.floor((startMs + 40_000) / 300_000))]!;
      expect(title.toLowerCase().split(/[^a-z]+/).some((word) => subject.includes(word)), title).toBe(true);
    });
  });

  it('else where the picture changes, or a silence ends, in about equal parts', () => {
    expect(listed({ durationMs: 120_000, shotsMs: [5_000, 37_400, 90_000, 118_000], silences: [{ startMs: 41_000, endMs: 44_000 }] })).toEqual(['0:00 Start', '0:37 Part 2', '1:30 Part 3']);
    expect(listed({ durationMs: 120_000, language: 'de-AT' })).toEqual(['0:00 Beginn', '0:40 Teil 2', '1:20 Teil 3']);
    expect(listed({ durationMs: 8 * 3_600_000 })).toHaveLength(20);
  });

  it('has none of a recording that is too short for three', () => {
    expect(makeChapters({ durationMs: 29_999, moments: [moment(0, 'marker', 'a'), moment(10_000, 'marker', 'b')] })).toEqual([]);
    expect(makeChapters({ durationMs: 30_000 })).toHaveLength(3);
    expect(makeChapters({ durationMs: 0 })).toEqual([]);
  });

  it('calls no two alike', () => {
    const moments = [0, 100, 200, 300].map((s) => moment(s * 1_000, 'marker', 'Again'));
    expect(listed({ durationMs: 400_000, moments })).toEqual(['0:00 Again', '1:40 Again (2)', '3:20 Again (3)', '5:00 Again (4)']);
  });

  it('is as YouTube wants it, whatever is known', () => {
    const Text = fc.integer({ min: 1, max: 100_000 }).map((seed) => nastyText(randomOf(seed), 8));
    const Inputs = fc.integer({ min: 30_000, max: 30_000_000 }).chain((durationMs) => fc.record({
      durationMs: fc.constant(durationMs),
      moments: fc.array(fc.record({ atMs: fc.nat(durationMs + 60_000), kind: fc.constantFrom(...MomentKind.options), text: Text }), { maxLength: 300 }),
      shotsMs: fc.array(fc.nat(durationMs), { maxLength: 50 }).map((all) => all.sort((a, b) => a - b)),
      transcript: fc.constantFrom(null, talk(60_000), talk(30_000, SUBJECTS.slice(0, 2))),
      language: fc.constantFrom(undefined, null, 'de', 'ja', 'xx'),
    }));
    fc.assert(fc.property(Inputs, (inputs) => {
      const chapters = makeChapters(inputs);
      expect(chapters[0]?.startMs).toBe(0);
      expect(chapters.length).toBeGreaterThanOrEqual(3);
      expect(chapters.length).toBeLessThanOrEqual(100);
      chapters.forEach(({ startMs, title }, i) => {
        expect((chapters[i + 1]?.startMs ?? inputs.durationMs) - startMs).toBeGreaterThanOrEqual(10_000);
        expect(startMs % 1_000).toBe(0);
        expect(title.trim()).not.toBe('');
        expect(title).not.toMatch(/[<>\n\p{Surrogate}]|^\d+:\d/u);
      });
      expect(new Set(chapters.map(({ title }) => title.toLowerCase())).size).toBe(chapters.length);
      expect(chapterLines(chapters).split('\n')).toHaveLength(chapters.length);
    }), { numRuns: 200 });
  });
});

it('finds no turn in talk that stays with one thing', () => {
  const one = talk(300_000, [SUBJECTS[0]!, SUBJECTS[0]!, SUBJECTS[0]!, SUBJECTS[0]!]);
  const four = talk(300_000);
  const strongest = (transcript: Transcript): number => Math.max(0, ...turns(transcript, 'en').map(({ depth }) => depth));
  expect(strongest(four)).toBeGreaterThan(2 * strongest(one));
  expect(turns({ words: [] }, null)).toEqual([]);
});
