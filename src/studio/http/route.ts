/** One REST route: what it takes, what it answers, what can go wrong — and from the same, its page in openapi.json. */
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { HttpBindings } from '@hono/node-server';
import { ERROR_STATUS, type ErrorCode } from '../../protocol/error-codes.js';
import { ServerError } from '../../runtime/errors.js';
import { ErrorBody, jsonSchema } from '../describe/schemas.js';
import { parse, parseJson } from '../validate.js';
import { Turns } from './turns.js';

export type Env = { Bindings: HttpBindings };
export type App = OpenAPIHono<Env>;

/** Largest body that is read, bytes. */
export const MAX_BODY_BYTES = 1024 * 1024;
/** Of a timeline: 20,000 clips are some 7 MB. */
export const MAX_TIMELINE_BYTES = 16 * 1024 * 1024;
/** What is larger takes long enough to read that others are to have their turn between two of them. */
const LARGE_BYTES = 256 * 1024;
const turns = new Turns();

export interface RouteRequest {
  /** `{id}` of the path; empty where there is none. */
  id: string;
  /** Of the path, by its name. */
  param(name: string): string;
  /** Parsed JSON, not checked yet; undefined where none is taken. */
  body: unknown;
  /** The address's query as its schema made it; `{}` where there is none. */
  query: unknown;
  /** From `If-Match`. */
  expected: number | undefined;
  context: Context<Env>;
}

export interface Route {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With `{id}` where there is one, and others by their names. */
  path: string;
  tag: string;
  summary: string;
  /** Needs no token. */
  open?: boolean;
  /** What the body is; left out where none is taken. `optional`: an empty one means `{}`. `maxBytes`: where it is not MAX_BODY_BYTES. */
  body?: { schema: z.ZodType; optional?: boolean; maxBytes?: number };
  /** What the body is when it is not JSON; the route reads it itself, by `readBytes`. */
  bytes?: string;
  /** What may stand behind the `?`. */
  query?: z.ZodObject;
  /** What is answered when it worked; without a schema, something other than JSON or nothing. */
  answer: { status: 200 | 201 | 204; schema?: z.ZodType; description: string };
  errors?: ErrorCode[];
  /** Its result is the JSON body, or a whole Response. Things with a `revision` get an ETag. */
  handle(request: RouteRequest): Promise<unknown> | unknown;
}

/** Pages of openapi.json hold plain JSON Schema: zod's own conversion is the more exact one, and it knows our names. */
const json = (schema: z.ZodType, io: 'input' | 'output') => ({ 'application/json': { schema: jsonSchema(schema, io) } });
const paramsOf = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);

/** Adds the route to the app and to its description. */
export function addRoute(app: App, route: Route): void {
  const params = paramsOf(route.path);
  const hasId = params.length > 0;
  const errors: ErrorCode[] = [
    ...(route.open ? [] : (['UNAUTHORIZED', 'FORBIDDEN_ORIGIN'] as const)), ...(hasId ? (['NOT_FOUND'] as const) : []),
    ...(route.body || route.bytes !== undefined ? (['BAD_REQUEST', 'VALIDATION', 'TOO_LARGE'] as const) : []), ...(route.query ? (['VALIDATION'] as const) : []), ...(route.errors ?? []),
  ];
  app.openAPIRegistry.registerPath(createRoute({
    method: route.method, path: route.path, tags: [route.tag], summary: route.summary,
    ...(route.open ? { security: [] } : {}),
    request: {
      ...(hasId ? { params: z.object(Object.fromEntries(params.map((name) => [name, z.string()]))) } : {}),
      ...(route.query ? { query: z.object(Object.fromEntries(Object.keys(route.query.shape).map((name) => [name, z.string().optional()]))) } : {}),
      ...(route.method === 'patch' || route.method === 'delete'
        ? { headers: z.object({ 'if-match': z.string().optional().describe('The revision that was read, as in ETag; another one is refused.') }) } : {}),
      ...(route.body ? { body: { required: !route.body.optional, content: json(route.body.schema, 'input') } } : {}),
      ...(route.bytes === undefined ? {} : { body: { description: route.bytes, content: { 'application/octet-stream': { schema: { type: 'string' as const, format: 'binary' } } } } }),
    },
    responses: {
      [route.answer.status]: {
        description: route.answer.description,
        ...(route.answer.schema ? { content: json(route.answer.schema, 'output') } : {}),
      },
      ...errorResponses(errors),
    },
  }));
  app.on(route.method.toUpperCase(), [route.path.replace(/\{(\w+)\}/g, ':$1')], (context) => answer(route, context));
}

function errorResponses(codes: ErrorCode[]): Record<number, { description: string; content: object }> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set(codes)) byStatus.set(ERROR_STATUS[code], [...(byStatus.get(ERROR_STATUS[code]) ?? []), code]);
  return Object.fromEntries([...byStatus].map(([status, of]) => [status, { description: of.join(', '), content: json(ErrorBody, 'output') }]));
}

async function answer(route: Route, context: Context<Env>): Promise<Response> {
  const body = route.body || route.method === 'post' ? await readBody(context, route.body?.optional ?? !route.body, route.body?.maxBytes ?? MAX_BODY_BYTES) : undefined;
  if (!route.body && route.method === 'post') parse(z.strictObject({}), body);
  const query = route.query ? parse(route.query, context.req.query()) : {};
  const result = await route.handle({ id: context.req.param('id') ?? '', param: (name) => context.req.param(name) ?? '', body, query, expected: expectedRevision(context.req.header('if-match')), context });
  if (result instanceof Response) return result;
  if (route.answer.status === 204) return context.body(null, 204);
  const revision = (result as { revision?: unknown } | null)?.revision;
  if (typeof revision === 'number') context.header('ETag', `"${revision}"`);
  return context.json(result as object, route.answer.status);
}

/** `"3"`, `W/"3"`, `3` or `*`. @throws ServerError BAD_REQUEST */
function expectedRevision(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === '*') return undefined;
  const digits = /^\s*(?:W\/)?"?(\d{1,15})"?\s*$/.exec(header)?.[1];
  if (digits === undefined) throw new ServerError('BAD_REQUEST', 'If-Match must be a revision, such as "3".');
  return Number(digits);
}

async function readBody(context: Context<Env>, optional: boolean, maxBytes: number): Promise<unknown> {
  const { incoming } = context.env;
  const length = Number(incoming.headers['content-length'] ?? 0);
  if (length > maxBytes) throw tooLarge(maxBytes);
  const bytes = await readAll(context.req.raw.body, maxBytes);
  if (bytes.length > LARGE_BYTES) await turns.next();
  const text = bytes.toString('utf8');
  if (text.trim() === '' && optional) return {};
  const type = context.req.header('content-type') ?? '';
  // A form or plain text can be sent across sites without asking first; JSON cannot.
  if (!/^application\/json\s*(;|$)/i.test(type)) throw new ServerError('BAD_REQUEST', 'The body must be JSON: send it with "Content-Type: application/json".');
  return parseJson(text);
}

/**
 * A body of plain bytes. Its type must say so: what a form of another site can send is refused.
 * @throws ServerError BAD_REQUEST, TOO_LARGE
 */
export async function readBytes(context: Context<Env>, maxBytes: number): Promise<Buffer> {
  if (Number(context.env.incoming.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const bytes = await readAll(context.req.raw.body, maxBytes);
  if (!/^application\/octet-stream\s*(;|$)/i.test(context.req.header('content-type') ?? '')) throw new ServerError('BAD_REQUEST', 'Send the bytes with "Content-Type: application/octet-stream".');
  return bytes;
}

/** Reads a body and keeps nothing of it. */
export async function skipBytes(context: Context<Env>, maxBytes: number): Promise<void> {
  if (Number(context.env.incoming.headers['content-length'] ?? 0) <= maxBytes) await context.req.raw.body?.pipeTo(new WritableStream());
}

async function readAll(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<Buffer> {
  if (!body) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.length;
    if (bytes > maxBytes) {
      await reader.cancel();
      throw tooLarge(maxBytes);
    }
    chunks.push(value);
  }
  return Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): ServerError {
  return new ServerError('TOO_LARGE', `A body has at most ${maxBytes} bytes.`);
}
