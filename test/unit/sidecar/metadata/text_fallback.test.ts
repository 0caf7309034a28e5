import { describe, expect, it } from 'vitest';
import type { RecordedMoment } from '../../../../src/protocol/highlights.js';
import { reasonInWords } from '../../../../src/sidecar/finding/reasons.js';
import { makeChapters } from '../../../../src/sidecar/metadata/chapters.js';
import { readFileName, readName } from '../../../../src/sidecar/metadata/file-name.js';
import { keyPhrases, Past } from '../../../../src/sidecar/metadata/key-phrases.js';
import { lintMetadata } from '../../../../src/sidecar/metadata/lint.js';
import { languageOf } from '../../../../src/sidecar/metadata/stop-words.js';
import { toldOf, textFallback, type MetadataInputs } from '../../../../src/sidecar/metadata/text-fallback.js';
import { keysOf } from '../../../../src/sidecar/metadata/tokens.js';
import { cuesOf } from '../../../../src/sidecar/transcript/cues.js';
import { splitWords, spread, type Transcript } from '../../../../src/sidecar/transcript/transcript.js';
import { beyondLimits } from '../../../support/metadata_limits.js';
import { nastyText, randomOf } from '../../../support/nasty_texts.js';

function said(text: string, language: string | null = null): Transcript {
  const parts = splitWords(text);
  const words = spread(parts, 0, parts.length * 400);
  return { language, words, cues: cuesOf(words) };
}

const COOKING = `Hello everyone and welcome back. Today we make a sourdough bread with nothing but flour, water and salt. The sourdough starter has to be fed in the morning.
So first of all you mix the flour and the water. Then the sourdough starter goes in, and you knead it. I let the dough rest for an hour, and then I fold the dough.
The oven has to be really hot, so put the baking stone in the oven early. Do you hear that? The sourdough bread is ready when it sounds hollow. Thanks for watching!`;

const inputs = (over: Partial<MetadataInputs> = {}): MetadataInputs => ({ fileName: 'recordings/rec_1/recording.mp4', durationMs: 600_000, chapters: [], ...over });

describe('textFallback', () => {
  it('says what is talked of', () => {
    const transcript = said(COOKING, 'en');
    const chapters = makeChapters({ durationMs: 600_000, transcript });
    const made = textFallback(inputs({ fileName: '2026-11-20 18-30-00 Baking day.mkv', transcript, chapters }));
    expect(made.title).toBe('Baking day: sourdough bread, dough and flour');
    expect(made.description).toMatch(/^(?=.*sourdough)[^\n]+\n\nIn this video: sourdough [^\n]+\.\n\nChapters:\n0:00 [^\n]+\n\d+:\d\d [^\n]+\n/);
    expect(made.description.endsWith(`\n\n${made.hashtags.join(' ')}`)).toBe(true);
    expect(made.tags).toEqual(expect.arrayContaining(['Baking day', 'sourdough starter']));
    expect(made.hashtags).toContain('#BakingDay');
    expect(beyondLimits(made)).toEqual([]);
    expect(lintMetadata(made, { durationMs: 600_000 }).score).toBeGreaterThanOrEqual(85);
  });

  it('in other languages, with their own words around it', () => {
    const german = textFallback(inputs({ transcript: said('Heute reparieren wir das alte Fahrrad. Die Kette vom alten Fahrrad ist gerissen, und wir brauchen eine neue Kette. Dann prüfen wir noch die Bremse vom Fahrrad.') }));
    expect(german.title).toMatch(/^Alte|^Fahrrad|^Kette/);
    expect(german.description).toContain('In diesem Video: ');
    const japanese = textFallback(inputs({ transcript: said('今日は新しいゲームの攻略をします。この攻略はとても難しいです。ボスの攻略には剣が必要です。剣は城で見つかります。') }));
    expect(japanese.title).toContain('攻略');
    expect(japanese.description).toContain('この動画の内容：');
  });

  it.each([
    [{ fileName: 'My first speedrun.mp4' }, 'My first speedrun'],
    [{ fileName: 'my_first_speedrun-1080p60.mp4' }, 'My first speedrun'],
    [{ fileName: '2026-11-20 18-30-00.mkv' }, 'Recording – November 20, 2026'],
    [{ fileName: 'recordings/rec_1/recording.mp4', startedAt: '2026-11-20T18:30:00Z', language: 'de', channel: 'Annes Küche' }, 'Annes Küche – 20. November 2026'],
    [{ fileName: 'Annes Küche', startedAt: '2026-11-20T18:30:00Z', language: 'de', channel: 'Annes Küche' }, 'Annes Küche – 20. November 2026'],
    [{ fileName: '4f0c9a12be77.mp4' }, 'Recording – 10:00'],
    [{ fileName: '' }, 'Recording – 10:00'],
    [{ fileName: '<>.mp4' }, 'Recording – 10:00'],
  ] as [Partial<MetadataInputs>, string][])('of a file with nothing but a name: %j', (over, title) => {
    const made = textFallback(inputs(over));
    expect(made.title).toBe(title);
    expect(made.description).not.toBe('');
  });

  it.each([
    ['St. Mary', ['St. Mary'], ['#StMary']],
    ['Dr. Who', ['Dr. Who'], ['#DrWho']],
    ['U.S. News', ['U.S. News'], ['#USNews']],
    ['Ajax vs. Feyenoord', ['Ajax vs. Feyenoord'], []],
    ["Conan O'Brien", ["Conan O'Brien"], ['#ConanOBrien']],
    ['Spider-Man', ['Spider-Man'], ['#SpiderMan']],
    ['AT&T', ['AT&T'], ['#ATT']],
    ["Guns N' Roses", ["Guns N' Roses"], []],
    ['J. K. Rowling', ['J. K. Rowling'], []],
    ['Node.js', ['Node.js'], ['#NodeJs']],
    ['Mr.Beast', ['Mr.Beast'], ['#MrBeast']],
    ['24/7 Lofi', ['24/7 Lofi', 'Lofi'], ['#Lofi']],
    ['100 Thieves', ['100 Thieves', 'Thieves'], ['#Thieves']],
    ['iJustine', ['iJustine'], ['#iJustine']],
    ['ハリー・ポッター', ['ハリー・ポッター'], ['#ハリーポッター']],
    ['Club.TV', ['Club.TV'], []],
  ])('of a channel that is called %s', (channel, tags, hashtags) => {
    const made = textFallback(inputs({ fileName: '', name: channel, channel, startedAt: '2026-11-20T18:30:00Z', language: 'en' }));
    expect(made).toMatchObject({ title: `${channel} – November 20, 2026`, tags, hashtags });
  });

  it('keeps names whole that have points, hyphens and apostrophes in them', () => {
    const transcript = said("Prof. Adams plays for St. Pauli. I saw St. Pauli with Prof. Adams, e.g. here. So-called experts like the T-Shirt of St. Pauli, no. 1 of all, one-on-one. The T-Shirt is red.", 'en');
    const made = textFallback(inputs({ transcript }));
    expect(made.title).toBe('St. Pauli, Prof. Adams and T-Shirt');
    expect(made.tags).toEqual(expect.arrayContaining(['St. Pauli', 'Prof. Adams', 'T-Shirt']));
    expect(made.tags.filter((tag) => /^(?:st|prof|no|e\.g|so|t|mr|one-on-one)\.?$/i.test(tag))).toEqual([]);
    expect(made.description).toContain('I saw St. Pauli with Prof. Adams, e.g. here.');
  });

  it('has no part of a name, and in its title nothing that was said once, in a highlight or not', () => {
    const transcript = said('Now Dr. Smith of St. Pauli jumps over the wall. Dr. Smith again. Nobody saw that.', 'en');
    const made = textFallback(inputs({ fileName: 'Cup.mp4', transcript, highlights: [{ startMs: 0, endMs: 600_000, score: 1, reasons: [] }] }));
    expect(made.title).toBe('Cup: Dr. Smith');
    expect(made.tags).toEqual(expect.arrayContaining(['Dr. Smith', 'St. Pauli']));
    expect(made.tags.filter((tag) => /^(?:Pauli|Smith)/.test(tag))).toEqual([]);
  });

  it('does not tell viewers what was pressed', () => {
    const words = (kind: Exclude<RecordedMoment['kind'], 'alert'>, text: string) => reasonInWords({ atMs: 0, kind, text });
    const reasons = [words('marker', 'Goal'), words('marker', ''), words('take', 'Camera 2'), words('override', 'Slate'), words('insert', 'Spot')];
    expect(toldOf(reasons)).toEqual(['Goal']);
    expect(textFallback(inputs({ highlights: [{ startMs: 0, endMs: 10, score: 1, reasons }] })).description).toBe('Highlights: Goal.');
    expect(textFallback(inputs({ highlights: [{ startMs: 0, endMs: 10, score: 1, reasons: reasons.slice(1) }] })).description).not.toContain('Highlights');
  });

  it('says what was found where nothing is said', () => {
    const highlights = [{ startMs: 0, endMs: 10, score: 0.4, reasons: ['38 chatters in 10 s'] }, { startMs: 0, endMs: 10, score: 0.9, reasons: ['crowd loud ×4', 'cut to camera 2'] }];
    expect(textFallback(inputs({ highlights })).description).toBe('Highlights: crowd loud ×4, 38 chatters in 10 s.');
  });

  it('prefers what is new on this channel, and keeps the tags it always has', () => {
    const video = (title: string) => ({ title, description: 'Sourdough bread every week', tags: ['baking', 'bread'], hashtags: ['#baking'] });
    const made = textFallback(inputs({ transcript: said(`${COOKING} The rye flour is dark. Rye flour is heavy.`, 'en'), past: [video('Sourdough bread one'), video('Sourdough bread two'), video('Sourdough starter and bread')] }));
    expect(made.tags).toEqual(expect.arrayContaining(['baking', 'bread']));
    expect(made.hashtags[0]).toBe('#baking');
    expect(made.title.toLowerCase()).toContain('rye flour');
  });

  it('takes from chat what several people say, never what one repeats, and no links of strangers', () => {
    const chat = [...['ann', 'bob', 'cid'].map((user) => ({ atMs: 0, user, text: 'what a triple kill' })), ...Array.from({ length: 50 }, () => ({ atMs: 0, user: 'spam', text: 'buy followers at evil.com @spammer' }))];
    const made = textFallback(inputs({ chat, transcript: said('Please visit evil.com for the free skins, they say, and follow the spammer there.', 'en') }));
    expect(JSON.stringify(made).toLowerCase()).toContain('triple kill');
    expect(JSON.stringify(made)).not.toMatch(/evil|@spammer|buy followers/);
  });

  it('always gives something, within the limits', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = randomOf(seed);
      const text = (most: number): string => nastyText(random, most);
      const transcript = random() < 0.7 ? said(text(60)) : null;
      const durationMs = Math.floor(random() * 4_000_000);
      const moments = Array.from({ length: Math.floor(random() * 10) }, () => ({ atMs: Math.floor(random() * durationMs), kind: 'marker' as const, text: text(4) }));
      const made = textFallback({ fileName: text(5), durationMs, transcript, moments, chapters: makeChapters({ durationMs, transcript, moments }), channel: text(2), chat: [{ atMs: 0, user: 'a', text: text(5) }], past: [{ title: text(4), description: text(9), tags: [text(1)], hashtags: [text(1)] }] });
      expect(beyondLimits(made), `seed ${seed}`).toEqual([]);
      expect(made.title, `seed ${seed}`).not.toBe('');
      expect(made.description, `seed ${seed}`).not.toBe('');
    }
  });
});

describe('keyPhrases', () => {
  it('weighs what is rare elsewhere', () => {
    const text = 'the boss and the level and the boss and the level';
    const most = (past: Past) => keyPhrases([{ text, weight: 1 }], { language: 'en', past, most: 1 })[0]!.key;
    expect(most(new Past(['level one', 'level two', 'another level']))).toBe('boss');
    expect(most(new Past(['boss one', 'boss two', 'another boss']))).toBe('level');
  });
  it('takes time in proportion to a text', { timeout: 20_000 }, () => {
    // The square of it would take minutes.
    for (const text of ['alpha beta gamma. '.repeat(8_000), '日本語の文章です。'.repeat(8_000), 'x'.repeat(150_000), '字'.repeat(40_000)]) keyPhrases([{ text, weight: 1 }], { language: 'en', most: 3 });
  });
});

it('knows a language by its small words', () => {
  const texts = { en: COOKING, de: 'Ich habe das nicht gesehen, aber wir können es auch noch mal machen.', fr: 'Je ne sais pas ce que vous avez fait avec les autres dans cette maison.', es: 'Pero no sé qué es lo que está pasando con el otro en la casa.', ru: 'Я не знаю, что это такое, но мы всё равно это сделаем, потому что так надо.', ja: '今日は新しいゲームの攻略をします。この攻略はとても難しいです。', ko: '안녕하세요 그래서 이제 우리 같이 좀 해 그냥 이렇게 하는 거' };
  for (const [language, text] of Object.entries(texts)) expect(languageOf(keysOf(text))).toBe(language);
  expect(languageOf(keysOf('xyzzy plugh frotz'))).toBeNull();
});

it('reads the names of files', () => {
  expect(['2026-02-30 talk.mp4', 'Interview with Ann 20261120.mov', 'OBS 2026-11-20 18-30-00.mkv', 'GOPR0123.MP4', 'VID_20261120_183000.mp4', 'Q&A - part 2.mp4', 'e3b0c44298fc1c149afbf4c8996fb924.flv', 'Über Käse.mkv', '日本旅行.mp4'].map(readFileName)).toEqual([
    { title: 'talk', date: null }, { title: 'Interview with Ann', date: '2026-11-20' }, { title: null, date: '2026-11-20' }, { title: null, date: null }, { title: null, date: '2026-11-20' },
    { title: 'Q&A - part 2', date: null }, { title: null, date: null }, { title: 'Über Käse', date: null }, { title: '日本旅行', date: null },
  ]);
  expect(['St. Mary 2-1 U.S. News.mp4', 'Spider-Man returns (final).mkv', 'spider-man-returns.mkv', 'Node 2.0 launch.mp4'].map((name) => readFileName(name).title)).toEqual(['St. Mary 2-1 U.S. News', 'Spider-Man returns', 'spider man returns', 'Node 2.0 launch']);
  expect(['7 vs. Wild', 'Recording 12', '', 'Live', 'Annes_Küche'].map(readName)).toEqual(['7 vs. Wild', null, null, null, 'Annes_Küche']);
  for (let seed = 1; seed <= 500; seed++) readFileName(nastyText(randomOf(seed), 8));
});
