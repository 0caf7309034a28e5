/** Requests to the studio's REST interface. The session's cookie goes along by itself. */
import { texts } from '../texts.js';

/** How long an answer may take, ms. */
const READ_LIMIT_MS = 10_000;
/**
 * Above the longest that the studio takes to do something: a timeline or an insert is given 5 s to open its files, waits for one that is
 * under way as long, and has its files looked at before, 5 s each. A studio that stands still is noticed by its silence long before.
 */
export const CHANGE_LIMIT_MS = 30_000;

export class ApiError extends Error {
  constructor(readonly code: string, message: string, readonly status: number, readonly details: unknown = undefined) {
    super(message);
  }
}

/** Who asks, as a header has it; set by ../store/people.ts. */
let operator = '';
/** Ends what is under way when the studio goes out of reach; null while it is. */
let reach: AbortController | null = new AbortController();

/** The name that goes along with what is asked; empty: none. */
export function askAs(name: string): void {
  operator = encodeURIComponent(name);
}

/** Whether the studio can be reached. While it cannot, nothing is asked of it that changes anything: it would be done whenever it is back. */
export function setReachable(isReachable: boolean): void {
  if (!isReachable) reach?.abort();
  reach = isReachable ? (reach ?? new AbortController()) : null;
}

/** What the studio lists of a body or message that it did not take. */
interface Issue {
  /** Dotted; empty: of the whole. */
  path: string;
  message: string;
}

/** More than so many are not read. */
const MOST_ISSUES = 3;

/** What went wrong, for a person: fields are called as forms call them. */
export function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const issues = error instanceof ApiError && error.code === 'VALIDATION' && Array.isArray(error.details) ? error.details as Issue[] : [];
  if (issues.length === 0) return error.message;
  return issues.slice(0, MOST_ISSUES).map(({ path, message }) => (path === '' ? message : `${fieldName(path)}: ${message}`)).join(' ');
}

function fieldName(path: string): string {
  const names: Readonly<Record<string, string | undefined>> = texts.fields;
  return names[path] ?? names[path.split('.').at(-1)!] ?? path;
}

/** Whether the same may work in a moment: the studio is away, what stands before it says so, or it is not ready. */
export function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (['UNREACHABLE', 'TIMEOUT', 'NOT_READY'].includes(error.code) || (error.code.startsWith('HTTP_') && error.status >= 500));
}

export interface Sending {
  body?: RequestInit['body'];
  headers?: Readonly<Record<string, string>>;
  /** Ends it. */
  signal?: AbortSignal | undefined;
  limitMs?: number;
}

/**
 * Sends a request.
 * @returns the answer, a good one, or 304
 * @throws ApiError with the studio's sentence; UNREACHABLE or TIMEOUT when there is no answer
 */
export async function send(method: string, path: string, { body, headers = {}, signal, limitMs = method === 'GET' ? READ_LIMIT_MS : CHANGE_LIMIT_MS }: Sending = {}): Promise<Response> {
  const limit = AbortSignal.timeout(limitMs);
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      credentials: 'same-origin',
      headers: { ...headers, ...(operator === '' ? {} : { 'X-Operator': operator }) },
      ...(body === undefined ? {} : { body }),
      signal: signal ? AbortSignal.any([limit, signal]) : limit,
    });
  } catch (error) {
    throw unanswered(error, method);
  }
  if (response.ok || response.status === 304) return response;
  throw await refusal(response, method);
}

/**
 * Sends a request and gives the answer's JSON; undefined where there is none.
 * @param revision the change counts only if the thing is still at this one
 * @throws ApiError as `send` does
 */
export async function request(method: string, path: string, body?: unknown, revision?: number): Promise<unknown> {
  const changes = method !== 'GET' && path !== '/session';
  const { signal } = reach ?? {};
  if (changes && !signal) throw new ApiError('UNREACHABLE', texts.people.refused, 0);
  try {
    const response = await send(method, path, {
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...(revision === undefined ? {} : { 'If-Match': `"${revision}"` }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: changes ? signal : undefined,
    });
    return await readJson(response, method);
  } catch (error) {
    if (changes && signal?.aborted && error instanceof ApiError && error.code === 'UNREACHABLE') throw new ApiError('UNREACHABLE', texts.people.cutOff, 0);
    throw error;
  }
}

/** @returns undefined where the answer is no JSON @throws ApiError UNREACHABLE when it does not come whole */
export async function readJson(response: Response, method = 'GET'): Promise<unknown> {
  const isJson = response.headers.get('Content-Type')?.includes('json') ?? false;
  try {
    const text = await response.text();
    return isJson && text !== '' ? JSON.parse(text) : undefined;
  } catch (error) {
    throw unanswered(error, method);
  }
}

/** @throws ApiError as `send` does */
export async function requestBlob(path: string, signal: AbortSignal): Promise<Blob> {
  const response = await send('GET', path, { signal });
  return response.blob().catch((error: unknown) => { throw unanswered(error, 'GET'); });
}

function unanswered(error: unknown, method: string): ApiError {
  if ((error as { name?: unknown } | undefined)?.name === 'TimeoutError') return new ApiError('TIMEOUT', method === 'GET' ? texts.errors.lateRead : texts.errors.late, 0);
  return new ApiError('UNREACHABLE', texts.people.unreachable, 0);
}

/** What the studio says against a request. */
async function refusal(response: Response, method: string): Promise<ApiError> {
  const answer = await readJson(response, method);
  const problem = (answer as { error?: { code?: unknown; message?: unknown; details?: unknown } } | undefined)?.error;
  return new ApiError(
    typeof problem?.code === 'string' ? problem.code : `HTTP_${response.status}`,
    typeof problem?.message === 'string' ? problem.message : texts.errors.answered(response.status),
    response.status,
    problem?.details,
  );
}
