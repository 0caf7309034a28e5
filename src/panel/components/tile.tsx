/** A source's picture as it comes in, at ten a second. */
import { useEffect, useRef } from 'preact/hooks';
import type { Tile } from '../../protocol/multiview.js';
import type { Show } from '../lib/tiles.js';
import { board } from '../store/session.js';

const WIDTH = 320;
const PER_SECOND = 10;

export function SourceTile({ sourceId }: { sourceId: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => board.show({ id: sourceId, width: WIDTH, fps: PER_SECOND }, drawInto(canvas.current!)), [sourceId]);
  return <canvas ref={canvas} class="tile" width={16} height={9} aria-hidden="true" />;
}

/** Draws tiles one after the other into a canvas; one that comes while the last is still being unpacked takes the place of those before it. */
function drawInto(canvas: HTMLCanvasElement): Show {
  let next: Tile | undefined;
  let busy = false;
  const work = async (): Promise<void> => {
    busy = true;
    while (next) {
      const { jpeg } = next;
      next = undefined;
      try {
        const picture = await createImageBitmap(new Blob([jpeg], { type: 'image/jpeg' }));
        if (canvas.width !== picture.width || canvas.height !== picture.height) Object.assign(canvas, { width: picture.width, height: picture.height });
        canvas.getContext('2d')?.drawImage(picture, 0, 0);
        picture.close();
      } catch {
        // A picture that cannot be unpacked: the next one comes in a tenth of a second.
      }
    }
    busy = false;
  };
  return (tile) => {
    next = tile;
    if (!busy) void work();
  };
}
