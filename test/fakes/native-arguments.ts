/** What the native core refuses, as native/addon/args.cpp does: a TypeError whose sentence names what is wrong. */
import type {
  NativeLayer, NativeMix, NativeMonitorWish, NativeNode, NativePlanned, NativeProgramOptions, NativeScene, NativeSound, NativeSourceOptions, NativeTileWish, NativeTransition,
} from '../../src/engine/native.js';
import { MOST_SLOTS } from '../../src/engine/ring-slots.js';

const MOST_SIZE = 8192;
const MOST_LAYERS = 256;
const MOST_DELAY_US = 60e6;
/** Mixes within mixes. */
const MOST_DEPTH = 6;
const MOST_PLANNED = 1800;
const MOST_FRAME = 9e15;
const MOST_TILES = 64;
const MOST_MONITORS = 8;
const FITS = ['contain', 'cover', 'fill'];
const KINDS = ['cut', 'fade', 'dip'];
const DIRECTED = ['wipe', 'slide', 'push'];
const WAYS = ['left', 'right', 'up', 'down'];

export function fail(sentence: string): never {
  throw new TypeError(sentence);
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** An argument that was passed at all; `undefined` passed on purpose is told apart only by the addon. */
export function given(value: unknown, name: string): unknown {
  return value === undefined ? fail(`The argument ${name} is missing.`) : value;
}

export function text(value: unknown, name: string): string {
  return typeof value === 'string' ? value : fail(`${name} must be a string; it is ${kindOf(value)}.`);
}

export function number(value: unknown, name: string, least: number, most: number): number {
  if (typeof value !== 'number') fail(`${name} must be a number; it is ${kindOf(value)}.`);
  return value >= least && value <= most ? value : fail(`${name} must lie between ${least} and ${most}; it is ${value}.`);
}

export function whole(value: unknown, name: string, least: number, most: number): number {
  const n = number(value, name, least, most);
  return Number.isInteger(n) ? n : fail(`${name} must be a whole number.`);
}

export const frame = (value: unknown, name: string): number => whole(value, name, 0, MOST_FRAME);

export function boolean(value: unknown, name: string): boolean {
  return typeof value === 'boolean' ? value : fail(`${name} must be true or false; it is ${kindOf(value)}.`);
}

export function object(value: unknown, name: string): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : fail(`${name} must be an object; it is ${kindOf(value)}.`);
}

export function tileWishes(value: unknown): NativeTileWish[] {
  if (!Array.isArray(value)) fail('tiles must be an array.');
  if (value.length > MOST_TILES) fail(`tiles must be at most ${MOST_TILES}.`);
  return value.map((one: unknown, i) => {
    const o = object(one, `tiles[${i}]`);
    return {
      id: text(o.id, 'tile.id'), width: whole(o.width, 'tile.width', 16, 1920), height: whole(o.height, 'tile.height', 16, 1080),
      everyUs: whole(o.everyUs, 'tile.everyUs', 10_000, 60_000_000),
      ...(o.scene === undefined ? {} : { scene: scene(o.scene, 'tile.scene') }),
      ...(o.overlays === undefined ? {} : { overlays: boolean(o.overlays, 'tile.overlays') }),
    };
  });
}

export function programOptions(value: unknown): NativeProgramOptions {
  const o = object(given(value, 'options'), 'options');
  const width = whole(o.width, 'options.width', 16, MOST_SIZE);
  const height = whole(o.height, 'options.height', 16, MOST_SIZE);
  if (width % 2 || height % 2) fail('options.width and options.height must be even.');
  const fpsNum = whole(o.fpsNum, 'options.fpsNum', 1, 1e6);
  const fpsDen = whole(o.fpsDen, 'options.fpsDen', 1, 1e6);
  if (fpsNum / fpsDen < 6 || fpsNum / fpsDen > 240) fail('options.fpsNum / options.fpsDen must lie between 6 and 240.');
  return { width, height, fpsNum, fpsDen };
}

export function sourceOptions(value: unknown): NativeSourceOptions & { soundOnly: boolean; soundId: string } {
  const o = object(given(value, 'options'), 'options');
  const id = text(o.id, 'options.id');
  if (id === '') fail('options.id must not be empty.');
  const mode = text(o.mode, 'options.mode');
  if (mode !== 'live' && mode !== 'file') fail(`options.mode must be "live" or "file", not "${mode}".`);
  return {
    id, mode,
    slots: whole(o.slots, 'options.slots', 2, MOST_SLOTS),
    fallbackId: o.fallbackId === null ? null : text(o.fallbackId, 'options.fallbackId'),
    delayUs: delayUs(o.delayUs, 'options.delayUs'),
    soundOnly: o.soundOnly === undefined ? false : boolean(o.soundOnly, 'options.soundOnly'),
    soundId: o.soundId === undefined ? id : text(o.soundId, 'options.soundId'),
  };
}

export function sound(value: unknown): NativeSound {
  const o = object(given(value, 'sound'), 'sound');
  const gain = number(o.gain, 'sound.gain', 0, 64);
  if (!Array.isArray(o.sources)) fail('sound.sources must be an array.');
  const sources = o.sources.map((one: unknown, i) => {
    const name = `sound.sources[${i}]`;
    const source = object(one, name);
    return {
      id: text(source.id, `${name}.id`), gain: number(source.gain, `${name}.gain`, 0, 64), delayUs: number(source.delayUs, `${name}.delayUs`, 0, 1e6),
      always: boolean(source.always, `${name}.always`),
    };
  });
  return { gain, sources };
}

export function monitorWishes(value: unknown): NativeMonitorWish[] {
  given(value, 'monitors');
  if (!Array.isArray(value)) fail('monitors must be an array.');
  if (value.length > MOST_MONITORS) fail(`monitors must be at most ${MOST_MONITORS}.`);
  return value.map((one: unknown, i) => {
    const name = `monitors[${i}]`;
    const o = object(one, name);
    const id = whole(o.id, `${name}.id`, 0, 65535);
    if (!Array.isArray(o.sources)) fail(`${name}.sources must be an array of ids.`);
    return { id, sources: o.sources.map((source: unknown, j) => text(source, `${name}.sources[${j}]`)) };
  });
}

export const delayUs = (value: unknown, name: string): number => number(value, name, 0, MOST_DELAY_US);

function layer(value: unknown, name: string): NativeLayer {
  const o = object(value, name);
  const sourceId = text(o.sourceId, `${name}.sourceId`);
  for (const key of ['x', 'y']) number(o[key], `${name}.${key}`, -16, 16);
  for (const key of ['width', 'height']) number(o[key], `${name}.${key}`, 0, 16);
  const fit = text(o.fit, `${name}.fit`);
  if (!FITS.includes(fit)) fail(`${name}.fit must be "contain", "cover" or "fill", not "${fit}".`);
  number(o.opacity, `${name}.opacity`, 0, 1);
  const crop = object(o.crop, `${name}.crop`);
  for (const side of ['left', 'top', 'right', 'bottom']) number(crop[side], `${name}.crop.${side}`, 0, 1);
  number(o.gain, `${name}.gain`, 0, 64);
  return { ...(o as unknown as NativeLayer), sourceId };
}

function list(value: unknown, name: string): unknown[] {
  if (!Array.isArray(value)) fail(`${name} must be an array of layers.`);
  if (value.length > MOST_LAYERS) fail(`${name} must have at most ${MOST_LAYERS} layers.`);
  return value;
}

export const layers = (value: unknown, name: string): NativeLayer[] => list(value, name).map((one, i) => layer(one, `${name}[${i}]`));

const nodes = (value: unknown, name: string, depth: number): NativeNode[] => list(value, name).map((one, i) => node(one, `${name}[${i}]`, depth));

function node(value: unknown, name: string, depth: number): NativeNode {
  const way = object(value, name).mix;
  if (way === undefined) return layer(value, name);
  if (depth >= MOST_DEPTH) fail(`${name} lies in too many mixes.`);
  const o = object(way, `${name}.mix`);
  const from = nodes(o.from, `${name}.mix.from`, depth + 1);
  const to = nodes(o.to, `${name}.mix.to`, depth + 1);
  const between = transition(o.transition, `${name}.mix.transition`);
  if (o.area !== undefined) area(o.area, `${name}.mix.area`);
  return { mix: { ...(o as NativeMix['mix']), from, to, transition: between, step: whole(o.step, `${name}.mix.step`, 0, Math.max(0, between.frames - 1)) } };
}

function area(value: unknown, name: string): void {
  const o = object(value, name);
  for (const key of ['x', 'y']) number(o[key], `${name}.${key}`, -16, 16);
  for (const key of ['width', 'height']) number(o[key], `${name}.${key}`, 0, 16);
}

export function scene(value: unknown, name = 'scene'): NativeScene {
  const o = object(given(value, name), name);
  const frozen = o.frozen === undefined ? {} : { frozen: boolean(o.frozen, `${name}.frozen`) };
  const overBlack = o.overBlack === undefined ? {} : { overBlack: boolean(o.overBlack, `${name}.overBlack`) };
  return { id: text(o.id, `${name}.id`), layers: nodes(o.layers, `${name}.layers`, 0), ...frozen, ...overBlack };
}

/** Ids; none when they were left out. */
export function ids(value: unknown, name: string): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) fail(`${name} must be an array of ids.`);
  return value.map((id, i) => text(id, `${name}[${i}]`));
}

export function planned(value: unknown): NativePlanned[] {
  given(value, 'entries');
  if (!Array.isArray(value)) fail('entries must be an array.');
  if (value.length > MOST_PLANNED) fail(`entries must be at most ${MOST_PLANNED}.`);
  let before = -1;
  return value.map((one: unknown, i) => {
    const name = `entries[${i}]`;
    const o = object(one, name);
    const at = frame(o.frame, `${name}.frame`);
    if (at <= before) fail(`${name}.frame must be greater than that of the entry before it.`);
    before = at;
    return { frame: at, scene: scene(o.scene, `${name}.scene`) };
  });
}

export function transition(value: unknown, name = 'transition'): NativeTransition {
  const o = object(given(value, name), name);
  const kind = text(o.kind, `${name}.kind`);
  const [first = '', way = ''] = kind.split('-', 2);
  if (DIRECTED.includes(first)) {
    if (!WAYS.includes(way)) fail(`${name}.kind "${kind}" must end in -left, -right, -up or -down.`);
  } else if (!KINDS.includes(kind)) {
    fail(`${name}.kind "${kind}" is not known.`);
  }
  const frames = whole(o.frames, `${name}.frames`, 0, 100_000);
  if (o.color !== undefined) whole(o.color, `${name}.color`, 0, 0xff_ff_ff);
  return { ...(o as unknown as NativeTransition), frames };
}

/** Checks that `height` rows of `stride` bytes lie within the pixels. */
export function pixels(width: unknown, height: unknown, rgba: unknown, stride: unknown): void {
  const w = whole(given(width, 'width'), 'width', 1, MOST_SIZE);
  const h = whole(given(height, 'height'), 'height', 1, MOST_SIZE);
  const row = whole(given(stride, 'stride'), 'stride', w * 4, MOST_SIZE * 16);
  if (!(rgba instanceof Uint8Array) && !(rgba instanceof Uint8ClampedArray)) fail('rgba must be a Uint8Array.');
  if (rgba.byteLength < row * (h - 1) + w * 4) fail('rgba is too short for its width, height and stride.');
}
