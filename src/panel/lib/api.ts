/** Requests to the studio's REST interface. The session's cookie goes along by itself. */

export class ApiError extends Error {
  constructor(readonly code: string, message: string, readonly status: number) {
    super(message);
  }
}

/**
 * Sends a request and gives the answer's JSON; undefined where there is none.
 * @param revision the change counts only if the thing is still at this one
 * @throws ApiError with the studio's sentence, or UNREACHABLE when it does not answer
 */
export async function request(method: string, path: string, body?: unknown, revision?: number): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      credentials: 'same-origin',
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...(revision === undefined ? {} : { 'If-Match': `"${revision}"` }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
  } catch {
    throw new ApiError('UNREACHABLE', 'The studio cannot be reached.', 0);
  }
  const text = await response.text();
  const answer: unknown = isJson(response) && text !== '' ? JSON.parse(text) : undefined;
  if (response.ok) return answer;
  const { code, message } = problemOf(answer);
  throw new ApiError(code ?? `HTTP_${response.status}`, message ?? `The studio answered ${response.status}.`, response.status);
}

function isJson(response: Response): boolean {
  return response.headers.get('Content-Type')?.includes('json') ?? false;
}

function problemOf(answer: unknown): { code?: string; message?: string } {
  const problem = (answer as { error?: { code?: unknown; message?: unknown } } | undefined)?.error;
  return {
    ...(typeof problem?.code === 'string' ? { code: problem.code } : {}),
    ...(typeof problem?.message === 'string' ? { message: problem.message } : {}),
  };
}
