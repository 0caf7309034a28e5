/** Paints the canvas when something in it changed, once a frame at most, and moves the lines over it. */
import { effect } from '@preact/signals';
import { heightOf } from '../../lib/timeline/hit.js';
import { toX, withInView } from '../../lib/timeline/viewport.js';
import { theme } from '../../store/theme.js';
import { isFolder, shown } from '../../store/timeline.js';
import { nameOf, problemsByClip, thingsById } from '../../store/timeline-things.js';
import {
  air, airPlace, cursorMs, curve, extentMs, focused, following, isOnProgram, lookAtAir, played, point, region, round, selection, view,
} from '../../store/timeline-view.js';
import { texts } from '../../texts.js';
import { colours } from './colours.js';
import { draw } from './draw.js';
import { ClipPictures, sending } from './clip-pictures.js';
import { ghost } from './drag-ghost.js';

const t = texts.timelines;

export interface Stage {
  canvas: HTMLCanvasElement;
  /** Lines over the canvas: where the program is, and the cursor. */
  airHead: HTMLElement;
  cursor: HTMLElement;
}

export class Painter {
  readonly #pictures = new ClipPictures(() => this.ask());
  readonly #ends: (() => void)[];
  #frame = 0;
  #isAsked = false;
  #wrong: ReadonlySet<string> = new Set();
  #odd: ReadonlySet<string> = new Set();

  constructor(private readonly stage: Stage) {
    this.#ends = [
      effect(() => {
        const problems = [...problemsByClip.value];
        this.#wrong = new Set(problems.filter(([, list]) => list.some(({ severity }) => severity === 'error')).map(([id]) => id));
        this.#odd = new Set(problems.map(([id]) => id));
        this.ask();
      }),
      effect(() => {
        // Whatever is seen on the canvas.
        void [shown.value, view.value, selection.value, focused.value, air.value, region.value, curve.value, point.value, theme.value, thingsById.value, ghost.value, cursorMs.value, played.value, round.value, sending.value];
        this.ask();
      }),
    ];
  }

  close(): void {
    cancelAnimationFrame(this.#frame);
    this.#ends.forEach((end) => end());
    this.#pictures.close();
  }

  ask(): void {
    this.#isAsked = true;
    this.#next();
  }

  #next(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#step());
  }

  /** While it plays the lines go on at each frame; the clips are painted anew when something in them changed, or the view moved. */
  #step(): void {
    this.#frame = 0;
    lookAtAir();
    this.#follow();
    this.#moveLines();
    if (this.#isAsked) {
      this.#isAsked = false;
      this.#paint();
    }
    if (isOnProgram.peek() && played.peek()?.state === 'playing') this.#next();
  }

  #paint(): void {
    const document = ghost.peek()?.document ?? shown.peek();
    if (!document) return;
    const { canvas } = this.stage;
    const height = heightOf(document);
    const scale = devicePixelRatio;
    const [w, h] = [Math.round(view.peek().width * scale), Math.round(height * scale)];
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
      canvas.style.height = `${height}px`;
    }
    const ctx = canvas.getContext('2d', { alpha: false })!;
    ctx.setTransform(scale, 0, 0, scale, 0, 0);
    this.#pictures.begin();
    draw(ctx, {
      document, view: view.peek(), selection: ghost.peek()?.landing === undefined ? selection.peek() : new Set([ghost.peek()!.landing!]), focused: focused.peek(), ...air.peek(), region: region.peek(), round: round.peek(),
      emptyWord: isFolder.peek() ? '' : t.dragHere, wrong: this.#wrong, odd: this.#odd, curve: curve.peek(), point: ghost.peek()?.point ?? point.peek(), nameOf, pictures: this.#pictures, colours: colours(),
    }, height);
  }

  #follow(): void {
    const place = airPlace();
    if (!following.peek() || place === null || ghost.peek()) return;
    const now = withInView(view.peek(), place, extentMs.peek());
    if (now !== view.peek()) view.value = now;
  }

  #moveLines(): void {
    const { airHead, cursor } = this.stage;
    const place = ghost.peek()?.airMs ?? airPlace();
    at(airHead, place === null ? null : toX(view.peek(), place));
    at(cursor, toX(view.peek(), cursorMs.peek()));
  }
}

function at(line: HTMLElement, x: number | null): void {
  line.hidden = x === null || x < -2 || x > view.peek().width + 2;
  if (!line.hidden) line.style.transform = `translateX(${x}px)`;
}
