/** Files of JSON, a line each: chat, and what was done on air. */
import type { z } from 'zod';
import { ChatMessage } from '../../protocol/highlights.js';
import { ServerError } from '../../runtime/errors.js';
import { NotAFileError, openFile } from '../../runtime/bounded-file.js';
import { readLines } from '../../runtime/lines.js';
import { isScarcity } from '../../runtime/scarcity.js';

const MAX_LINE_BYTES = 16 * 1024;
/** Of a chat, for the words that many say. */
const MAX_CHAT = 50_000;

/** @throws ServerError MEDIA_MISSING when it cannot be read, MEDIA_UNREADABLE when it is not a file */
export const chatLines = (path: string): Promise<ChatMessage[]> => jsonLines(path, ChatMessage, MAX_CHAT);

/** Lines that are not what they should be are left out. @throws ServerError MEDIA_MISSING when the file cannot be read, MEDIA_UNREADABLE when it is not one, as a pipe */
export async function jsonLines<T extends z.ZodType>(path: string, schema: T, most: number): Promise<z.infer<T>[]> {
  const kept: z.infer<T>[] = [];
  const unread = (cause: NodeJS.ErrnoException): Error => {
    if (isScarcity(cause)) return cause;
    if (cause instanceof NotAFileError) return new ServerError('MEDIA_UNREADABLE', `${path} is not a file. Write what is in it into one.`, { cause });
    return new ServerError('MEDIA_MISSING', cause.code === 'ENOENT' ? `${path} does not exist. Check its name.` : `${path} cannot be read (${cause.code ?? 'unknown'}). See that this user may read it.`, { cause });
  };
  const file = await openFile(path).catch((cause: Error) => { throw unread(cause); });
  const stream = file.createReadStream();
  await new Promise<void>((resolve, reject) => {
    stream.once('error', (cause) => reject(unread(cause)));
    stream.once('close', resolve);
    readLines(stream, MAX_LINE_BYTES, (line) => {
      const parsed = kept.length < most ? schema.safeParse(asJson(line)) : null;
      if (parsed?.success) kept.push(parsed.data);
    }, () => undefined);
  });
  return kept;
}

function asJson(line: string): unknown {
  try {
    return JSON.parse(line.replace(/^\uFEFF/, ''));
  } catch {
    return null;
  }
}
