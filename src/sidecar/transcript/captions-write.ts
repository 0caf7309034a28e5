/**
 * Cues as WebVTT and as SRT, in lines of 42 characters; what is read back are the same cues. In pieces of some 100 kB: as one text each would take as much
 * memory as all that is in it.
 */
import { lines } from './cues.js';
import { inPieces, type TimedText } from './transcript.js';

export function* vttPieces(cues: readonly TimedText[]): Generator<string> {
  const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  yield 'WEBVTT\n\n';
  for (const some of inPieces(cues)) {
    yield some.flatMap((cue) => block(`${time(cue.startMs, '.')} --> ${time(shownUntil(cue), '.')}`, escaped, cue.text)).join('');
  }
}

export function* srtPieces(cues: readonly TimedText[]): Generator<string> {
  // SRT knows no way to escape: what looks like a tag or an arrow is written so that it is neither.
  const plain = (text: string): string => text.replace(/<(?=[/a-z\d])/gi, '‹').replace(/-->/g, '→').replace(/\{\\/g, '{/').replace(/&(?=#?\w{1,7};)/g, '＆');
  let index = 0;
  for (const some of inPieces(cues)) {
    yield some.flatMap((cue) => block(`${time(cue.startMs, ',')} --> ${time(shownUntil(cue), ',')}`, plain, cue.text).map((text) => `${++index}\n${text}`)).join('');
  }
}

export const toVtt = (cues: readonly TimedText[]): string => [...vttPieces(cues)].join('');
export const toSrt = (cues: readonly TimedText[]): string => [...srtPieces(cues)].join('');

/** None for a cue without a text. */
function block(timing: string, escape: (text: string) => string, text: string): string[] {
  const own = lines(text);
  return own.length === 0 ? [] : [`${timing}\n${own.map(escape).join('\n')}\n\n`];
}

/** A cue must end after it starts. */
const shownUntil = ({ startMs, endMs }: TimedText): number => Math.max(endMs, startMs + 1);

function time(ms: number, point: '.' | ','): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(ms / 3_600_000))}:${two(Math.floor(ms / 60_000) % 60)}:${two(Math.floor(ms / 1000) % 60)}${point}${String(ms % 1000).padStart(3, '0')}`;
}
