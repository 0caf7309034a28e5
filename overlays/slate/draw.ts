/** The slate: what stands in when a source is gone and has no other fallback. It must look meant, not broken. */
import type { CanvasContext, Size } from '../canvas-context.js';
import { fitText } from '../drawing.js';

export interface SlateProps {
  channelName: string;
}

export function drawSlate(ctx: CanvasContext, { width, height }: Size, props: SlateProps): void {
  ctx.fillStyle = '#12161d';
  ctx.fillRect(0, 0, width, height);
  ctx.fillStyle = '#1b212b';
  ctx.fillRect(0, height * 0.36, width, height * 0.28);
  ctx.fillStyle = '#d7263d';
  ctx.fillRect(0, height * 0.36, Math.max(4, width * 0.006), height * 0.28);

  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillStyle = '#ffffff';
  const name = fitText(ctx, props.channelName, 700, height * 0.085, width * 0.84);
  ctx.fillText(name, width / 2, height * 0.475);
  ctx.fillStyle = '#aab3c0';
  const line = fitText(ctx, 'We will be back in a moment', 400, height * 0.038, width * 0.84);
  ctx.fillText(line, width / 2, height * 0.57);
}
