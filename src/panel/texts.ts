/** Every text that the panel shows, in English. Whoever translates the panel translates this file. A section a page. */
export const texts = {
  page: {
    loading: 'Loading …',
    notLoaded: 'This page could not be loaded. Reload the browser page to try again.',
    pages: 'Pages',
  },
  pages: {
    live: 'Live',
    timelines: 'Timelines',
    scenes: 'Scenes',
    media: 'Media',
    sound: 'Sound',
    health: 'Health',
    setup: 'Setup',
  },
  edits: {
    theirs: 'Somebody else changed this meanwhile. Yours is not stored yet.',
    field: 'Field',
    theirValue: 'Theirs',
    myValue: 'Yours',
    takeTheirs: 'Keep theirs',
    applyMine: 'Apply mine again',
    deleted: 'Somebody else deleted this meanwhile.',
    none: '(nothing)',
  },
  live: {},
  timelines: {},
  scenes: {},
  media: {},
  sound: {},
  health: {},
  setup: {},
} as const;
