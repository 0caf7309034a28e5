/** Files of JSON, a line each: chat, and what was done on air. Why one cannot be read, and what of it was of no use, is told here and nowhere else. */
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { ChatMessage, RecordedMoment } from '../../protocol/highlights.js';
import { NotAFileError, openFile } from '../../runtime/bounded-file.js';
import { ServerError } from '../../runtime/errors.js';
import { readLines } from '../../runtime/lines.js';
import { isScarcity } from '../../runtime/scarcity.js';

const MAX_LINE_BYTES = 16 * 1024;
/** Of a chat, for the words that many say. */
const MAX_WORDED = 50_000;
/** Given by hand; a recording has fewer. */
const MAX_MOMENTS = 100_000;
/** Of why a line is no message, as much as a person reads. */
const MAX_REASON = 120;

/** What lies in a line. */
interface Kind<T extends z.ZodType> { schema: T; file: string; form: string }
export const CHAT: Kind<typeof ChatMessage> = { schema: ChatMessage, file: 'chat file', form: '{"atMs": 1234, "user": "name", "text": "words"}' };
const MOMENTS: Kind<typeof RecordedMoment> = { schema: RecordedMoment, file: 'file of moments', form: '{"atMs": 1234, "kind": "marker", "text": "words"}' };

/** Lines that were left out, and for people how many and why the first; null: none was. */
export interface BadLines { count: number; note: string | null }

/**
 * Calls `onItem` for each line that is what it should be. Empty lines are none.
 * @throws ServerError MEDIA_MISSING when there is no such file, MEDIA_UNREADABLE when it cannot be read or is none, as a pipe; the signal's reason
 */
export async function eachLine<T extends z.ZodType>(path: string, kind: Kind<T>, onItem: (item: z.infer<T>) => void, signal?: AbortSignal): Promise<BadLines> {
  let number = 0;
  let count = 0;
  let first = '';
  const bad = (why: string): void => { if (count++ === 0) first = `line ${number}: ${why.slice(0, MAX_REASON)}`; };
  const stream = Readable.from(bytesOf(path, signal), { objectMode: false });
  readLines(stream, MAX_LINE_BYTES, (line) => {
    number++;
    const text = (number === 1 ? line.replace(/^\uFEFF/, '') : line).trim();
    if (text === '') return;
    const item = read(text, kind.schema);
    if ('why' in item) bad(item.why);
    else onItem(item.is);
  }, () => {
    number++;
    bad(`it is longer than ${MAX_LINE_BYTES / 1024} kB`);
  });
  await once(stream, 'end').catch((cause: unknown) => { throw unread(path, kind.file, cause, signal); });
  const were = count === 1 ? `One line of the ${kind.file} was` : `${count} lines of the ${kind.file} were`;
  return { count, note: count === 0 ? null : `${were} left out; each must be of the form ${kind.form}. ${count === 1 ? 'It is' : 'The first is'} ${first}.` };
}

/** @throws as `eachLine` */
export async function chatLines(path: string, signal?: AbortSignal): Promise<ChatMessage[]> {
  const kept: ChatMessage[] = [];
  await eachLine(path, CHAT, (message) => { if (kept.length < MAX_WORDED) kept.push(message); }, signal);
  return kept;
}

/** @throws as `eachLine` */
export async function momentLines(path: string, signal?: AbortSignal): Promise<{ moments: RecordedMoment[]; notes: string[] }> {
  const moments: RecordedMoment[] = [];
  let tooMany = 0;
  const { note } = await eachLine(path, MOMENTS, (moment) => {
    if (moments.length < MAX_MOMENTS) moments.push(moment);
    else tooMany++;
  }, signal);
  return { moments, notes: [...(note === null ? [] : [note]), ...(tooMany === 0 ? [] : [`The file has more than ${MAX_MOMENTS} moments; ${tooMany} were not used.`])] };
}

function read<T extends z.ZodType>(text: string, schema: T): { is: z.infer<T> } | { why: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { why: 'it is no JSON' };
  }
  const { success, data, error } = schema.safeParse(value);
  if (success) return { is: data };
  const { path, message } = error.issues[0]!;
  return { why: path.length === 0 ? message : `"${path.join('.')}": ${message}` };
}

/** The last line may lack its end. */
async function* bytesOf(path: string, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  signal?.throwIfAborted();
  for await (const chunk of (await openFile(path)).createReadStream()) {
    signal?.throwIfAborted();
    yield chunk as Buffer;
  }
  yield Buffer.from('\n');
}

function unread(path: string, file: string, cause: unknown, signal: AbortSignal | undefined): unknown {
  const { code } = cause as NodeJS.ErrnoException;
  if (signal?.aborted) return signal.reason;
  if (isScarcity(cause)) return cause;
  if (cause instanceof NotAFileError) return new ServerError('MEDIA_UNREADABLE', `The ${file} ${path} is not a file. Write what is in it into one.`, { cause });
  if (code === 'ENOENT') return new ServerError('MEDIA_MISSING', `The ${file} ${path} does not exist. Check its name.`, { cause });
  return new ServerError('MEDIA_UNREADABLE', `The ${file} ${path} cannot be read (${code ?? 'unknown'}). See that this user may read it.`, { cause });
}
