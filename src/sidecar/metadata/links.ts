/**
 * Links and handles in texts that nobody answers for. What was heard or written in a chat may be there to be repeated: only those that a
 * person of the channel has written themselves stay.
 */

/** Endings under which a name without http:// is taken for an address; behind any other one, only with a path. */
const ENDINGS = 'com|net|org|info|biz|io|co|gg|tv|ly|app|dev|xyz|site|online|shop|store|live|link|top|club|vip|pro|space|website|tech|fun|icu|ru|cn|de|uk|fr|es|nl|pl|br|jp|kr|eu|ca|au|ch|cc|ws|gl|ai|im|sh|fm|lol|win|bet|casino|click|gift|page|bio';
const NAME = '[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]{0,61}[\\p{L}\\p{N}])?';
const LINK = new RegExp(
  `[a-z][a-z\\d+.-]{1,20}:\\/\\/[^\\s()]+`
  + `|(?:mailto|javascript|data|tel):[^\\s()]+`
  + `|www\\.[^\\s()]+`
  + `|[\\p{L}\\p{N}._%+-]{1,64}@(?:${NAME}\\.){1,8}\\p{L}{2,24}`
  + `|(?:${NAME}\\.){1,8}(?:${ENDINGS})(?![\\p{L}\\p{N}-])(?:[/?#:][^\\s()]*)?`
  + `|(?:${NAME}\\.){1,8}\\p{L}{2,24}\\/[^\\s()]+`, 'giu');
/** No link and no handle is without one of these. */
const SUSPECT = /[.@:]\S/;
const MAX_ROUNDS = 8;
const HANDLE = /(?<![\p{L}\p{N}@._])@[\p{L}\p{N}_.-]{2,60}/gu;

/** As they are compared: without scheme, www and what ends the sentence around them. */
const plain = (found: string): string => found.normalize('NFKC').toLowerCase().replace(/^[a-z][a-z\d+.-]*:\/\//, '').replace(/^www\./, '').replace(/[)\].,;:!?'"»”/]+$/u, '');

/** All links and handles of a text, as they are compared. */
export function linksIn(text: string): Set<string> {
  const folded = text.normalize('NFKC');
  return new Set([...folded.matchAll(LINK), ...folded.matchAll(HANDLE)].map(([found]) => plain(found)));
}

/** What people of the channel wrote and allowed: their links may be repeated. */
export function allowedLinks(texts: readonly string[], listed: readonly string[] = []): ReadonlySet<string> {
  return new Set([...texts.flatMap((text) => [...linksIn(text)]), ...listed.map(plain)]);
}

/** Takes out all others, of a text that is clean already. Letters that only look like those of an address are read as it would be. */
export function withoutForeignLinks(text: string, allowed: ReadonlySet<string>): string {
  const keep = (found: string): string => (allowed.has(plain(found)) ? found : '');
  // Most texts have nothing of the kind, and looking closely takes its time.
  if (!SUSPECT.test(text.normalize('NFKC'))) return text;
  let left = text;
  // Taking one out may put the halves of another together; somebody who hides them deeper than that has nothing to say.
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const folded = left.normalize('NFKC');
    if (count(folded) > count(left)) left = folded;
    const without = left.replace(LINK, keep).replace(HANDLE, keep);
    if (without === left) return left;
    left = without.replace(/\(\s*\)|\[\s*\]|“\s*”/g, '').replace(/[^\S\n]+/g, ' ').replace(/ +([.,!?])/g, '$1');
  }
  return left.replace(/[.@/:]+/g, ' ');
}

const count = (text: string): number => [...text.matchAll(LINK), ...text.matchAll(HANDLE)].length;
