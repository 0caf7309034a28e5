/** A program with what lies over it, on fake time: what every frame showed of both. */
import { expect, vi } from 'vitest';
import { Airings } from '../../../src/engine/airings.js';
import type { CodecChoice } from '../../../src/engine/codec-probe.js';
import { Production } from '../../../src/engine/production.js';
import type { EngineDesired, EngineInsert } from '../../../src/protocol/link.js';
import type { Playback } from '../../../src/protocol/playback.js';
import { silentLog } from '../../../src/runtime/log.js';
import type { FakeNativeCore } from '../../fakes/native-core.js';
import type { FakeNativeProgram } from '../../fakes/native-program.js';
import { begin, camera, children, desired, film, newestProgram, pass, places, sourceOf, type FakeChild } from './doubles.js';
import { clip, document, known } from './timeline_stage.js';

export const x264: CodecChoice = { codec: 'libx264' };
export const FPS = 30;
export const fade = (durationMs: number) => ({ kind: 'fade', durationMs }) as const;
export let core: FakeNativeCore;
export let production: Production;
export let program: FakeNativeProgram;
let airings: Airings;
let slowMs: number;

export function setUp(): void {
  core = begin();
  slowMs = 50;
  airings = new Airings();
  children.onSpawn = fill;
}

export async function tearDown(): Promise<void> {
  await Promise.all([production.stop(), pass(3_000)]);
  expect(children.all.filter((child) => !child.ended)).toEqual([]);
  expect(core.descriptors).toEqual([]);
  vi.useRealTimers();
}

/** Films are ready this long after they were opened. */
export function slow(ms: number): void {
  slowMs = ms;
}

export function fill(child: FakeChild): void {
  if (child.program !== 'vistter-decoder') return;
  const at = sourceOf(child)!;
  const from = child.args.includes('--from-us') ? Number(child.args[child.args.indexOf('--from-us') + 1]) : 0;
  setTimeout(() => child.ended || at.program.produce(at.id, { from: Math.floor((from * FPS) / 1e6 + 1e-3) }), child.args[0] === 'file' ? slowMs : 50);
}

export const line = document({ loop: true, clips: [clip('src_film', 0, 20_000)] });
export const sources = [camera('src_1'), camera('src_2'), film('src_film'), film('src_spot'), film('src_alarm')];
export const wish = (over: Partial<EngineDesired> = {}, playback?: Playback): EngineDesired => desired({ sources, timelines: [known('tml_1', line, 1, playback)], ...over });
export const insert = (over: Partial<EngineInsert> = {}, ms = 2_000): EngineInsert => ({
  airingId: 'air_1', insertId: 'ins_1', document: document({ clips: [clip('src_spot', 0, ms)] }), mode: 'over', fills: true, began: null, ...over,
});

/** What each frame showed: the film frames of program and cover, or their sources. */
export const seen: { frame: number; program: string; cover: string }[] = [];

export function watch(): void {
  const of = (ids: string[]): string => ids.map((id) => (id.startsWith('clip:') ? String(program.positionOf(id)) : id)).join(' ');
  seen.length = 0;
  program.onFrame = (frame) => {
    const { to, from } = program.cover;
    const ids = to.scene ? program.sourcesOfCover : [];
    seen.push({ frame, program: of(program.sourcesOnProgram), cover: to.scene || from ? `${from ? '~' : ''}${of(ids)}` : '' });
  };
}

export function start(wanted: EngineDesired): void {
  production = new Production(core, wanted, x264, places, silentLog, airings);
  program = newestProgram();
  production.start();
  watch();
}

export async function during<T>(what: Promise<T>): Promise<T> {
  let over = false;
  const done = what.finally(() => { over = true; });
  done.catch(() => {});
  for (let i = 0; !over && i < 500; i++) await pass(10);
  return done;
}
export const at = (frame: number) => seen.find((one) => one.frame === frame)!;
export const covered = () => seen.filter(({ cover }) => cover !== '').map(({ frame }) => frame);
export const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** A timeline on program since half a second. */
export async function playing(over: Partial<EngineDesired> = {}): Promise<{ frame: number; playback: Playback }> {
  start(wish(over));
  await pass(300);
  const { frame, playback } = await during(production.takeTimeline('tml_1', undefined, { start: { is: 'from', positionMs: 0 } }));
  await pass(500);
  return { frame, playback: playback! };
}
