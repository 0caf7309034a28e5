/** Drawings beside or instead of a word; whoever uses one without a word gives it a name. */
import type { Page } from '../lib/pages.js';
import type { ThemeChoice } from '../store/theme.js';

/** Strokes in a square of 24. */
const PATHS: Record<Page | ThemeChoice | 'leave' | 'close' | 'done', string> = {
  live: 'M3 5h18v11H3zM8 20h8M12 16v4M10 8l5 2.5L10 13z',
  timelines: 'M3 6h10M16 6h5M3 12h4M10 12h11M3 18h12M18 18h3M8 3v18',
  scenes: 'M3 5h18v14H3zM12 12h6v4h-6z',
  media: 'M4 4h16v16H4zM4 9h16M9 4v5M15 4v5M10 12l5 2.5-5 2.5z',
  highlights: 'M12 3l2.6 5.7 6.2.7-4.6 4.2 1.3 6.1L12 16.6l-5.5 3.1 1.3-6.1L3.2 9.4l6.2-.7z',
  sound: 'M6 3v9M6 16v5M4 14h4M12 3v4M12 11v10M10 9h4M18 3v11M18 18v3M16 16h4',
  health: 'M3 12h4l3-7 4 14 3-7h4',
  setup: 'M12 9a3 3 0 1 0 0 6a3 3 0 1 0 0-6M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.2 2.2M16.2 16.2l2.2 2.2M18.4 5.6l-2.2 2.2M7.8 16.2l-2.2 2.2',
  system: 'M3 5h18v11H3zM8 20h8M12 16v4',
  light: 'M12 8a4 4 0 1 0 0 8a4 4 0 1 0 0-8M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2',
  dark: 'M20 14.5A8 8 0 1 1 9.5 4a6.5 6.5 0 0 0 10.5 10.5z',
  done: 'M5 12.5l4.5 4.5L19 7.5',
  close: 'M6 6l12 12M18 6L6 18',
  leave: 'M10 4H5v16h5M9 12h12M17 8l4 4-4 4',
};

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return <svg class="drawing" viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" focusable="false"><path d={PATHS[name]} /></svg>;
}
