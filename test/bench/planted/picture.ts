/** The pictures of a planted stream, 160×90 at four a second, as planes of I420: cameras, things that move in front of them, cuts. */
import type { StreamPlan } from './plan.js';
import { Chance } from './random.js';

export const WIDTH = 160;
export const HEIGHT = 90;
export const FPS = 4;
export const FRAME_BYTES = (WIDTH * HEIGHT * 3) / 2;

/** A place that a camera looks at, larger than the picture, so that the camera can turn. */
const PLACE_WIDTH = 480;
const PLACE_HEIGHT = 180;

interface Thing { x: number; y: number; size: number; luma: number; u: number; v: number; angle: number }
interface Place { luma: Uint8Array; u: number; v: number; things: Thing[]; x: number; y: number }

function makePlace(chance: Chance): Place {
  const luma = new Uint8Array(PLACE_WIDTH * PLACE_HEIGHT);
  const base = chance.between(50, 150);
  const waves = Array.from({ length: 6 }, () => ({ x: chance.between(-0.12, 0.12), y: chance.between(-0.12, 0.12), phase: chance.between(0, 6.3), depth: chance.between(4, 18) }));
  const boxes = Array.from({ length: 14 }, () => ({ x: chance.whole(0, PLACE_WIDTH), y: chance.whole(0, PLACE_HEIGHT), w: chance.whole(10, 70), h: chance.whole(8, 60), by: chance.between(-50, 50) }));
  for (let y = 0; y < PLACE_HEIGHT; y++) {
    for (let x = 0; x < PLACE_WIDTH; x++) {
      let value = base;
      for (const wave of waves) value += wave.depth * Math.sin(wave.x * x + wave.y * y + wave.phase);
      for (const box of boxes) if (x >= box.x && x < box.x + box.w && y >= box.y && y < box.y + box.h) value += box.by;
      luma[y * PLACE_WIDTH + x] = Math.max(16, Math.min(235, value));
    }
  }
  const things = Array.from({ length: chance.whole(3, 7) }, () => ({
    x: chance.between(0, WIDTH), y: chance.between(0, HEIGHT), size: chance.between(8, 26), luma: chance.between(30, 230), u: chance.whole(70, 190), v: chance.whole(70, 190), angle: chance.between(0, 6.3),
  }));
  return { luma, u: chance.whole(100, 156), v: chance.whole(100, 156), things, x: chance.between(40, PLACE_WIDTH - WIDTH - 40), y: chance.between(20, PLACE_HEIGHT - HEIGHT - 20) };
}

/** Frame by frame; each is valid until the next is asked for. */
export function* picturesOf(plan: StreamPlan): Generator<Uint8Array> {
  const chance = new Chance(plan.seed + 3_000);
  const cameras = Array.from({ length: chance.whole(2, 4) }, () => makePlace(chance));
  const cutaways = Array.from({ length: 10 }, () => makePlace(chance));
  const frame = new Uint8Array(FRAME_BYTES);
  const calm = chance.between(0.4, 4);
  // Some turn the camera, with others the things before it run, some do both.
  const style = chance.pick([[1, 0], [0, 1], [0.7, 0.7]] as const);
  let place = cameras[0]!;
  let cutAt = chance.between(15, 60);
  let fastCutAt = 0;
  let turn = 0;
  for (let n = 0; n < plan.seconds * FPS; n++) {
    const at = n / FPS;
    const within = <T extends { start: number; end: number }>(list: readonly T[]): T | undefined => list.find(({ start, end }) => at >= start && at < end);
    const action = within(plan.highlights.filter(({ senses }) => senses.includes('picture')));
    const cutting = within(plan.decoys.filter(({ kind }) => kind === 'cuts' || kind === 'advertisement'));
    if (cutting) {
      if (at >= fastCutAt) {
        place = chance.pick(cutaways.filter((other) => other !== place));
        fastCutAt = at + (cutting.kind === 'cuts' ? chance.between(1, 4) : chance.between(0.8, 3));
        cutAt = cutting.end;
      }
    } else if (at >= cutAt) {
      place = chance.pick(cameras.filter((other) => other !== place));
      cutAt = at + (action ? chance.between(4, 15) : chance.between(15, 80));
    }
    const speed = action ? 8 + 22 * action.strength : cutting?.kind === 'cuts' ? 0.2 : calm;
    turn = 0.8 * turn + chance.normal() * (action ? speed * style[0] : 0.1 * speed);
    // At its end a camera turns back.
    if (place.x + turn < 0 || place.x + turn > PLACE_WIDTH - WIDTH - 1) turn = -turn;
    place.x = limited(place.x + turn, PLACE_WIDTH - WIDTH - 1);
    place.y = limited(place.y + 0.3 * chance.pick([-1, 1]) * turn, PLACE_HEIGHT - HEIGHT - 1);
    draw(frame, place, chance);
    for (const thing of place.things) {
      thing.angle += chance.normal() * 0.4;
      const step = action ? speed * style[1] + 0.3 * calm : 0.5 * speed;
      thing.x = (thing.x + step * Math.cos(thing.angle) + WIDTH) % WIDTH;
      thing.y = (thing.y + step * Math.sin(thing.angle) + HEIGHT) % HEIGHT;
      drawThing(frame, thing);
    }
    yield frame;
  }
}

function limited(value: number, limit: number): number {
  return Math.max(0, Math.min(limit, value));
}

function draw(frame: Uint8Array, place: Place, chance: Chance): void {
  const left = Math.round(place.x);
  const top = Math.round(place.y);
  for (let y = 0; y < HEIGHT; y++) frame.set(place.luma.subarray((top + y) * PLACE_WIDTH + left, (top + y) * PLACE_WIDTH + left + WIDTH), y * WIDTH);
  // A sensor's noise.
  for (let i = 0; i < 1_500; i++) frame[chance.whole(0, WIDTH * HEIGHT - 1)]! += chance.whole(-3, 3);
  frame.fill(place.u, WIDTH * HEIGHT, WIDTH * HEIGHT * 1.25);
  frame.fill(place.v, WIDTH * HEIGHT * 1.25);
}

function drawThing(frame: Uint8Array, thing: Thing): void {
  const half = thing.size / 2;
  for (let y = Math.max(0, Math.ceil(thing.y - half)); y < Math.min(HEIGHT, thing.y + half); y++) {
    for (let x = Math.max(0, Math.ceil(thing.x - half)); x < Math.min(WIDTH, thing.x + half); x++) {
      if ((x - thing.x) ** 2 + (y - thing.y) ** 2 > half * half) continue;
      frame[y * WIDTH + x] = thing.luma;
      const chroma = WIDTH * HEIGHT + (y >> 1) * (WIDTH / 2) + (x >> 1);
      frame[chroma] = thing.u;
      frame[chroma + (WIDTH * HEIGHT) / 4] = thing.v;
    }
  }
}
