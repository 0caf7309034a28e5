/** What a message of a chat is made of: whether it is emotes, and by what it is known again when others write the same. */

/** Of those that everybody has; a channel's own are known by how they are written. */
const EMOTES = new Set(['kappa', 'pogchamp', 'pog', 'pogu', 'poggers', 'pogslide', 'lul', 'lulw', 'kekw', 'kekwait', 'omegalul', 'icant', 'monkas', 'monkaw', 'pepega', 'pepehands', 'pepelaugh',
  'sadge', 'copium', 'hopium', 'madge', 'peepohappy', 'peeposad', 'widepeepohappy', 'ezclap', 'clap', 'catjam', 'feelsgoodman', 'feelsbadman', 'feelsstrongman', 'biblethump', 'residentsleeper',
  'heyguys', 'notlikethis', 'trihard', '4head', '5head', 'kreygasm', 'wutface', 'swiftrage', 'dansgame', 'babyrage', 'failfish', 'jebaited', 'cmonbruh', 'blessrng', 'gigachad', 'nodders', 'bedge',
  'hypers', 'pausechamp', 'aware', 'clueless', 'smorc', 'seemsgood', 'vohiyo', 'luli', 'weirdchamp', 'xdd', 'peped', 'hahaa', 'mingle', 'pjsalt', 'copege', 'blobdance']);
const SHORTCODE = /^:[\w+-]{2,40}:$/;
/** "PogChamp", "BibleThump"; "shroudWave", "xqcL": a prefix of the channel and a name. */
const CAMEL_CASE = /^(?:[A-Z][a-z]+(?:[A-Z][a-z0-9]*)+|[a-z][a-z0-9]{1,15}[A-Z][A-Za-z0-9]{0,24})$/;
const PICTOGRAPHS = /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|[\u200d\ufe0f\u20e3])+$/u;

/** What is read of one message; the rest of a long one says nothing more. */
const MAX_CHARACTERS = 500;

export interface TextTraits {
  /** At least half of its words are emotes. */
  isEmote: boolean;
  /** A cry of at most three words or emotes alone: many write the same without having agreed on it. */
  isCry: boolean;
  /** The same for texts that differ in case, punctuation, digits or in how long a letter is held. */
  whole: number;
  /** Of its first three words, as spam varies its end; 0 for a cry. */
  opening: number;
}

export function readText(raw: string): TextTraits {
  const words = raw.slice(0, MAX_CHARACTERS).trim().split(/\s+/);
  const emotes = words.filter(isEmote).length;
  const plain = words.map(plainWord).filter((word) => word !== '');
  const isCry = words.length <= 3 || emotes === words.length;
  return {
    isEmote: emotes * 2 >= words.length && emotes > 0, isCry,
    // One emote many times is that emote; what has no letters is known by its signs.
    whole: hash(plain.length === 0 ? [...new Set(words)].join(' ') : plain.filter((word, i) => word !== plain[i - 1]).join(' ')),
    opening: isCry || plain.length < 3 ? 0 : hash(plain.slice(0, 3).join(' ')) || 1,
  };
}

function isEmote(word: string): boolean {
  return PICTOGRAPHS.test(word) || SHORTCODE.test(word) || EMOTES.has(word.toLowerCase()) || CAMEL_CASE.test(word);
}

/** In small letters, without digits and signs, a held letter once. */
function plainWord(word: string): string {
  return word.toLowerCase().normalize('NFKC').replace(/[^\p{L}\p{M}\p{Extended_Pictographic}]/gu, '').replace(/(.)\1+/gu, '$1');
}

/** FNV-1a over UTF-16, 32 bits. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
