/** The tracks with their clips: painted on a canvas, with a grid of the same clips for keys and screen readers over it. */
import { effect } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { TimelineDocument } from '../../../protocol/timeline.js';
import { clipsById } from '../../lib/timeline/document.js';
import { curveValue, heightOf, hit, inClip, pointAt, trackAt, type Zone } from '../../lib/timeline/hit.js';
import { drawnOn } from '../../lib/timeline/keyframes.js';
import { timecode } from '../../lib/timeline/time.js';
import { toMs, toX } from '../../lib/timeline/viewport.js';
import { notify, transition } from '../../store/actions.js';
import { commit, isFolder, shown, stored } from '../../store/timeline.js';
import { frame, lengthOfThing, placedIn, put, takes } from '../../store/timeline-do.js';
import { seek } from '../../store/timeline-play.js';
import { addPoint, choosePoint } from '../../store/timeline-points.js';
import { thingsById, type Thing } from '../../store/timeline-things.js';
import { airPlace, curve, cursorMs, fit, moveCursor, point, region, ripple, scrollBy, select, selection, snapping, view, zoomBy } from '../../store/timeline-view.js';
import { texts } from '../../texts.js';
import { begin, dropAt, type Drag, type Outcome, type Pointed } from './drag.js';
import { ClipGrid } from './grid.js';
import { TrackHeads } from './heads.js';
import { handlerOf, keyName } from './keys.js';
import { Painter } from './painter.js';
import { draggedThing, ghost } from './drag-ghost.js';

const t = texts.timelines;
/** Within this of an edge of the lanes a drag scrolls, px; so much at a time. */
const NEAR = 36;
const STEP = 14;
/** What is dragged from the palette, as the browser carries it. */
export const THING = 'application/x-vistter-thing';

const CURSORS: Record<Zone, string> = { body: 'grab', start: 'ew-resize', end: 'ew-resize', 'fade-in': 'nwse-resize', 'fade-out': 'nesw-resize' };

export function Lanes() {
  const stage = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const airHead = useRef<HTMLDivElement>(null);
  const cursor = useRef<HTMLDivElement>(null);
  // Ends with the drawing, not after the next paint: until then an observer or a signal would find no element.
  useLayoutEffect(() => {
    const painter = new Painter({ canvas: canvas.current!, airHead: airHead.current!, cursor: cursor.current! });
    let isFirst = true;
    const sizes = new ResizeObserver(([entry]) => {
      const width = Math.max(50, Math.floor(entry!.contentRect.width));
      if (width === view.peek().width && !isFirst) return;
      view.value = { ...view.peek(), width };
      if (isFirst) fit();
      isFirst = false;
    });
    sizes.observe(stage.current!);
    const undo = listen(stage.current!);
    return () => {
      painter.close();
      sizes.disconnect();
      undo();
    };
  }, []);
  const document = shown.value!;
  return (
    <div class="tl-lanes">
      <TrackHeads />
      <div class="tl-stage" ref={stage} data-timeline={stored.value?.id} data-revision={stored.value?.revision}>
        <canvas ref={canvas} class="tl-canvas" aria-hidden="true" />
        <div class="tl-cursor" ref={cursor} hidden />
        <div class="tl-air" ref={airHead} hidden><span class="tl-grip" title={t.airHead} /></div>
        <Hints />
        <ClipGrid height={heightOf(document)} onKeyDown={onKeyDown} />
      </div>
    </div>
  );
}

function onKeyDown(event: KeyboardEvent): void {
  const handler = handlerOf(keyName(event));
  if (!handler) return;
  event.preventDefault();
  event.stopPropagation();
  handler({ shift: event.shiftKey });
}

/** The mouse, the wheel, and things that are dropped. @returns the undo */
function listen(stage: HTMLElement): () => void {
  let drag: { drag: Drag; pointerId: number; last: Pointed; outcome: Outcome | null; moved: boolean } | null = null;
  let pan: { pointerId: number; x: number } | null = null;
  let scrolling = 0;
  const end = new AbortController();
  const { signal } = end;
  const where = (event: MouseEvent): Pointed => {
    const box = stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top, adds: event.shiftKey || event.ctrlKey || event.metaKey, free: event.altKey };
  };
  const onHead = ({ x, y }: Pointed): boolean => {
    const place = airPlace();
    return place !== null && y < 30 && Math.abs(toX(view.peek(), place) - x) < 8;
  };
  const stop = () => {
    drag = null;
    ghost.value = null;
    cancelAnimationFrame(scrolling);
  };
  const step = () => {
    if (!drag) return;
    const { x } = drag.last;
    if (drag.moved && (x < NEAR || x > view.peek().width - NEAR)) {
      scrollBy(x < NEAR ? -STEP : STEP);
      show(drag.outcome = drag.drag.move(drag.last), drag.last);
    }
    scrolling = requestAnimationFrame(step);
  };
  stage.addEventListener('pointerdown', (event) => {
    const document = shown.peek();
    if (!document || event.button !== 0 || drag) return;
    const at = where(event);
    const found = hit(document, view.peek(), at.x, at.y);
    stage.setPointerCapture(event.pointerId);
    if (event.pointerType === 'touch' && (found.is === 'lane' || found.is === 'below')) {
      pan = { pointerId: event.pointerId, x: at.x };
      return;
    }
    const context = {
      document, view: () => view.peek(), selection: selection.peek(), ripple: ripple.peek(), snaps: snapping.peek(), cursorMs: cursorMs.peek(), airMs: airPlace(),
      region: region.peek(), transitionKind: transition.peek().kind === 'cut' ? 'fade' as const : transition.peek().kind, frameMs: frame(), curve: curve.peek(),
    };
    drag = { drag: begin(at, context, onHead(at)), pointerId: event.pointerId, last: at, outcome: null, moved: false };
    if (found.is === 'ruler' && !at.adds && !onHead(at)) show(drag.outcome = drag.drag.click(), at);
    scrolling = requestAnimationFrame(step);
  }, { signal });
  stage.addEventListener('pointermove', (event) => {
    const at = where(event);
    if (pan?.pointerId === event.pointerId) {
      scrollBy(pan.x - at.x);
      pan.x = at.x;
      return;
    }
    if (!drag) {
      const found = shown.peek() && hit(shown.peek()!, view.peek(), at.x, at.y);
      const onPoint = found?.is === 'clip' && pointAt(shown.peek()!, view.peek(), selection.peek(), curve.peek(), at.x, at.y) !== null;
      stage.style.cursor = onHead(at) ? 'grab' : onPoint ? 'move' : found?.is === 'clip' ? CURSORS[found.zone] : found?.is === 'ruler' ? 'col-resize' : 'default';
      return;
    }
    if (drag.pointerId !== event.pointerId) return;
    drag.last = at;
    const outcome = drag.drag.move(at);
    if (!outcome) return;
    drag.moved = true;
    show(drag.outcome = outcome, at);
  }, { signal });
  stage.addEventListener('pointerup', (event) => {
    if (pan?.pointerId === event.pointerId) pan = null;
    if (drag?.pointerId !== event.pointerId) return;
    const { outcome, drag: what, moved } = drag;
    stop();
    finish(moved ? outcome : what.click());
  }, { signal });
  stage.addEventListener('pointercancel', () => { pan = null; stop(); }, { signal });
  addEventListener('keydown', (event) => { if (event.key === 'Escape' && drag) stop(); }, { signal, capture: true });
  stage.addEventListener('dblclick', (event) => {
    const at = where(event);
    const found = shown.peek() && hit(shown.peek()!, view.peek(), at.x, at.y);
    if (found?.is !== 'clip' || isFolder.peek() || pointAt(shown.peek()!, view.peek(), selection.peek(), curve.peek(), at.x, at.y)) return;
    addPoint(found.clip.id, toMs(view.peek(), at.x) - found.clip.startMs, curveValue(drawnOn(found.track.kind, curve.peek()), inClip(at.y)));
  }, { signal });
  stage.addEventListener('wheel', (event) => {
    const { x, y } = where(event);
    if (event.ctrlKey || event.metaKey || event.altKey || y < 30) {
      event.preventDefault();
      zoomBy(Math.exp(-(event.deltaY || event.deltaX) / 400), x);
    } else if (event.deltaX !== 0 || event.shiftKey) {
      event.preventDefault();
      scrollBy(event.deltaX || event.deltaY);
    }
  }, { signal, passive: false });
  stage.addEventListener('dragover', (event) => {
    if (!event.dataTransfer?.types.includes(THING)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    showDrop(where(event));
  }, { signal });
  stage.addEventListener('dragleave', () => { ghost.value = null; }, { signal });
  stage.addEventListener('drop', (event) => {
    const thing = thingsById.peek().get(event.dataTransfer?.getData(THING) ?? '');
    const document = shown.peek();
    if (!thing || !document) return;
    event.preventDefault();
    ghost.value = null;
    const { startMs, trackId } = landing(where(event), document, thing);
    put(thing, startMs, trackId);
  }, { signal });
  return () => {
    end.abort();
    stop();
  };
}

/** Where a thing of the list lands that is dropped there. */
function landing(at: Pointed, document: TimelineDocument, thing: Thing): { startMs: number; snapMs: number | null; trackId: string | undefined } {
  const track = trackAt(document, at.y);
  const drop = dropAt(at, lengthOfThing(thing), { document, view: () => view.peek(), snaps: snapping.peek(), cursorMs: cursorMs.peek() });
  return { ...drop, trackId: track && takes(track, thing) ? track.id : undefined };
}

/** While a thing of the list is dragged over the lanes: it lies there as it would be. */
function showDrop(at: Pointed): void {
  const thing = thingsById.peek().get(draggedThing.peek() ?? '');
  const document = shown.peek();
  if (!thing || !document) return;
  const { startMs, snapMs, trackId } = landing(at, document, thing);
  const placed = placedIn(document, thing, startMs, trackId);
  const words = placed?.hasRoom ? timecode(clipsById(placed.document).get(placed.clipId)!.clip.startMs) : placed ? t.noRoom : t.wrongTrack(thing.name);
  ghost.value = { ...(placed?.hasRoom ? { document: placed.document, landing: placed.clipId } : {}), snapMs: placed?.hasRoom ? snapMs : null, box: null, words, x: at.x, y: at.y };
}

/** While the mouse is down. */
function show(outcome: Outcome | null, { x, y }: Pointed): void {
  if (!outcome) return;
  const base = { snapMs: null, box: null, words: '', x, y };
  switch (outcome.is) {
    case 'edit': ghost.value = { ...base, document: outcome.document, snapMs: outcome.snapMs, words: outcome.words, ...(outcome.point ? { point: outcome.point } : {}) }; return;
    case 'point': return;
    case 'select':
      selection.value = new Set(outcome.ids);
      ghost.value = { ...base, box: outcome.box };
      return;
    case 'cursor': cursorMs.value = outcome.ms; return;
    case 'air': ghost.value = { ...base, airMs: outcome.ms, words: timecode(outcome.ms) }; return;
    case 'region': region.value = outcome.toMs > outcome.fromMs ? { fromMs: outcome.fromMs, toMs: outcome.toMs } : null; return;
  }
}

function finish(outcome: Outcome | null): void {
  if (!outcome) return;
  switch (outcome.is) {
    case 'edit':
      if (outcome.refused) notify('timeline', outcome.words);
      else if (commit(outcome.document, outcome.what) && outcome.point) point.value = outcome.point;
      return;
    case 'point': choosePoint(outcome.clipId, outcome.atMs); return;
    case 'select':
      // Keys are for the clip from here on.
      point.value = null;
      select(outcome.ids, outcome.focus);
      return;
    case 'cursor': moveCursor(outcome.ms); return;
    case 'air': seek(outcome.ms, timecode(outcome.ms)); return;
    case 'region': return;
  }
}

/** What catches, the box, and the moment beside the pointer. */
function Hints() {
  const snapLine = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const words = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const [line, area, label] = [snapLine.current!, box.current!, words.current!];
    return effect(() => {
      const now = ghost.value;
      line.hidden = now === null || now.snapMs === null;
      if (now && now.snapMs !== null) line.style.transform = `translateX(${toX(view.value, now.snapMs)}px)`;
      area.hidden = !now?.box;
      if (now?.box) {
        const [x1, y1, x2, y2] = now.box;
        Object.assign(area.style, { left: `${Math.min(x1, x2)}px`, top: `${Math.min(y1, y2)}px`, width: `${Math.abs(x2 - x1)}px`, height: `${Math.abs(y2 - y1)}px` });
      }
      label.hidden = !now || now.words === '';
      if (now) {
        label.textContent = now.words;
        label.style.transform = `translate(${Math.min(now.x + 12, view.value.width - 90)}px, ${Math.max(0, now.y - 30)}px)`;
      }
    });
  }, []);
  return (
    <>
      <div class="tl-snap" ref={snapLine} hidden />
      <div class="tl-box" ref={box} hidden />
      <div class="tl-words" ref={words} hidden />
    </>
  );
}
