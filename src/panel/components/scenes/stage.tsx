/**
 * The frame with what lies in it, to be moved and sized by hand: by the pointer, or by the arrow keys of the box that has the focus.
 * It knows nothing of scenes: what is on the desk is handed in, and what the hand does is handed out.
 */
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { HANDLES, moved, resized, roundedPlace, type Handle, type Place } from '../../lib/scenes/geometry.js';
import { ACTION_SAFE, GRAPHICS_SAFE } from '../../lib/scenes/safe-areas.js';
import { snapLines, snapMove, snapResize, type Guide } from '../../lib/scenes/snap.js';
import { frameSize } from '../../store/scenes.js';
import { texts } from '../../texts.js';

export interface StageItem extends Place {
  key: string;
  /** For a screen reader: what it is, and what of it. */
  label: string;
  name: string;
  hidden?: boolean;
  locked?: boolean;
}

/** What the hand does to an item: moves or sizes it, or cuts its picture. */
export type HandMove = { place: Place } | { cut: { handle: Handle; dx: number; dy: number } };

interface Props {
  items: readonly StageItem[];
  selected: string | null;
  guides: readonly Guide[];
  safeAreas: boolean;
  snapping: boolean;
  keepProportions: boolean;
  /** Whether sides can be cut off with Alt. */
  cuts?: boolean;
  onSelect(key: string | null): void;
  /** While the hand is at it, again and again from where it began. */
  onHand(key: string, move: HandMove, guides: readonly Guide[]): void;
  onDrop(): void;
  onCancel(): void;
  /** One step of the arrow keys. */
  onNudge(key: string, place: Place): void;
  onKey?(key: string, event: KeyboardEvent): void;
  children: ComponentChildren;
}

/** From how many pixels of the screen on a line catches. */
const CATCH_PX = 8;
/** A hand that only shakes moves nothing. */
const STILL_PX = 3;

interface Drag { key: string; handle: Handle | null; start: StageItem; fromX: number; fromY: number; isMoving: boolean }

export function Stage(props: Props) {
  const { items, selected, guides, safeAreas } = props;
  const frame = useRef<HTMLDivElement>(null);
  const drag = useRef<Drag | null>(null);
  const { width, height } = frameSize.value;

  const grasp = (event: PointerEvent, item: StageItem, handle: Handle | null) => {
    if (event.button !== 0) return;
    event.stopPropagation();
    props.onSelect(item.key);
    if (item.locked) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    drag.current = { key: item.key, handle, start: item, fromX: event.clientX, fromY: event.clientY, isMoving: false };
  };

  const move = (event: PointerEvent) => {
    const held = drag.current;
    const box = frame.current?.getBoundingClientRect();
    if (!held || !box) return;
    if (!held.isMoving && Math.hypot(event.clientX - held.fromX, event.clientY - held.fromY) < STILL_PX) return;
    held.isMoving = true;
    const [dx, dy] = [(event.clientX - held.fromX) / box.width, (event.clientY - held.fromY) / box.height];
    const { handle, start, key } = held;
    if (handle && event.altKey && props.cuts) {
      props.onHand(key, { cut: { handle, dx, dy } }, []);
      return;
    }
    const keep = props.keepProportions !== event.shiftKey;
    const lines = snapLines(items.filter((item) => item.key !== key && !item.hidden), safeAreas);
    const reach = { x: CATCH_PX / box.width, y: CATCH_PX / box.height };
    const free = handle ? resized(start, handle, dx, dy, keep) : moved(start, dx, dy);
    const isFree = !props.snapping || event.ctrlKey || event.metaKey;
    const { place, guides: caught } = isFree ? { place: free, guides: [] } : handle ? snapResize(free, handle, lines, reach, keep) : snapMove(free, lines, reach);
    props.onHand(key, { place: roundedPlace(onlyPlace(place)) }, caught);
  };

  const drop = () => {
    const held = drag.current;
    drag.current = null;
    if (held?.isMoving) props.onDrop();
  };
  const cancel = () => {
    drag.current = null;
    props.onCancel();
  };

  const onKeyDown = (event: KeyboardEvent, item: StageItem) => {
    if (event.key === 'Escape') {
      if (drag.current) cancel();
      else props.onSelect(null);
      return;
    }
    const step = ARROWS[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) {
      props.onKey?.(item.key, event);
      return;
    }
    event.preventDefault();
    if (item.locked) return;
    const px = event.shiftKey ? 10 : 1;
    props.onNudge(item.key, roundedPlace(moved(onlyPlace(item), (step[0] * px) / width, (step[1] * px) / height)));
  };

  const chosen = items.find(({ key }) => key === selected);
  return (
    <div class="desk" onPointerDown={() => props.onSelect(null)}>
      <div class="desk-frame" ref={frame} style={{ aspectRatio: `${width} / ${height}` }} role="group" aria-label={texts.scenes.stage}>
        {props.children}
        {safeAreas && <SafeAreas />}
        {items.map((item) => (
          <div
            key={item.key} class={`box ${item.key === selected ? 'chosen' : ''} ${item.locked ? 'locked' : ''} ${item.hidden ? 'hidden-layer' : ''}`} style={at(item)} data-box={item.key}
            role="button" tabIndex={0} aria-label={item.label} aria-pressed={item.key === selected}
            onFocus={() => props.onSelect(item.key)} onKeyDown={(event) => onKeyDown(event, item)}
            onPointerDown={(event) => grasp(event, item, null)} onPointerMove={move} onPointerUp={drop} onPointerCancel={cancel}
          />
        ))}
        {chosen && (
          <div class={`box-edge ${chosen.locked ? 'locked' : ''}`} style={at(chosen)}>
            <span class="box-name" aria-hidden="true">{chosen.name}</span>
            {!chosen.locked && HANDLES.map((handle) => (
              <i
                key={`${handle.across} ${handle.down}`} class="handle" data-handle={`${handle.across} ${handle.down}`} aria-hidden="true"
                style={{ left: `${(handle.across + 1) * 50}%`, top: `${(handle.down + 1) * 50}%` }}
                onPointerDown={(event) => grasp(event, chosen, handle)} onPointerMove={move} onPointerUp={drop} onPointerCancel={cancel}
              />
            ))}
          </div>
        )}
        {guides.map(({ axis, at: line }) => <i key={`${axis}${line}`} class={`guide ${axis}`} style={axis === 'x' ? { left: `${line * 100}%` } : { top: `${line * 100}%` }} />)}
      </div>
    </div>
  );
}

const ARROWS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const onlyPlace = ({ x, y, width, height }: Place): Place => ({ x, y, width, height });
const at = ({ x, y, width, height }: Place) => ({ left: `${x * 100}%`, top: `${y * 100}%`, width: `${width * 100}%`, height: `${height * 100}%` });

function SafeAreas() {
  return (
    <>
      <i class="safe-area" style={at(ACTION_SAFE)}><span>{texts.scenes.actionSafe}</span></i>
      <i class="safe-area" style={at(GRAPHICS_SAFE)}><span>{texts.scenes.graphicsSafe}</span></i>
    </>
  );
}
