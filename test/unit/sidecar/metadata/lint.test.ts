import { describe, expect, it } from 'vitest';
import { MetadataLint } from '../../../../src/protocol/highlights.js';
import { lintMetadata } from '../../../../src/sidecar/metadata/lint.js';
import { nastyText, randomOf } from '../../../support/nasty_texts.js';

const good = {
  title: 'Sourdough bread from scratch with Ann', hashtags: ['#sourdough', '#baking'], tags: ['sourdough bread', 'baking', 'bread from scratch', 'starter', 'oven'],
  description: 'Ann bakes a sourdough bread with three ingredients and shows how the starter is fed in the morning and the evening.\n\nChapters:\n0:00 Start\n4:10 Kneading\n12:00 In the oven\n\n#sourdough #baking',
};
const about = { durationMs: 1_200_000 };

describe('lintMetadata', () => {
  it('finds nothing to say of what is good', () => expect(lintMetadata(good, about)).toEqual({ score: 100, points: [] }));

  const list = (chapters: string): string => good.description.replace(/0:00[^#]+/, `${chapters}\n\n`);
  it.each([
    ['title', 'no title', { title: ' ' }], ['title', '120 characters', { title: `Sourdough ${'x'.repeat(110)}` }], ['title', 'angle bracket', { title: 'Sourdough <b>bread</b> from Ann' }],
    ['title', 'very short', { title: 'Baking' }], ['title', 'says nothing', { title: 'Recording 2026-11-20' }], ['title', 'shouts', { title: 'SOURDOUGH BREAD FROM SCRATCH' }],
    ['title', 'twice', { title: 'Sourdough bread and sourdough starter' }], ['title', 'in a row', { title: 'Sourdough bread from scratch!!!' }], ['title', 'first 40 characters', { title: 'What nobody has ever told you about this and sourdough' }],
    ['description', 'no description', { description: '' }], ['description', 'YouTube takes 5000', { description: `${good.description}${'ä'.repeat(2_500)}` }], ['description', 'begins with', { description: `https://example.org\n${good.description}` }],
    ['description', 'very short', { description: 'Bread.' }], ['chapters', 'no chapters', { description: good.description.replace(/\d+:\d\d/g, '') }], ['chapters', 'not at 0:00', { description: list('0:10 a\n4:10 b\n12:00 c') }],
    ['chapters', 'fewer than 3', { description: list('0:00 a\n4:10 b') }], ['chapters', 'order', { description: list('0:00 a\n4:10 b\n4:00 c\n9:00 d') }], ['chapters', 'shorter than 10 s', { description: list('0:00 a\n4:10 b\n4:19 c') }],
    ['chapters', 'after the end', { description: list('0:00 a\n4:10 b\n59:00 c') }], ['chapters', 'same title', { description: list('0:00 a\n4:10 b\n12:00 A') }],
    ['tags', 'no tags', { tags: [] }], ['tags', '500', { tags: Array.from({ length: 40 }, (_, i) => `sourdough tag ${i}`) }], ['tags', 'twice', { tags: [...good.tags, 'Baking'] }], ['tags', 'comma', { tags: [...good.tags, 'a,b'] }],
    ['hashtags', 'There are 16 hashtags', { hashtags: Array.from({ length: 14 }, (_, i) => `#tag${i}`) }], ['hashtags', 'no hashtags', { hashtags: [], description: good.description.replace(/#.*$/, '') }], ['hashtags', 'without a space', { hashtags: ['#two words'] }],
  ] as const)('says of %s: %s', (field, says, change) => {
    const { score, points } = lintMetadata({ ...good, ...change, tags: [...('tags' in change ? change.tags : good.tags)], hashtags: [...('hashtags' in change ? change.hashtags : good.hashtags)] }, about);
    const point = points.find((one) => one.message.includes(says));
    expect(point, points.map((one) => one.message).join(' ')).toMatchObject({ field });
    expect(score).toBeLessThan(100);
    expect(score).toBe(Math.max(0, 100 - points.reduce((sum, { costs }) => sum + costs, 0)));
  });

  it('is 0 to 100 whatever it is given', () => {
    for (let seed = 1; seed <= 500; seed++) {
      const random = randomOf(seed);
      const texts = Array.from({ length: 5 }, () => nastyText(random, 4));
      MetadataLint.parse(lintMetadata({ title: nastyText(random, 6), description: nastyText(random, 40), tags: texts, hashtags: texts }, about));
    }
  });
});
