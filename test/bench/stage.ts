/** What every contestant meets: two cameras by RTMP, one far end, a recording beside it. */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import { encoderArgs } from '../../src/engine/encoder-args.js';
import { Settings } from '../../src/protocol/resources.js';
import { FarEnd } from '../support/far_end.js';
import { NginxRtmp } from '../support/nginx_rtmp.js';
import { patternFile, type PatternFile } from '../support/pattern/generate.js';
import type { Region } from '../support/pattern/read.js';
import { Pusher } from '../support/pusher.js';
import { removeFolder, tempFolder } from '../support/temp.js';

export const fps = 30;

/** The reference mix M, places in 0..1 of the frame. The picture-in-picture and the overlay leave the code's strip free. */
export const pipPlace: Region = { x: 0.7, y: 0.7, width: 0.25, height: 0.25 };
export const overlayPlace: Region = { x: 0.05, y: 0.74, width: 600 / 1920, height: 200 / 1080 };

export class Stage {
  readonly folder = tempFolder('v-bench-');
  readonly far = new FarEnd();
  /** Feeds the peers, which have no RTMP server of their own. */
  readonly feeder = new NginxRtmp({ record: false });
  readonly settings: Settings;
  readonly overlayPath: string;
  cameras: PatternFile[] = [];

  constructor(readonly width: number, readonly height: number) {
    const scale = height / 1080;
    this.settings = Settings.parse({ video: { width, height, fps }, encoder: { codec: 'libx264', bitrateKbps: Math.round(6_000 * scale * scale) } });
    this.overlayPath = join(this.folder, 'overlay.png');
  }

  async start(): Promise<this> {
    await this.far.start();
    await this.feeder.start();
    const common = { width: this.width, height: this.height, fps, gopSeconds: 2 };
    this.cameras = [
      await patternFile({ camera: 0, background: 'mandelbrot', ...common }),
      await patternFile({ camera: 1, background: 'testsrc2', ...common }),
    ];
    writeFileSync(this.overlayPath, this.drawOverlay());
    return this;
  }

  /** Pushes both cameras to the feeder; answers their urls there. */
  async pushToFeeder(): Promise<{ urls: string[]; pushers: Pusher[] }> {
    const urls = this.cameras.map((_, i) => `${this.feeder.url()}/camera${i}`);
    return { urls, pushers: await this.push(urls) };
  }

  push(urls: readonly string[]): Promise<Pusher[]> {
    return Promise.all(urls.map((url, i) => new Pusher({ url, file: this.cameras[i]! }).start()));
  }

  /** The product's own encoder options, so that a peer can never be measured with others. */
  encoderOptions(): string[] {
    const all = encoderArgs({
      codec: 'libx264', cores: availableParallelism(), format: { width: this.width, height: this.height, rate: { num: fps, den: 1 } },
      encoder: this.settings.encoder, audio: this.settings.audio, firstFrameMs: 0, socketPath: 'none',
    });
    return all.slice(all.indexOf('-c:v'), all.indexOf('-output_ts_offset'));
  }

  /** In pixels, even. */
  pixels(place: Region): { x: number; y: number; width: number; height: number } {
    const even = (n: number): number => 2 * Math.round(n / 2);
    return { x: even(place.x * this.width), y: even(place.y * this.height), width: even(place.width * this.width), height: even(place.height * this.height) };
  }

  async stop(): Promise<void> {
    await this.feeder.stop();
    await this.far.stop();
    removeFolder(this.folder);
  }

  private drawOverlay(): Buffer {
    const { width, height } = this.pixels(overlayPlace);
    const canvas = createCanvas(width, height);
    const context = canvas.getContext('2d');
    context.fillStyle = 'rgba(20, 24, 40, 0.75)';
    context.fillRect(0, height * 0.15, width, height * 0.7);
    context.fillStyle = 'rgba(215, 38, 61, 1)';
    context.fillRect(0, height * 0.15, width * 0.02, height * 0.7);
    return canvas.toBuffer('image/png');
  }
}
