/** What must hold of any metadata, counted here anew and by other means than the product counts. */
import type { VideoMetadata } from '../../src/protocol/highlights.js';

const clusters = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** What is wrong; nothing when all is within the limits. */
export function beyondLimits({ title, description, tags, hashtags }: VideoMetadata): string[] {
  const wrong: string[] = [];
  if (title.length > 100) wrong.push(`title of ${title.length}`);
  if (Buffer.from(description, 'utf8').length > 5_000) wrong.push('description too long');
  const all = tags.map((tag) => (/\s/.test(tag) ? `"${tag}"` : tag)).join(',');
  if (all.length > 500) wrong.push(`tags of ${all.length}`);
  if (hashtags.length > 15) wrong.push('too many hashtags');
  for (const text of [title, description, ...tags, ...hashtags]) {
    if (/[<>]/.test(text)) wrong.push('angle bracket');
    if (/\p{Surrogate}/u.test(text)) wrong.push('half of a pair');
    if (/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(text)) wrong.push('control character');
    if (/[\u202a-\u202e\u2066-\u2069]/.test(text)) wrong.push('turns the direction');
    if (text !== text.trim()) wrong.push('blank at an end');
  }
  if ([title, ...tags, ...hashtags].some((text) => text.includes('\n'))) wrong.push('more than one line');
  if (tags.some((tag) => tag === '' || /[,"]/.test(tag)) || new Set(tags).size < tags.length) wrong.push('a tag that is none');
  if (hashtags.some((one) => !/^#[\p{L}\p{M}\p{N}_]+$/u.test(one))) wrong.push('a hashtag that is none');
  return [...new Set(wrong)];
}

/** Whether a cut text ends where a letter ends: all its letters are letters of the whole. */
export function cutsNoLetter(cut: string, whole: string): boolean {
  const own = cut.replace(/…$/, '');
  const bounds = new Set([0, whole.length, ...Array.from(clusters.segment(whole), ({ index }) => index)]);
  return whole.startsWith(own) && bounds.has(own.length);
}
