/** The engine's side of the drawing thread: hands finished pictures to the compositor and knows which overlays are up. */
import type { EngineDesired, EngineOverlay } from '../protocol/link.js';
import type { Problem } from '../protocol/status.js';
import { Backoff } from '../runtime/backoff.js';
import type { Owner } from '../runtime/lifecycle.js';
import type { Log } from '../runtime/log.js';
import { DrawingThread, type DrawingWord } from './drawing-thread.js';
import type { NativeProgram } from './native.js';
import { overlayPictureId, SLATE_ID, type VideoFormat } from './scene-plan.js';

export class Overlays implements Owner {
  #thread: DrawingThread | undefined;
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
  /** Why the drawing thread draws none. Of one that hung it is over when another has lasted, of one that crashed when another draws. */
  #hang: string | undefined;
  #crash: string | undefined;
  /** Why those that are to be seen could not be drawn the last time, by their ids. */
  readonly #failures = new Map<string, string>();

  constructor(
    private readonly program: NativeProgram,
    private readonly format: VideoFormat,
    private readonly log: Log,
    /** Which overlays are up has changed. */
    private readonly onChange: () => void,
  ) {}

  /** Why one that is to be seen could not be drawn, or none can. */
  get problem(): Problem | undefined {
    const message = this.#hang ?? this.#crash ?? [...this.#failures.values()].at(-1);
    return message === undefined ? undefined : { code: 'OVERLAY_FAILED', message };
  }

  start(): void {
    this.#thread = new DrawingThread(this.format, {
      onWord: (message) => this.#onWord(message),
      onSound: () => {
        if (this.#hang !== undefined) this.log.info('the drawing thread answers again');
        this.#hang = undefined;
      },
      onCrash: (error) => {
        this.#crash = `Drawing failed: ${error.message}`;
        this.log.error({ err: error }, 'the drawing thread failed; what it drew last stays up');
      },
      onHang: (silentMs) => {
        this.#hang = `Drawing hung: nothing was heard of it for ${Math.round(silentMs / 1000)} s.`;
        this.log.error({ silentMs }, 'the drawing thread hangs and is started anew; what it drew last stays up');
      },
      onExit: () => {
        this.#thread = undefined;
        if (!this.#stopped) this.#restart = setTimeout(() => this.start(), this.#backoff.nextMs());
      },
    });
    this.#tell();
  }

  stop(): Promise<void> {
    return (this.#stopped ??= (async () => {
      clearTimeout(this.#restart);
      await this.#thread?.end();
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
    this.#overlays = desired.overlays;
    this.#channelName = desired.settings.channel.name;
    for (const overlay of desired.overlays) if (overlay.visible) this.#up.add(overlay.id);
    for (const id of this.#failures.keys()) if (!this.#isToBeSeen(id)) this.#failures.delete(id);
    this.#tell();
    this.onChange();
  }

  /** Whether it is to be on program now: drawn, and shown or on its way out. */
  isUp = (id: string): boolean => this.#up.has(id) && this.#drawn.has(id);

  #isToBeSeen(id: string): boolean {
    return this.isUp(id) || this.#overlays.some((overlay) => overlay.id === id && overlay.visible);
  }

  #tell(): void {
    if (this.#channelName) this.#thread?.tell({ channelName: this.#channelName, overlays: this.#overlays });
  }

  #onWord(message: DrawingWord): void {
    switch (message.type) {
      case 'picture': {
        this.#thread?.taken(message.pictureId);
        const overlay = this.#overlays.find(({ id }) => overlayPictureId(id) === message.pictureId);
        // One that was removed while it was being drawn.
        if (!overlay && message.pictureId !== SLATE_ID) return;
        const { width, height, rgba, stride } = message.picture;
        this.program.setPicture(message.pictureId, width, height, rgba, stride);
        if (message.pictureId === SLATE_ID) this.program.setSlate(SLATE_ID);
        this.drawn += 1;
        this.#backoff.reset();
        this.#crash = undefined;
        if (overlay && this.#failures.delete(overlay.id)) this.log.info({ overlay: overlay.id }, 'the overlay is drawn again');
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
        // It is tried again and again, and may be hidden by now.
        if (!this.#isToBeSeen(message.overlayId)) return;
        if (!this.#failures.has(message.overlayId)) {
          this.log.warn({ overlay: message.overlayId, problem: message.message }, 'an overlay could not be drawn; its last picture stays');
        }
        this.#failures.set(message.overlayId, message.message);
        return;
      default:
        message satisfies never;
    }
  }
}
