/** A product with cameras, destinations and a far end around it: what most end-to-end and fault tests begin with. */
import { analysePicture, type PictureOptions, type PictureReport } from './pattern/analyse.js';
import { patternFile, type PatternOptions } from './pattern/generate.js';
import { readPattern, withoutTail, type Reading } from './pattern/read.js';
import { FarEnd } from './far_end.js';
import { hasNginxRtmp, NginxRtmp } from './nginx_rtmp.js';
import { Product, productBuilt, smallSettings, type ProductOptions } from './product.js';
import type { StudioSocket, SwitchAck } from './product_client.js';
import { Pusher, type PusherOptions } from './pusher.js';
import { delay, monotonicMs, waitFor } from './wait.js';

/** Why the tests with the whole product cannot run here; null when they can. */
export const rigMissing: string | null = !productBuilt()
  ? 'the product is not built (npm run build)'
  : !hasNginxRtmp ? 'Debian\'s libnginx-mod-rtmp is not installed' : null;

export interface RigCamera {
  id: string;
  key: string;
  url: string;
  pusher: Pusher;
  number: number;
}

export interface RigOptions extends ProductOptions {
  /** Pattern of each camera; its number is its place. */
  cameras?: Partial<PatternOptions>[];
  pusher?: Partial<PusherOptions>;
  /** Keys of destinations at nginx; a broadcast to them is started. */
  destinations?: string[];
  /** Keys of destinations in the test's own process (far_end.ts), which can be read without ending the broadcast. */
  farKeys?: string[];
  record?: boolean;
}

export class Rig {
  readonly far = new FarEnd();
  readonly nginx = new NginxRtmp({ keys: ['good'] });
  readonly product: Product;
  readonly cameras: RigCamera[] = [];
  readonly destinationIds: string[] = [];
  socket!: StudioSocket;
  private readonly extra: (() => Promise<unknown>)[] = [];

  constructor(private readonly options: RigOptions = {}) {
    this.product = new Product({ settings: smallSettings, ...options });
  }

  /** A start that fails leaves nothing running. */
  async start(): Promise<this> {
    try {
      await this.startAll();
    } catch (error) {
      await this.stop().catch(() => undefined);
      throw error;
    }
    return this;
  }

  private async startAll(): Promise<void> {
    await Promise.all([this.nginx.start(), this.far.start(), this.product.start()]);
    this.socket = await this.product.socket();
    for (const [number, pattern] of (this.options.cameras ?? [{}, {}]).entries()) await this.addCamera(number, pattern);
    await Promise.all(this.cameras.map(({ id }) => this.product.sourceState(id, ['live'])));
    if (this.cameras[0]) await this.socket.switchTo({ sourceId: this.cameras[0].id });
    for (const key of this.options.destinations ?? []) this.destinationIds.push(await this.product.addDestination(`Destination ${this.destinationIds.length + 1}`, this.nginx.url(), key));
    for (const key of this.options.farKeys ?? []) this.destinationIds.push(await this.product.addDestination(`Destination ${this.destinationIds.length + 1}`, this.far.url, key));
    if (this.destinationIds.length > 0) {
      await this.product.api.post('/api/v1/broadcast/start', { record: this.options.record ?? false });
      await Promise.all(this.destinationIds.map((id) => this.product.destinationState(id, ['live'])));
    }
  }

  /** Takes away what a new home begins with, which is in the way of what pushes here: its scenes, and those of its sources that are not spared. */
  async clearHome(spared: (kind: string) => boolean = (kind) => kind !== 'camera'): Promise<void> {
    const { api } = this.product;
    const { items: scenes } = await api.get<{ items: { id: string }[] }>('/api/v1/scenes');
    for (const { id } of scenes) await api.delete(`/api/v1/scenes/${id}`);
    const { items: sources } = await api.get<{ items: { id: string; kind: string }[] }>('/api/v1/sources');
    for (const { id, kind } of sources) if (!spared(kind) && !this.cameras.some((camera) => camera.id === id)) await api.delete(`/api/v1/sources/${id}`);
  }

  async addCamera(number: number, pattern: Partial<PatternOptions>): Promise<RigCamera> {
    const file = await patternFile({ camera: number, ...pattern });
    const camera = await this.product.addCamera(`Camera ${number + 1}`);
    const pusher = await new Pusher({ url: camera.url, file, reconnectMs: 200, fromMs: number * 7_000, ...this.options.pusher }).start();
    const whole = { ...camera, pusher, number };
    this.cameras.push(whole);
    return whole;
  }

  /** The destination with this place in `destinations`, then `farKeys`. */
  destinationId(key: string): string {
    const place = [...(this.options.destinations ?? []), ...(this.options.farKeys ?? [])].indexOf(key);
    return this.destinationIds[place] ?? '';
  }

  /** A camera on program, and a second of it without a hole at the far end, so that what follows starts from rest. */
  async settle(camera: RigCamera, farKey: string): Promise<void> {
    await this.product.sourceState(camera.id, ['live']);
    // One that has been there for a while need not be waited for again.
    const isOn = (await this.product.api.status()).program?.sourceId === camera.id;
    if (!isOn) await this.socket.switchTo({ sourceId: camera.id });
    const sinceMs = isOn ? -Infinity : monotonicMs();
    await waitFor(`a second of ${camera.id} at ${farKey}`, () => this.far.isSteady(farKey, 1_000, sinceMs), { timeoutMs: 15_000 });
  }

  /** Something more to stop at the end, before the product. */
  also(stop: () => Promise<unknown>): void {
    this.extra.push(stop);
  }

  /** Ends the broadcast and reads what nginx recorded of `key`: all its files, one a connection. */
  async finish(keys: string[] = this.options.destinations ?? [], read = true): Promise<Map<string, Reading[]>> {
    await this.product.api.post('/api/v1/broadcast/stop');
    for (const key of keys) {
      await waitFor(`the end of ${key}`, () => this.nginx.events.findLast((event) => event.key === key)?.call === 'publish_done', { timeoutMs: 10_000 });
    }
    await delay(100);
    const readings = new Map<string, Reading[]>();
    if (!read) return readings;
    for (const key of keys) {
      const list: Reading[] = [];
      for (const path of this.nginx.recordings(key)) list.push(withoutTail(await readPattern(path)));
      readings.set(key, list);
    }
    return readings;
  }

  /** Every cleanup is tried though another fails; the first failure is thrown. */
  async stop(): Promise<void> {
    const failures: unknown[] = [];
    const all = [...this.extra.reverse(), ...this.cameras.map(({ pusher }) => () => pusher.stop()), () => this.product.stop(), () => this.nginx.stop(), () => this.far.stop()];
    for (const stop of all) await stop().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }
}

/**
 * Where program time lies in a recording: recorded time = program time + offset, from one cut whose first frame the
 * recording shows. Undefined when the camera never comes on after `notBeforeMs` of the recording.
 */
export function recordingOffsetMs(reading: Reading, camera: number, ack: SwitchAck, fps = 30, notBeforeMs = -Infinity): number | undefined {
  const run = analysePicture(reading.frames, { fps, fromMs: notBeforeMs }).runs.find((one) => one.camera === camera && one.fromMs > (reading.frames[0]?.ptsMs ?? 0));
  return run && run.fromMs - ack.ptsMs;
}

/** The picture between two moments of program time. */
export function analyseProgram(reading: Reading, offsetMs: number, options: PictureOptions): PictureReport {
  const { fromMs = -Infinity, toMs = Infinity } = options;
  return analysePicture(reading.frames, { ...options, fromMs: fromMs + offsetMs, toMs: toMs + offsetMs });
}

/** How a camera's end showed: from the last moving frame to the first that is not that camera, in ms of the recording. */
export function fallbackMs(reading: Reading, camera: number, notBeforeMs = -Infinity): number | undefined {
  let moved: { ptsMs: number; counter: number } | undefined;
  for (const frame of reading.frames) {
    if (frame.ptsMs < notBeforeMs) continue;
    const code = frame.codes[0] ?? null;
    if (code?.camera === camera) {
      if (moved === undefined || code.counter !== moved.counter) moved = { ptsMs: frame.ptsMs, counter: code.counter };
    } else if (moved) return frame.ptsMs - moved.ptsMs;
  }
  return undefined;
}
