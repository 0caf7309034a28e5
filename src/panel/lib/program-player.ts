/** The program in a video element: FLV over a websocket by mpegts.js, close to live, and back by itself after a break. */
import mpegts from 'mpegts.js';

export type PlayerState = 'connecting' | 'playing' | 'unsupported';

const RETRY_MS = 1000;
/** Pictures that stand still for this long mean a new connection. */
const STALL_MS = 4000;
const CHECK_MS = 500;

export class ProgramPlayer {
  #player: mpegts.Player | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #check: ReturnType<typeof setInterval> | undefined;
  #lastTime = -1;
  #movedAt = 0;
  #stopped = false;

  constructor(private readonly video: HTMLVideoElement, private readonly onState: (state: PlayerState) => void) {}

  start(): void {
    if (!mpegts.isSupported()) {
      this.onState('unsupported');
      return;
    }
    mpegts.LoggingControl.applyConfig({ enableAll: false });
    this.#check = setInterval(() => this.#watch(), CHECK_MS);
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#check);
    clearTimeout(this.#retry);
    this.#leave();
  }

  #connect(): void {
    if (this.#stopped) return;
    const url = new URL('/preview.flv', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const player = mpegts.createPlayer(
      { type: 'flv', isLive: true, url: url.href },
      {
        // The page's policy has no workers of others, and one stream needs none.
        enableWorker: false,
        isLive: true,
        enableStashBuffer: false,
        lazyLoad: false,
        // A page opened in the background gets no "sourceopen" until it is looked at.
        deferLoadAfterSourceOpen: false,
        liveSync: true,
        liveSyncMaxLatency: 1,
        liveSyncTargetLatency: 0.5,
        liveBufferLatencyChasing: true,
        liveBufferLatencyMaxLatency: 3,
        liveBufferLatencyMinRemain: 0.4,
        autoCleanupSourceBuffer: true,
        autoCleanupMaxBackwardDuration: 20,
        autoCleanupMinBackwardDuration: 10,
      },
    );
    this.#player = player;
    this.#movedAt = performance.now();
    this.onState('connecting');
    player.on(mpegts.Events.ERROR, () => this.#again());
    player.on(mpegts.Events.LOADING_COMPLETE, () => this.#again());
    player.attachMediaElement(this.video);
    player.load();
    // Refused when nobody has touched the page yet; then the picture waits for its next look.
    void Promise.resolve(player.play()).catch(() => {});
  }

  #again(): void {
    this.#leave();
    this.onState('connecting');
    clearTimeout(this.#retry);
    if (!this.#stopped) this.#retry = setTimeout(() => this.#connect(), RETRY_MS);
  }

  #leave(): void {
    const player = this.#player;
    this.#player = undefined;
    if (!player) return;
    try {
      player.destroy();
    } catch {
      // A player that failed half way cannot always be taken apart; the next one has buffers of its own.
    }
  }

  #watch(): void {
    if (!this.#player) return;
    const { currentTime } = this.video;
    const now = performance.now();
    if (currentTime !== this.#lastTime) {
      if (this.#lastTime >= 0 && currentTime > 0) this.onState('playing');
      this.#lastTime = currentTime;
      this.#movedAt = now;
    } else if (document.visibilityState === 'hidden') {
      this.#movedAt = now;
    } else if (now - this.#movedAt > STALL_MS) {
      this.#again();
    } else if (this.video.paused) {
      void this.video.play().catch(() => {});
    }
  }
}
