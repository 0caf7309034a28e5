/** Lower third: a name and a title on a dark plate with a coloured edge, wiped in and out. */
import type { CanvasContext, Drawn, OverlayDefinition, Phase, Size } from '../canvas-context.js';
import { lowerThirdLines } from '../../src/protocol/lower-third.js';
import { fontOf, measureWith, pixelSize, presence } from '../drawing.js';

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
      const measure = measureWith(ctx);
      const { edge, pad, title, subtitle } = lowerThirdLines(props, { width, height }, measure);
      const words = Math.max(measure(title.text, 700, title.px), subtitle ? measure(subtitle.text, 400, subtitle.px) : 0);
      // The plate is as wide as its words: a short name on a long plate looks forgotten.
      const plate = Math.min(width, Math.ceil(Math.max(words, width * 0.25)) + edge + pad * 2);

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
      ctx.font = fontOf(700, title.px);
      ctx.fillStyle = '#ffffff';
      ctx.fillText(title.text, textX, height * (subtitle ? 0.37 : 0.5));
      if (subtitle) {
        ctx.font = fontOf(400, subtitle.px);
        ctx.fillStyle = '#d5dae2';
        ctx.fillText(subtitle.text, textX, height * 0.71);
      }
      ctx.restore();
    }
    return { done, nextInMs: done ? null : 0 };
  },
};
