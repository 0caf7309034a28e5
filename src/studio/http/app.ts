/** The HTTP application: guards first, then the REST routes, then the panel's files. Every error is JSON, and none a surprise. */
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { UNNAMED } from '../../protocol/unnamed.js';
import { Name } from '../../protocol/ids.js';
import { ServerError, toProblem } from '../../runtime/errors.js';
import { PRODUCT_VERSION } from '../../runtime/version.js';
import type { Log } from '../../runtime/log.js';
import { doneBy } from '../actor.js';
import { namedSchemas } from '../describe/schemas.js';
import type { Metrics } from '../metrics.js';
import type { Access, Visitor } from './access.js';
import type { Doorway } from './doorway.js';
import type { Panel } from './panel.js';
import { addRoute, type App, type Env, type Route } from './route.js';

export const API = '/api/v1';

export interface AppOptions {
  access: Access;
  doorway: Doorway;
  routes: Route[];
  metrics: Metrics;
  panel: Panel;
  /** Whether what comes in now may have been asked while the studio stood still. */
  stalled(): boolean;
  log: Log;
}

/**
 * Only our own files, media from our own blobs (the preview), nothing framed, nothing inline. `connect-src` names ws too:
 * not every browser counts a websocket as 'self'.
 */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; " +
    "media-src 'self' blob:; worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
};

export function createApp({ access, doorway, routes, metrics, panel, stalled, log }: AppOptions): App {
  const app = new OpenAPIHono<Env>();
  const openPaths = new Set(routes.filter((route) => route.open).map((route) => `${route.method.toUpperCase()} ${API}${route.path}`));

  app.use(async (c, next) => {
    const done = metrics.request(c.req.method);
    try {
      access.checkSite(visitor(c));
      const guarded = c.req.path === '/metrics' || c.req.path === '/api' || c.req.path.startsWith('/api/');
      if (guarded && !openPaths.has(`${c.req.method} ${c.req.path}`)) {
        access.authenticate(visitor(c));
        doorway.knows(c.env.incoming.socket);
        // A panel has told whoever sits there by now that nothing is done.
        if (changes(c) && fromPanel(c) && stalled()) throw new ServerError('TIMEOUT', 'The studio stood still when this was asked. Nothing was changed: ask again.');
      }
      await doneBy(whoAsks(c), next);
    } finally {
      for (const [name, value] of Object.entries(SECURITY_HEADERS)) c.header(name, value);
      // Unless it says itself what may be kept.
      if (c.req.path.startsWith('/api/') && !c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
      done(c.res.status);
    }
  });

  const api = new OpenAPIHono<Env>();
  for (const route of routes) addRoute(api, route);
  app.route(API, api);
  // Made once: it takes tens of ms, in which no switch would be answered.
  const described = JSON.stringify(openApi(app));
  app.get(`${API}/openapi.json`, (c) => c.body(described, 200, { 'Content-Type': 'application/json' }));
  app.get('/metrics', async (c) => c.text(await metrics.text(), 200, { 'Content-Type': metrics.contentType }));
  app.get('*', (c) => (c.req.path === '/api' || c.req.path.startsWith('/api/') ? notFound(c) : panel.answer(c)));
  app.notFound((c) => notFound(c));
  app.onError((error, c) => problem(c, error, log));
  return app;
}

/** The description of the REST interface, as served and as committed in docs/. */
export function openApi(app: App): object {
  const document = app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'VistterStudio', version: PRODUCT_VERSION,
      description: 'Every request but health and session needs `Authorization: Bearer TOKEN` or the session cookie. Errors are `{error: {code, message, details?}}`.',
    },
    security: [{ token: [] }, { session: [] }],
  });
  return {
    ...document,
    components: {
      schemas: namedSchemas(),
      securitySchemes: { token: { type: 'http', scheme: 'bearer' }, session: { type: 'apiKey', in: 'cookie', name: 'vistter_session_PORT' } },
    },
  };
}

export function visitor(c: Context<Env>): Visitor {
  const { incoming } = c.env;
  return { method: c.req.method, headers: incoming.headers, address: incoming.socket.remoteAddress ?? '' };
}

const changes = (c: Context<Env>): boolean => c.req.method !== 'GET' && c.req.method !== 'HEAD';
const fromPanel = (c: Context<Env>): boolean => c.req.header('authorization') === undefined;

/** The name that a panel sends along, else what it came by; for the log of events. */
function whoAsks(c: Context<Env>): string {
  const plain = fromPanel(c) ? UNNAMED.panel : UNNAMED.rest;
  try {
    return Name.max(40).safeParse(decodeURIComponent(c.req.header('x-operator') ?? '')).data ?? plain;
  } catch {
    return plain;
  }
}

function notFound(c: Context<Env>): Response {
  return c.json({ error: { code: 'NOT_FOUND', message: `There is no ${c.req.method} ${c.req.path}.` } }, 404);
}

function problem(c: Context<Env>, error: Error, log: Log): Response {
  if (error instanceof ServerError) {
    if (error.code === 'UNAUTHORIZED') c.header('WWW-Authenticate', 'Bearer');
    if (error.code === 'TOO_MANY_ATTEMPTS') c.header('Retry-After', '5');
    const { code, message } = toProblem(error);
    return c.json({ error: { code, message, ...(error.details === undefined ? {} : { details: error.details }) } }, error.status as ContentfulStatusCode);
  }
  // Who has gone in the middle of a body hears no answer, and nothing of ours is wrong.
  if (c.env.incoming.destroyed && (error as NodeJS.ErrnoException).code === 'ECONNRESET') return c.json({ error: { code: 'BAD_REQUEST', message: 'The body ended in the middle.' } }, 400);
  log.error({ err: error, path: c.req.path }, 'a request failed');
  return c.json({ error: { code: 'INTERNAL', message: 'Something went wrong on the server; its log says more.' } }, 500);
}
