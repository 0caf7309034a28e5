/**
 * One question by HTTP to a server that somebody else runs, such as a language model: with limits of time and size, tried again where
 * that may help. Redirects are not followed: the key and what is asked go where the operator said and nowhere else.
 *
 * Not by fetch: Node's gives a server 300 s for its first byte and offers no way to say otherwise, and a transcript of ten minutes
 * on a small machine takes longer.
 */
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ErrorCode } from '../protocol/error-codes.js';
import { Backoff } from '../runtime/backoff.js';
import { systemClock, type Clock } from '../runtime/clock.js';
import { ServerError } from '../runtime/errors.js';

export interface Outside {
  /** For people, such as "The language model". */
  name: string;
  url: URL;
  /** Goes into the Authorization header, and nowhere else. */
  apiKey?: string | undefined;
}

export interface Question {
  contentType: string;
  bytes: number;
  /** Anew for each try. */
  body(): Readable;
}

export interface Patience {
  /** Of one try as a whole, ms. */
  timeoutMs: number;
  /** At most so often. */
  tries: number;
  /** Between the first two tries; twice as long each time, up to `longestWaitMs`, ms. */
  firstWaitMs: number;
  longestWaitMs: number;
}

export interface AskOptions {
  patience: Patience;
  /** An answer that is longer is given up. */
  maxAnswerBytes: number;
  signal: AbortSignal;
  clock?: Clock;
}

/** Why a question has no answer. `isPassing`: it may have one later; asked again no sooner than in `retryAfterMs`. Holds no secret. */
export class OutsideError extends ServerError {
  constructor(code: ErrorCode, message: string, readonly isPassing: boolean, readonly retryAfterMs = 0) {
    super(code, message);
    this.name = 'OutsideError';
  }
}

/** Of what a server says of its own error, as much as a person reads. */
const MAX_WORDS = 200;
const MAX_ERROR_BYTES = 64 * 1024;
/** An hour of speech with times for each word has a tenth of that. Each takes up to a hundred bytes when it is read, of one that it was sent in. */
const MOST_VALUES = 1_000_000;
const [COMMA, BRACKET, BRACE] = [0x2c, 0x5b, 0x7b];
/** So many characters of the key in a row in what a server says, and none of it is passed on. */
const TELLTALE = 6;
const PASSING_STATUS = new Set([408, 425, 429, 500, 502, 503, 504, 520, 522, 524, 529]);

/**
 * The address of an OpenAI-compatible endpoint. A base without a path gets its `/v1`.
 * @throws OutsideError OUTSIDE_REFUSED when it is no http(s) address, or has a password in it
 */
export function endpoint(name: string, baseUrl: string, path: string): URL {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) throw new OutsideError('OUTSIDE_REFUSED', `${name} needs an address that begins with http:// or https://.`, false);
  if (url.username !== '' || url.password !== '') throw new OutsideError('OUTSIDE_REFUSED', `${name}: put the key into its own setting, not into the address.`, false);
  const base = url.pathname.replace(/\/+$/, '');
  url.pathname = `${base === '' ? '/v1' : base}/${path}`;
  return url;
}

/**
 * Asks until there is an answer that `read` accepts.
 * @param read of the answer, parsed as JSON; what it throws makes the answer one that cannot be used
 * @throws OutsideError; the signal's reason when that is aborted
 */
export async function ask<T>(outside: Outside, question: Question, read: (answer: unknown) => T, options: AskOptions): Promise<T> {
  const { patience, signal, clock = systemClock } = options;
  const backoff = new Backoff(patience.firstWaitMs, patience.longestWaitMs);
  for (let tried = 1; ; tried++) {
    signal.throwIfAborted();
    try {
      return usable(outside, await oneTry(outside, question, options, clock), read);
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error;
      if (!error.isPassing || tried >= patience.tries || error.retryAfterMs > patience.longestWaitMs) throw error;
      await wait(Math.max(error.retryAfterMs, backoff.nextMs()), signal, clock);
    }
  }
}

function usable<T>(outside: Outside, text: string, read: (answer: unknown) => T): T {
  if (valuesIn(text) > MOST_VALUES) throw new OutsideError('OUTSIDE_ANSWER', `${said(outside)} answered with more values than an answer can have.`, false);
  try {
    return read(JSON.parse(text));
  } catch (error) {
    if (error instanceof OutsideError) throw error;
    throw new OutsideError('OUTSIDE_ANSWER', `${said(outside)} answered what cannot be used. Is it the right address, and the right model?`, true);
  }
}

/** About how many values JSON holds: each but the first of all is behind one of these. */
function valuesIn(text: string): number {
  let count = 0;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === COMMA || code === BRACKET || code === BRACE) count += 1;
  }
  return count;
}

async function oneTry(outside: Outside, question: Question, options: AskOptions, clock: Clock): Promise<string> {
  const { patience, signal } = options;
  const late = new AbortController();
  const cancel = clock.after(patience.timeoutMs, () => late.abort());
  try {
    return await exchange(outside, question, options.maxAnswerBytes, AbortSignal.any([signal, late.signal]), clock);
  } catch (error) {
    signal.throwIfAborted();
    if (late.signal.aborted) throw new OutsideError('OUTSIDE_TIMEOUT', `${said(outside)} did not answer within ${Math.ceil(patience.timeoutMs / 1000)} s.`, true);
    if (error instanceof OutsideError) throw error;
    // Only the code of the error: its text may be anything.
    const { code } = error as NodeJS.ErrnoException;
    throw new OutsideError('OUTSIDE_AWAY', `${said(outside)} cannot be reached, or broke off${typeof code === 'string' ? ` (${code})` : ''}.`, true);
  } finally {
    cancel();
  }
}

async function exchange(outside: Outside, question: Question, maxBytes: number, signal: AbortSignal, clock: Clock): Promise<string> {
  const { url, apiKey } = outside;
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const request = send(url, {
    method: 'POST', signal, agent: false,
    headers: {
      'content-type': question.contentType, 'content-length': question.bytes, accept: 'application/json', 'accept-encoding': 'identity',
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    },
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
    // Without an error where a server turns to another protocol (101), which nobody asked it to.
    request.once('close', () => reject(new Error('closed')));
  });
  const sent = pipeline(question.body(), request);
  // A server may answer before it has read everything: then what became of the rest does not matter.
  sent.catch(() => undefined);
  try {
    const response = await answered;
    const { statusCode: status = 0 } = response;
    if (status >= 200 && status < 300) return await text(outside, response, maxBytes);
    throw failure(outside, status, response.headers['retry-after'], await errorWords(response, apiKey), clock);
  } finally {
    request.destroy();
  }
}

async function text(outside: Outside, response: IncomingMessage, maxBytes: number): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > maxBytes) throw new OutsideError('OUTSIDE_ANSWER', `${said(outside)} answered more than ${Math.round(maxBytes / 1024)} kB.`, false);
    pieces.push(piece);
  }
  if (!response.complete) throw new Error('cut off');
  return Buffer.concat(pieces).toString('utf8');
}

function failure(outside: Outside, status: number, retryAfter: string | undefined, words: string, clock: Clock): OutsideError {
  const saying = words === '' ? '' : ` It said: “${words}”`;
  if (status >= 300 && status < 400) {
    return new OutsideError('OUTSIDE_REFUSED', `${said(outside)} sent us elsewhere, where we do not go. Set the address that it is really at.`, false);
  }
  const retryAfterMs = waitAsked(retryAfter, clock);
  if (status === 429) return new OutsideError('OUTSIDE_BUSY', `${said(outside)} has too much to do, or its quota is used up.${saying}`, true, retryAfterMs);
  if (PASSING_STATUS.has(status)) return new OutsideError('OUTSIDE_AWAY', `${said(outside)} failed (${status}).${saying}`, true, retryAfterMs);
  if (status === 401 || status === 403) return new OutsideError('OUTSIDE_REFUSED', `${said(outside)} does not accept the key (${status}). Set one that it knows.`, false);
  return new OutsideError('OUTSIDE_REFUSED', `${said(outside)} refused (${status}).${saying}`, false);
}

/** RFC 9110, 10.2.3: seconds, or a date. 0 where nothing is asked for. */
function waitAsked(header: string | undefined, clock: Clock): number {
  if (header === undefined) return 0;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? 0 : Math.max(0, atMs - clock.wallMs());
}

/** What a server says of its failure, in one line; '' when it says nothing, or something of the key. */
async function errorWords(response: IncomingMessage, apiKey: string | undefined): Promise<string> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > MAX_ERROR_BYTES) break;
    }
  } catch {
    // What came is enough.
  }
  const all = Buffer.concat(pieces).subarray(0, MAX_ERROR_BYTES).toString('utf8');
  const line = messageOf(all).replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  if (apiKey !== undefined && tells(line, apiKey)) return '';
  return line.length > MAX_WORDS ? `${line.slice(0, MAX_WORDS)}…` : line;
}

/** `{error: {message}}`, `{error}` and `{message}` are all in use; a page of HTML says nothing. */
function messageOf(body: string): string {
  try {
    const { error, message } = JSON.parse(body) as { error?: unknown; message?: unknown };
    const inner = typeof error === 'object' && error !== null ? (error as { message?: unknown }).message : error;
    return [inner, message].find((one): one is string => typeof one === 'string') ?? '';
  } catch {
    return body.trimStart().startsWith('<') ? '' : body;
  }
}

function tells(line: string, key: string): boolean {
  const [where, what] = [line.toLowerCase(), key.toLowerCase()];
  if (what.length <= TELLTALE) return where.includes(what);
  for (let i = 0; i + TELLTALE <= what.length; i++) if (where.includes(what.slice(i, i + TELLTALE))) return true;
  return false;
}

/** Its name and where it is; a path or a query may hold what is nobody's business. */
const said = ({ name, url }: Outside): string => `${name} at ${url.host}`;

function wait(ms: number, signal: AbortSignal, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
