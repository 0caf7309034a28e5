/**
 * WebVTT (W3C) and SubRip (SRT, which nobody wrote down) to cues, as found in the wild: with or without byte order marks, hours, indices,
 * blank lines between cues, settings, tags; in any of the usual encodings.
 */
import { isUtf8 } from 'node:buffer';
import { ServerError } from '../../runtime/errors.js';
import type { TimedText } from './transcript.js';

/** Eight hours of speech are some 600 kB. */
export const MAX_CAPTION_BYTES = 16 * 1024 * 1024;
const MAX_CUES = 100_000;
const MAX_CUE_CHARACTERS = 2_000;
/** A cue that ends before it starts, or at once, is shown for so long. */
const SHORTEST_MS = 500;
/** The lines that roll up in a live caption stand in the next cue again, which follows at once. */
const ROLL_GAP_MS = 200;

const TIME = '(?:(\\d{1,4}):)?(\\d{1,3}):(\\d{1,2})(?:[.,](\\d{1,9}))?';
const TIMING = new RegExp(`^\\s*${TIME}\\s*--?>\\s*${TIME}(?:\\s.*)?$`);
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', nbsp: ' ', lrm: '\u200e', rlm: '\u200f', quot: '"', apos: "'" };

/** Of windows-1252, from 0x80; five are not in use. */
const WINDOWS = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

/** UTF-8 and UTF-16 by their marks, UTF-8 without one, and else what Windows wrote before. */
export function decodeCaptions(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  // Not by a TextDecoder, whose texts take two bytes a letter, and so does all that is cut out of them.
  if (isUtf8(bytes)) return bytes.toString('utf8').replace(/^\uFEFF/, '');
  // Node 20's own decoder of that name leaves out what Windows has where Latin-1 has controls.
  return bytes.toString('latin1').replace(/[\x80-\x9f]/g, (one) => WINDOWS[one.charCodeAt(0) - 0x80]!);
}

/**
 * Sorted by their starts. Cues of the same time become one; a line that only rolls up is not said again.
 * @throws ServerError CAPTIONS_INVALID when there is no cue in it at all, or too many
 */
export function readCaptions(text: string): TimedText[] {
  const cues: TimedText[] = [];
  let lines: string[] = [];
  let timing: { startMs: number; endMs: number } | null = null;
  const end = (): void => {
    const said = lines.map(plainLine).filter((line) => line !== '').join('\n').slice(0, MAX_CUE_CHARACTERS);
    if (timing && said !== '') cues.push({ ...timing, text: said });
    timing = null;
    lines = [];
    if (cues.length > MAX_CUES) throw invalid(`There are more than ${MAX_CUES} captions in it.`);
  };
  for (const line of linesOf(text.replace(/^\uFEFF/, ''))) {
    const match = TIMING.exec(line.length > 300 ? line.slice(0, 300) : line);
    if (match) {
      // Where no blank line stands between, the index or the name of this cue was taken for the last line of the one before.
      if (timing && /^\s*\d+\s*$/.test(lines.at(-1) ?? '')) lines.pop();
      end();
      timing = timesOf(match);
    } else if (line.trim() === '') {
      // Some writers leave a blank line within a cue's text; only before it none of it is lost.
      if (lines.length > 0) end();
    } else if (timing) {
      lines.push(line);
    }
  }
  end();
  if (cues.length === 0) throw invalid('There are no captions in it. It must be WebVTT or SRT.');
  return unrolled(cues.sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs));
}

/** One after another: of a large file a list of them takes as much as the file. */
function* linesOf(text: string): Generator<string> {
  const end = /\r\n|\n|\r/g;
  for (let from = 0; ; from = end.lastIndex) {
    const match = end.exec(text);
    yield text.slice(from, match?.index);
    if (!match) return;
  }
}

function timesOf(match: RegExpExecArray): { startMs: number; endMs: number } {
  const at = (i: number): number => ((Number(match[i] ?? 0) * 60 + Number(match[i + 1])) * 60 + Number(match[i + 2])) * 1000 + Math.round(Number(`0.${match[i + 3] ?? 0}`) * 1000);
  const startMs = at(1);
  const endMs = at(5);
  return { startMs, endMs: endMs > startMs ? endMs : startMs + SHORTEST_MS };
}

/** Without tags of VTT and SRT, `{\an8}` of SSA, and marks nobody sees. */
function plainLine(line: string): string {
  return line
    .replace(/<\/?[a-z][^<>]{0,200}>|<\d[\d:.,]{0,20}>|\{\\[^{}]{0,100}\}/gi, '')
    .replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{2,6}));/gi, (all, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? all;
      const code = decimal !== undefined ? Number(decimal) : parseInt(hex!, 16);
      return code > 0x1f && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : '';
    })
    .replace(/[\p{Cc}\p{Surrogate}\uFEFF]+/gu, ' ').replace(/\s+/gu, ' ').trim();
}

function unrolled(cues: readonly TimedText[]): TimedText[] {
  const out: TimedText[] = [];
  /** Of the cue before, as it stood in the file. */
  let shown: string[] = [];
  let shownEndMs = -Infinity;
  for (const cue of cues) {
    const own = cue.text.split('\n');
    const isNext = cue.startMs - shownEndMs <= ROLL_GAP_MS;
    const rolled = isNext ? rolledLines(shown, own) : 0;
    const last = out.at(-1);
    const text = own.slice(rolled).join('\n');
    // The cue says nothing new: what stands stays.
    if (text === '') { if (last) last.endMs = Math.max(last.endMs, cue.endMs); }
    else if (last && last.startMs === cue.startMs && last.endMs === cue.endMs) last.text += `\n${text}`;
    else out.push({ ...cue, text });
    shown = own;
    shownEndMs = cue.endMs;
  }
  return out;
}

/** How many of the first lines are the last ones of the cue before. */
function rolledLines(shown: readonly string[], own: readonly string[]): number {
  // One whole cue after another that says the same is somebody who says it twice.
  if (own.length === 1 && shown.length === 1) return 0;
  for (let count = Math.min(shown.length, own.length); count > 0; count--) {
    if (shown.slice(-count).every((line, i) => line === own[i])) return count;
  }
  return 0;
}

const invalid = (message: string): ServerError => new ServerError('CAPTIONS_INVALID', message);
