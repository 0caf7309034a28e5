/** Who may come in: host, origin, and the token or a session's cookie. The same for REST, websocket and preview. */
import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback } from '../../runtime/config.js';
import { ServerError } from '../../runtime/errors.js';
import { addressGroup, remoteAddress } from '../../runtime/peer-address.js';
import type { OperatorToken } from '../secrets/token.js';
import type { AttemptLimiter } from './attempts.js';
import type { Sessions } from './sessions.js';

export interface AccessOptions {
  token: OperatorToken;
  sessions: Sessions;
  attempts: AttemptLimiter;
  /** Address that HTTP is bound to. */
  boundHost: string;
  /** Further names it is reached by. */
  hosts: readonly string[];
}

export interface Visitor {
  method: string;
  headers: IncomingHttpHeaders;
  /** Peer's address. */
  address: string;
}

export class Access {
  readonly #hosts: ReadonlySet<string>;

  constructor(private readonly options: AccessOptions) {
    this.#hosts = new Set(options.hosts);
  }

  /**
   * Host and origin: keeps out pages of other sites, whatever credentials a browser adds, and names that were pointed at
   * this machine's loopback address from outside (DNS rebinding).
   * @throws ServerError FORBIDDEN_ORIGIN
   */
  checkSite({ headers }: Visitor): void {
    const host = hostOf(headers.host);
    if (host === null) throw new ServerError('BAD_REQUEST', 'The Host header is missing or cannot be read.');
    if (isLoopback(this.options.boundHost) && !isLoopback(host.name) && !this.#isNamed(host)) {
      throw new ServerError('FORBIDDEN_ORIGIN', `This server does not answer for the host "${host.name}". If that is its name, add it to VISTTER_HTTP_HOSTS.`);
    }
    const { origin } = headers;
    if (origin !== undefined) {
      const from = originHost(origin);
      if (from === null || (from.full !== host.full && !this.#isNamed(from))) {
        throw new ServerError('FORBIDDEN_ORIGIN', 'This page is not allowed to talk to this server.');
      }
    }
    // Browsers say this even where they send no Origin, as for pictures and links.
    if (headers['sec-fetch-site'] === 'cross-site' && headers['sec-fetch-mode'] !== 'navigate') {
      throw new ServerError('FORBIDDEN_ORIGIN', 'This page is not allowed to talk to this server.');
    }
  }

  /**
   * Token or session.
   * @throws ServerError UNAUTHORIZED, or TOO_MANY_ATTEMPTS when this address tried too many wrong tokens
   */
  authenticate(visitor: Visitor): void {
    const { authorization, cookie, origin } = visitor.headers;
    if (authorization !== undefined) {
      const bearer = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
      if (bearer === undefined) throw unauthorized('The Authorization header must be "Bearer" and the token.');
      this.checkToken(visitor, bearer);
      return;
    }
    if (!this.options.sessions.isOpen(cookie)) throw unauthorized('This needs the operator\'s token.');
    // A cookie comes along by itself, so what changes anything must say which page it is from.
    if (origin === undefined && visitor.method !== 'GET' && visitor.method !== 'HEAD') {
      throw new ServerError('FORBIDDEN_ORIGIN', 'A request with a cookie must say its Origin.');
    }
  }

  /** A websocket is opened by GET, but it can change things: with a cookie, the page must be known. */
  authenticateUpgrade(visitor: Visitor): void {
    this.authenticate({ ...visitor, method: 'CONNECT' });
  }

  /** @throws ServerError UNAUTHORIZED, TOO_MANY_ATTEMPTS */
  checkToken({ address, headers }: Visitor, candidate: string): void {
    const from = addressGroup(clientAddress(address, headers));
    if (!this.options.attempts.mayTry(from)) {
      throw new ServerError('TOO_MANY_ATTEMPTS', 'Too many wrong tokens came from this address. Wait a little.');
    }
    if (this.options.token.matches(candidate)) return;
    this.options.attempts.failed(from);
    throw unauthorized('This is not the operator\'s token.');
  }

  #isNamed(host: { name: string; full: string }): boolean {
    return this.#hosts.has(host.name) || this.#hosts.has(host.full);
  }
}

function unauthorized(message: string): ServerError {
  return new ServerError('UNAUTHORIZED', `${message} "npm run token" shows it.`);
}

/** A proxy on this machine names the one it speaks for; others could claim anything. The last entry is the proxy's own. */
export function clientAddress(peer: string, headers: IncomingHttpHeaders): string {
  const forwarded = headers['x-forwarded-for'];
  const last = typeof forwarded === 'string' ? forwarded.split(',').at(-1)?.trim() : undefined;
  const plain = remoteAddress(peer);
  return last && isLoopback(plain) ? remoteAddress(last.slice(0, 45)) : plain;
}

function hostOf(header: string | undefined): { name: string; full: string } | null {
  if (!header || !/^[A-Za-z0-9._:[\]-]{1,255}$/.test(header)) return null;
  try {
    const { hostname, host } = new URL(`http://${header}`);
    return { name: hostname.replace(/^\[|\]$/g, ''), full: host };
  } catch {
    return null;
  }
}

/** `http://a:80` and `https://a:443` are both `a`, as the Host header has it. */
function originHost(origin: string): { name: string; full: string } | null {
  try {
    const { protocol, hostname, host } = new URL(origin);
    return protocol === 'http:' || protocol === 'https:' ? { name: hostname.replace(/^\[|\]$/g, ''), full: host } : null;
  } catch {
    return null;
  }
}
