/** All of the timeline in one line, and the part of it that is in view: to be dragged, as a scroll bar. */
import { effect } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { endOf } from '../../lib/timeline/document.js';
import { rowsOf } from '../../lib/timeline/hit.js';
import { timecode } from '../../lib/timeline/time.js';
import { spanMs } from '../../lib/timeline/viewport.js';
import { theme } from '../../store/theme.js';
import { shown } from '../../store/timeline.js';
import { air, extentMs, scrollBy, view } from '../../store/timeline-view.js';
import { texts } from '../../texts.js';
import { colours } from './colours.js';

const HEIGHT = 34;

export function Overview() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const thumb = useRef<HTMLDivElement>(null);
  const bar = useRef<HTMLDivElement>(null);
  // Ends with the drawing, not after the next paint: until then an observer or a signal would find no element.
  useLayoutEffect(() => {
    const ends = [
      effect(() => {
        void [theme.value, view.value.width];
        const { now } = air.value;
        if (shown.value) requestAnimationFrame(() => { if (canvas.current && shown.peek()) paint(canvas.current, now); });
      }),
      effect(() => {
        const { fromMs } = view.value;
        const [left, width] = [fromMs / extentMs.value, spanMs(view.value) / extentMs.value];
        Object.assign(thumb.current!.style, { left: `${left * 100}%`, width: `${Math.min(1 - left, width) * 100}%` });
        bar.current!.setAttribute('aria-valuenow', String(Math.round(Math.min(1, left) * 100)));
        bar.current!.setAttribute('aria-valuetext', timecode(fromMs));
      }),
    ];
    return () => ends.forEach((end) => end());
  }, []);
  const moveTo = (event: PointerEvent) => {
    const box = bar.current!.getBoundingClientRect();
    const ms = ((event.clientX - box.left) / box.width) * extentMs.value - spanMs(view.value) / 2;
    scrollBy((ms - view.value.fromMs) * view.value.pxPerMs);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -80, ArrowRight: 80, PageUp: -view.value.width, PageDown: view.value.width, Home: -1e12, End: 1e12 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    scrollBy(step);
  };
  return (
    <div
      class="tl-overview" ref={bar} role="scrollbar" tabIndex={0} aria-controls="clips" aria-orientation="horizontal" aria-label={texts.timelines.overview} aria-valuemin={0} aria-valuemax={100} aria-valuenow={0}
      onKeyDown={onKeyDown} onPointerDown={(event) => { event.currentTarget.setPointerCapture(event.pointerId); moveTo(event); }} onPointerMove={(event) => { if (event.buttons === 1) moveTo(event); }}
    >
      <canvas ref={canvas} aria-hidden="true" />
      <div class="tl-thumb" ref={thumb} />
    </div>
  );
}

function paint(canvas: HTMLCanvasElement, now: ReadonlySet<string>): void {
  const document = shown.peek()!;
  const width = Math.max(1, canvas.clientWidth);
  Object.assign(canvas, { width: width * devicePixelRatio, height: HEIGHT * devicePixelRatio });
  const ctx = canvas.getContext('2d')!;
  ctx.scale(devicePixelRatio, devicePixelRatio);
  const paintOf = colours();
  const rows = rowsOf(document);
  const height = HEIGHT / Math.max(1, rows.length);
  const perMs = width / extentMs.peek();
  rows.forEach((track, row) => {
    for (const clip of track.clips) {
      ctx.fillStyle = now.has(clip.id) ? paintOf['on-air'] : paintOf['field-line'];
      ctx.fillRect(clip.startMs * perMs, row * height + 1, Math.max(1, (endOf(clip) - clip.startMs) * perMs - 0.5), Math.max(1, height - 2));
    }
  });
}
