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

interface Line {
  text: string;
  font: string;
  width: number;
}

/** A line of text made to fit into `widest`. */
function setLine(ctx: CanvasContext, text: string, weight: 400 | 700, px: number, widest: number): Line {
  const shown = fitText(ctx, text, weight, px, widest);
  return { text: shown, font: ctx.font, width: ctx.measureText(shown).width };
}

export const lowerThird: OverlayDefinition<LowerThirdProps> = {
  size: pixelSize,

  render(ctx: CanvasContext, { width, height }: Size, props: LowerThirdProps, phase: Phase): Drawn {
    const shown = presence(phase, MOVE_MS);
    const done = phase.sinceMs >= MOVE_MS;
    if (shown > 0) {
      const edge = Math.max(4, Math.round(height * 0.05));
      const pad = Math.round(height * 0.16);
      const widest = width - edge - pad * 2;
      const alone = props.subtitle === '';
      const title = setLine(ctx, props.title, 700, height * (alone ? 0.36 : 0.32), widest);
      const subtitle = alone ? null : setLine(ctx, props.subtitle, 400, height * 0.2, widest);
      // The plate is as wide as its words: a short name on a long plate looks forgotten.
      const plate = Math.min(width, Math.ceil(Math.max(title.width, subtitle?.width ?? 0, width * 0.25)) + edge + pad * 2);

      ctx.save();
      ctx.beginPath();
      ctx.rect(0, 0, plate * shown, height);
      ctx.clip();
      ctx.fillStyle = 'rgba(14, 17, 22, 0.88)';
      ctx.fillRect(0, 0, plate, height);
      ctx.fillStyle = props.color;
      ctx.fillRect(0, 0, edge, height);

      // Text follows the plate a little behind, from the left.
      const textX = edge + pad - (1 - shown) * width * 0.1;
      ctx.globalAlpha = Math.max(0, shown * 1.5 - 0.5);
      ctx.textAlign = 'left';
      ctx.textBaseline = 'middle';
      ctx.font = title.font;
      ctx.fillStyle = '#ffffff';
      ctx.fillText(title.text, textX, height * (alone ? 0.5 : 0.37));
      if (subtitle) {
        ctx.font = subtitle.font;
        ctx.fillStyle = '#d5dae2';
        ctx.fillText(subtitle.text, textX, height * 0.71);
      }
      ctx.restore();
    }
    return { done, nextInMs: done ? null : 0 };
  },
};
