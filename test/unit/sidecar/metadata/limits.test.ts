import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { descriptionOf, fitted, hashtagsOf, oneLine, paragraphs, tagsOf, titleOf, withinLimits } from '../../../../src/sidecar/metadata/limits.js';
import { allowedLinks, linksIn, withoutForeignLinks } from '../../../../src/sidecar/metadata/links.js';
import { beyondLimits, cutsNoLetter } from '../../../support/metadata_limits.js';
import { nastyText, randomOf } from '../../../support/nasty_texts.js';

describe('within limits', () => {
  it('10,000 nasty texts, and what is within them stays as it is', () => {
    for (let seed = 1; seed <= 10_000; seed++) {
      const random = randomOf(seed);
      const list = (most: number): string[] => Array.from({ length: Math.floor(random() * most) }, () => nastyText(random, 4));
      const text = nastyText(random, 10);
      const made = withinLimits({ title: nastyText(random, 8), description: random() < 0.02 ? text.repeat(20) : text, tags: list(random() < 0.1 ? 60 : 8), hashtags: list(random() < 0.1 ? 40 : 6) }, random() < 0.5 ? nastyText(random, 8) : '');
      expect(beyondLimits(made), `seed ${seed}`).toEqual([]);
      if (seed % 10 === 0) expect(withinLimits(made), `seed ${seed}`).toEqual(made);
    }
  }, 180_000);

  it('any text at all', () => {
    const Any = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(fc.property(Any, Any, fc.array(Any, { maxLength: 20 }), (title, description, texts) => {
      expect(beyondLimits(withinLimits({ title, description, tags: texts, hashtags: texts }))).toEqual([]);
    }), { numRuns: 500 });
  });

  it('without cutting a letter, however it is made', () => {
    const Letter = fc.constantFrom('a', ' ', 'é', 'e\u0301', '👩‍👩‍👧‍👦', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '🇩🇪', '🇫🇷', '漢', '한', 'क्षि', '1️⃣', '👍🏽', 'مُ', '\u200d', '…', '.');
    fc.assert(fc.property(fc.array(Letter, { maxLength: 60 }).map((all) => all.join('')), fc.integer({ min: 0, max: 80 }), fc.boolean(), (text, room, inBytes) => {
      const size = (one: string): number => (inBytes ? Buffer.byteLength(one) : one.length);
      const cut = fitted(text, room, size);
      expect(size(cut)).toBeLessThanOrEqual(room);
      if (cut === text) return;
      const own = cut.replace(/…$/, '');
      // What is trimmed off before the dots was whole as well.
      expect(cutsNoLetter(own, text) || own === own.trimEnd()).toBe(true);
      expect(text.startsWith(own)).toBe(true);
      const bounds = Array.from(new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text), ({ segment, index }) => ({ index, end: index + segment.length, segment }));
      const split = bounds.find(({ index, end }) => own.length > index && own.length < end);
      if (split) expect(split.segment.slice(own.length - split.index)).toMatch(/^[\u200d\s\p{P}]+$/u);
    }), { numRuns: 2_000 });
  });

  it('by words where there are words, and said otherwise where a character may not stand', () => {
    expect(titleOf(`${'word '.repeat(30)}end`)).toBe(`${'word '.repeat(19)}word…`);
    expect(titleOf('字'.repeat(150))).toBe(`${'字'.repeat(99)}…`);
    expect(titleOf('A -> B <3 you <b>now</b>')).toBe('A → B ♥ you bnow/b');
    expect(paragraphs('a\r\n\n\n\nb \t c\u0000d')).toBe('a\n\nb c d');
    expect(oneLine('a\nb\u202ec\ud83d')).toBe('a bc');
    expect(tagsOf(['Boss fight', 'boss FIGHT', 'a,b', '', '!!', '#game', 'x'.repeat(61)])).toEqual(['Boss fight', 'a b', 'game']);
    expect(hashtagsOf(['#boss fight', 'Boss Fight!', '#2026', 'スプラ', '#', 'a_b'])).toEqual(['#bossfight', '#スプラ', '#a_b']);
  });

  it('counts tags as YouTube does: commas between, quotes around those with a space', () => {
    const fifty = Array.from({ length: 60 }, (_, i) => `tag ${String(i).padStart(4, '0')}`);
    // Eight characters and two quotes each, and a comma between: 45 of them are 494.
    expect(tagsOf(fifty)).toHaveLength(45);
    expect(tagsOf(Array.from({ length: 99 }, (_, i) => String(i + 100).padStart(4, 'x')))).toHaveLength(99);
  });

  it('keeps what must be there when there is too much', () => {
    const last = '0:00 Start\n1:00 Middle\n2:00 End';
    const made = descriptionOf('long words '.repeat(900), last);
    expect(made.endsWith(`…\n\n${last}`)).toBe(true);
    expect(Buffer.byteLength(made)).toBeGreaterThan(4_900);
  });
});

describe('foreign links', () => {
  const allowed = allowedLinks(['More at https://www.example.org/shop, by @ann.'], ['twitch.tv/ann']);
  it.each([
    ['Go to https://evil.example/x?a=b now', 'Go to now'], ['at evil.com!', 'at!'], ['mail me@evil.com', 'mail'], ['(www.evil.de)', ''], ['join discord.gg/abc today', 'join today'], ['by @stranger and @ann', 'by and @ann'],
    ['see example.org/shop.', 'see example.org/shop.'], ['on http://twitch.tv/ann', 'on http://twitch.tv/ann'], ['ｅｖｉｌ．ｃｏｍ', ''], ['evil.evil.com/com x', 'x'], ['javascript:alert(1)', '(1)'], ['t.me/scam', ''],
    ['Version 1.2 of Node.js at 3.5 e.g. now', 'Version 1.2 of Node.js at 3.5 e.g. now'], ['So ... what.Then we go', 'So ... what.Then we go'],
  ])('%j becomes %j', (text, expected) => expect(withoutForeignLinks(text, allowed).trim()).toBe(expected));

  it('are all gone whatever they are made of', () => {
    const Part = fc.constantFrom('evil', '.com', '.', 'com', '/', 'https://', 'www.', '@', 'you', ' ', '．', '\n', '(', ')', ':', 't.me');
    fc.assert(fc.property(fc.array(Part, { maxLength: 25 }).map((all) => all.join('')), (text) => { expect([...linksIn(withoutForeignLinks(text, allowed))].filter((one) => !allowed.has(one))).toEqual([]); }), { numRuns: 2_000 });
  });

  it('take no time that grows with the square of a text', () => {
    for (const piece of ['a', 'a.', 'a-', '@', 'www.', 'a@', 'https://']) withoutForeignLinks(piece.repeat(20_000), allowed);
  });
});
