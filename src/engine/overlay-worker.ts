/** The drawing thread: draws each overlay when it changes or its animation says so, and never else. */
import { isDeepStrictEqual } from 'node:util';
import { parentPort } from 'node:worker_threads';
import { OVERLAYS, drawSlate } from '../../overlays/index.js';
import type { EngineOverlay } from '../protocol/link.js';
import { systemClock } from '../runtime/clock.js';
import { Drawing, registerFonts, type Picture } from './canvas.js';
import type { FromDrawing, ToDrawing } from './overlay-messages.js';
import { overlayPictureId, SLATE_ID } from './scene-plan.js';

interface Standing {
  overlay: EngineOverlay;
  drawing: Drawing;
  /** When it was last shown or hidden, ms of this thread's clock. */
  sinceMs: number;
  drawnAtMs: number;
  timer: NodeJS.Timeout | undefined;
  /**
   * `idle`: what it drew last was taken. `sent`: its picture is on the way. `stale`: and it has changed since. Never more
   * than one picture is on the way, so that a flood of edits costs drawings and no memory.
   */
  delivery: 'idle' | 'sent' | 'stale';
}

/** A frame of 30 a second: animations need no more, and drawing them faster would cost the encoder. */
const FRAME_MS = 1000 / 30;
/** Long enough ago for every animation to be over. */
const LONG_AGO_MS = 60_000;
/** What could not be drawn may be the next time: a clock must not stand still on air until somebody edits it. */
const AGAIN_MS = 5000;

const port = parentPort!;
const standing = new Map<string, Standing>();
let frame = { width: 1920, height: 1080 };
registerFonts();

function send(message: FromDrawing, picture?: Picture): void {
  port.postMessage(message, picture ? [picture.rgba.buffer] : []);
}

/** Draws it in `inMs`, though not sooner than a frame after the last time; an earlier appointment is replaced. */
function drawIn(id: string, item: Standing, inMs: number): void {
  clearTimeout(item.timer);
  const wait = Math.max(inMs, item.drawnAtMs + FRAME_MS - performance.now(), 0);
  item.timer = setTimeout(() => draw(id, item), wait);
}

function draw(id: string, item: Standing): void {
  if (item.delivery !== 'idle') {
    item.delivery = 'stale';
    return;
  }
  item.drawnAtMs = performance.now();
  try {
    const { overlay } = item;
    const definition = OVERLAYS[overlay.kind];
    const size = definition.size(overlay as never, frame);
    const phase = { visible: overlay.visible, sinceMs: item.drawnAtMs - item.sinceMs, nowMs: systemClock.wallMs() };
    const { picture, result } = item.drawing.render(size.width, size.height, (ctx) => definition.render(ctx, size, overlay as never, phase));
    item.delivery = 'sent';
    send({ type: 'picture', pictureId: overlayPictureId(id), picture }, picture);
    if (!overlay.visible && result.done) send({ type: 'gone', overlayId: id });
    else if (result.nextInMs !== null) drawIn(id, item, result.nextInMs);
  } catch (error) {
    send({ type: 'failed', overlayId: id, message: error instanceof Error ? error.message : String(error) });
    drawIn(id, item, AGAIN_MS);
  }
}

function applyOverlays(overlays: EngineOverlay[]): void {
  const ids = new Set(overlays.map((overlay) => overlay.id));
  for (const [id, item] of standing) {
    if (ids.has(id)) continue;
    clearTimeout(item.timer);
    standing.delete(id);
  }
  for (const overlay of overlays) {
    const item = standing.get(overlay.id);
    if (!item) {
      // Seen for the first time: one that is up already stands there, it does not fly in after a restart.
      const fresh: Standing = {
        overlay, drawing: new Drawing(), sinceMs: performance.now() - LONG_AGO_MS, drawnAtMs: -LONG_AGO_MS, timer: undefined, delivery: 'idle',
      };
      standing.set(overlay.id, fresh);
      drawIn(overlay.id, fresh, 0);
    } else if (!isDeepStrictEqual(item.overlay, overlay)) {
      if (item.overlay.visible !== overlay.visible) item.sinceMs = performance.now();
      item.overlay = overlay;
      drawIn(overlay.id, item, 0);
    }
  }
}

function onTaken(pictureId: string): void {
  for (const [id, item] of standing) {
    if (overlayPictureId(id) !== pictureId) continue;
    const stale = item.delivery === 'stale';
    item.delivery = 'idle';
    if (stale) drawIn(id, item, 0);
  }
}

port.on('message', (message: ToDrawing) => {
  switch (message.type) {
    case 'frame': {
      frame = { width: message.width, height: message.height };
      const { picture } = new Drawing().render(frame.width, frame.height, (ctx) => drawSlate(ctx, frame, { channelName: message.channelName }));
      send({ type: 'picture', pictureId: SLATE_ID, picture }, picture);
      for (const [id, item] of standing) drawIn(id, item, 0);
      return;
    }
    case 'overlays':
      applyOverlays(message.overlays);
      send({ type: 'known' });
      return;
    case 'taken':
      onTaken(message.pictureId);
      return;
    default:
      message satisfies never;
  }
});
