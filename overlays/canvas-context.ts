/** The little of a 2D context that drawings use, so that no overlay needs the canvas package. */
export interface CanvasContext {
  fillStyle: unknown;
  font: string;
  textAlign: string;
  textBaseline: string;
  globalAlpha: number;
  save(): void;
  restore(): void;
  translate(x: number, y: number): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  fillText(text: string, x: number, y: number): void;
  measureText(text: string): { width: number };
  beginPath(): void;
  rect(x: number, y: number, width: number, height: number): void;
  roundRect(x: number, y: number, width: number, height: number, radii: number): void;
  fill(): void;
  clip(): void;
}

export interface Size {
  width: number;
  height: number;
}

/** Where an overlay is in its showing or hiding. */
export interface Phase {
  visible: boolean;
  /** Since it was shown or hidden, ms. */
  sinceMs: number;
  /** Unix time, ms: for clocks. */
  nowMs: number;
}

export interface Drawn {
  /** It has come to rest: fully in, or fully out. */
  done: boolean;
  /** When it must be drawn again, ms; 0 with the next frame; null when something changes. */
  nextInMs: number | null;
}

/** An overlay: its size in program pixels, and how it looks at a moment. `render` starts from a clear
 * picture of that size. */
export interface OverlayDefinition<Props> {
  size(props: Props, frame: Size): Size;
  render(ctx: CanvasContext, size: Size, props: Props, phase: Phase): Drawn;
}
