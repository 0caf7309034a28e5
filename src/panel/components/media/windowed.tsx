/** A list that scrolls in a frame of its own, and draws only the rows that are seen. */
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { rowsSeen } from '../../lib/media/files.js';

/** Scrolling by less draws nothing anew: there are rows above and below. */
const LITTLE_PX = 40;

export function Windowed<T>({ items, keyOf, rowHeightAt, minWidth, label, children }: {
  items: readonly T[];
  keyOf(item: T): string;
  /** px, in a frame of that width. */
  rowHeightAt(width: number): number;
  /** Of an item, px: as many are put beside each other as there is room for; null: one a row. */
  minWidth: number | null;
  label: string;
  children(item: T): ComponentChildren;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 800, width: 800 });
  useLayoutEffect(() => {
    const element = frame.current!;
    const measure = () => setSeen((before) => {
      const now = { top: element.scrollTop, height: element.clientHeight, width: element.clientWidth };
      return now.height === before.height && now.width === before.width && Math.abs(now.top - before.top) < LITTLE_PX ? before : now;
    });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    measure();
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, []);
  const rowHeight = rowHeightAt(seen.width);
  const columns = minWidth === null ? 1 : Math.max(1, Math.floor(seen.width / minWidth));
  const rows = Math.ceil(items.length / columns);
  const { from, to } = rowsSeen({ ...seen, rowHeight, rows });
  const shown = items.slice(from * columns, to * columns);
  return (
    // No higher than what is in it, and its line.
    <div ref={frame} class="windowed" style={{ maxHeight: `${rows * rowHeight + 1}px` }} tabIndex={0} role="region" aria-label={label}>
      <ul style={{ height: `${rows * rowHeight}px` }}>
        {shown.map((item, i) => {
          const place = from * columns + i;
          return (
            <li
              key={keyOf(item)} aria-setsize={items.length} aria-posinset={place + 1}
              style={{ top: `${Math.floor(place / columns) * rowHeight}px`, left: `${((place % columns) * 100) / columns}%`, width: `${100 / columns}%`, height: `${rowHeight}px` }}
            >
              {children(item)}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
