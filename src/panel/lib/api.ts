/** Requests to the studio's REST interface. The session's cookie goes along by itself. */
import { texts } from '../texts.js';

export class ApiError extends Error {
  /** @param details what the studio says beyond its sentence, such as the fields that are wrong */
  constructor(readonly code: string, message: string, readonly status: number, readonly details?: unknown) {
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

/**
 * Sends a request and gives the answer's JSON; undefined where there is none.
 * @param revision the change counts only if the thing is still at this one
 * @throws ApiError with the studio's sentence, or UNREACHABLE when it does not answer
 */
export async function request(method: string, path: string, body?: unknown, revision?: number): Promise<unknown> {
  let response: Response;
  const changes = method !== 'GET' && path !== '/session';
  const { signal } = reach ?? {};
  if (changes && !signal) throw new ApiError('UNREACHABLE', texts.people.refused, 0);
  const limit = AbortSignal.timeout(10_000);
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      credentials: 'same-origin',
      headers: {
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...(operator === '' ? {} : { 'X-Operator': operator }),
        ...(revision === undefined ? {} : { 'If-Match': `"${revision}"` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: changes && signal ? AbortSignal.any([limit, signal]) : limit,
    });
  } catch {
    throw new ApiError('UNREACHABLE', changes && signal?.aborted ? texts.people.cutOff : texts.people.unreachable, 0);
  }
  const text = await response.text();
  const answer: unknown = isJson(response) && text !== '' ? JSON.parse(text) : undefined;
  if (response.ok) return answer;
  const { code, message, details } = problemOf(answer);
  throw new ApiError(code ?? `HTTP_${response.status}`, message ?? texts.errors.answered(response.status), response.status, details);
}

function isJson(response: Response): boolean {
  return response.headers.get('Content-Type')?.includes('json') ?? false;
}

function problemOf(answer: unknown): { code?: string; message?: string; details?: unknown } {
  const problem = (answer as { error?: { code?: unknown; message?: unknown; details?: unknown } } | undefined)?.error;
  return {
    details: problem?.details,
    ...(typeof problem?.code === 'string' ? { code: problem.code } : {}),
    ...(typeof problem?.message === 'string' ? { message: problem.message } : {}),
  };
}
