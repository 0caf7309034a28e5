/** Whether a point ends a sentence or belongs to a word that is written shortened: by the word, and what comes after it. */

/** A word that ends a sentence, or looks so. */
export const ENDS = /[.!?…。！？｡؟।॥։][\])}"'’”»」』）]*$/u;

const setOf = (words: string): ReadonlySet<string> => new Set(words.split(' '));
/** Stand before a name or a figure, which they need. */
const BEFORE = setOf('mr mrs ms mx messrs dr prof st ste mt sgt lt capt cpt cmdr col gen maj adm sen gov pres rev hon sr sra srta mme mlle mgr hr fr sig dott ing dipl hl ca approx');
/** Stand between two. */
const BETWEEN = setOf('vs v ft feat bzw resp');
/** Stand behind a name. */
const BEHIND = setOf('jr inc ltd co corp bros llc esq');
/** As often written without the point. */
const OFTEN_BARE = setOf('mr mrs ms dr prof st vs');
/** A word of its own but before a figure: "No. Not now.", "No. 1". */
const NUMBERING = setOf('no nr nos vol fig art');
/** "U.S", "z.B", "Ph.D": points within, and one at the end. */
const DOTTED = /^\p{L}{1,2}(?:\.\p{L}{1,2})+$/u;
/** Of a name; who says "I" at an end is meant far more often. */
const INITIAL = /^(?!I)\p{Lu}$/u;
const DAY = /^\d{1,2}$/;
/** German writes a day as an ordinal, and everything that is a name with a capital. */
const MONTH = /^(?:Januar|Jänner|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)\b/u;

/** Where a shortened word needs another one to mean anything. */
export type Leaning = 'before' | 'between' | 'behind';

/** @param word without its point */
export function leaningOf(word: string, hasPoint: boolean): Leaning | null {
  const key = word.toLowerCase();
  if (hasPoint && INITIAL.test(word)) return 'before';
  if (!hasPoint && !(OFTEN_BARE.has(key) && (BETWEEN.has(key) || word !== key))) return null;
  return BEFORE.has(key) ? 'before' : BETWEEN.has(key) ? 'between' : BEHIND.has(key) ? 'behind' : null;
}

/** Whether the point behind it is the word's own. @param word without it */
export function isShortened(word: string): boolean {
  return DOTTED.test(word) || leaningOf(word, true) !== null;
}

/** @param next the word after it; undefined: it is the last */
export function endsSentence(word: string, next: string | undefined): boolean {
  if (!ENDS.test(word)) return false;
  if (next === undefined || !word.endsWith('.')) return true;
  const bare = word.slice(0, -1).replace(/^[^\p{L}\p{N}]+/u, '');
  if (/^\p{Ll}/u.test(next) || DOTTED.test(bare)) return false;
  const leaning = leaningOf(bare, true);
  if (leaning === 'before' || leaning === 'between' || /^\p{L}$/u.test(bare)) return false;
  return !(NUMBERING.has(bare.toLowerCase()) && /^\p{N}/u.test(next)) && !(DAY.test(bare) && MONTH.test(next));
}
