import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cuesOf, lines } from '../../../../src/sidecar/transcript/cues.js';
import { heardOfVerboseJson, heardOfWhisperJson } from '../../../../src/sidecar/transcript/heard.js';
import { languageCode } from '../../../../src/sidecar/transcript/languages.js';
import { sentences, sentencesOf } from '../../../../src/sidecar/transcript/sentences.js';
import { timedWords } from '../../../../src/sidecar/transcript/timed-words.js';
import { joinWords, splitWords, type TimedText } from '../../../../src/sidecar/transcript/transcript.js';

const words = (answer: unknown, pieceMs = 10_000) => timedWords(heardOfVerboseJson(answer), pieceMs);
const said = (all: readonly TimedText[]) => all.map(({ startMs, endMs, text }) => `${startMs}-${endMs} ${text}`);
const segment = (start: number, end: number, text: string, own?: unknown) => ({ id: 0, start, end, text, ...(own === undefined ? {} : { words: own }) });

describe('what a server answers', () => {
  const expected = ['500-900 Hello,', '1000-1500 world.', '2000-2400 Again!'];
  it('with words beside segments: their times, and the segments\' punctuation', () => {
    expect(said(words({
      language: 'english', duration: 10, text: 'Hello, world. Again!', segments: [segment(0.5, 1.5, ' Hello, world.'), segment(2, 2.4, ' Again!')],
      words: [{ word: 'Hello', start: 0.5, end: 0.9 }, { word: 'world', start: 1, end: 1.5 }, { word: 'Again', start: 2, end: 2.4 }],
    }))).toEqual(expected);
  });

  it('with parts of words inside segments, as whisper.cpp\'s server has them', () => {
    expect(said(words({
      segments: [
        segment(0.5, 1.5, ' Hello, world.', [{ word: ' Hel', start: 0.5, end: 0.7 }, { word: 'lo', start: 0.7, end: 0.9 }, { word: ',', start: 0.9, end: 0.9 }, { word: ' world', start: 1, end: 1.5 }, { word: '.', start: 1.5, end: 1.5 }]),
        segment(2, 2.4, ' Again!', [{ word: ' Again', start: 2, end: 2.4 }, { word: '!', start: 2.4, end: 2.4 }]),
      ],
    }))).toEqual(expected);
  });

  it('with words that are spelled otherwise than the text: the words as they are', () => {
    expect(said(words({ segments: [segment(0, 2, 'It is 7 euros.', [{ word: ' It', start: 0, end: 0.5 }, { word: ' is', start: 0.5, end: 1 }, { word: ' sev', start: 1, end: 1.2 }, { word: 'en', start: 1.2, end: 1.5 }, { word: ' euros.', start: 1.5, end: 2 }])] })))
      .toEqual(['0-500 It', '500-1000 is', '1000-1500 seven', '1500-2000 euros.']);
  });

  it('without words: a segment\'s time is shared out', () => {
    expect(said(words({ segments: [segment(1, 2, 'ab cd')] }))).toEqual(['1000-1500 ab', '1500-2000 cd']);
  });

  it('without segments: the text\'s punctuation on the words\' times; the text alone over the whole piece', () => {
    expect(said(words({ text: 'Hi, you.', words: [{ word: 'Hi', start: 1, end: 2 }, { word: 'you', start: 2, end: 3 }] }))).toEqual(['1000-2000 Hi,', '2000-3000 you.']);
    expect(said(words({ words: [{ word: 'Hi', start: 1, end: 2 }] }))).toEqual(['1000-2000 Hi']);
    expect(said(words({ text: 'ab cd' }))).toEqual(['0-5000 ab', '5000-10000 cd']);
    expect(words({ text: '' })).toEqual([]);
  });

  it('with halves of letters: the segment\'s text', () => {
    expect(words({ segments: [segment(0, 1, '日本', [{ word: '日', start: 0, end: 0.4 }, { word: '\uFFFD', start: 0.4, end: 0.5 }, { word: '\uFFFD', start: 0.5, end: 1 }])] }).map(({ text }) => text).join('')).toBe('日本');
  });

  it.each([[{}], [null], [[]], ['text'], [{ error: 'x' }]])('is refused when it is %j', (answer) => expect(() => heardOfVerboseJson(answer)).toThrow());

  it('whatever its times are: in order, within the piece, and no word of a segment lost', () => {
    const Time = fc.oneof(fc.double({ min: -5, max: 30, noNaN: true }), fc.constantFrom(null, undefined, 'x', Infinity));
    const Text = fc.array(fc.constantFrom('one', 'Two,', 'three.', '日本', '…'), { maxLength: 6 }).map((all) => all.join(' '));
    fc.assert(fc.property(fc.array(fc.record({ start: Time, end: Time, text: Text, words: fc.option(fc.array(fc.record({ word: fc.constantFrom('one', ' Two', '', '\u0000', '[_BEG_]'), start: Time, end: Time }), { maxLength: 5 })) }), { maxLength: 6 }), (segments) => {
      const got = words({ segments });
      got.forEach(({ startMs, endMs, text }, i) => {
        expect(startMs).toBeGreaterThanOrEqual(got[i - 1]?.startMs ?? 0);
        expect(endMs).toBeGreaterThanOrEqual(startMs);
        expect(startMs).toBeLessThanOrEqual(10_000);
        expect(text.trim()).not.toBe('');
      });
      if (segments.some(({ text, words: own }) => own === null && splitWords(text).length > 0)) expect(got.length).toBeGreaterThan(0);
    }));
  });
});

describe('what whisper.cpp\'s command writes', () => {
  const offsets = (from: number, to: number) => ({ timestamps: { from: '', to: '' }, offsets: { from, to } });
  it('with tokens, marks left out', () => {
    const heard = heardOfWhisperJson({ result: { language: 'de' }, transcription: [{ ...offsets(0, 900), text: ' Guten Tag.', tokens: [{ text: '[_BEG_]', ...offsets(0, 0) }, { text: ' Gut', ...offsets(0, 200) }, { text: 'en', ...offsets(200, 400) }, { text: ' Tag', ...offsets(500, 800) }, { text: '.', ...offsets(800, 900) }, { text: '[_TT_45]', ...offsets(900, 900) }] }] });
    expect(heard.language).toBe('de');
    expect(said(timedWords(heard, 1_000))).toEqual(['0-400 Guten', '500-800 Tag.']);
  });
  it('without', () => expect(said(timedWords(heardOfWhisperJson({ transcription: [{ ...offsets(0, 1_000), text: ' ab cd' }] }), 1_000))).toEqual(['0-500 ab', '500-1000 cd']));
});

describe('words of a text', () => {
  it('are split and joined as the script has it', () => {
    expect(splitWords('Hello, “world” !')).toEqual(['Hello,', '“world”', '!']);
    expect(joinWords([{ text: 'Hello,' }, { text: 'world' }])).toBe('Hello, world');
    const japanese = '今日は、いい天気です。';
    expect(splitWords(japanese).length).toBeGreaterThan(3);
    expect(joinWords(splitWords(japanese).map((text) => ({ text })))).toBe(japanese);
    expect(joinWords(splitWords('안녕 세계').map((text) => ({ text })))).toBe('안녕 세계');
  });
});

const spoken = (text: string, everyMs = 400): TimedText[] => splitWords(text).map((word, i) => ({ startMs: i * everyMs, endMs: i * everyMs + 300, text: word }));

describe('sentences', () => {
  it('end at punctuation, but not at abbreviations, and at pauses', () => {
    expect(sentencesOf({ words: spoken('So Dr. Who came at 3.5 hours. Really? Yes e.g. the J. R. one… and more.') }).map(({ text }) => text))
      .toEqual(['So Dr. Who came at 3.5 hours.', 'Really?', 'Yes e.g. the J. R. one…', 'and more.']);
    expect(sentencesOf({ words: spoken('No. We meet on 3. Mai in the U.S. Senate, No. 10. “St. Mary” vs. Dr. Who etc. Then Acme Inc. Paid.') }).map(({ text }) => text))
      .toEqual(['No.', 'We meet on 3. Mai in the U.S. Senate, No. 10.', '“St. Mary” vs. Dr. Who etc.', 'Then Acme Inc.', 'Paid.']);
    expect(cuesOf(spoken('Here comes Dr. Who. And St. Mary.')).map(({ text }) => text)).toEqual(['Here comes Dr. Who.', 'And St. Mary.']);
    const [a, b, c] = spoken('one two three');
    expect(sentences({ words: [a!, b!, { ...c!, startMs: 3_000, endMs: 3_100 }] })).toEqual([{ startMs: 0, endMs: 700 }, { startMs: 3_000, endMs: 3_100 }]);
    expect(sentences({ words: [] })).toEqual([]);
  });
  it('are in order and hold every word', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b.', 'c?', 'd'), fc.nat(2_000), fc.nat(900)), { minLength: 1, maxLength: 80 }), (all) => {
      let atMs = 0;
      const own = all.map(([text, gapMs, lengthMs]) => ({ startMs: (atMs += gapMs), endMs: atMs + lengthMs, text }));
      const found = sentencesOf({ words: own });
      expect(found.map(({ text }) => text).join(' ')).toBe(own.map(({ text }) => text).join(' '));
      found.forEach(({ startMs, endMs }, i) => {
        expect(endMs).toBeGreaterThanOrEqual(startMs);
        if (i > 0) expect(startMs).toBeGreaterThanOrEqual(found[i - 1]!.endMs);
      });
    }));
  });
});

describe('cuesOf', () => {
  it('reads well: two lines, seven seconds, whole sentences, every word', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'word', 'sentence.', 'however,', 'extraordinarily'), fc.constantFrom(0, 50, 900)), { maxLength: 150 }), (all) => {
      let atMs = 0;
      const own = all.map(([text, gapMs]) => ({ startMs: (atMs += gapMs), endMs: (atMs += 50 * text.length), text }));
      const cues = cuesOf(own);
      expect(cues.map(({ text }) => text).join(' ')).toBe(own.map(({ text }) => text).join(' '));
      for (const cue of cues) {
        expect(cue.text.length).toBeLessThanOrEqual(84);
        expect(cue.endMs - cue.startMs).toBeLessThanOrEqual(7_000);
        for (const line of lines(cue.text)) expect(line.length).toBeLessThanOrEqual(42 + 16);
      }
    }));
  });
});

it('knows languages by code and by name', () => {
  expect(['en', 'English', 'german', 'pt-BR', 'JAPANESE', 'klingon', '', null].map(languageCode)).toEqual(['en', 'en', 'de', 'pt', 'ja', null, null, null]);
});
