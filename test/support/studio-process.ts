/** A real studio process for tests, a REST client for it, and stand-ins for the processes it speaks to. */
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import WebSocket from 'ws';
import type { ActualOf, DesiredOf, Role } from '../../src/protocol/link.js';
import { LinkClient } from '../../src/runtime/link-client.js';
import { silentLog } from '../../src/runtime/log.js';
import { Paths } from '../../src/runtime/paths.js';
import { repositoryRoot } from './media.js';
import { type RunningProcess, startProcess } from './process.js';
import { freePorts, removeFolder, tempFolder } from './temp.js';
import { waitFor, within } from './wait.js';

const TEST_TOKEN = 'a-token-for-tests-0123456789';

export interface StudioOptions {
  /** One that was killed or stopped: this is the same again, at its address and with its home, which is removed with this one if it was that one's to remove. */
  after?: StudioProcess;
  home?: string;
  /** null: the studio makes its own. */
  token?: string | null;
  env?: Record<string, string>;
  port?: number;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: any;
}

export class StudioProcess {
  private constructor(
    readonly process: RunningProcess,
    readonly home: string,
    readonly port: number,
    readonly token: string,
    private readonly ownsHome: boolean,
  ) {}

  /** Resolves when it answers. */
  static async start(options: StudioOptions = {}): Promise<StudioProcess> {
    const { after } = options;
    const home = options.home ?? after?.home ?? tempFolder();
    const port = options.port ?? after?.port ?? (await freePorts(1))[0]!;
    const process_ = StudioProcess.spawn(home, port, options);
    const studio = new StudioProcess(process_, home, port, options.token ?? TEST_TOKEN, options.home === undefined && (after?.ownsHome ?? true));
    await waitFor('the studio', async () => {
      if (process_.child.exitCode !== null) throw new Error(`the studio ended: ${process_.stdout()}${process_.stderr()}`);
      return (await fetch(`${studio.url}/api/v1/health`)).ok;
    }, { timeoutMs: 15_000 }).catch(async (error: unknown) => {
      await process_.stop();
      throw error;
    });
    return studio;
  }

  static spawn(home: string, port: number, options: StudioOptions = {}): RunningProcess {
    const env: NodeJS.ProcessEnv = {
      ...Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith('VISTTER_'))),
      VISTTER_HOME: home, VISTTER_HTTP: `127.0.0.1:${port}`, VISTTER_RTMP: '127.0.0.1:19350', VISTTER_LOG: 'json',
      ...(options.token === null ? {} : { VISTTER_TOKEN: options.token ?? TEST_TOKEN }), ...options.env,
    };
    return startProcess(process.execPath, [join(repositoryRoot, 'dist/src/studio/main.js')], { env, cwd: home });
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get paths(): Paths {
    return new Paths(this.home);
  }

  /** A request with the token. `path` is below /api/v1. */
  async api(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : asJson(text) };
  }

  /** Connects to /ws with the token. */
  connect(path = '/ws', options: ConstructorParameters<typeof WebSocket>[2] = { headers: { Authorization: `Bearer ${this.token}` } }): Promise<Client> {
    return Client.open(`ws://127.0.0.1:${this.port}${path}`, options);
  }

  peer<R extends Role>(role: R, actual: ActualOf[R], onRequest?: (name: string, payload: any) => unknown): Peer<R> {
    return new Peer(role, this.paths.studioSocket, actual, onRequest);
  }

  async kill(): Promise<void> {
    this.process.child.kill('SIGKILL');
    await this.process.exited;
  }

  async stop(): Promise<void> {
    await this.process.stop();
    if (this.ownsHome) removeFolder(this.home);
  }
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** A websocket client that keeps what it hears; bytes as `{type: 'binary', bytes}`. */
export class Client {
  readonly messages: any[] = [];
  readonly #events = new EventEmitter();
  #nextId = 1;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data, isBinary) => {
      this.messages.push(isBinary ? { type: 'binary', bytes: data } : JSON.parse(String(data)));
      this.#events.emit('message');
    });
    socket.on('error', () => undefined);
  }

  static async open(url: string, options?: ConstructorParameters<typeof WebSocket>[2]): Promise<Client> {
    const client = new Client(new WebSocket(url, options));
    await within('the websocket', 5000, once(client.socket, 'open'));
    return client;
  }

  /** The first message, past or future, that `is` wanted; it is taken out. */
  async next(what: string, is: (message: any) => boolean, timeoutMs = 5000): Promise<any> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const index = this.messages.findIndex(is);
      if (index >= 0) return this.messages.splice(index, 1)[0];
      const left = end - Date.now();
      if (left <= 0) throw new Error(`no ${what} came within ${timeoutMs} ms`);
      await within(what, left, once(this.#events, 'message'));
    }
  }

  /** Sends a request and gives its ack or error. */
  async ask(type: string, payload: unknown): Promise<any> {
    const id = `t${this.#nextId++}`;
    this.socket.send(JSON.stringify({ type, id, payload }));
    return this.next(`the answer to ${type}`, (message) => message.id === id);
  }

  close(): void {
    this.socket.terminate();
  }
}

/** Plays one of the other processes over the real link. */
export class Peer<R extends Role> {
  readonly desired: DesiredOf[R][] = [];
  readonly requests: { name: string; payload: any }[] = [];
  readonly link: LinkClient<R>;
  #take = 0;
  readonly #events = new EventEmitter();

  constructor(role: R, socketPath: string, public actual: ActualOf[R], onRequest: (name: string, payload: any) => unknown = () => ({})) {
    this.link = new LinkClient<R>({
      role, socketPath, log: silentLog,
      onDesired: (desired) => {
        this.desired.push(desired);
        this.#events.emit('desired');
      },
      onRequest: async (name, payload) => {
        this.requests.push({ name, payload });
        const reply = await onRequest(name, payload);
        const puts = (name === 'take' || name === 'playback') && typeof reply === 'object' && reply !== null;
        return puts ? { take: this.nextTake(), ...reply } : reply;
      },
      actual: () => this.actual,
    });
    this.link.start();
  }

  /** The number of what it takes next, as an engine counts. */
  nextTake(): number {
    const { take = 0 } = (this.last ?? {}) as { take?: number };
    return (this.#take = Math.max(this.#take, take) + 1);
  }

  get last(): DesiredOf[R] | undefined {
    return this.desired.at(-1);
  }

  /** Waits until what is desired is as wanted, and gives it. */
  async wanted(what: string, is: (desired: DesiredOf[R]) => boolean, timeoutMs = 5000): Promise<DesiredOf[R]> {
    const end = Date.now() + timeoutMs;
    while (!(this.last && is(this.last))) {
      const left = end - Date.now();
      if (left <= 0) throw new Error(`${what} was not desired within ${timeoutMs} ms`);
      await within(what, left, once(this.#events, 'desired'));
    }
    return this.last;
  }

  report(actual: ActualOf[R]): void {
    this.actual = actual;
    this.link.reportSoon();
  }

  stop(): Promise<void> {
    return this.link.stop();
  }
}

export const IDLE_INGEST: ActualOf['ingest'] = { cameras: [], openConnections: 0, counters: { connections: 0, accepted: 0, refused: 0, takeovers: 0, droppedToSubscribers: 0, cacheOverflows: 0 } };
export const IDLE_ENGINE: ActualOf['engine'] = {
  program: { frame: 100, fps: 30, repeated: 0, late: 0, skipped: 0, composeUsAvg: 500, composeUsP99: 900, inTransition: false, black: 0 },
  encoder: { state: 'running', codec: 'libx264', kbps: 6000, fps: 30, dropped: 0, restarts: 0 },
  sources: [], overlays: { drawn: 0, failed: 0 }, tiles: { made: 0, dropped: 0 }, sound: { dropped: 0 }, timeline: null, taken: null, emergency: false, insert: null, airings: [],
};
export const IDLE_EGRESS: ActualOf['egress'] = {
  input: { connected: true, kbps: 6000, width: 1920, height: 1080, ageMs: 10, switches: 1, dropped: 0, refused: 0, cacheOverflows: 0 },
  destinations: [], lookupsDropped: 0, recording: { state: 'idle', id: null, bytes: 0, durationMs: 0, droppedFrames: 0 }, openRecordings: [], preview: { viewers: 0, dropped: 0 },
};
export const liveDestination = (id: string, state: 'live' | 'connecting' | 'idle' = 'live'): ActualOf['egress']['destinations'][number] => ({
  id, state, kbps: 6000, ackedBytes: 1_000_000, reconnects: 0, droppedFrames: 0, queueMs: 0,
});
