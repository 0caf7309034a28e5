/** What will be seen of a lower third's words that are too long for it, told while they are typed. */
import { lowerThirdLines, pixelSize, type Measure } from '../../protocol/lower-third.js';
import type { Overlay } from '../../protocol/resources.js';
import { frameSize } from '../store/scenes.js';
import { texts } from '../texts.js';

let context: CanvasRenderingContext2D | null | undefined;

/** In the typeface that the engine draws with, where the text has its signs; in the browser's next best where not. */
const measure: Measure = (text, weight, px) => {
  context ??= document.createElement('canvas').getContext('2d');
  if (!context) return 0;
  context.font = `${weight} ${px}px Inter, sans-serif`;
  return context.measureText(text).width;
};

type LowerThird = Pick<Extract<Overlay, { kind: 'lower-third' }>, 'title' | 'subtitle' | 'width' | 'height'>;

export function Shortened({ overlay }: { overlay: LowerThird }) {
  const { title, subtitle } = lowerThirdLines(overlay, pixelSize(overlay, frameSize.value), measure);
  const cut = [...(title.text === overlay.title ? [] : [title.text]), ...(subtitle === null || subtitle.text === overlay.subtitle ? [] : [subtitle.text])];
  return <div role="status">{cut.map((line) => <p key={line} class="hint warn">{texts.overlays.shortened(line)}</p>)}</div>;
}
