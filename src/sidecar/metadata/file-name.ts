/** What a file's name says: a title, a date, or nothing at all. */

/** What recorders, cameras and encoders call their files, and no person a video. */
const NOISE = /^(?:rec|recording|record|recorded|video|vid|mov|img|dsc|gopr|gh|clip|stream|streaming|livestream|live|vod|replay|obs|capture|screen|untitled|output|out|final|export|render|tmp|temp|new|copy|part|test|movie|file|export\d*|program|programme|aufnahme|mp4|\d+p\d*|\d+x\d+|\d+fps|[xh]26[45]|hevc|avc|aac|hdr|sdr|4k|8k|hd|fhd|uhd|v\d+)$/i;
/** Linux has no longer ones. */
const MAX_CHARACTERS = 255;
const DATE = /(?<!\d)((?:19|20)\d\d)[-_. ]?(0[1-9]|1[0-2])[-_. ]?(0[1-9]|[12]\d|3[01])(?!\d)/;
const TIME = /(?<!\d)[0-2]\d[-_.:hH ]?[0-5]\d(?:[-_.:mM ]?[0-5]\d)?(?:\.\d+)?[zZs]?(?!\d)/g;

export interface NameFacts {
  /** As a person would write it; null where nobody thought of one. */
  title: string | null;
  /** YYYY-MM-DD; a day that there was. */
  date: string | null;
}

/** @param fileName with or without folders and ending */
export function readFileName(fileName: string): NameFacts {
  const base = fileName.split('/').at(-1)!.slice(0, MAX_CHARACTERS).normalize('NFC').replace(/\.[a-z0-9]{1,5}$/i, '');
  const found = DATE.exec(base);
  const date = found && isDay(found[1]!, found[2]!, found[3]!) ? `${found[1]}-${found[2]}-${found[3]}` : null;
  const parts = found && date ? [base.slice(0, found.index), base.slice(found.index + found[0].length).replace(TIME, ' ')] : [base];
  const words = wordsIn(parts.map((part) => unjoined(part.trim())).join(' '));
  if (!isTelling(words)) return { title: null, date };
  // Noise in the middle of what somebody wrote belongs to it ("My new car"); at its ends it does not.
  while (words.length > 0 && (NOISE.test(words.at(-1)!) || /^\p{P}+$/u.test(words.at(-1)!))) words.pop();
  while (words.length > 1 && (isNumber(words[0]!) || (NOISE.test(words[0]!) && words.length > 3 && isNumber(words[1]!)))) words.shift();
  return { title: words.join(' ') || null, date };
}

/** What a channel or a video is called, as it was written ("Node.js", "7 vs. Wild"); null where that says nothing. */
export function readName(name: string): string | null {
  const words = wordsIn(name.slice(0, MAX_CHARACTERS).normalize('NFC'));
  return isTelling(words) ? words.join(' ') : null;
}

/** Who writes spaces means points and hyphens as they are ("U.S. News", "Spider-Man returns"); else these stand for them. */
function unjoined(text: string): string {
  const spaced = text.replace(/[_+]+/g, ' ');
  return (/\s/.test(text) ? spaced : spaced.replace(/(?<=\S)[.](?=\S)|(?<![\s\d])-(?!\s)|(?<=\d)-(?=\p{L})/gu, ' ')).replace(/[[\](){}]/g, ' ');
}

const wordsIn = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

function isTelling(words: readonly string[]): boolean {
  const telling = words.filter((word) => !NOISE.test(word) && !isNumber(word));
  return (telling.join('').match(/\p{L}/gu) ?? []).length >= 2;
}

/** Counters, and what machines name things by. */
const isNumber = (word: string): boolean => /^[\d\p{P}]+$/u.test(word) || /^(?=.*\d)[0-9a-f-]{8,}$/i.test(word) || /^(?=.*\d)(?=.*[a-z])[a-z]{0,4}[\d_-]{3,}[a-z]?$/i.test(word);

function isDay(year: string, month: string, day: string): boolean {
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day);
}
