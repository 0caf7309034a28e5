/** The timeline mix: two video tracks, an overlay track and an audio track of 1080p30 films, by the product and by ffmpeg. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { startProcess } from '../support/process.js';
import { Product } from '../support/product.js';
import type { Contestant, Running } from './contestants.js';
import { fps, overlayPlace, pipPlace, type Stage } from './stage.js';

/** Cuts on the main track, so that players are opened and closed all the time. */
const CLIP_MS = 8_000;

async function startTimeline(stage: Stage): Promise<Running> {
  const { video, encoder, audio } = stage.settings;
  const product = new Product({ settings: { video, encoder, audio } });
  try {
    await product.start();
    const media = join(product.home, 'media');
    mkdirSync(media, { recursive: true });
    const sources: string[] = [];
    for (const [i, film] of stage.cameras.entries()) {
      copyFileSync(film.path, join(media, basename(film.path)));
      const { id } = await product.api.post<{ id: string }>('/api/v1/sources', { kind: 'media', name: `Film ${i + 1}`, path: basename(film.path), loop: true });
      sources.push(id);
    }
    const overlay = await product.api.post<{ id: string }>('/api/v1/overlays', { kind: 'lower-third', name: 'Lower third', title: 'Grace Hopper', subtitle: 'Rear admiral', ...overlayPlace });
    const durationMs = stage.cameras[0]!.seconds * 1_000;
    const clips = Array.from({ length: durationMs / CLIP_MS }, (_, i) => ({ sourceId: sources[0], startMs: i * CLIP_MS, durationMs: CLIP_MS, inMs: i * CLIP_MS }));
    const { id } = await product.api.post<{ id: string }>('/api/v1/timelines', {
      name: 'Mix', loop: true,
      tracks: [
        { kind: 'video', clips },
        { kind: 'video', clips: [{ sourceId: sources[1], startMs: 0, durationMs, ...pipPlace }] },
        { kind: 'overlay', clips: [{ overlayId: overlay.id, startMs: 0, durationMs }] },
        { kind: 'audio', clips: [{ sourceId: sources[1], startMs: 0, durationMs, audio: { gainDb: -12 } }] },
      ],
    });
    await product.api.post('/api/v1/playback', { action: 'play', timelineId: id, positionMs: 0 });
    const destination = await product.addDestination('far', stage.far.url, 'timeline');
    await product.api.post('/api/v1/broadcast/start', { record: true });
    await product.destinationState(destination, ['live']);
    return {
      pushers: [],
      roots: () => product.pids,
      status: () => product.api.status(),
      complaint: () => (product.restarts.length > 0 ? `restarted: ${product.restarts.map(({ role }) => role).join(', ')}` : ''),
      stop: () => product.stop(),
    };
  } catch (error) {
    await product.stop().catch(() => undefined);
    throw error;
  }
}

export const timelineProduct: Contestant = { name: 'VistterStudio, timeline', key: 'timeline', missing: null, mixes: true, start: startTimeline };

export const timelineFfmpeg: Contestant = {
  name: 'ffmpeg, the same films', key: 'timeline-ffmpeg', missing: null, mixes: true,
  async start(stage) {
    const pip = stage.pixels(pipPlace);
    const over = stage.pixels(overlayPlace);
    const film = (i: number): string[] => ['-re', '-stream_loop', '-1', '-i', stage.cameras[i]!.path];
    const graph = [
      `[1:v]scale=${pip.width}:${pip.height}[pip]`,
      `[0:v][pip]overlay=${pip.x}:${pip.y}:eof_action=repeat[mixed]`,
      `[mixed][2:v]overlay=${over.x}:${over.y}:eof_action=repeat,fps=${fps}[v]`,
      '[1:a]asplit[full][again]', '[again]volume=-12dB[low]', '[0:a][full][low]amix=inputs=3:normalize=0[a]',
    ].join(';');
    const running = startProcess('ffmpeg', [
      '-hide_banner', '-nostdin', '-loglevel', 'warning', ...film(0), ...film(1), '-i', stage.overlayPath,
      '-filter_complex', graph, '-map', '[v]', '-map', '[a]', '-r', String(fps), ...stage.encoderOptions(), '-flags', '+global_header',
      '-f', 'tee', `[f=flv:flvflags=no_duration_filesize]${stage.far.url}/timeline-ffmpeg|[f=flv]${join(stage.folder, `timeline-${Date.now()}.flv`)}`,
    ]);
    return {
      pushers: [],
      roots: () => [running.pid],
      complaint: () => running.stderr().slice(-400),
      async stop() { await running.stop(3_000); },
    };
  },
};
