/** Paints the ruler and the clips in view. Thousands of clips are painted anew at each step of a scroll, so nothing here looks at what is out of view. */
import type { Curved } from '../../../protocol/clip-rules.js';
import type { Clip, TimelineDocument, Track } from '../../../protocol/timeline.js';
import { endOf, inOrder, lastStarting, lengthOf } from '../../lib/timeline/document.js';
import { CLIP_HEIGHT as HEIGHT, CLIP_TOP, curveY, HANDLE, LANE_HEIGHT, RULER_HEIGHT, rowsOf } from '../../lib/timeline/hit.js';
import { drawnOn, standingAt } from '../../lib/timeline/keyframes.js';
import { clockTime, timecode } from '../../lib/timeline/time.js';
import { rulerStep, spanMs, toX, type Viewport } from '../../lib/timeline/viewport.js';
import { texts } from '../../texts.js';
import type { Colours } from './colours.js';
import type { ClipPictures } from './clip-pictures.js';

const t = texts.timelines;
const FONT = '12px Inter, system-ui, sans-serif';
const BOLD = '700 10px Inter, system-ui, sans-serif';

export interface Picture {
  document: TimelineDocument;
  view: Viewport;
  selection: ReadonlySet<string>;
  focused: string | null;
  now: ReadonlySet<string>;
  next: ReadonlySet<string>;
  region: { fromMs: number; toMs: number } | null;
  /** What is gone round on air. */
  round: { fromMs: number; toMs: number } | null;
  /** What stands in a track without clips. */
  emptyWord: string;
  /** Clips with an error, and those with a warning alone. */
  wrong: ReadonlySet<string>;
  odd: ReadonlySet<string>;
  curve: Curved;
  /** The point of a curve that is chosen. */
  point: { clipId: string; atMs: number } | null;
  nameOf(clip: Clip): string;
  pictures: ClipPictures;
  colours: Colours;
}

export function draw(ctx: CanvasRenderingContext2D, picture: Picture, height: number): void {
  const { document, view, colours } = picture;
  ctx.fillStyle = colours.field;
  ctx.fillRect(0, 0, view.width, height);
  const rows = rowsOf(document);
  rows.forEach((track, row) => {
    const y = RULER_HEIGHT + row * LANE_HEIGHT;
    if (y > height) return;
    ctx.fillStyle = colours.line;
    ctx.fillRect(0, y + LANE_HEIGHT - 1, view.width, 1);
    drawTrack(ctx, picture, track, y);
  });
  drawEnd(ctx, picture, height);
  ctx.font = FONT;
  ctx.textBaseline = 'middle';
  ctx.fillStyle = colours.soft;
  rows.forEach(({ clips }, row) => { if (clips.length === 0) ctx.fillText(picture.emptyWord, 14, RULER_HEIGHT + (row + 0.5) * LANE_HEIGHT); });
  drawRuler(ctx, picture);
}

function drawTrack(ctx: CanvasRenderingContext2D, picture: Picture, track: Track, y: number): void {
  const { view } = picture;
  const clips = inOrder(track);
  const toMs = view.fromMs + spanMs(view);
  // Some of those that began before the edge may still be in view.
  let i = Math.max(0, lastStarting(clips, view.fromMs) - 3);
  let painted = -1;
  if (!track.enabled) ctx.globalAlpha = 0.4;
  for (; i < clips.length && clips[i]!.startMs < toMs; i++) {
    const clip = clips[i]!;
    const left = toX(view, clip.startMs);
    const right = toX(view, endOf(clip));
    if (right < 0) continue;
    const isMarked = picture.selection.has(clip.id) || picture.now.has(clip.id) || picture.wrong.has(clip.id);
    // Of clips that share a pixel one is seen.
    if (right - left < 2.5) {
      if (right - painted < 1 && !isMarked) continue;
      painted = right;
      ctx.fillStyle = speck(picture, clip);
      ctx.fillRect(left, y + 4, Math.max(1, right - left), LANE_HEIGHT - 9);
      continue;
    }
    drawClip(ctx, picture, track, clip, left, right, y + CLIP_TOP);
  }
  ctx.globalAlpha = 1;
}

function speck({ now, selection, wrong, colours }: Picture, { id }: Clip): string {
  if (now.has(id)) return colours['on-air'];
  if (wrong.has(id)) return colours.bad;
  return selection.has(id) ? colours.focus : colours['field-line'];
}

function drawClip(ctx: CanvasRenderingContext2D, picture: Picture, track: Track, clip: Clip, left: number, right: number, y: number): void {
  const { colours, selection, now, next, view } = picture;
  const isOn = now.has(clip.id);
  const isNext = next.has(clip.id);
  const from = Math.max(left, -4);
  const width = Math.min(right, view.width + 4) - from;
  ctx.fillStyle = isOn ? colours['on-air'] : colours.raised;
  ctx.fillRect(from, y, width - 1, HEIGHT);
  const isCovered = width > 40 && picture.pictures.draw(ctx, picture, track, clip, left, right, y, HEIGHT);
  if (isCovered && isOn) {
    ctx.fillStyle = colours['on-air'];
    ctx.fillRect(from, y, width - 1, 3);
    ctx.fillRect(from, y + HEIGHT - 20, width - 1, 20);
  }
  if (width > 8) drawTransitions(ctx, picture, clip, left, right, y, isOn);
  const isChosen = selection.has(clip.id);
  if (width > 20) drawCurve(ctx, picture, track, clip, left, y, isOn, isChosen);
  ctx.lineWidth = isChosen || isNext ? 2 : 1;
  ctx.strokeStyle = isChosen ? colours.focus : isNext ? colours.good : isOn ? colours['on-air'] : colours['field-line'];
  ctx.strokeRect(from + 0.5, y + 0.5, width - 2, HEIGHT - 1);
  if (picture.focused === clip.id) {
    ctx.setLineDash([3, 2]);
    ctx.strokeStyle = isOn ? colours.ink : colours.text;
    ctx.lineWidth = 1;
    ctx.strokeRect(from + 3.5, y + 3.5, width - 8, HEIGHT - 7);
    ctx.setLineDash([]);
  }
  if (width > 26) drawWords(ctx, picture, clip, from, width, y, isOn, isNext, isCovered);
}

function drawWords(ctx: CanvasRenderingContext2D, picture: Picture, clip: Clip, from: number, width: number, y: number, isOn: boolean, isNext: boolean, isCovered: boolean): void {
  const { colours, wrong, odd } = picture;
  let x = from + 6;
  const room = width - 12;
  ctx.font = FONT;
  ctx.textBaseline = 'middle';
  const name = fitting(ctx, picture.nameOf(clip), room);
  if (isCovered && !isOn) {
    ctx.fillStyle = colours.card;
    ctx.globalAlpha *= 0.85;
    ctx.fillRect(from + 2, y + HEIGHT - 19, Math.min(width - 5, name.width + 9), 17);
    ctx.globalAlpha /= 0.85;
  }
  ctx.fillStyle = isOn ? colours.ink : colours.text;
  ctx.fillText(name.text, x, y + HEIGHT - 10);
  ctx.font = BOLD;
  if (width >= 48) x += HANDLE;
  const word = isOn ? t.onAirMark : isNext ? t.nextMark : wrong.has(clip.id) ? t.wrongMark : odd.has(clip.id) ? t.oddMark : '';
  if (word === '' || width < 60) return;
  const size = widthOf(ctx, BOLD, word) + 8;
  ctx.fillStyle = isOn ? colours.card : isNext ? colours['good-fill'] : colours.card;
  if (size + HANDLE + 10 > width) return;
  ctx.fillRect(x, y + 4, size, 14);
  ctx.fillStyle = isOn ? colours['on-air-text'] : isNext ? colours.ink : wrong.has(clip.id) ? colours.bad : colours.busy;
  ctx.fillText(word, x + 4, y + 11.5);
}

/** A way in as a rising line, a way out as a falling one, and the corners by which they are drawn out. */
function drawTransitions(ctx: CanvasRenderingContext2D, { colours, view, selection }: Picture, clip: Clip, left: number, right: number, y: number, isOn: boolean): void {
  ctx.fillStyle = isOn ? colours.ink : colours.accent;
  for (const [transition, at, sign] of [[clip.transition, left, 1], [clip.transitionOut, right, -1]] as const) {
    if (!transition || transition.kind === 'cut') continue;
    const length = Math.min(transition.durationMs * view.pxPerMs, right - left);
    ctx.globalAlpha *= 0.35;
    ctx.beginPath();
    ctx.moveTo(at, y + HEIGHT);
    ctx.lineTo(at + sign * length, y);
    ctx.lineTo(at, y);
    ctx.fill();
    ctx.globalAlpha /= 0.35;
  }
  if (right - left < 48) return;
  ctx.fillStyle = isOn ? colours.ink : selection.has(clip.id) ? colours.focus : colours.soft;
  for (const [x, sign] of [[left + 4, 1], [right - 5, -1]] as const) {
    ctx.beginPath();
    ctx.moveTo(x, y + 4);
    ctx.lineTo(x + sign * 8, y + 4);
    ctx.lineTo(x, y + 12);
    ctx.fill();
  }
}

/** A chosen clip shows its curve also where nothing is keyframed yet, as it is what a double click puts a point on. */
function drawCurve(ctx: CanvasRenderingContext2D, { colours, view, curve, point }: Picture, track: Track, clip: Clip, left: number, y: number, isOn: boolean, isChosen: boolean): void {
  const property = drawnOn(track.kind, curve);
  const points = clip.keyframes.flatMap(({ atMs, [property]: value }) => (value === undefined ? [] : { atMs, value }));
  if (points.length === 0 && !isChosen) return;
  const atY = (value: number) => y + curveY(property, value);
  const line = isOn ? colours.ink : colours.busy;
  ctx.strokeStyle = line;
  ctx.lineWidth = 1.5;
  if (points.length === 0) ctx.setLineDash([4, 4]);
  ctx.beginPath();
  const [from, to] = [Math.max(left, 0), Math.min(left + clip.durationMs * view.pxPerMs, view.width)];
  for (let x = from; ; x = Math.min(to, x + 4)) {
    const value = standingAt(clip, property, (x - left) / view.pxPerMs);
    if (x === from) ctx.moveTo(x, atY(value));
    else ctx.lineTo(x, atY(value));
    if (x >= to) break;
  }
  ctx.stroke();
  ctx.setLineDash([]);
  for (const { atMs, value } of points) {
    const x = left + atMs * view.pxPerMs;
    if (x < -8 || x > view.width + 8) continue;
    const isIt = point?.clipId === clip.id && point.atMs === atMs;
    const half = isIt ? 5 : isChosen ? 4 : 2.5;
    ctx.fillStyle = isIt ? colours.focus : line;
    ctx.fillRect(x - half, atY(value) - half, 2 * half, 2 * half);
    if (!isChosen) continue;
    ctx.lineWidth = 1.5;
    ctx.strokeStyle = colours.card;
    ctx.strokeRect(x - half, atY(value) - half, 2 * half, 2 * half);
  }
}

/** What lies behind the timeline's end is not played. */
function drawEnd(ctx: CanvasRenderingContext2D, { document, view, colours }: Picture, height: number): void {
  const x = toX(view, lengthOf(document));
  if (x >= view.width) return;
  ctx.fillStyle = colours.ground;
  ctx.globalAlpha = 0.65;
  ctx.fillRect(Math.max(0, x), RULER_HEIGHT, view.width - x, height);
  ctx.globalAlpha = 1;
  ctx.fillStyle = colours.soft;
  ctx.fillRect(x, RULER_HEIGHT, 1, height);
}

function drawRuler(ctx: CanvasRenderingContext2D, { document, view, region, round, colours }: Picture): void {
  ctx.fillStyle = colours.card;
  ctx.fillRect(0, 0, view.width, RULER_HEIGHT);
  if (region) {
    const x = toX(view, region.fromMs);
    ctx.fillStyle = colours.accent;
    ctx.globalAlpha = 0.35;
    ctx.fillRect(x, 0, toX(view, region.toMs) - x, RULER_HEIGHT);
    ctx.globalAlpha = 1;
  }
  if (round) {
    const x = toX(view, round.fromMs);
    ctx.strokeStyle = colours['on-air'];
    ctx.lineWidth = 2;
    ctx.strokeRect(x + 1, 1, Math.max(1, toX(view, round.toMs) - x - 2), RULER_HEIGHT - 3);
  }
  const step = rulerStep(view.pxPerMs);
  ctx.font = FONT;
  ctx.textBaseline = 'middle';
  const last = view.fromMs + spanMs(view);
  for (let ms = Math.floor(view.fromMs / step) * step; ms <= last; ms += step) {
    const x = Math.round(toX(view, ms));
    ctx.fillStyle = colours.soft;
    ctx.fillText(step < 1000 ? timecode(ms) : clockTime(ms), x + 4, 11);
    ctx.fillStyle = colours['field-line'];
    ctx.fillRect(x, RULER_HEIGHT - 12, 1, 12);
    for (let k = 1; k < 5; k++) ctx.fillRect(Math.round(toX(view, ms + (step * k) / 5)), RULER_HEIGHT - 5, 1, 5);
  }
  ctx.fillStyle = colours.line;
  ctx.fillRect(0, RULER_HEIGHT - 1, view.width, 1);
  if (document.loop) {
    ctx.fillStyle = colours.accent;
    ctx.fillRect(Math.max(0, toX(view, 0)), RULER_HEIGHT - 3, Math.max(0, toX(view, lengthOf(document)) - Math.max(0, toX(view, 0))), 2);
  }
}

const widths = new Map<string, number>();

function widthOf(ctx: CanvasRenderingContext2D, font: string, text: string): number {
  const key = `${font}|${text}`;
  let width = widths.get(key);
  if (width === undefined) {
    if (widths.size > 5000) widths.clear();
    widths.set(key, (width = ctx.measureText(text).width));
  }
  return width;
}

/** As much of a text as has room. */
function fitting(ctx: CanvasRenderingContext2D, text: string, room: number): { text: string; width: number } {
  const width = widthOf(ctx, FONT, text);
  if (width <= room) return { text, width };
  const count = Math.floor((text.length * (room - 8)) / width);
  return count < 1 ? { text: '', width: 0 } : { text: `${text.slice(0, count)}…`, width: room };
}
