/**
 * Chapters: from what the director did, then from what was talked of, then from the picture. As YouTube wants them: the first at 0:00, at least
 * three, each at least 10 s, in whole seconds. A recording that is too short for three (30 s) has none: YouTube would show none.
 */
import { chapterTime } from '../../protocol/chapter-time.js';
import { EMERGENCY_OVER, isOfEmergency, type Chapter, type RecordedMoment } from '../../protocol/highlights.js';
import type { Span } from '../transcript/sentences.js';
import { joinWords, type Transcript } from '../transcript/transcript.js';
import { keyPhrases, Past } from './key-phrases.js';
import { chapterTitleOf, fitted, MAX_CHAPTER_TITLE_CHARACTERS } from './limits.js';
import { languageOf } from './stop-words.js';
import { keysOf } from './tokens.js';
import { turns } from './topics.js';
import { wordingFor, type Wording } from './wording.js';

const MAX_CHAPTERS = 100;
export const MIN_CHAPTERS = 3;
export const MIN_CHAPTER_MS = 10_000;
/** About as far apart as a viewer wants them. */
const USUAL_MS = 240_000;
/** Where nothing is known but the picture, fewer: their titles say little. */
const USUAL_PART_MS = 900_000;
const MAX_PARTS = 20;

export interface ChapterInputs {
  durationMs: number;
  moments?: readonly RecordedMoment[];
  /** What was on program when the recording began; null: nobody knows. */
  startedWith?: string | null;
  transcript?: Transcript | null;
  /** Where the picture changes at once; */
  shotsMs?: readonly number[];
  /** and where nothing is heard. */
  silences?: readonly Span[];
  language?: string | null;
}

/** A chapter may begin here. Without a title one is found in what is said. */
interface Mark { atMs: number; title: string | null; importance: number }

export function makeChapters(inputs: ChapterInputs): Chapter[] {
  const { durationMs } = inputs;
  if (durationMs < MIN_CHAPTERS * MIN_CHAPTER_MS) return [];
  const words = inputs.transcript?.words ?? [];
  const language = languageFor(inputs);
  const most = Math.min(MAX_CHAPTERS, Math.max(MIN_CHAPTERS, Math.round(durationMs / USUAL_MS)));
  const apartMs = Math.min(120_000, Math.max(MIN_CHAPTER_MS, durationMs / (2 * most)));
  const kept: Mark[] = [];
  const add = (marks: readonly Mark[], limit: number, byMs: number): void => {
    for (const mark of [...marks].sort((a, b) => b.importance - a.importance || a.atMs - b.atMs)) {
      if (kept.length + 1 >= limit) return;
      const atMs = Math.floor(mark.atMs / 1000) * 1000;
      const isFree = atMs >= byMs && atMs <= durationMs - MIN_CHAPTER_MS && kept.every((other) => Math.abs(other.atMs - atMs) >= byMs);
      if (isFree) kept.push({ ...mark, atMs });
    }
  };
  const { named, nameless, takes } = ofDirector(inputs);
  add(named, MAX_CHAPTERS, MIN_CHAPTER_MS);
  add(takes.filter(({ importance }) => importance >= apartMs), Math.max(most, kept.length), apartMs);
  add(turns({ words }, language).map(({ atMs, depth }) => ({ atMs, title: null, importance: depth })), most, apartMs);
  // Somebody pressed a key there: better than a guess, but it says less than what has a name.
  add(nameless, most, apartMs);
  const parts = Math.min(MAX_PARTS, Math.max(MIN_CHAPTERS, Math.round(durationMs / USUAL_PART_MS)));
  if (kept.length + 1 < (words.length > 0 ? MIN_CHAPTERS : parts)) add(ofPicture(inputs, parts), parts, Math.max(MIN_CHAPTER_MS, Math.min(apartMs, durationMs / (2 * parts))));
  // Where marks lie so that nothing fits between them as it should, the longest stretch is cut in two; and where that is too short for it, they lie badly.
  while (kept.length + 1 < MIN_CHAPTERS && cutLongest(kept, durationMs));
  if (kept.length + 1 < MIN_CHAPTERS) kept.splice(0, kept.length, ...thirds(durationMs));
  kept.sort((a, b) => a.atMs - b.atMs);
  return titled([first(inputs, kept[0]?.atMs ?? durationMs), ...kept], inputs, language);
}

function languageFor({ language, transcript }: ChapterInputs): string | null {
  return (language ?? transcript?.language ?? null)?.toLowerCase().split('-')[0] ?? languageOf(keysOf(joinWords((transcript?.words ?? []).slice(0, 1_000))));
}

const IMPORTANT = 1e12;

/** Markers all, those with a name and those without; of takes each with how long it stood, ms. */
function ofDirector({ moments = [], durationMs }: ChapterInputs): { named: Mark[]; nameless: Mark[]; takes: Mark[] } {
  const sorted = [...moments].sort((a, b) => a.atMs - b.atMs);
  const markers = sorted.filter(({ kind }) => kind === 'marker').map(({ atMs, text }) => ({ atMs, title: textOf(text), importance: IMPORTANT }));
  const shown = sorted.filter(({ kind, text }, i, all) => kind !== 'marker' && kind !== 'alert' && text !== all.slice(0, i).findLast((other) => other.kind !== 'marker' && other.kind !== 'alert')?.text);
  // What is on program once an emergency is over was there before: its name stands at another chapter.
  const takes = shown.map(({ atMs, text }, i) => ({ atMs, title: text === EMERGENCY_OVER ? null : textOf(text), importance: (shown[i + 1]?.atMs ?? durationMs) - atMs }));
  return { named: markers.filter(({ title }) => title !== null), nameless: markers.filter(({ title }) => title === null), takes };
}

const textOf = (text: string): string | null => chapterTitleOf(text) || null;

/** What somebody called the beginning, or what was on program for most of the first chapter. */
function first({ moments = [], startedWith = null }: ChapterInputs, untilMs: number): Mark {
  const marker = moments.find(({ atMs, kind, text }) => kind === 'marker' && atMs < MIN_CHAPTER_MS && textOf(text) !== null);
  return { atMs: 0, title: textOf(marker?.text ?? mostOn(moments, startedWith, untilMs) ?? ''), importance: IMPORTANT };
}

/** Null: it is not known what was. What covers the program for a while, as a spot or the emergency picture, is none of it. */
function mostOn(moments: readonly RecordedMoment[], startedWith: string | null, untilMs: number): string | null {
  const takes = moments.filter(({ kind, text, atMs }) => (kind === 'take' || kind === 'override') && !isOfEmergency(text) && atMs < untilMs).sort((a, b) => a.atMs - b.atMs);
  const lengths = new Map<string | null, number>();
  [{ atMs: 0, text: startedWith }, ...takes].forEach(({ atMs, text }, i) => {
    lengths.set(text, (lengths.get(text) ?? 0) + (takes[i]?.atMs ?? untilMs) - atMs);
  });
  return [...lengths].reduce((most, one) => (one[1] > most[1] ? one : most))[0];
}

/** Equal parts, each moved to where the picture changes or a silence ends nearby. */
function ofPicture({ durationMs, shotsMs = [], silences = [] }: ChapterInputs, parts: number): Mark[] {
  const partMs = durationMs / parts;
  return Array.from({ length: parts - 1 }, (_, i) => {
    const wantedMs = (i + 1) * partMs;
    const near = (all: readonly number[]): number | undefined => all.filter((atMs) => Math.abs(atMs - wantedMs) <= partMs / 3)
      .reduce<number | undefined>((best, atMs) => (best === undefined || Math.abs(atMs - wantedMs) < Math.abs(best - wantedMs) ? atMs : best), undefined);
    return { atMs: near(shotsMs) ?? near(silences.map(({ endMs }) => endMs)) ?? wantedMs, title: null, importance: 0 };
  });
}

function cutLongest(kept: Mark[], durationMs: number): boolean {
  const bounds = [0, ...kept.map(({ atMs }) => atMs).sort((a, b) => a - b), durationMs];
  const [fromMs, toMs] = bounds.slice(1).map((endMs, i) => [bounds[i]!, endMs] as const).sort((a, b) => b[1] - b[0] - (a[1] - a[0]))[0]!;
  if (toMs - fromMs < 2 * MIN_CHAPTER_MS) return false;
  const atMs = Math.floor((fromMs + toMs) / 2 / 1000) * 1000;
  if (atMs - fromMs < MIN_CHAPTER_MS) return false;
  kept.push({ atMs, title: null, importance: 0 });
  return true;
}

const thirds = (durationMs: number): Mark[] => [1, 2].map((i) => ({ atMs: Math.floor((i * durationMs) / 3 / 1000) * 1000, title: null, importance: 0 }));

function titled(marks: readonly Mark[], { transcript, durationMs }: ChapterInputs, language: string | null): Chapter[] {
  const wording = wordingFor(language);
  const texts = sectionTexts(marks, transcript?.words ?? [], durationMs);
  const past = new Past(texts);
  const used = new Set<string>();
  return marks.map(({ atMs, title }, i) => {
    const phrases = (): string[] => keyPhrases([{ text: texts[i]!, weight: 1 }], { language, past, most: 4 }).filter(({ count }) => count > 1).map(({ text }) => capital(text, language));
    return { startMs: atMs, title: unused(title, phrases, i, wording, used) };
  });
}

function sectionTexts(marks: readonly Mark[], words: Transcript['words'], durationMs: number): string[] {
  let at = 0;
  return marks.map((_, i) => {
    const endMs = marks[i + 1]?.atMs ?? durationMs;
    const from = at;
    while (at < words.length && (words[at]!.startMs < endMs || i === marks.length - 1)) at += 1;
    return joinWords(words.slice(from, at));
  });
}

/** A title that no other chapter has: two that are called alike tell a viewer nothing. */
function unused(title: string | null, phrases: () => string[], i: number, wording: Wording, used: Set<string>): string {
  const plain = i === 0 ? wording.start : wording.part(i + 1);
  const isNew = (text: string): boolean => text !== '' && !used.has(text.toLowerCase());
  let chosen = title !== null && isNew(title) ? title : undefined;
  if (chosen === undefined) {
    const found = phrases();
    chosen = found.map((phrase) => chapterTitleOf(title === null ? phrase : `${title}: ${phrase}`)).find(isNew);
  }
  for (let n = 2; chosen === undefined; n++) {
    const suffix = ` (${n})`;
    const next = n === 2 && title === null ? plain : fitted(title ?? plain, MAX_CHAPTER_TITLE_CHARACTERS - suffix.length) + suffix;
    if (isNew(next) || n > 2 * MAX_CHAPTERS) chosen = next;
  }
  used.add(chosen.toLowerCase());
  return chosen;
}

/** "iPhone" is written as it is. */
export function capital(text: string, language: string | null): string {
  if (/^\p{Ll}[\p{L}\p{M}\p{N}]*\p{Lu}/u.test(text)) return text;
  const [first = ''] = text;
  return first.toLocaleUpperCase(language ?? 'en') + text.slice(first.length);
}

/** The lines of a description that make chapters of it; '' for what YouTube would not take. */
export function chapterLines(chapters: readonly Chapter[]): string {
  if (chapters.length < MIN_CHAPTERS || chapters[0]!.startMs !== 0) return '';
  return chapters.map(({ startMs, title }) => `${chapterTime(startMs)} ${chapterTitleOf(title)}`).join('\n');
}
