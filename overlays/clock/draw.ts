/** Clock: the time of day in a time zone, on a small plate. Drawn once a second, or once a minute without seconds. */
import type { CanvasContext, Drawn, OverlayDefinition, Phase, Size } from '../canvas-context.js';
import { fitText, pixelSize, presence } from '../drawing.js';

export interface ClockProps {
  timeZone: string;
  seconds: boolean;
  color: string;
  width: number;
  height: number;
}

const FADE_MS = 300;

/** `14:05:09`, or `14:05`, in the zone. */
export function timeText(nowMs: number, timeZone: string, seconds: boolean): string {
  return new Intl.DateTimeFormat('en-GB', {
    timeZone, hour: '2-digit', minute: '2-digit', ...(seconds ? { second: '2-digit' } : {}), hourCycle: 'h23',
  }).format(nowMs);
}

export const clock: OverlayDefinition<ClockProps> = {
  size: pixelSize,

  render(ctx: CanvasContext, { width, height }: Size, props: ClockProps, phase: Phase): Drawn {
    const shown = presence(phase, FADE_MS);
    const done = phase.sinceMs >= FADE_MS;
    if (shown > 0) {
      ctx.globalAlpha = shown;
      ctx.fillStyle = 'rgba(14, 17, 22, 0.78)';
      ctx.beginPath();
      ctx.roundRect(0, 0, width, height, height * 0.18);
      ctx.fill();
      ctx.fillStyle = props.color;
      ctx.textAlign = 'center';
      ctx.textBaseline = 'middle';
      const text = fitText(ctx, timeText(phase.nowMs, props.timeZone, props.seconds), 700, height * 0.56, width * 0.88);
      ctx.fillText(text, width / 2, height * 0.52);
    }
    if (!done) return { done, nextInMs: 0 };
    const stepMs = props.seconds ? 1000 : 60_000;
    // Whole-minute zones only shift by minutes, so steps of Unix time are steps of every clock.
    return { done, nextInMs: phase.visible ? stepMs - (phase.nowMs % stepMs) : null };
  },
};
