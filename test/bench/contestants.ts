/** Who is measured: the product, ffmpeg, GStreamer, and the floor of decoding and encoding alone. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { startProcess } from '../support/process.js';
import { Product } from '../support/product.js';
import type { StudioSocket, StatusView } from '../support/product_client.js';
import type { Pusher } from '../support/pusher.js';
import { overlayPlace, pipPlace, type Stage } from './stage.js';

export interface Running {
  /** Processes whose trees are counted. */
  roots(): number[];
  /** Counted apart: what a peer needs beside it to do the product's work. */
  besides?: { name: string; roots(): number[] };
  pushers: Pusher[];
  /** What the product says of itself. */
  status?(): Promise<StatusView>;
  /** What went wrong, for the report. */
  complaint(): string;
  stop(): Promise<void>;
}

export interface Contestant {
  name: string;
  /** Key it publishes to the far end; undefined when nothing is to be read back. */
  key: string;
  /** Null when it can run here, else why not. */
  missing: string | null;
  /** Whether the picture carries the picture-in-picture. */
  mixes: boolean;
  start(stage: Stage): Promise<Running>;
}

async function peer(stage: Stage, command: string, argv: (urls: string[]) => string[]): Promise<Running> {
  const { urls, pushers } = await stage.pushToFeeder();
  const running = startProcess(command, argv(urls));
  return {
    roots: () => [running.pid],
    besides: { name: 'RTMP server', roots: () => stage.feeder.pids.slice(0, 1) },
    pushers,
    complaint: () => running.stderr().slice(-400),
    async stop() {
      await running.stop(3_000);
      await Promise.all(pushers.map((pusher) => pusher.stop()));
    },
  };
}

const inputs = (urls: string[]): string[] => urls.flatMap((url) => ['-fflags', '+nobuffer', '-thread_queue_size', '512', '-rw_timeout', '5000000', '-i', url]);
const quiet = ['-hide_banner', '-nostdin', '-loglevel', 'warning'];

export const ffmpegMix: Contestant = {
  name: 'ffmpeg -filter_complex', key: 'ffmpeg', missing: null, mixes: true,
  start: (stage) => peer(stage, 'ffmpeg', (urls) => {
    const pip = stage.pixels(pipPlace);
    const over = stage.pixels(overlayPlace);
    const graph = [
      `[1:v]scale=${pip.width}:${pip.height}[pip]`,
      `[0:v][pip]overlay=${pip.x}:${pip.y}:eof_action=repeat[mixed]`,
      // One picture, repeated by the overlay filter: decoded once.
      `[mixed][2:v]overlay=${over.x}:${over.y}:eof_action=repeat,fps=30[v]`,
      '[0:a][1:a]amix=inputs=2:normalize=0[a]',
    ].join(';');
    const recording = join(stage.folder, `ffmpeg-${Date.now()}.flv`);
    return [
      ...quiet, ...inputs(urls), '-i', stage.overlayPath, '-filter_complex', graph, '-map', '[v]', '-map', '[a]', '-r', '30',
      ...stage.encoderOptions(), '-flags', '+global_header', '-f', 'tee', `[f=flv:flvflags=no_duration_filesize]${stage.far.url}/ffmpeg|[f=flv]${recording}`,
    ];
  }),
};

export const floor: Contestant = {
  name: 'decode + encode alone', key: 'floor', missing: null, mixes: false,
  start: (stage) => peer(stage, 'ffmpeg', (urls) => [
    ...quiet, ...inputs(urls),
    '-map', '0:v', '-map', '0:a', '-r', '30', ...stage.encoderOptions(), '-flvflags', 'no_duration_filesize', '-f', 'flv', `${stage.far.url}/floor`,
    // The other camera is decoded too, as every mix must.
    '-map', '1:v', '-map', '1:a', '-f', 'null', '-',
  ]),
};

const gstElements = ['rtmp2src', 'flvdemux', 'avdec_h264', 'compositor', 'x264enc', 'avenc_aac', 'flvmux', 'rtmp2sink', 'gdkpixbufoverlay', 'audiomixer'];

function gstMissing(): string | null {
  try {
    const lacking = gstElements.filter((name) => {
      try {
        execFileSync('gst-inspect-1.0', ['--exists', name], { stdio: 'ignore' });
        return false;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
        return true;
      }
    });
    return lacking.length > 0 ? `GStreamer has no ${lacking.join(', ')}` : null;
  } catch {
    return 'gst-launch-1.0 is not installed (gstreamer1.0-tools, -plugins-base, -good, -bad, -ugly, -libav)';
  }
}

export const gstreamer: Contestant = {
  name: 'GStreamer compositor', key: 'gstreamer', missing: gstMissing(), mixes: true,
  start: (stage) => peer(stage, 'gst-launch-1.0', (urls) => {
    const pip = stage.pixels(pipPlace);
    const over = stage.pixels(overlayPlace);
    const { encoder, audio } = stage.settings;
    const size = `width=${stage.width},height=${stage.height}`;
    const recording = join(stage.folder, `gst-${Date.now()}.flv`);
    // x264's own words where the element has none, the same as the product's encoder is given.
    const x264 = `x264enc name=xe speed-preset=${encoder.preset} pass=cbr bitrate=${encoder.bitrateKbps} vbv-buf-capacity=1000 key-int-max=60 bframes=2 option-string=keyint=60:min-keyint=60:scenecut=0:open-gop=0:nal-hrd=cbr:force-cfr=1:rc-lookahead=8:sync-lookahead=0`;
    const text = [
      `compositor name=c background=black sink_1::xpos=${pip.x} sink_1::ypos=${pip.y} sink_1::width=${pip.width} sink_1::height=${pip.height}`,
      // An I420 compositor takes no input with alpha, and one in AYUV costs twice as much: this is the cheapest way that blends.
      `! video/x-raw,format=I420,${size},framerate=30/1 ! gdkpixbufoverlay location=${stage.overlayPath} offset-x=${over.x} offset-y=${over.y} ! queue ! ${x264} ! video/x-h264,profile=high ! h264parse ! queue ! mux.`,
      `audiomixer name=am ! audioconvert ! audioresample ! audio/x-raw,rate=48000,channels=2 ! avenc_aac bitrate=${audio.bitrateKbps * 1000} ! aacparse ! queue ! mux.`,
      `flvmux name=mux streamable=true ! tee name=t t. ! queue ! rtmp2sink location=${stage.far.url}/gstreamer t. ! queue ! filesink location=${recording}`,
      ...urls.map((url, i) => `rtmp2src location=${url} ! flvdemux name=d${i} d${i}.video ! queue ! h264parse ! avdec_h264 ! queue ! c.sink_${i} d${i}.audio ! queue ! aacparse ! avdec_aac ! audioconvert ! audioresample ! queue ! am.`),
    ].join(' ');
    return ['-q', ...text.split(' ')];
  }),
};

export interface ProductRun extends Running {
  product: Product;
  socket: StudioSocket;
  cameraIds: string[];
  sceneId: string;
}

/** The product with M on program. Everything is asked for by its public contract. */
export async function startProduct(stage: Stage, { broadcast = true }: { broadcast?: boolean } = {}): Promise<ProductRun> {
  const { video, encoder, audio } = stage.settings;
  const product = new Product({ settings: { video, encoder, audio } });
  let pushers: Pusher[] = [];
  try {
    await product.start();
    const cameras = [await product.addCamera('Camera 1'), await product.addCamera('Camera 2')];
    pushers = await stage.push(cameras.map(({ url }) => url));
    const overlay = await product.api.post<{ id: string }>('/api/v1/overlays', { kind: 'lower-third', name: 'Lower third', title: 'Grace Hopper', subtitle: 'Rear admiral', visible: true, ...overlayPlace });
    const scene = await product.api.post<{ id: string }>('/api/v1/scenes', {
      name: 'M',
      layers: [{ sourceId: cameras[0]!.id }, { sourceId: cameras[1]!.id, ...pipPlace }],
    });
    const socket = await product.socket();
    for (const { id } of cameras) await product.sourceState(id, ['live']);
    await socket.switchTo({ sceneId: scene.id });
    await socket.request('overlay:control', { overlayId: overlay.id, visible: true });
    if (broadcast) {
      const destination = await product.addDestination('far', stage.far.url, 'product');
      await product.api.post('/api/v1/broadcast/start', { record: true });
      await product.destinationState(destination, ['live']);
    }
    return {
      product, socket, pushers, cameraIds: cameras.map(({ id }) => id), sceneId: scene.id,
      roots: () => product.pids,
      status: () => product.api.status(),
      complaint: () => (product.restarts.length > 0 ? `restarted: ${product.restarts.map(({ role }) => role).join(', ')}` : ''),
      async stop() {
        await Promise.all(pushers.map((pusher) => pusher.stop()));
        await product.stop();
      },
    };
  } catch (error) {
    await Promise.all(pushers.map((pusher) => pusher.stop()));
    await product.stop().catch(() => undefined);
    throw error;
  }
}

export const product: Contestant = { name: 'VistterStudio', key: 'product', missing: null, mixes: true, start: (stage) => startProduct(stage) };
