/** Draws a scene on a canvas by the rules of the compositor, from small pictures of its sources: an edit shows before it is stored. */
import type { Layer, Overlay, Source } from '../../../protocol/resources.js';
import { drawn, WIDE, type Place } from './geometry.js';

/** Of the style sheet, as a canvas takes them. */
export interface Paints { ground: string; raised: string; soft: string }

export interface Scenery {
  sources: ReadonlyMap<string, Source>;
  overlays: ReadonlyMap<string, Overlay>;
  /** The last picture of a source; undefined while there is none. */
  picture(sourceId: string): ImageBitmap | undefined;
  /** Width divided by height, of the program. */
  frameAspect: number;
}

/** The program has its own font; a page has the same one. */
const FONT = 'Inter, system-ui, sans-serif';

export function paintLayers(ctx: CanvasRenderingContext2D, layers: readonly Layer[], scenery: Scenery, paints: Paints): void {
  const { width, height } = ctx.canvas;
  ctx.globalAlpha = 1;
  ctx.fillStyle = '#000000';
  ctx.fillRect(0, 0, width, height);
  for (const layer of layers) {
    if (layer.hidden || layer.opacity === 0) continue;
    ctx.globalAlpha = layer.opacity;
    if (layer.overlayId !== undefined) {
      const overlay = scenery.overlays.get(layer.overlayId);
      if (overlay) paintOverlay(ctx, overlay, onCanvas(layer, width, height));
    } else if (layer.sourceId !== undefined) paintSource(ctx, layer, layer.sourceId, scenery, paints);
  }
  ctx.globalAlpha = 1;
}

function paintSource(ctx: CanvasRenderingContext2D, layer: Layer, sourceId: string, scenery: Scenery, paints: Paints): void {
  const source = scenery.sources.get(sourceId);
  if (source?.kind === 'audio') return;
  const picture = scenery.picture(sourceId);
  const { to, from } = drawn(layer, picture ? picture.width / picture.height : WIDE, scenery.frameAspect);
  const at = onCanvas(to, ctx.canvas.width, ctx.canvas.height);
  if (picture) {
    ctx.drawImage(picture, from.x * picture.width, from.y * picture.height, from.width * picture.width, from.height * picture.height, at.x, at.y, at.width, at.height);
    return;
  }
  ctx.fillStyle = source?.kind === 'color' ? source.color : paints.raised;
  ctx.fillRect(at.x, at.y, at.width, at.height);
  if (source?.kind === 'color') return;
  ctx.strokeStyle = paints.ground;
  ctx.lineWidth = 2;
  ctx.strokeRect(at.x + 1, at.y + 1, Math.max(0, at.width - 2), Math.max(0, at.height - 2));
  ctx.fillStyle = paints.soft;
  write(ctx, source?.name ?? '', { x: at.x + at.width / 2, y: at.y + at.height / 2, px: Math.min(at.height * 0.3, 22), weight: 600, align: 'center', widest: at.width * 0.9 });
}

/** What its words are set in; how it comes and goes is the program's business. */
function paintOverlay(ctx: CanvasRenderingContext2D, overlay: Overlay, { x, y, width, height }: Place): void {
  if (overlay.kind === 'clock') {
    ctx.fillStyle = 'rgba(14, 17, 22, 0.78)';
    ctx.beginPath();
    ctx.roundRect(x, y, width, height, height * 0.18);
    ctx.fill();
    ctx.fillStyle = overlay.color;
    write(ctx, timeIn(overlay.timeZone, overlay.seconds), { x: x + width / 2, y: y + height * 0.52, px: height * 0.56, weight: 700, align: 'center', widest: width * 0.88 });
    return;
  }
  const edge = Math.max(2, height * 0.05);
  const pad = height * 0.16;
  const alone = overlay.subtitle === '';
  ctx.fillStyle = 'rgba(14, 17, 22, 0.88)';
  ctx.fillRect(x, y, width, height);
  ctx.fillStyle = overlay.color;
  ctx.fillRect(x, y, edge, height);
  const at = { x: x + edge + pad, align: 'left' as const, widest: width - edge - pad * 2 };
  ctx.fillStyle = '#ffffff';
  write(ctx, overlay.title, { ...at, y: y + height * (alone ? 0.5 : 0.37), px: height * (alone ? 0.36 : 0.32), weight: 700 });
  ctx.fillStyle = '#d5dae2';
  if (!alone) write(ctx, overlay.subtitle, { ...at, y: y + height * 0.71, px: height * 0.2, weight: 400 });
}

function write(ctx: CanvasRenderingContext2D, text: string, { x, y, px, weight, align, widest }: { x: number; y: number; px: number; weight: number; align: CanvasTextAlign; widest: number }): void {
  ctx.font = `${weight} ${px}px ${FONT}`;
  ctx.textAlign = align;
  ctx.textBaseline = 'middle';
  ctx.fillText(text, x, y, Math.max(1, widest));
}

function timeIn(timeZone: string, seconds: boolean): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}), hourCycle: 'h23' }).format();
}

const onCanvas = ({ x, y, width, height }: Place, w: number, h: number): Place => ({ x: x * w, y: y * h, width: width * w, height: height * h });
