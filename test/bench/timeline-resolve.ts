/** `node dist/test/bench/timeline-resolve.js [clips]`: what a long timeline costs to open, to resolve a frame of, and to look ahead in. */
import { fileURLToPath } from 'node:url';
import { playouts } from '../../src/domain/timeline/playouts.js';
import { checkTimeline } from '../../src/domain/timeline/check.js';
import { compileTimeline } from '../../src/domain/timeline/compile.js';
import type { TimelineLookup } from '../../src/domain/timeline/model.js';
import { frameAt, type Rate } from '../../src/domain/timeline/rate.js';
import { resolve } from '../../src/domain/timeline/resolve.js';
import { Layer } from '../../src/protocol/resources.js';
import { TimelineDocument } from '../../src/protocol/timeline.js';

const RATE: Rate = { num: 30000, den: 1001 };
const CLIP_MS = 7_013;

export const benchLookup: TimelineLookup = {
  source: (id) => (id.startsWith('film') || id === 'song' ? { kind: id === 'song' ? 'audio' : 'media', inMs: 0, outMs: null, loop: false } : { kind: 'camera' }),
  scene: () => ({ layers: [Layer.parse({ sourceId: 'cam' }), Layer.parse({ sourceId: 'film1', x: 0.7, width: 0.25, height: 0.25 })] }),
  overlay: () => ({ x: 0.05, y: 0.74, width: 0.3, height: 0.2 }),
  timeline: () => undefined,
};

/** A loop of two video tracks, an overlay and an audio track, end to end, with a transition and keyframes in every second clip. */
export function longTimeline(clips: number): unknown {
  const kinds = ['video', 'video', 'overlay', 'audio'] as const;
  const content = { video: [{ sourceId: 'film1' }, { sourceId: 'cam' }, { sourceId: 'film2' }, { sceneId: 'pip' }], overlay: [{ overlayId: 'title' }], audio: [{ sourceId: 'song' }] };
  return {
    name: 'Long', loop: true,
    tracks: kinds.map((kind, t) => ({
      id: `t${t}`, kind,
      clips: Array.from({ length: Math.floor(clips / kinds.length) }, (_, i) => ({
        id: `t${t}c${i}`, ...content[kind][i % content[kind].length], startMs: i * CLIP_MS, durationMs: CLIP_MS,
        ...(i % 2 ? { transition: { kind: 'fade', durationMs: 1000 }, keyframes: [{ atMs: 0, opacity: 0.2, x: 0, gainDb: -20 }, { atMs: 3000, opacity: 1, x: 0.2 }, { atMs: CLIP_MS, x: 0, gainDb: 0, easing: 'ease-in' }] } : {}),
      })),
    })),
  };
}

export interface TimelineFigures {
  clips: number;
  parseMs: number;
  checkMs: number;
  /** The median of ten. */
  compileMs: number;
  /** Frames at random positions of the first hundred laps, warm. */
  resolveMsAvg: number;
  resolveMsP99: number;
  resolveMsMax: number;
  /** The next ten seconds at random positions, and a whole lap at once. */
  playoutsMsAvg: number;
  playoutsMsP99: number;
  playoutsLapMs: number;
  playoutsLap: number;
}

export function measureTimeline(clips: number, frames = 100_000): TimelineFigures {
  const raw = longTimeline(clips);
  const [document, parseMs] = timed(() => TimelineDocument.parse(raw));
  const [, checkMs] = timed(() => checkTimeline(document, benchLookup));
  const compiles = Array.from({ length: 10 }, () => timed(() => compileTimeline(document, RATE, benchLookup))[1]).sort((a, b) => a - b);
  const timeline = compileTimeline(document, RATE, benchLookup);
  const lapFrames = frameAt(timeline.document.durationMs, RATE);
  let seed = 1;
  const position = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return Math.floor((seed / 2_147_483_647) * lapFrames * 100);
  };
  const each = (count: number, work: (at: number) => unknown): number[] => Array.from({ length: count }, () => {
    const at = position();
    return timed(() => work(at))[1];
  });
  each(frames / 10, (at) => resolve(timeline, at));
  const resolved = each(frames, (at) => resolve(timeline, at)).sort((a, b) => a - b);
  const ahead = each(frames / 10, (at) => playouts(timeline, at, at + 300)).sort((a, b) => a - b);
  const [lap, playoutsLapMs] = timed(() => playouts(timeline, 0, lapFrames));
  return {
    clips, parseMs, checkMs, compileMs: compiles[5]!,
    resolveMsAvg: average(resolved), resolveMsP99: resolved[Math.floor(resolved.length * 0.99)]!, resolveMsMax: resolved.at(-1)!,
    playoutsMsAvg: average(ahead), playoutsMsP99: ahead[Math.floor(ahead.length * 0.99)]!, playoutsLapMs, playoutsLap: lap.length,
  };
}

function timed<T>(work: () => T): [result: T, ms: number] {
  const from = process.hrtime.bigint();
  const result = work();
  return [result, Number(process.hrtime.bigint() - from) / 1e6];
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const f = measureTimeline(Number(process.argv[2] ?? 10_000));
  const ms = (value: number): string => `${value.toFixed(value < 1 ? 4 : 1)} ms`;
  console.log([
    `A timeline of ${f.clips} clips`,
    `  parsed            ${ms(f.parseMs)}`,
    `  checked           ${ms(f.checkMs)}`,
    `  compiled          ${ms(f.compileMs)}   (200 ms is what it may take)`,
    `  one frame         ${ms(f.resolveMsAvg)} on average, 99 of 100 in ${ms(f.resolveMsP99)}, at most ${ms(f.resolveMsMax)}   (0.05 ms)`,
    `  ten seconds ahead ${ms(f.playoutsMsAvg)} on average, 99 of 100 in ${ms(f.playoutsMsP99)}   (0.05 ms)`,
    `  a whole lap ahead ${ms(f.playoutsLapMs)} for ${f.playoutsLap} players`,
  ].join('\n'));
}
