/** Places that catch a layer on its way: edges, middles and thirds of the frame, safe areas, and other layers. Pure. */
import { bounded, LEAST, resized, type Handle, type Place } from './geometry.js';
import { ACTION_SAFE, GRAPHICS_SAFE } from './safe-areas.js';

/** A line that something lies on, 0..1 of the frame. */
export interface Guide { axis: 'x' | 'y'; at: number }

export interface Lines { x: readonly number[]; y: readonly number[] }

const FRAME = [0, 0.5, 1, 1 / 3, 2 / 3];

/** What can be snapped to. @param others the places of the other layers that are seen */
export function snapLines(others: readonly Place[], withSafeAreas: boolean): Lines {
  const areas = withSafeAreas ? [ACTION_SAFE, GRAPHICS_SAFE] : [];
  const along = (from: 'x' | 'y', size: 'width' | 'height'): number[] => [
    ...FRAME,
    ...areas.flatMap((area) => [area[from], area[from] + area[size]]),
    ...others.flatMap((other) => [other[from], other[from] + other[size] / 2, other[from] + other[size]]),
  ];
  return { x: along('x', 'width'), y: along('y', 'height') };
}

/** How close is close enough, as parts of the frame's width and height. */
export interface Reach { x: number; y: number }

export interface Snapped { place: Place; guides: Guide[] }

/** A moved place, caught by its edges or its middle; its size stays. */
export function snapMove(place: Place, lines: Lines, reach: Reach): Snapped {
  const x = nearest([place.x, place.x + place.width / 2, place.x + place.width], lines.x, reach.x);
  const y = nearest([place.y, place.y + place.height / 2, place.y + place.height], lines.y, reach.y);
  return {
    place: bounded({ ...place, x: place.x + (x?.by ?? 0), y: place.y + (y?.by ?? 0) }),
    guides: [...(x ? [{ axis: 'x' as const, at: x.line }] : []), ...(y ? [{ axis: 'y' as const, at: y.line }] : [])],
  };
}

/**
 * A place whose sides were moved by a handle, caught by those sides. With proportions kept one direction leads the other, so that only
 * the nearer line counts.
 * @param place as the hand has made it
 */
export function snapResize(place: Place, handle: Handle, lines: Lines, reach: Reach, keep: boolean): Snapped {
  const { across, down } = handle;
  const edge = (side: number, at: number, size: number) => (side < 0 ? [at] : side > 0 ? [at + size] : []);
  let x = nearest(edge(across, place.x, place.width), lines.x, reach.x);
  let y = nearest(edge(down, place.y, place.height), lines.y, reach.y);
  if (x && tooSmall(place.width, across, x.by)) x = undefined;
  if (y && tooSmall(place.height, down, y.by)) y = undefined;
  if (keep && x && y) {
    if (Math.abs(x.by) / reach.x <= Math.abs(y.by) / reach.y) y = undefined;
    else x = undefined;
  }
  return {
    place: x || y ? resized(place, handle, x?.by ?? 0, y?.by ?? 0, keep) : place,
    guides: [...(x ? [{ axis: 'x' as const, at: x.line }] : []), ...(y ? [{ axis: 'y' as const, at: y.line }] : [])],
  };
}

const tooSmall = (size: number, side: number, by: number): boolean => size + side * by < LEAST;

/** The line that is nearest to any of the points, if it is within reach. */
function nearest(points: readonly number[], lines: readonly number[], reach: number): { by: number; line: number } | undefined {
  let best: { by: number; line: number } | undefined;
  for (const line of lines) {
    for (const point of points) {
      const by = line - point;
      if (Math.abs(by) <= reach && (!best || Math.abs(by) < Math.abs(best.by))) best = { by, line };
    }
  }
  return best;
}
