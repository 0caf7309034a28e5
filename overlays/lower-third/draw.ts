/** Lower third: a name and a title on a dark plate with a coloured edge, wiped in and out. */
import type { CanvasContext, Drawn, OverlayDefinition, Phase, Size } from '../canvas-context.js';
import { fitText, pixelSize, presence } from '../drawing.js';

export interface LowerThirdProps {
  title: string;
  subtitle: string;
  color: string;
  width: number;
  height: number;
}

const MOVE_MS = 500;

export const lowerThird: OverlayDefinition<LowerThirdProps> = {
  size: pixelSize,

  render(ctx: CanvasContext, { width, height }: Size, props: LowerThirdProps, phase: Phase): Drawn {
    const shown = presence(phase, MOVE_MS);
    const done = phase.sinceMs >= MOVE_MS;
    if (shown > 0) {
      const edge = Math.max(4, Math.round(height * 0.05));
      const pad = Math.round(height * 0.16);
      ctx.save();
      ctx.beginPath();
      ctx.rect(0, 0, width * shown, height);
      ctx.clip();
      ctx.fillStyle = 'rgba(14, 17, 22, 0.86)';
      ctx.fillRect(0, 0, width, height);
      ctx.fillStyle = props.color;
      ctx.fillRect(0, 0, edge, height);

      // Text follows the plate a little behind, from the left.
      const textX = edge + pad - (1 - shown) * width * 0.1;
      const textWidth = width - edge - pad * 2;
      ctx.globalAlpha = Math.max(0, shown * 1.5 - 0.5);
      ctx.textAlign = 'left';
      ctx.textBaseline = 'middle';
      ctx.fillStyle = '#ffffff';
      const alone = props.subtitle === '';
      const title = fitText(ctx, props.title, 700, height * (alone ? 0.36 : 0.32), textWidth);
      ctx.fillText(title, textX, height * (alone ? 0.5 : 0.37));
      if (!alone) {
        const subtitle = fitText(ctx, props.subtitle, 400, height * 0.2, textWidth);
        ctx.fillStyle = '#d5dae2';
        ctx.fillText(subtitle, textX, height * 0.71);
      }
      ctx.restore();
    }
    return { done, nextInMs: done ? null : 0 };
  },
};
