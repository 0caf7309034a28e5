/**
 * What a platform takes, by construction: all that this folder gives out has been through here. The limits are YouTube's (Data API, videos:
 * snippet), the strictest; characters are counted as UTF-16 does, which is never fewer than anybody counts.
 */
import { MAX_DESCRIPTION_BYTES, MAX_TAGS_CHARACTERS, MAX_TITLE_CHARACTERS, type VideoMetadata } from '../../protocol/highlights.js';

export const MAX_HASHTAGS = 15;
export const MAX_CHAPTER_TITLE_CHARACTERS = 80;
const MAX_TAG_CHARACTERS = 60;
const MAX_HASHTAG_CHARACTERS = 40;
/** A family of four with skin colours is 41; what is longer is a letter under a heap of accents, made to be ugly. */
const MAX_CLUSTER = 48;
/** Of anything that is handed in; no description needs more. */
const MAX_INPUT = 20_000;

/**
 * No letters, or seen by nobody: controls, halves of pairs, marks that turn the direction of all that follows, places that mean nothing. Joiners
 * (of emoji and of Persian) and the marks of one letter's direction stay.
 */
const UNSEEN = /[\p{Surrogate}\p{Noncharacter_Code_Point}\p{Private_Use}\u00ad\u200b\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffd]/gu;
const CONTROL = /[\p{Cc}]/gu;

let segmenter: Intl.Segmenter | undefined;
const segments = (text: string): Intl.Segments => (segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' })).segment(text);

/** Letters as people see them: never to be cut. */
function graphemes(text: string): string[] {
  return Array.from(segments(text), ({ segment }) => segment);
}

/** Arrows and hearts are said otherwise; what is left of angle brackets goes. */
function withoutBrackets(text: string): string {
  return text.replace(/<3/g, '♥').replace(/[-=]+>/g, '→').replace(/<[-=]+/g, '←').replace(/[<>]/g, '');
}

function clean(text: string): string {
  const plain = withoutBrackets(text.slice(0, MAX_INPUT).replace(UNSEEN, ''));
  return plain.length > MAX_CLUSTER && /\p{M}{8}|(?:\u200d[^\u200d]{1,8}){6}/u.test(plain) 
    // In pieces: to segment a text takes time that grows with the square of its length.
    ? plain.split(/(\s+)/u).map((word) => (word.length <= MAX_CLUSTER ? word : graphemes(word).filter((one) => one.length <= MAX_CLUSTER).join(''))).join('')
    : plain;
}

/** In one line, without controls and angle brackets. */
export function oneLine(text: string): string {
  return clean(text.replace(CONTROL, ' ')).replace(/\s+/gu, ' ').trim();
}

/** In paragraphs: at most one blank line after another. */
export function paragraphs(text: string): string {
  const lines = clean(text.replace(/\r\n?|\u2028|\u2029/g, '\n').replace(/[^\P{Cc}\n]/gu, ' ')).split('\n').map((line) => line.replace(/\s+/gu, ' ').trim());
  return lines.join('\n').replace(/\n{3,}/g, '\n\n').trim();
}

const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8');
const charactersOf = (text: string): number => text.length;

/**
 * As much of a text as there is room for, with `…` for the rest: whole words where that costs little, whole letters always. '' when not even one has room.
 * @param size of a text, in what `room` counts
 */
export function fitted(text: string, room: number, size: (text: string) => number = charactersOf): string {
  if (size(text) <= room) return text;
  const left = room - size('…');
  let used = 0;
  let end = 0;
  let wordEnd = 0;
  // No letter counts less than one: what lies further on has no room anyway.
  for (const { segment, index } of segments(text.slice(0, room + 2 * MAX_CLUSTER))) {
    const next = used + size(segment);
    if (next > left) break;
    if (/^\s/u.test(segment)) wordEnd = index;
    used = next;
    end = index + segment.length;
  }
  if (end === 0) return '';
  // Where a word ends just there nothing is cut; a language without spaces is cut anywhere.
  const isWhole = /^\s/u.test(text.slice(end));
  const cut = !isWhole && wordEnd > end * 0.6 ? wordEnd : end;
  // What would begin a new cluster with the dots may not join them.
  return `${text.slice(0, cut).trimEnd().replace(/[\p{Pd},;:(\u200d]+$/u, '').trimEnd()}…`;
}

export const titleOf = (text: string): string => fitted(oneLine(text), MAX_TITLE_CHARACTERS);
export const chapterTitleOf = (text: string): string => fitted(oneLine(text).replace(/^(?:\d+(?::\d+)+\s*)+/, ''), MAX_CHAPTER_TITLE_CHARACTERS);

/** Lines are whole as long as there is room for them; `last`, such as chapters, is there whatever else has to go. */
export function descriptionOf(text: string, last = ''): string {
  const end = fitLines(paragraphs(last), MAX_DESCRIPTION_BYTES);
  const room = MAX_DESCRIPTION_BYTES - (end === '' ? 0 : bytesOf(end) + 2);
  const start = fitLines(paragraphs(text), Math.max(0, room));
  return [start, end].filter((part) => part !== '').join('\n\n');
}

function fitLines(text: string, room: number): string {
  if (bytesOf(text) <= room) return text;
  const kept: string[] = [];
  let used = 0;
  for (const line of text.split('\n')) {
    const bytes = bytesOf(line) + (kept.length > 0 ? 1 : 0);
    if (used + bytes > room) {
      const rest = room - used - (kept.length > 0 ? 1 : 0);
      // A word or two of a line say nothing.
      const part = rest >= 40 || kept.length === 0 ? fitted(line, rest, bytesOf) : '';
      if (part !== '') kept.push(part);
      break;
    }
    kept.push(line);
    used += bytes;
  }
  return kept.join('\n').trim();
}

/** Each once, in order, as many as fit: a comma between them, and quotes around those with a space. */
export function tagsOf(tags: readonly string[]): string[] {
  const kept: string[] = [];
  const known = new Set<string>();
  let used = 0;
  for (const tag of tags) {
    const text = oneLine(tag.replace(/[,"#<>]/g, ' '));
    const key = text.normalize('NFKC').toLowerCase();
    if (text === '' || text.length > MAX_TAG_CHARACTERS || known.has(key) || !/[\p{L}\p{N}]/u.test(text)) continue;
    const size = text.length + (/\s/u.test(text) ? 2 : 0) + (kept.length > 0 ? 1 : 0);
    if (used + size > MAX_TAGS_CHARACTERS) continue;
    kept.push(text);
    known.add(key);
    used += size;
  }
  return kept;
}

/** With their #, letters, digits and underscores only; more than 15 and YouTube takes none. */
export function hashtagsOf(hashtags: readonly string[]): string[] {
  const kept = new Map<string, string>();
  for (const hashtag of hashtags) {
    const text = clean(hashtag.normalize('NFC').replace(CONTROL, '')).replace(/[^\p{L}\p{M}\p{N}_]/gu, '').replace(/^\p{M}+/u, '');
    if (text === '' || text.length > MAX_HASHTAG_CHARACTERS || !/\p{L}/u.test(text)) continue;
    const key = text.toLowerCase();
    if (!kept.has(key)) kept.set(key, `#${text}`);
  }
  return [...kept.values()].slice(0, MAX_HASHTAGS);
}

/**
 * Anything as metadata within the limits.
 * @param last of the description: what must not be cut off
 */
export function withinLimits({ title, description, tags, hashtags }: VideoMetadata, last = ''): VideoMetadata {
  return { title: titleOf(title), description: descriptionOf(description, last), tags: tagsOf(tags), hashtags: hashtagsOf(hashtags) };
}
