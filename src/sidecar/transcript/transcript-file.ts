/**
 * A transcript as it lies on the disk: JSON, with a line for each word and each cue, so that hours of them are written in pieces and read one after another, and only
 * what is wanted is kept of them. As one text, or one tree of what is in it, they would take as much memory as all else that works on them.
 */
import type { Readable } from 'node:stream';
import { openFile, readBoundedJson, TooLargeError } from '../../runtime/bounded-file.js';
import { readLines } from '../../runtime/lines.js';
import { inPieces, TimedText, Transcript } from './transcript.js';

const MAX_BYTES = 64 * 1024 * 1024;
/** A cue has at most 2,000 characters, of up to six bytes each. */
const MAX_LINE_BYTES = 64 * 1024;
const HEAD = /^\{"language":(.*),"words":\[$/;
const BETWEEN = '],"cues":[';
const END = ']}';

/** Some 100 kB each. */
export function* transcriptPieces({ language, words, cues }: Transcript): Generator<string> {
  yield `{"language":${JSON.stringify(language)},"words":[`;
  yield* listed(words);
  yield `\n${BETWEEN}`;
  yield* listed(cues);
  yield `\n${END}\n`;
}

function* listed(list: readonly TimedText[]): Generator<string> {
  let before = '\n';
  for (const some of inPieces(list)) {
    yield `${before}${some.map((one) => JSON.stringify(one)).join(',\n')}`;
    before = ',\n';
  }
}

/**
 * @param wanted of the other list there is nothing in what is read
 * @throws Error where it is not one, or cut short, besides what the file system does
 */
export async function readTranscript(path: string, wanted: 'words' | 'cues'): Promise<Transcript> {
  const read: Transcript = { language: null, words: [], cues: [] };
  let at = 'head' as 'head' | 'words' | 'cues' | 'end' | 'other';
  const onLine = (line: string): void => {
    if (at === 'other') return;
    if (at === 'head') {
      const head = HEAD.exec(line);
      at = head ? 'words' : 'other';
      if (head) read.language = Transcript.shape.language.parse(JSON.parse(head[1]!));
    } else if (line === BETWEEN) at = 'cues';
    else if (line === END) at = 'end';
    else if (at === wanted) read[at].push(TimedText.parse(JSON.parse(line.endsWith(',') ? line.slice(0, -1) : line)));
  };
  const stream = await opened(path);
  await new Promise<void>((resolve, reject) => {
    readLines(stream, MAX_LINE_BYTES, (line) => {
      try {
        onLine(line);
      } catch (error) {
        stream.destroy(error as Error);
      }
    }, () => { at = 'other'; });
    stream.once('error', reject).once('end', resolve);
  });
  if (at === 'end') return read;
  // All on one line, as those before this version are; else it is cut short, and no JSON.
  return Transcript.parse(await readBoundedJson(path, MAX_BYTES));
}

/** Closes by itself. */
async function opened(path: string): Promise<Readable> {
  const file = await openFile(path);
  if ((await file.stat()).size <= MAX_BYTES) return file.createReadStream();
  await file.close();
  throw new TooLargeError('It is too large.');
}
