/** The product's REST and websocket as a client sees them, typed no further than tests need. */
import { WebSocket } from 'ws';
import { monotonicMs, waitFor, within } from './wait.js';

export interface StatusView {
  state: string;
  uptimeMs: number;
  program: { sourceId?: string; sceneId?: string; frame: number; fps: number; repeated: number; late: number; skipped: number; composeUsAvg: number; composeUsP99: number } | null;
  encoder: { state: string; codec: string; kbps: number; fps: number; dropped: number; restarts: number } | null;
  sources: { id: string; state: string; ageMs: number; error?: { code: string; message: string } }[];
  destinations: { id: string; state: string; kbps: number; ackedBytes: number; reconnects: number; droppedFrames: number; queueMs: number; error?: { code: string; message: string } }[];
  recording: { state: string; id: string | null; bytes: number; durationMs: number; error?: { code: string; message: string } };
  timeline: { timelineId: string; revision: number; state: string; overridden: boolean; positionMs: number; lap: number; region?: { fromMs: number; toMs: number }; failedClips: number; lateClips: number; open: number } | null;
  processes?: { role: string; connected: boolean; pid: number | null; restarts: number }[];
}

export interface ApiAnswer {
  status: number;
  text: string;
  json: unknown;
}

export class StudioApi {
  constructor(private readonly base: string, private readonly token: string) {}

  /** Any answer, errors too. Rejects only when there is none. */
  async request(method: string, path: string, body?: unknown): Promise<ApiAnswer> {
    const response = await fetch(this.base + path, {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(5_000),
    });
    const text = await response.text();
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: response.status, text, json };
  }

  private async ok<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.request(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 500)}`);
    return answer.json as T;
  }

  get<T>(path: string): Promise<T> { return this.ok<T>('GET', path); }
  post<T>(path: string, body: unknown = {}): Promise<T> { return this.ok<T>('POST', path, body); }
  patch<T>(path: string, body: unknown): Promise<T> { return this.ok<T>('PATCH', path, body); }
  delete(path: string): Promise<unknown> { return this.ok('DELETE', path); }
  status(): Promise<StatusView> { return this.get<StatusView>('/api/v1/broadcast'); }
}

export interface SwitchAck {
  frame: number;
  ptsMs: number;
}

interface Envelope {
  type: string;
  id?: string | number;
  payload: unknown;
}

export class StudioSocket {
  readonly messages: Envelope[] = [];
  lastStatus: StatusView | undefined;
  /** Of those who subscribed to them. */
  lastLevels: { id: string; peak: [number, number]; rms: [number, number] }[] | undefined;
  /** Told of what is not text: tiles. */
  onBytes: ((bytes: Buffer) => void) | undefined;
  private next = 1;
  private readonly waiting = new Map<string, { done: (payload: unknown) => void; fail: (error: Error) => void }>();

  private constructor(private readonly ws: WebSocket) {
    ws.on('message', (data, isBinary) => {
      if (isBinary) this.onBytes?.(data as Buffer);
      else this.take(JSON.parse(String(data)) as Envelope);
    });
    ws.on('error', () => undefined);
    ws.on('close', () => {
      for (const { fail } of this.waiting.values()) fail(new Error('the websocket was closed'));
      this.waiting.clear();
    });
  }

  static async open(url: string, token: string): Promise<StudioSocket> {
    const ws = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
    const socket = new StudioSocket(ws);
    await within('opening the websocket', 5_000, new Promise((done, fail) => {
      ws.once('open', done);
      ws.once('error', fail);
    }));
    return socket;
  }

  /** Resolves with the ack's payload, rejects with the error's code and message. */
  request<T>(type: string, payload: unknown, timeoutMs = 5_000): Promise<T> {
    const id = String(this.next++);
    const answer = new Promise<unknown>((done, fail) => this.waiting.set(id, { done, fail }));
    this.ws.send(JSON.stringify({ type, id, payload }));
    return within(type, timeoutMs, answer) as Promise<T>;
  }

  /** Switches the program; `latencyMs` is from the message to the due time of the first frame that shows it. */
  async switchTo(target: { sourceId?: string; sceneId?: string }, transition?: { kind: string; durationMs: number }): Promise<SwitchAck & { sentMs: number; latencyMs: number }> {
    const sentMs = monotonicMs();
    const ack = await this.request<SwitchAck>('camera:switch', { ...target, ...(transition ? { transition } : {}) });
    return { ...ack, sentMs, latencyMs: ack.ptsMs - sentMs };
  }

  /** The first `broadcast:status` from now on that pleases. */
  async status(what: string, pleases: (status: StatusView) => boolean, timeoutMs = 15_000): Promise<StatusView> {
    return waitFor(what, () => (this.lastStatus && pleases(this.lastStatus) ? this.lastStatus : undefined), { timeoutMs });
  }

  close(): void {
    this.ws.terminate();
  }

  private take(message: Envelope): void {
    if (message.type === 'broadcast:status') this.lastStatus = message.payload as StatusView;
    else if (message.type === 'audio:levels') this.lastLevels = (message.payload as { levels: NonNullable<StudioSocket['lastLevels']> }).levels;
    else this.messages.push(message);
    if (this.messages.length > 2_000) this.messages.shift();
    const waiter = message.id === undefined ? undefined : this.waiting.get(String(message.id));
    if (!waiter) return;
    this.waiting.delete(String(message.id));
    if (message.type === 'ack') waiter.done(message.payload);
    else waiter.fail(Object.assign(new Error(JSON.stringify(message.payload)), message.payload));
  }
}
