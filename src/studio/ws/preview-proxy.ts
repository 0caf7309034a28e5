/** `/preview.flv`: the browser is let in here, and its socket is joined to egress, which serves the preview. */
import { connect, type Socket } from 'node:net';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../runtime/clock.js';
import { ServerError } from '../../runtime/errors.js';
import type { Owner } from '../../runtime/lifecycle.js';
import { refuse } from '../http/server.js';

/** What a websocket needs, and nothing that tells egress who asks: no cookie, no token. */
const PASSED_HEADERS = ['sec-websocket-key', 'sec-websocket-version', 'sec-websocket-protocol'] as const;
const MAX_VIEWERS = 50;
/** How long a preview goes on at most after its session was ended. */
const LOOK_EVERY_MS = 5000;

interface Pair {
  browser: Duplex;
  egress: Socket;
  /** Of who came in by a session rather than by the token. */
  cookie: string | undefined;
}

export interface PreviewProxyOptions {
  /** Of egress. */
  socketPath: string;
  clock: Clock;
  /** Whether the session of this cookie still holds. */
  isOpen(cookie: string): boolean;
}

export class PreviewProxy implements Owner {
  readonly #pairs = new Set<Pair>();
  #cancelLook = (): void => undefined;
  #stopped: Promise<void> | undefined;

  constructor(private readonly options: PreviewProxyOptions) {}

  start(): void {
    this.#cancelLook = this.options.clock.after(LOOK_EVERY_MS, () => {
      for (const { browser, cookie } of this.#pairs) if (cookie !== undefined && !this.options.isOpen(cookie)) browser.destroy();
      this.start();
    });
  }

  stop(): Promise<void> {
    return (this.#stopped ??= Promise.resolve().then(() => {
      this.#cancelLook();
      for (const { browser, egress } of this.#pairs) {
        browser.destroy();
        egress.destroy();
      }
    }));
  }

  upgrade(request: IncomingMessage, browser: Duplex, head: Buffer): void {
    if (this.#pairs.size >= MAX_VIEWERS) {
      refuse(browser, new ServerError('TOO_MANY_CLIENTS', 'Too many previews are open.'));
      return;
    }
    const egress = connect(this.options.socketPath);
    const { authorization, cookie } = request.headers;
    const pair: Pair = { browser, egress, cookie: authorization === undefined ? cookie : undefined };
    this.#pairs.add(pair);
    let joined = false;
    const part = (): void => {
      this.#pairs.delete(pair);
      egress.destroy();
      if (joined || browser.destroyed) browser.destroy();
      else refuse(browser, new ServerError('EGRESS_AWAY', 'There is no preview just now: the egress process is not running. It is being restarted.'));
    };
    egress.on('connect', () => {
      joined = true;
      const passed = PASSED_HEADERS.flatMap((name) => (typeof request.headers[name] === 'string' ? [`${name}: ${request.headers[name]}`] : []));
      egress.write(['GET /preview.flv HTTP/1.1', 'Host: preview', 'Connection: Upgrade', 'Upgrade: websocket', ...passed, '', ''].join('\r\n'));
      if (head.length > 0) egress.write(head);
      // pipe() waits for a slow browser, so that egress sees it as slow and drops for it.
      egress.pipe(browser);
      browser.pipe(egress);
    });
    egress.on('error', part);
    egress.on('close', part);
    browser.on('close', part);
  }
}
