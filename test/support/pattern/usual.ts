/**
 * The footage of the tests that have the machine to themselves, by what it is for. `node dist/test/support/ahead.js` makes all of
 * it while others run; a test that finds a file missing makes it, and takes that much longer.
 */
import type { FilmOptions } from './film.js';
import type { PatternOptions } from './generate.js';

/** What a camera changes to in the middle. */
export const cameraChanges: { what: string; options: Partial<PatternOptions> }[] = [
  { what: 'a larger picture', options: { width: 1280, height: 720, bitrateKbps: 2_500 } },
  { what: '25 frames a second', options: { fps: 25 } },
  { what: '60 frames a second', options: { fps: 60 } },
  { what: 'B-frames', options: { bFrames: true } },
  { what: 'mono at 44.1 kHz', options: { sound: 'mono44' } },
  { what: 'no sound', options: { sound: 'none' } },
  { what: 'sound again, and the first shape', options: {} },
];

/** Short enough to come round while its folder is away. */
export const filmOfFolderThatGoes = { camera: 5, seconds: 8 };
/** Of a recording in the middle of which something is killed. */
export const cheapCamera: Partial<PatternOptions> = { width: 320, height: 180 };
/** What the engine's covers lie over, and they themselves. */
export const filmsOfCovers = [1, 2].map((camera) => ({ camera, seconds: 16 }));
export const filmsOfFolder: PatternOptions[] = [0, 1, 2, 3].map((camera) => ({ camera, seconds: 16, sound: 'none' }));

/** What the timelines of test/e2e/timeline.test.ts are made of. */
export const timelineFilms = {
  long: { camera: 2, seconds: 30, bFrames: true },
  under: { camera: 3, seconds: 30, firstCounter: 100_000 },
  other: { camera: 3, firstCounter: 200_000, codec: 'hevc', bFrames: true },
  vp9: { camera: 2, firstCounter: 300_000, codec: 'vp9' },
} satisfies Record<string, FilmOptions>;
const rates = [[24, 1], [25, 1], [24_000, 1_001], [60, 1], [50, 1]] as const;
export const ratesFilms: (FilmOptions & { rate: readonly [number, number] })[] = rates.map((rate, i) => ({ camera: i % 4, firstCounter: 400_000 + i * 10_000, rate, bFrames: true }));

/** All that are cameras' and all that are films. */
export const usualPatterns: PatternOptions[] = [
  ...[0, 1, 2, 3].map((camera) => ({ camera })), { camera: 1, bFrames: true }, ...cameraChanges.map(({ options }) => ({ camera: 0, ...options })),
  { camera: 0, ...cheapCamera }, filmOfFolderThatGoes, ...filmsOfCovers, ...filmsOfFolder,
];
export const usualFilms: FilmOptions[] = [...Object.values(timelineFilms), ...ratesFilms];
