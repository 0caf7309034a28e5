/** The slate: what stands in when a source is gone and has no other fallback. It must look meant, not broken. */
import type { CanvasContext, Size } from '../canvas-context.js';
import { fitText } from '../drawing.js';

export interface SlateProps {
  channelName: string;
}

/** Flat colours only: a gradient this dark would show as bands after encoding. */
export function drawSlate(ctx: CanvasContext, { width, height }: Size, props: SlateProps): void {
  ctx.fillStyle = '#0f1319';
  ctx.fillRect(0, 0, width, height);
  ctx.fillStyle = '#161c25';
  ctx.fillRect(0, height * 0.34, width, height * 0.32);

  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillStyle = '#ffffff';
  const name = fitText(ctx, props.channelName, 700, height * 0.085, width * 0.84);
  ctx.fillText(name, width / 2, height * 0.445);
  ctx.fillStyle = '#d7263d';
  ctx.fillRect(width * 0.47, height * 0.516, width * 0.06, Math.max(2, height * 0.0055));
  ctx.fillStyle = '#aab3c0';
  const line = fitText(ctx, 'We will be back in a moment', 400, height * 0.036, width * 0.84);
  ctx.fillText(line, width / 2, height * 0.578);
}
