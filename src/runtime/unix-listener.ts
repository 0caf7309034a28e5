/** A server on a unix socket that comes back when somebody removes its file: a socket without a name cannot be reached. */
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { Server } from 'node:net';
import { dirname } from 'node:path';
import type { Owner } from './lifecycle.js';
import type { Log } from './log.js';

const CHECK_EVERY_MS = 1000;

export class UnixListener implements Owner {
  #checker: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;

  /** Takes over listening and closing of `server`; its connections stay its owner's. */
  constructor(
    private readonly server: Server,
    private readonly socketPath: string,
    private readonly log?: Log,
  ) {}

  /**
   * Listens, for this user alone. What lies at the path is replaced: a killed process leaves its socket there.
   * @throws the error of listening; it is tried again all the same, until `stop`
   */
  async start(): Promise<void> {
    try {
      await this.#listen();
    } finally {
      this.server.on('error', (error) => this.log?.error({ err: error }, 'a unix socket failed; it is tried again'));
      if (!this.#stopped) this.#checker = setInterval(() => this.#check(), CHECK_EVERY_MS).unref();
    }
  }

  /** Resolves when the last connection is gone: end those first. The socket file vanishes at once. */
  stop(): Promise<void> {
    return (this.#stopped ??= new Promise((resolve) => {
      clearInterval(this.#checker);
      this.server.close(() => resolve());
    }));
  }

  #listen(): Promise<void> {
    const { server, socketPath } = this;
    rmSync(socketPath, { force: true });
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => {
        server.off('error', settle);
        server.off('listening', settle);
        if (error) reject(error);
        else resolve();
      };
      server.once('error', settle);
      server.once('listening', settle);
      server.listen(socketPath);
      // The name is there by now: nobody else of this machine gets in between.
      if (server.listening) chmodSync(socketPath, 0o600);
    });
  }

  #check(): void {
    if (this.#stopped || (this.server.listening && hasSocket(this.socketPath))) return;
    // Not the http server's own close, which ends idle connections too. Closing takes away what lies at the path, so it comes first.
    if (this.server.listening) Server.prototype.close.call(this.server);
    try {
      mkdirSync(dirname(this.socketPath), { recursive: true, mode: 0o700 });
      this.#listen().then(
        () => this.log?.warn({ socket: this.socketPath }, 'the socket file was not there; it is there again'),
        // Told by the lasting listener above.
        () => {},
      );
    } catch (error) {
      this.log?.error({ err: error }, 'a unix socket failed; it is tried again');
    }
  }
}

/** Another process's socket counts too: the next life of this one has taken over, and is not to be fought. */
function hasSocket(path: string): boolean {
  try {
    return lstatSync(path).isSocket();
  } catch {
    return false;
  }
}
