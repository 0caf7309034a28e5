/** A small picture as the engine makes it: of a source, a scene, the program or what is armed. */
import { useEffect, useRef } from 'preact/hooks';
import type { Tile } from '../../protocol/tile.js';
import { pixelsAcross, type Show } from '../lib/tiles.js';
import { unpack, type Unpacked } from '../lib/unpack.js';
import { stillUrl } from '../lib/media/files.js';
import { board, together } from '../store/session.js';
import { sources, sourceStatus } from '../store/state.js';
import { Still } from './media/still.js';

interface Props {
  id: string;
  /** Pixels across, and pictures a second, at most: of one that is shown small, no more than are shown. */
  width?: number;
  fps?: number;
  class?: string;
  /** What a screen reader says; left out where the words beside it do. */
  label?: string;
  /** Called with the first picture. */
  onFirst?(): void;
}

export function TilePicture({ id, width = 320, fps = 10, class: className = 'tile', label, onFirst }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const show = drawInto(canvas.current!, onFirst);
    let across = 0;
    let stop = () => {};
    const watch = new ResizeObserver(([entry]) => {
      const wanted = pixelsAcross(entry!.contentRect.width * devicePixelRatio, width);
      if (wanted === across) return;
      across = wanted;
      stop();
      stop = board.show({ id, width: wanted, fps }, show);
    });
    watch.observe(canvas.current!);
    return () => {
      watch.disconnect();
      stop();
    };
  }, [id, width, fps]);
  const named = label === undefined ? { 'aria-hidden': 'true' as const } : { role: 'img' as const, 'aria-label': label };
  return <canvas ref={canvas} class={className} width={16} height={9} {...named} />;
}

/** Of a source, small. Of a film or image that is not open the library's picture stands there. */
export function SourceTile({ sourceId }: { sourceId: string }) {
  const source = sources.value.find(({ id }) => id === sourceId);
  const hasFile = (source?.kind === 'media' || source?.kind === 'image') && sourceStatus.value.get(sourceId)?.state !== 'failed';
  return (
    <>
      {hasFile && <Still key={source.path} class="tile still" url={stillUrl(source.path, 320)} />}
      <TilePicture id={sourceId} />
    </>
  );
}

/** Draws tiles one after the other into a canvas, with those of the others; one that comes while the last is still on its way takes the place of those before it. */
function drawInto(canvas: HTMLCanvasElement, onFirst?: () => void): Show {
  let next: Tile | undefined;
  let busy = false;
  let isFirst = true;
  let unpacked: Unpacked | undefined;
  const draw = (): void => {
    const picture = unpacked;
    unpacked = undefined;
    if (!picture) return;
    if (canvas.width !== picture.width || canvas.height !== picture.height) Object.assign(canvas, { width: picture.width, height: picture.height });
    canvas.getContext('2d')?.drawImage(picture.image, 0, 0);
    picture.close();
    if (isFirst) onFirst?.();
    isFirst = false;
  };
  const work = async (): Promise<void> => {
    busy = true;
    while (next) {
      const { jpeg } = next;
      next = undefined;
      try {
        const picture = await unpack(jpeg);
        unpacked?.close();
        unpacked = picture;
        together.add(draw);
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
