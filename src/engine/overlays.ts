/** The engine's side of the drawing thread: hands finished pictures to the compositor and knows which overlays are up. */
import { Worker } from 'node:worker_threads';
import type { EngineDesired, EngineOverlay } from '../protocol/link.js';
import type { Problem } from '../protocol/status.js';
import { Backoff } from '../runtime/backoff.js';
import type { Owner } from '../runtime/lifecycle.js';
import type { Log } from '../runtime/log.js';
import type { NativeProgram } from './native.js';
import type { FromDrawing, ToDrawing } from './overlay-messages.js';
import { overlayPictureId, SLATE_ID, type VideoFormat } from './scene-plan.js';

export class Overlays implements Owner {
  #worker: Worker | undefined;
  #restart: NodeJS.Timeout | undefined;
  #stopped: Promise<void> | undefined;
  #overlays: EngineOverlay[] = [];
  #channelName = '';
  readonly #drawn = new Set<string>();
  /** Shown, or still on its way out. */
  readonly #up = new Set<string>();
  readonly #backoff = new Backoff(200, 10_000);
  drawn = 0;
  failed = 0;
  /** Why one that is shown could not be drawn, or none can. */
  problem: Problem | undefined;
  /** Whose problem it is; null: the drawing thread's. */
  #failedId: string | null = null;

  constructor(
    private readonly program: NativeProgram,
    private readonly format: VideoFormat,
    private readonly log: Log,
    /** Which overlays are up has changed. */
    private readonly onChange: () => void,
  ) {}

  start(): void {
    const worker = new Worker(new URL('./overlay-worker.js', import.meta.url));
    this.#worker = worker;
    worker.on('message', (message: FromDrawing) => this.#onMessage(message));
    worker.on('error', (error) => {
      this.problem = { code: 'OVERLAY_FAILED', message: `Drawing failed: ${error.message}` };
      this.#failedId = null;
      this.log.error({ err: error }, 'the drawing thread failed; what it drew last stays up');
    });
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
      if (!this.#stopped) this.#restart = setTimeout(() => this.start(), this.#backoff.nextMs());
    });
    this.#tell();
  }

  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      clearTimeout(this.#restart);
      await this.#worker?.terminate();
    })());
  }

  apply(desired: Pick<EngineDesired, 'overlays' | 'settings'>): void {
    const ids = new Set(desired.overlays.map((overlay) => overlay.id));
    for (const { id } of this.#overlays) {
      if (ids.has(id)) continue;
      this.#up.delete(id);
      this.#drawn.delete(id);
      this.program.removePicture(overlayPictureId(id));
    }
    const renamed = desired.settings.channel.name !== this.#channelName;
    this.#overlays = desired.overlays;
    this.#channelName = desired.settings.channel.name;
    for (const overlay of desired.overlays) if (overlay.visible) this.#up.add(overlay.id);
    if (this.#failedId !== null && !desired.overlays.some(({ id, visible }) => id === this.#failedId && visible)) this.problem = undefined;
    if (renamed) this.#tellFrame();
    this.#send({ type: 'overlays', overlays: this.#overlays });
    this.onChange();
  }

  /** Whether it is to be on program now: drawn, and shown or on its way out. */
  isUp = (id: string): boolean => this.#up.has(id) && this.#drawn.has(id);

  #tell(): void {
    if (!this.#channelName) return;
    this.#tellFrame();
    this.#send({ type: 'overlays', overlays: this.#overlays });
  }

  #tellFrame(): void {
    this.#send({ type: 'frame', width: this.format.width, height: this.format.height, channelName: this.#channelName });
  }

  #send(message: ToDrawing): void {
    this.#worker?.postMessage(message);
  }

  #onMessage(message: FromDrawing): void {
    switch (message.type) {
      case 'picture': {
        this.#send({ type: 'taken', pictureId: message.pictureId });
        const overlay = this.#overlays.find(({ id }) => overlayPictureId(id) === message.pictureId);
        // One that was removed while it was being drawn.
        if (!overlay && message.pictureId !== SLATE_ID) return;
        const { width, height, rgba, stride } = message.picture;
        this.program.setPicture(message.pictureId, width, height, rgba, stride);
        if (message.pictureId === SLATE_ID) this.program.setSlate(SLATE_ID);
        this.drawn += 1;
        this.#backoff.reset();
        if (this.#failedId === null || this.#failedId === overlay?.id) this.problem = undefined;
        if (overlay && !this.#drawn.has(overlay.id)) {
          this.#drawn.add(overlay.id);
          this.onChange();
        }
        return;
      }
      case 'gone':
        if (this.#overlays.some((overlay) => overlay.id === message.overlayId && overlay.visible)) return;
        if (this.#up.delete(message.overlayId)) this.onChange();
        return;
      case 'failed':
        this.failed += 1;
        this.problem = { code: 'OVERLAY_FAILED', message: message.message };
        this.#failedId = message.overlayId;
        this.log.warn({ overlay: message.overlayId, problem: message.message }, 'an overlay could not be drawn; its last picture stays');
        return;
      default:
        message satisfies never;
    }
  }
}
