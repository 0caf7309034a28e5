/** Title, description, tags and hashtags from what is known of a recording, without asking anybody: there is always something. */
import { chapterTime } from '../../protocol/chapter-time.js';
import type { Chapter, ChatMessage, Highlight, RecordedMoment, VideoMetadata } from '../../protocol/highlights.js';
import { forViewers } from '../finding/reasons.js';
import { sentencesOf } from '../transcript/sentences.js';
import { joinWords, type Transcript } from '../transcript/transcript.js';
import { capital, chapterLines } from './chapters.js';
import { readFileName, readName } from './file-name.js';
import { keyPhrases, Past, type Phrase, type Source } from './key-phrases.js';
import { hashtagsOf, oneLine, titleOf, withinLimits } from './limits.js';
import { allowedLinks, withoutForeignLinks } from './links.js';
import { languageOf } from './stop-words.js';
import { keysOf, MAX_CHARACTERS } from './tokens.js';
import { wordingFor, type Wording } from './wording.js';

export interface MetadataInputs {
  /** With or without folders and ending. */
  fileName: string;
  /** What a person calls it: goes before the file's name. */
  name?: string;
  durationMs: number;
  chapters: readonly Chapter[];
  /** BCP 47; found out where it is left out. */
  language?: string | null;
  /** When it was recorded, ISO 8601. */
  startedAt?: string | null;
  /** What the channel is called. */
  channel?: string | null;
  transcript?: Transcript | null;
  chat?: readonly ChatMessage[];
  moments?: readonly RecordedMoment[];
  highlights?: readonly Pick<Highlight, 'startMs' | 'endMs' | 'score' | 'reasons'>[];
  /** The channel's other videos, the newest first; */
  past?: readonly VideoMetadata[];
  /** and what was said in them. */
  pastTranscripts?: readonly string[];
  /** Links and handles that may stand in a description besides those of the channel's own texts. */
  allowedLinks?: readonly string[];
}

/** Of the reasons for a highlight, what a video's text may say. */
export function toldOf(reasons: readonly string[]): string[] {
  return reasons.flatMap((reason) => forViewers(oneLine(reason)) ?? []);
}

/** What is known of a recording, put in order. */
export interface Known {
  language: string | null;
  wording: Wording;
  name: string | null;
  date: string | null;
  phrases: Phrase[];
  /** Of the channel: in at least half of its other videos. */
  usualTags: string[];
  usualHashtags: string[];
  links: ReadonlySet<string>;
}

const MAX_PHRASES = 24;
/** So many people have to say a word in chat for it to be one of the stream's. */
const CHATTERS = 3;
const MAX_CHAT = 50_000;
const MAX_SENTENCE = 220;
const MIN_SENTENCE = 40;
const MAX_REASONS = 6;

export function known(inputs: MetadataInputs): Known {
  const { transcript, moments = [], past = [], pastTranscripts = [], highlights = [] } = inputs;
  const spoken = joinWords(transcript?.words ?? [], MAX_CHARACTERS);
  const { title: name, date } = inputs.name === undefined ? readFileName(inputs.fileName) : { title: readName(inputs.name), date: null };
  const markers = moments.filter(({ kind }) => kind === 'marker').map(({ text }) => text).join('\n');
  const language = (inputs.language ?? transcript?.language ?? null)?.toLowerCase().split('-')[0] ?? languageOf(keysOf(`${spoken.slice(0, 20_000)} ${markers}`));
  // What a viewer should find is rather said in a highlight than elsewhere.
  const inHighlights = joinWords((transcript?.words ?? []).filter(({ startMs }) => highlights.some((one) => startMs >= one.startMs && startMs < one.endMs)));
  const sources: Source[] = [
    { text: name ?? '', weight: 6 }, { text: markers, weight: 4 }, { text: spoken, weight: 1 }, { text: inHighlights, weight: 1, isPart: true }, { text: commonInChat(inputs.chat ?? [], language), weight: 2 },
  ].map((source) => ({ ...source, text: source.text.slice(0, MAX_CHARACTERS).replace(/\S+/gu, (word) => withoutForeignLinks(word, new Set())) }));
  const pastTexts = [...past.map((video) => [video.title, video.description, ...video.tags].join('\n')), ...pastTranscripts];
  return {
    language, name, date, wording: wordingFor(language),
    phrases: keyPhrases(sources, { language, past: new Past(pastTexts), most: MAX_PHRASES }),
    usualTags: usual(past.map(({ tags }) => tags)), usualHashtags: usual(past.map(({ hashtags }) => hashtags)),
    links: allowedLinks([...past.map(({ description }) => description), markers, inputs.channel ?? ''], inputs.allowedLinks),
  };
}

export function textFallback(inputs: MetadataInputs, facts: Known = known(inputs)): VideoMetadata {
  const title = titleFor(inputs, facts);
  // What it is called is said above.
  const own = keysOf(facts.name ?? '');
  const topics = facts.phrases.filter(({ key }) => !key.split(' ').every((word) => own.includes(word))).slice(0, 6).map(({ text }) => text);
  const about = topics.length > 0 ? facts.wording.inThisVideo(listed(topics, facts.wording)) : '';
  const said = leadSentences(inputs.transcript, facts) || bestMoments(inputs.highlights ?? [], facts.wording);
  return assembled({ title, text: [said, about].filter((part) => part !== '').join('\n\n') || title, tags: tagsFor(inputs, facts), hashtags: hashtagsFor(facts) }, inputs, facts);
}

/** The whole of it: a text, the chapters' lines, which must not be lost, and the hashtags, which YouTube reads there. */
export function assembled(own: { title: string; text: string; tags: readonly string[]; hashtags: readonly string[] }, inputs: MetadataInputs, facts: Known): VideoMetadata {
  const plain = (text: string): string => withoutForeignLinks(text, facts.links);
  const hashtags = hashtagsOf(own.hashtags);
  const lines = chapterLines(inputs.chapters.map((chapter) => ({ ...chapter, title: plain(oneLine(chapter.title)) || facts.wording.part(1) })));
  const last = [lines === '' ? '' : `${facts.wording.chapters}:\n${lines}`, hashtags.join(' ')].filter((part) => part !== '').join('\n\n');
  const title = titleOf(plain(oneLine(own.title))) || titleFor(inputs, facts);
  return withinLimits({ title, description: plain(own.text).trim() || title, tags: own.tags.map((tag) => plain(oneLine(tag))), hashtags }, last);
}

/** Up to three: what the file is called, and what it is about. */
function titleFor(inputs: MetadataInputs, { name, phrases, wording, date, language, links }: Known): string {
  const day = dayOf(date ?? inputs.startedAt ?? null, language);
  const own = name === null ? [] : keysOf(name);
  const topics: string[] = [];
  for (const { key, text, count } of phrases) {
    const words = key.split(' ');
    // No word twice: there is no room for it.
    if (words.some((word) => own.includes(word)) || (count < 2 && name !== null)) continue;
    topics.push(text);
    own.push(...words);
  }
  const tries: string[] = [];
  for (let most = 3; most > 0; most--) {
    if (topics.length < most) continue;
    const list = listed(topics.slice(0, most), wording);
    tries.push(name === null ? capital(list, language) : `${capital(name, language)}: ${list}`);
  }
  // What every video of the channel is called tells them apart by the day alone.
  if (name !== null && day !== null && name === readName(inputs.channel ?? '')) tries.push(`${capital(name, language)} – ${day}`);
  if (name !== null) tries.push(capital(name, language));
  const plain = tries.map((text) => withoutForeignLinks(oneLine(text), links)).filter((text) => text !== '');
  // A whole one of two topics is better than one of three that is cut.
  const fits = plain.find((text) => text.length <= 70) ?? plain.find((text) => titleOf(text) === text) ?? plain[0];
  if (fits !== undefined && titleOf(fits) !== '') return titleOf(fits);
  const what = oneLine(inputs.channel ?? '') || wording.recording;
  return titleOf(`${what} – ${day ?? chapterTime(inputs.durationMs)}`) || wording.recording;
}

function dayOf(iso: string | null, language: string | null): string | null {
  const date = new Date(iso ?? '');
  return Number.isNaN(date.getTime()) ? null : new Intl.DateTimeFormat(language ?? 'en', { dateStyle: 'long', timeZone: 'UTC' }).format(date);
}

function listed(topics: readonly string[], wording: Wording): string {
  if (topics.length < 2) return topics[0] ?? '';
  const comma = wording.and.startsWith(' ') ? ', ' : '、';
  return `${topics.slice(0, -1).join(comma)}${wording.and}${topics.at(-1)!}`;
}

/** The two sentences that say most of what it is about, in the order in which they were said. */
function leadSentences(transcript: Transcript | null | undefined, { phrases, links }: Known): string {
  if (!transcript || phrases.length === 0) return '';
  const worth = new Map(phrases.flatMap(({ key, score }) => key.split(' ').map((word) => [word, score] as const)).reverse());
  const scored = sentencesOf(transcript).map(({ text }, i) => {
    const line = withoutForeignLinks(oneLine(text), links);
    // A time in a description would be taken for a chapter; what was cut out of leaves no sentence.
    const isFit = line === oneLine(text) && line.length >= MIN_SENTENCE && line.length <= MAX_SENTENCE && !/\d:\d\d/.test(line) && !/[?？]/.test(line);
    const words = new Set(keysOf(line));
    return { i, line, score: isFit ? [...words].reduce((sum, word) => sum + (worth.get(word) ?? 0), 0) / Math.sqrt(words.size + 4) : 0 };
  });
  return scored.filter(({ score }) => score > 0).sort((a, b) => b.score - a.score || a.i - b.i).slice(0, 2).sort((a, b) => a.i - b.i).map(({ line }) => line).join(' ');
}

/** Without times, which would be taken for chapters. */
function bestMoments(highlights: NonNullable<MetadataInputs['highlights']>, wording: Wording): string {
  const reasons = [...highlights].sort((a, b) => b.score - a.score).flatMap((one) => toldOf(one.reasons).slice(0, 2));
  const some = [...new Set(reasons)].filter((reason) => reason !== '').slice(0, MAX_REASONS);
  return some.length === 0 ? '' : `${wording.highlights}: ${some.join(', ')}.`;
}

/** Words that several people use; what one person repeats is spam. */
function commonInChat(chat: readonly ChatMessage[], language: string | null): string {
  const users = new Map<string, Set<string>>();
  for (const { user, text } of chat.slice(0, MAX_CHAT)) {
    for (const { key } of keyPhrases([{ text: withoutForeignLinks(text.slice(0, 500), new Set()), weight: 1 }], { language, most: 5 })) {
      const own = users.get(key) ?? new Set();
      if (own.size < CHATTERS) users.set(key, own.add(user));
    }
  }
  return [...users].filter(([, own]) => own.size >= CHATTERS).map(([key]) => key).join('\n');
}

/** In at least half of the videos, and in two. */
function usual(lists: readonly (readonly string[])[]): string[] {
  const counts = new Map<string, { text: string; count: number }>();
  for (const list of lists) {
    for (const text of new Set(list)) {
      const found = counts.get(text.toLowerCase());
      counts.set(text.toLowerCase(), { text: found?.text ?? text, count: (found?.count ?? 0) + 1 });
    }
  }
  return [...counts.values()].filter(({ count }) => count >= 2 && count >= lists.length / 2).sort((a, b) => b.count - a.count).map(({ text }) => text);
}

function tagsFor({ channel }: MetadataInputs, { phrases, usualTags, name }: Known): string[] {
  return [...(name === null ? [] : [name]), ...phrases.slice(0, 10).map(({ text }) => text), ...usualTags, ...phrases.slice(10, 18).map(({ text }) => text), ...(channel ? [channel] : [])];
}

/** Three of the video and the channel's usual ones: more than a handful looks like spam. */
function hashtagsFor({ phrases, usualHashtags, language }: Known): string[] {
  const joined = phrases.filter(({ key }) => key.split(' ').length <= 2).slice(0, 3).map(({ text }) => text.replace(/['’ʼ]/gu, '').split(/[^\p{L}\p{M}\p{N}_]+/u).map((word) => capital(word, language)).join(''));
  return [...usualHashtags.slice(0, 3), ...joined].slice(0, 5);
}
