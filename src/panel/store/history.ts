/** Figures over time, for as long as somebody looks at them. */
import { signal } from '@preact/signals';
import { request } from '../lib/api.js';
import { follow, NOTHING, readColumns, type Columns } from '../lib/health/columns.js';

export type Range = 'hour' | 'day';
const MOST: Record<Range, number> = { hour: 3600, day: 1440 };
const EVERY_MS: Record<Range, number> = { hour: 2000, day: 15_000 };

export const columns = signal<Columns>(NOTHING);

/** Reads the whole of it and then what comes, while the page can be seen. @returns the undo */
export function watchHistory(range: Range): () => void {
  let isOver = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  columns.value = NOTHING;
  const read = async () => {
    const last = columns.value.times.at(-1);
    try {
      const more = readColumns(await request('GET', `/history?range=${range}${last === undefined ? '' : `&since=${last}`}`));
      if (more && !isOver) columns.value = follow(columns.value, more, MOST[range]);
    } catch {
      // Out of reach, which is told elsewhere: it is tried again.
    }
    again();
  };
  const again = () => {
    clearTimeout(timer);
    if (!isOver) timer = setTimeout(() => void (document.visibilityState === 'visible' ? read() : again()), EVERY_MS[range]);
  };
  void read();
  return () => {
    isOver = true;
    clearTimeout(timer);
    columns.value = NOTHING;
  };
}
