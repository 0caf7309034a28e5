/** "0 lost, 0 repeated while the source is steady", on a machine that may not let it be steady. */
import { readFileSync } from 'node:fs';
import type { PictureReport } from './pattern/analyse.js';
import { monotonicMs } from './wait.js';

/** A camera later than this, ms, has used up what the product keeps beyond the jitter that it has seen: a frame may go. */
const steadyMs = 8;
/** Tasks that waited for a processor in more of the time than this: the product's own threads were late too. */
const busyShare = 0.25;

/** What plays a camera in a test, and knows how late it was at worst. */
interface TestCamera {
  latestMs: number;
}

export interface Unrest {
  /** How late a camera of the test sent at worst, ms. */
  camerasLateMs: number;
  /** Share of the time in which some task waited for a processor; 0 where the kernel does not say. */
  waitingShare: number;
}

let before = { atMs: monotonicMs(), stalledUs: stalledUs() };

/** Microseconds in which some task waited for a processor, by the kernel's pressure figures. */
function stalledUs(): number {
  try {
    return Number(/^some .*total=(\d+)/m.exec(readFileSync('/proc/pressure/cpu', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** From now on: forgets how late the cameras were and how busy the machine was. */
export function watchCameras(pushers: readonly TestCamera[]): void {
  for (const pusher of pushers) pusher.latestMs = 0;
  before = { atMs: monotonicMs(), stalledUs: stalledUs() };
}

/** What disturbed the test itself since `watchCameras`. */
export function unrest(pushers: readonly TestCamera[]): Unrest {
  return {
    camerasLateMs: Math.max(0, ...pushers.map((pusher) => pusher.latestMs)),
    waitingShare: (stalledUs() - before.stalledUs) / 1_000 / Math.max(1, monotonicMs() - before.atMs),
  };
}

/**
 * The program itself must be without a hole in any case. No camera frame may be lost or repeated either, unless the test
 * was disturbed since `watchCameras`: its cameras share the machine with what they test. Throws where that does not hold;
 * answers what to print.
 */
export function expectSteady(picture: PictureReport, pushers: readonly TestCamera[], seen: Unrest = unrest(pushers), spare = 0): string {
  const late = seen.camerasLateMs > steadyMs;
  const busy = seen.waitingShare > busyShare;
  const why = [late ? `cameras up to ${seen.camerasLateMs.toFixed(0)} ms late` : '', busy ? `the machine overloaded ${(100 * seen.waitingShare).toFixed(0)} % of the time` : ''].filter((text) => text !== '');
  const text = `lost ${picture.lost}, repeated ${picture.repeated}, missing ${picture.missing}${why.length > 0 ? ` (${why.join(', ')})` : ''}`;
  // Each late moment costs as many frames as it was long, and one more when the margin grows by it.
  const allowed = spare + (late ? Math.ceil(seen.camerasLateMs / 15) + 2 : 0) + (busy ? 4 : 0);
  const holes = picture.missing + picture.backwards + picture.reordered;
  if (holes > 0 || picture.lost > allowed || picture.repeated > allowed) {
    throw new Error(`the program is not steady: ${text}, reordered ${picture.reordered}, backwards ${picture.backwards}`);
  }
  return text;
}

/**
 * For rows that are about what lies behind the program: it must be without a hole. One camera frame may be shown twice or
 * left out, since a camera that has just connected on a busy machine may still be finding its delay; that no frame is, is
 * held by the far-end test.
 */
export function expectWhole(picture: PictureReport, pushers: readonly TestCamera[]): string {
  return expectSteady(picture, pushers, unrest(pushers), 1);
}
