/** Small pictures and sound curves of the files in clips, and what cameras and scenes in them show now, as far as they are in view. */
import { computed } from '@preact/signals';
import type { Clip, Track } from '../../../protocol/timeline.js';
import { Waveform } from '../../../protocol/media.js';
import { request, requestBlob } from '../../lib/api.js';
import { DrawCache } from '../../lib/timeline/cache.js';
import { NowPictures } from '../../lib/timeline/now-pictures.js';
import { placeInFile } from '../../lib/timeline/time.js';
import { pictures } from '../../store/scenes.js';
import { connection, sourceStatus } from '../../store/state.js';
import { thingOf, type Thing } from '../../store/timeline-things.js';
import type { Picture } from './draw.js';

const WIDTH = 96;
/** Moments of a film are shown to this, ms: so that the same pictures serve while one zooms. */
const STEP_MS = 1000;

/** What has no file and is seen: its picture is what it shows now. */
const NOW: ReadonlySet<Thing['kind']> = new Set(['camera', 'test', 'color', 'scene']);

/** Which sources send; null when the studio is out of reach. The last picture of one that does not is not what is shown now. */
export const sending = computed(() => (connection.value === 'lost' ? null : [...sourceStatus.value.values()].flatMap(({ id, state }) => (state === 'live' || state === 'late' ? [id] : [])).join(' ')));
const isPast = ({ id, kind }: Thing): boolean => sending.peek() === null || (kind === 'camera' && !sending.peek()!.split(' ').includes(id));

export class ClipPictures {
  readonly #thumbnails: DrawCache<ImageBitmap>;
  readonly #waveforms: DrawCache<Waveform>;
  readonly #now: NowPictures<ImageBitmap>;

  constructor(onCome: () => void) {
    this.#now = new NowPictures(pictures, onCome);
    this.#thumbnails = new DrawCache({
      most: 400, onCome, onGo: (image) => image.close(),
      load: async (query, signal) => createImageBitmap(await requestBlob(`/media/thumbnail?${query}`, signal)),
    });
    this.#waveforms = new DrawCache({
      most: 60, onCome, atOnce: 1,
      load: async (path) => Waveform.parse(await request('GET', `/media/waveform?path=${encodeURIComponent(path)}`)),
    });
  }

  /** A new painting begins. */
  begin(): void {
    this.#now.begin();
  }

  close(): void {
    this.#now.close();
    this.#thumbnails.close();
    this.#waveforms.close();
  }

  /** @returns whether anything lies behind the clip's name now */
  draw(ctx: CanvasRenderingContext2D, picture: Picture, track: Track, clip: Clip, left: number, right: number, y: number, height: number): boolean {
    const thing = thingOf(clip);
    if (thing?.path === undefined) return thing !== undefined && track.kind === 'video' && this.#drawNow(ctx, picture, thing, left, right, y, height);
    if (track.kind === 'audio') return this.#drawWaveform(ctx, picture, clip, thing, thing.path, left, right, y, height);
    return this.#drawThumbnails(ctx, picture, clip, thing, thing.path, left, right, y, height);
  }

  /** One picture at the clip's start, as it is of now and of no moment of the clip; it stays in view as long as the clip is. */
  #drawNow(ctx: CanvasRenderingContext2D, { view }: Picture, thing: Thing, left: number, right: number, y: number, height: number): boolean {
    if (!NOW.has(thing.kind) || isPast(thing)) return false;
    const image = this.#now.of(thing.id);
    if (!image) return false;
    const wide = Math.min((image.width * height) / image.height, right - left - 1, view.width);
    const x = Math.max(left, Math.min(0, right - 1 - wide));
    ctx.drawImage(image, 0, 0, (wide * image.height) / height, image.height, x, y, wide, height);
    return true;
  }

  #drawThumbnails(ctx: CanvasRenderingContext2D, { view }: Picture, clip: Clip, thing: Thing, path: string, left: number, right: number, y: number, height: number): boolean {
    let any = false;
    const width = Math.round((height * 16) / 9);
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, y, right - left - 1, height);
    ctx.clip();
    // From the clip's start on, so that they move with it.
    for (let x = left + Math.max(0, Math.floor(-left / width)) * width; x < Math.min(right, view.width); x += width) {
      const placeMs = thing.kind === 'image' ? 0 : placeInFile(thing, clip.inMs + (x - left) / view.pxPerMs);
      if (placeMs === null) break;
      const atMs = Math.floor(placeMs / STEP_MS) * STEP_MS;
      const image = this.#thumbnails.get(new URLSearchParams({ path, atMs: String(atMs), width: String(WIDTH) }).toString());
      if (!image) continue;
      const wide = (image.width * height) / image.height;
      ctx.drawImage(image, x, y, Math.min(wide, width), height);
      any = true;
    }
    ctx.restore();
    return any;
  }

  #drawWaveform(ctx: CanvasRenderingContext2D, { view, colours }: Picture, clip: Clip, thing: Thing, path: string, left: number, right: number, y: number, height: number): boolean {
    const waveform = this.#waveforms.get(path);
    if (!waveform) return false;
    const { bucketMs, peaks } = waveform;
    const [from, to] = [Math.max(0, Math.floor(left)), Math.min(view.width, right)];
    const middle = y + height / 2;
    ctx.fillStyle = colours.good;
    ctx.globalAlpha *= 0.7;
    ctx.beginPath();
    for (let x = from; x < to; x += 2) {
      const placeMs = placeInFile(thing, clip.inMs + (x - left) / view.pxPerMs);
      if (placeMs === null) break;
      const first = Math.floor(placeMs / bucketMs);
      const last = Math.max(first + 1, Math.floor((placeMs + 2 / view.pxPerMs) / bucketMs));
      let peak = 0;
      // Of many peaks in two pixels some are looked at: the picture is the same.
      const step = Math.max(1, Math.floor((last - first) / 8));
      for (let i = first; i < last; i += step) peak = Math.max(peak, peaks[i] ?? 0);
      const half = Math.max(0.5, (peak * (height - 6)) / 2);
      ctx.rect(x, middle - half, 1.5, half * 2);
    }
    ctx.fill();
    ctx.globalAlpha /= 0.7;
    return true;
  }
}
