/** Browser sessions: a random cookie, of which only the hash is kept. They outlive a restart of the studio. */
import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../../runtime/clock.js';
import type { Model } from '../model.js';

const LIFETIME_MS = 30 * 24 * 3600 * 1000;
/** The oldest give way: nobody has this many browsers. */
const MAX_SESSIONS = 1000;

export class Sessions {
  #expiresAtMs: Map<string, number> | undefined;
  /** Cookies ignore ports, so two studios on one machine must not share a name. */
  readonly #cookie: string;

  constructor(private readonly model: Model, private readonly clock: Clock, port: number) {
    this.#cookie = `vistter_session_${port}`;
  }

  /** Opens a session; resolves with the Set-Cookie value. */
  async open(secure: boolean): Promise<string> {
    const sessions = this.#all();
    const now = this.clock.wallMs();
    const drop = [...sessions].filter(([, expires]) => expires <= now).map(([hash]) => hash);
    if (sessions.size - drop.length >= MAX_SESSIONS) drop.push(sessions.keys().next().value!);
    const secret = randomBytes(32).toString('base64url');
    const session = { hash: hashOf(secret), expiresAtMs: now + LIFETIME_MS };
    await this.model.changeSessions([
      ...drop.map((hash) => ({ op: 'delete-session' as const, hash })),
      { op: 'put-session', session },
    ]);
    for (const hash of drop) sessions.delete(hash);
    sessions.set(session.hash, session.expiresAtMs);
    return this.#setCookie(secret, LIFETIME_MS / 1000, secure);
  }

  /** Ends the session of this cookie; resolves with the Set-Cookie value that takes it back. */
  async close(cookieHeader: string | undefined, secure: boolean): Promise<string> {
    for (const secret of this.#read(cookieHeader)) {
      const hash = hashOf(secret);
      if (!this.#all().delete(hash)) continue;
      await this.model.changeSessions([{ op: 'delete-session', hash }]);
    }
    return this.#setCookie('', 0, secure);
  }

  isOpen(cookieHeader: string | undefined): boolean {
    return this.#read(cookieHeader).some((secret) => (this.#all().get(hashOf(secret)) ?? 0) > this.clock.wallMs());
  }

  #all(): Map<string, number> {
    return (this.#expiresAtMs ??= new Map(this.model.sessions.map(({ hash, expiresAtMs }) => [hash, expiresAtMs])));
  }

  #read(cookieHeader: string | undefined): string[] {
    return (cookieHeader ?? '').split(';').map((pair) => pair.trim().split('=')).filter(([name]) => name === this.#cookie).map(([, value]) => value ?? '').slice(0, 4);
  }

  #setCookie(value: string, maxAgeSeconds: number, secure: boolean): string {
    return `${this.#cookie}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${secure ? '; Secure' : ''}`;
  }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
