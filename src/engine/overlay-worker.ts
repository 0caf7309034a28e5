/** The drawing thread: draws each overlay when it changes or its animation says so, and never else. */
import { parentPort } from 'node:worker_threads';
import { OVERLAYS, drawSlate } from '../../overlays/index.js';
import type { EngineOverlay } from '../protocol/link.js';
import { Drawing, registerFonts, type Picture } from './canvas.js';
import type { FromDrawing, ToDrawing } from './overlay-messages.js';
import { overlayPictureId, SLATE_ID } from './scene-plan.js';

interface Standing {
  overlay: EngineOverlay;
  drawing: Drawing;
  /** When it was last shown or hidden, ms of this thread's clock. */
  sinceMs: number;
  timer: NodeJS.Timeout | undefined;
}

/** A frame of 30 a second: animations need no more, and drawing them faster would cost the encoder. */
const FRAME_MS = 1000 / 30;

const port = parentPort!;
const standing = new Map<string, Standing>();
let frame = { width: 1920, height: 1080 };
registerFonts();

function send(message: FromDrawing, picture?: Picture): void {
  port.postMessage(message, picture ? [picture.rgba.buffer] : []);
}

function draw(id: string): void {
  const item = standing.get(id);
  if (!item) return;
  clearTimeout(item.timer);
  try {
    const { overlay } = item;
    const definition = OVERLAYS[overlay.kind];
    const size = definition.size(overlay as never, frame);
    const phase = { visible: overlay.visible, sinceMs: performance.now() - item.sinceMs, nowMs: Date.now() };
    const { picture, result } = item.drawing.render(size.width, size.height, (ctx) => definition.render(ctx, size, overlay as never, phase));
    send({ type: 'picture', pictureId: overlayPictureId(id), picture }, picture);
    if (!overlay.visible && result.done) {
      send({ type: 'gone', overlayId: id });
      return;
    }
    if (result.nextInMs !== null) item.timer = setTimeout(() => draw(id), Math.max(FRAME_MS, result.nextInMs));
  } catch (error) {
    send({ type: 'failed', overlayId: id, message: error instanceof Error ? error.message : String(error) });
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
      standing.set(overlay.id, { overlay, drawing: new Drawing(), sinceMs: performance.now() - 60_000, timer: undefined });
      draw(overlay.id);
    } else if (JSON.stringify(item.overlay) !== JSON.stringify(overlay)) {
      if (item.overlay.visible !== overlay.visible) item.sinceMs = performance.now();
      item.overlay = overlay;
      draw(overlay.id);
    }
  }
}

port.on('message', (message: ToDrawing) => {
  switch (message.type) {
    case 'frame': {
      frame = { width: message.width, height: message.height };
      const { picture } = new Drawing().render(frame.width, frame.height, (ctx) => drawSlate(ctx, frame, { channelName: message.channelName }));
      send({ type: 'picture', pictureId: SLATE_ID, picture }, picture);
      for (const id of standing.keys()) draw(id);
      return;
    }
    case 'overlays':
      applyOverlays(message.overlays);
      return;
    default:
      message satisfies never;
  }
});
