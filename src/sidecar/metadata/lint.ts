/** How well a title, a description, tags and chapters would do on YouTube: 100, less what each point costs, each with what to do about it. */
import { MAX_DESCRIPTION_BYTES, MAX_TAGS_CHARACTERS, MAX_TITLE_CHARACTERS, tagsCharacters, type MetadataLint, type VideoMetadata } from '../../protocol/highlights.js';
import { MIN_CHAPTER_MS, MIN_CHAPTERS } from './chapters.js';
import { readName } from './file-name.js';
import { MAX_HASHTAGS } from './limits.js';
import { linksIn } from './links.js';
import { isStopWord, languageOf } from './stop-words.js';
import { keysOf, tokensOf } from './tokens.js';

type Point = MetadataLint['points'][number];
type Field = Point['field'];

/** What is seen of a title in a list on a telephone, and of a description before it is unfolded. */
const SEEN_OF_TITLE = 40;
const SEEN_OF_DESCRIPTION = 150;
const LONG_TITLE = 70;
const SHORT_TITLE = 15;
/** From here on chapters are missed. */
const LONG_VIDEO_MS = 600_000;
const CHAPTER_LINE = /^\W{0,3}(?:(\d{1,2}):)?(\d{1,3}):(\d\d)(?!\d)\W*(.*)$/u;

export function lintMetadata(metadata: VideoMetadata, about: { durationMs?: number } = {}): MetadataLint {
  const points: Point[] = [];
  const costs = (field: Field, cost: number, message: string): void => { points.push({ field, costs: cost, message }); };
  lintTitle(metadata, costs);
  lintDescription(metadata, costs);
  lintChapters(metadata.description, about.durationMs, costs);
  lintTags(metadata, costs);
  lintHashtags(metadata, costs);
  points.sort((a, b) => b.costs - a.costs);
  return { score: Math.max(0, 100 - points.reduce((sum, point) => sum + point.costs, 0)), points };
}

type Costs = (field: Field, cost: number, message: string) => void;

function lintTitle({ title, tags, description }: VideoMetadata, costs: Costs): void {
  if (title.trim() === '') return costs('title', 40, 'There is no title. Say in a few words what happens.');
  if (title.length > MAX_TITLE_CHARACTERS) costs('title', 30, `The title has ${title.length} characters; YouTube takes ${MAX_TITLE_CHARACTERS}. Shorten it.`);
  else if (title.length > LONG_TITLE) costs('title', 5, `The title has ${title.length} characters; most lists cut it after ${LONG_TITLE}. Shorten it, or see that its end may be missing.`);
  if (title.length < SHORT_TITLE && keysOf(title).length < 3) costs('title', 8, 'The title is very short. Say what happens, or with whom.');
  if (/[<>\p{Cc}]/u.test(title)) costs('title', 30, 'The title has an angle bracket or a control character; YouTube refuses it. Take it out.');
  if (readName(title) === null) costs('title', 12, 'The title says nothing of what happens. Name the game, the guest or the subject.');
  if (isShouting(title)) costs('title', 10, 'The title shouts. Write it in small letters, but for one word at most.');
  if (/[!?！？]{2,}|(?:\p{Extended_Pictographic}\uFE0F?){3,}/u.test(title)) costs('title', 4, 'The title has several marks or emoji in a row. One is enough.');
  const language = languageOf(keysOf(description));
  const telling = tokensOf(title).filter(({ key, leaning }) => leaning === null && !isStopWord(key, language)).map(({ key }) => key);
  const repeated = telling.find((key, i) => telling.indexOf(key) !== i);
  if (repeated !== undefined) costs('title', 5, `“${repeated}” is in the title twice. Use the room for something else.`);
  const tagKeys = new Set(tags.flatMap(keysOf));
  if (tags.length > 0 && !keysOf(title.slice(0, SEEN_OF_TITLE)).some((key) => tagKeys.has(key))) {
    costs('title', 6, `None of what the tags name is in the first ${SEEN_OF_TITLE} characters of the title. Put what people look for first.`);
  }
}

/** Half of a line in capitals; scripts without small letters cannot shout. */
function isShouting(text: string): boolean {
  const cased = text.match(/\p{Lu}|\p{Ll}/gu) ?? [];
  return cased.length >= 8 && cased.filter((letter) => /\p{Lu}/u.test(letter)).length > cased.length * 0.6;
}

function lintDescription({ title, description }: VideoMetadata, costs: Costs): void {
  const bytes = Buffer.byteLength(description, 'utf8');
  if (description.trim() === '') return costs('description', 20, 'There is no description. Two sentences on what happens are enough.');
  if (bytes > MAX_DESCRIPTION_BYTES) costs('description', 25, `The description has ${bytes} bytes; YouTube takes ${MAX_DESCRIPTION_BYTES}. Shorten it.`);
  if (/[<>]|[^\P{Cc}\n]/u.test(description)) costs('description', 25, 'The description has an angle bracket or a control character; YouTube refuses it. Take it out.');
  const [first = ''] = description.trim().split('\n');
  const seen = description.trim().slice(0, SEEN_OF_DESCRIPTION);
  if (/^(?:#|https?:|www\.)/i.test(first) || CHAPTER_LINE.test(first)) costs('description', 8, 'The description begins with a link, hashtags or a time. Its first lines are all that most people read: say there what happens.');
  else if (description.length < 100) costs('description', 6, 'The description is very short. Say in two sentences what happens.');
  else if (seen.trim() === title.trim() || first.trim() === title.trim()) costs('description', 4, 'The description begins with the title once more. Say something else in its first line.');
  const { size } = linksIn(description);
  if (size > 10) costs('description', 4, `There are ${size} links in the description. Keep those that people click.`);
  if (description.split('\n').some((line) => line.length > 900)) costs('description', 3, 'A paragraph of the description is very long. Cut it in two.');
}

function lintChapters(description: string, durationMs: number | undefined, costs: Costs): void {
  const found = description.split('\n').flatMap((line) => {
    const match = CHAPTER_LINE.exec(line.trim());
    return match ? [{ atMs: ((Number(match[1] ?? 0) * 60 + Number(match[2])) * 60 + Number(match[3])) * 1000, title: match[4]!.trim() }] : [];
  });
  if (found.length === 0) {
    if (durationMs !== undefined && durationMs >= LONG_VIDEO_MS) costs('chapters', 8, 'There are no chapters. From ten minutes on people look for them: list three times or more, the first one 0:00.');
    return;
  }
  if (found[0]!.atMs !== 0) costs('chapters', 10, 'The first chapter is not at 0:00: YouTube shows none of them. Begin the list with 0:00.');
  if (found.length < MIN_CHAPTERS) costs('chapters', 8, `There ${found.length === 1 ? 'is one chapter' : `are ${found.length} chapters`}; YouTube shows none of fewer than ${MIN_CHAPTERS}.`);
  const lengths = found.map(({ atMs }, i) => (found[i + 1]?.atMs ?? durationMs ?? Infinity) - atMs);
  if (lengths.slice(0, -1).some((ms) => ms <= 0)) costs('chapters', 10, 'The chapters are not in the order of their times: YouTube shows none of them.');
  else if (lengths.some((ms) => ms < MIN_CHAPTER_MS)) costs('chapters', 10, 'A chapter is shorter than 10 s, or begins after the end: YouTube shows none of them.');
  if (found.some(({ title }) => title === '')) costs('chapters', 4, 'A chapter has no title.');
  const titles = found.map(({ title }) => title.toLowerCase());
  if (new Set(titles).size < titles.length) costs('chapters', 3, 'Two chapters have the same title. Say what differs.');
}

function lintTags({ tags }: VideoMetadata, costs: Costs): void {
  const characters = tagsCharacters(tags);
  if (tags.length === 0) costs('tags', 6, 'There are no tags. Five to fifteen help with names that people misspell.');
  else if (tags.length < 5) costs('tags', 3, `There ${tags.length === 1 ? 'is one tag' : `are ${tags.length} tags`}. Five to fifteen are good.`);
  if (characters > MAX_TAGS_CHARACTERS) costs('tags', 20, `The tags have ${characters} characters together; YouTube takes ${MAX_TAGS_CHARACTERS}. Take some out.`);
  if (tags.some((tag) => /[<>,"\p{Cc}]/u.test(tag) || tag.trim() === '')) costs('tags', 15, 'A tag is empty, or has a comma, a quote or an angle bracket in it. Take that out.');
  if (new Set(tags.map((tag) => tag.trim().toLowerCase())).size < tags.length) costs('tags', 3, 'The same tag is there twice.');
}

function lintHashtags({ hashtags, description }: VideoMetadata, costs: Costs): void {
  const all = new Set([...hashtags, ...(description.match(/(?<![\p{L}\p{N}&/#])#[\p{L}\p{M}\p{N}_]+/gu) ?? [])].map((one) => one.toLowerCase()));
  if (all.size > MAX_HASHTAGS) costs('hashtags', 12, `There are ${all.size} hashtags; with more than ${MAX_HASHTAGS} YouTube may ignore them all. Keep the three that matter.`);
  else if (all.size === 0) costs('hashtags', 2, 'There are no hashtags. Up to three stand above the title.');
  if (hashtags.some((one) => !/^#[\p{L}\p{M}\p{N}_]*\p{L}[\p{L}\p{M}\p{N}_]*$/u.test(one))) costs('hashtags', 5, 'A hashtag is a # and letters, digits or underscores, without a space.');
}
