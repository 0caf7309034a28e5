/**
 * What a text is about, in its own words. Candidates are runs of up to three words between stop words and punctuation (RAKE: Rose and
 * others, 2010), weighed by how often they are said here and how rarely in the channel's other videos (TF-IDF: Spärck Jones, 1972).
 */
import { isStopWord } from './stop-words.js';
import { tokensIn, type Token } from './tokens.js';

export interface Source {
  text: string;
  /** A word in a file's name says more than one that was spoken. */
  weight: number;
  /** A part of another source, which weighs more: what is in it is not there once more. */
  isPart?: boolean;
}

export interface Phrase {
  /** As it is written most often. */
  text: string;
  key: string;
  score: number;
  /** How often it is there, whatever its weight. */
  count: number;
}

const MAX_WORDS = 3;
/** Of different ones that are kept while counting; eight hours of speech have some 100,000. */
const MAX_CANDIDATES = 200_000;

/** `spellings`: only once there is more than the first; of most there is one, and a map for each would be most of what all this takes. */
interface Candidate { weight: number; count: number; words: number; first: string; spellings: Map<string, number> | null }

/** How many of the channel's other videos a word is in. */
export class Past {
  readonly #in = new Map<string, number>();

  /** @param texts one for each video, all that is known of it */
  constructor(private readonly texts: readonly string[]) {
    for (const text of texts) {
      for (const key of keysIn(text)) this.#in.set(key, (this.#in.get(key) ?? 0) + 1);
    }
  }

  /** 1 for a word in every other video, more the rarer it is; without a past every word is as rare as any. */
  rarity(key: string): number {
    return 1 + Math.log((this.texts.length + 1) / ((this.#in.get(key) ?? 0) + 1));
  }
}

/** The best first. None says what a better one says as well. */
export function keyPhrases(sources: readonly Source[], options: { language: string | null; past?: Past; most: number }): Phrase[] {
  const { language, past = new Past([]), most } = options;
  const candidates = new Map<string, Candidate>();
  for (const { text, weight, isPart = false } of sources) {
    for (const run of runsOf(tokensIn(text), language)) collect(candidates, run, weight, isPart ? 0 : 1);
  }
  // Far down the list there is nothing to be had.
  const best = new Best(most * 20 + 100);
  for (const [key, candidate] of candidates) {
    const { weight, count, words } = candidate;
    const parts = key.split(' ');
    const rarity = parts.reduce((sum, part) => sum + past.rarity(part), 0) / parts.length;
    // Two words that come together say more than each alone, which is there more often; once may be chance, and so may a word of two letters.
    const length = words === 1 ? 1 : count === 1 ? 1.2 : [2.6, 3.2][words - 2]!;
    const often = count > 1 || weight > count ? 1 : 0.5;
    best.add({ key, candidate, score: weight * rarity * length * often * (words === 1 && key.length < 3 ? 0.5 : 1) });
  }
  return distinct(best.list().map(({ key, score, candidate }) => ({ key, score, count: candidate.count, text: commonest(candidate) })), most);
}

function keysIn(text: string): Set<string> {
  const keys = new Set<string>();
  for (const { key } of tokensIn(text)) keys.add(key);
  return keys;
}

interface Scored { key: string; score: number; candidate: Candidate }

/** The best of many, of which only so many are kept. */
class Best {
  #kept: Scored[] = [];

  constructor(private readonly most: number) {}

  add(one: Scored): void {
    this.#kept.push(one);
    if (this.#kept.length >= 4 * this.most) this.#kept = this.list();
  }

  list(): Scored[] {
    return this.#kept.sort((a, b) => b.score - a.score || (a.key < b.key ? -1 : 1)).slice(0, this.most);
  }
}

function* runsOf(tokens: Iterable<Token>, language: string | null): Generator<Token[]> {
  let run: Token[] = [];
  for (const token of tokens) {
    // "Dr. Who": what else says nothing is a name there.
    const isNamed = !token.isAfterBreak && run.at(-1)?.leaning === 'before' && /^\p{Lu}/u.test(token.text);
    const isPlain = !isNamed && saysNothing(token, language);
    if (isPlain || token.isAfterBreak) {
      if (run.length > 0) yield run;
      run = [];
    }
    if (!isPlain) run.push(token);
  }
  if (run.length > 0) yield run;
}

function saysNothing({ key, text, leaning }: Token, language: string | null): boolean {
  if (key.length > 40 || !/\p{L}/u.test(key)) return true;
  if (leaning !== null) return false;
  // "so-called" as "called"; and "e.g.", which is no name as "U.S." is.
  return key.split('-').every((part) => isStopWord(part, language) || isParticle(part)) || (text.endsWith('.') && text.startsWith(key[0]!));
}

/** One letter, or a syllable or two of Japanese grammar. */
const isParticle = (key: string): boolean => /^[\p{Script=Latin}\p{Script=Cyrillic}]$|^\p{Script=Hiragana}{1,2}$/u.test(key);

/** Nothing that leans on a word that is not there, and no "Pauli plays" out of "St. Pauli plays". */
function standsAlone(tokens: readonly Token[], before: Token | undefined): boolean {
  const [first, last] = [tokens[0]!.leaning, tokens.at(-1)!.leaning];
  if (before?.leaning === 'before') return false;
  return (first === null || first === 'before') && (last === null || last === 'behind');
}

function collect(candidates: Map<string, Candidate>, run: readonly Token[], weight: number, times: 0 | 1): void {
  for (let from = 0; from < run.length; from++) {
    for (let words = 1; words <= MAX_WORDS && from + words <= run.length; words++) {
      const own = run.slice(from, from + words);
      if (!standsAlone(own, run[from - 1])) continue;
      const key = own.map((token) => token.key).join(' ');
      if (words > 1 && new Set(own.map((token) => token.key)).size < words) continue;
      const spelling = spelled(own);
      let found = candidates.get(key);
      if (!found) {
        if (candidates.size >= MAX_CANDIDATES) continue;
        candidates.set(key, found = { weight: 0, count: 0, words, first: spelling === key ? key : spelling, spellings: null });
      }
      // Until there is another one, all that it weighs is the first one's.
      if (spelling !== found.first) found.spellings ??= new Map([[found.first, found.weight]]);
      if (found.spellings && (found.spellings.size < 8 || found.spellings.has(spelling))) found.spellings.set(spelling, (found.spellings.get(spelling) ?? 0) + weight);
      found.weight += weight;
      found.count += times;
    }
  }
}

const NO_SPACE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]$/u;
function spelled(tokens: readonly Token[]): string {
  return tokens.reduce((text, token) => (text === '' || (NO_SPACE.test(text) && NO_SPACE.test(token.text)) ? text + token.text : `${text} ${token.text}`), '');
}

function commonest({ first, spellings }: Candidate): string {
  return spellings === null ? first : [...spellings].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]![0];
}

/** Of two of which one holds the other, the longer one stands if it is said nearly as often; otherwise the shorter. */
function distinct(scored: readonly Phrase[], most: number): Phrase[] {
  const kept: Phrase[] = [];
  for (const phrase of scored) {
    if (kept.length >= most) break;
    const words = phrase.key.split(' ');
    const isSaid = kept.some((other) => {
      const own = other.key.split(' ');
      const common = words.filter((word) => own.includes(word)).length;
      return common === words.length || common === own.length || common >= 2;
    });
    if (!isSaid) kept.push(phrase);
  }
  return kept;
}
