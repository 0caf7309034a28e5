/** Where things lie: places within places, 0..1 of what they lie in. */

export interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const WHOLE: Place = { x: 0, y: 0, width: 1, height: 1 };
export const NO_CROP = { left: 0, top: 0, right: 0, bottom: 0 } as const;

/** Whether it is all of what it lies in. */
export function isWhole({ x, y, width, height }: Place): boolean {
  return x === 0 && y === 0 && width === 1 && height === 1;
}

/** The place in the frame of what lies at `inner` within `outer`. */
export function within(outer: Place, inner: Place): Place {
  return {
    x: outer.x + inner.x * outer.width,
    y: outer.y + inner.y * outer.height,
    width: inner.width * outer.width,
    height: inner.height * outer.height,
  };
}
