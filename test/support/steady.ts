/** "0 lost, 0 repeated while the source is steady", on a machine that may not let it be steady. */
import type { PictureReport } from './pattern/analyse.js';
import type { Pusher } from './pusher.js';

/** A camera later than this, ms, has used up what jitter the product promises to take: then a frame or two may go. */
const steadyMs = 25;

/** From now on: forgets how late the cameras were. */
export function watchCameras(pushers: readonly Pusher[]): void {
  for (const pusher of pushers) pusher.latestMs = 0;
}

/** How late the cameras were at worst since `watchCameras`. */
export function latenessMs(pushers: readonly Pusher[]): number {
  return Math.max(0, ...pushers.map((pusher) => pusher.latestMs));
}

/**
 * The program itself must be without a hole in any case. No camera frame may be lost or repeated either, unless the test's
 * own cameras were late since `watchCameras`: they share the machine with what they test. Throws where that
 * does not hold; answers what to print.
 */
export function expectSteady(picture: PictureReport, pushers: readonly Pusher[], lateMs = latenessMs(pushers)): string {
  const text = `lost ${picture.lost}, repeated ${picture.repeated}, missing ${picture.missing}${lateMs > steadyMs ? ` (cameras up to ${lateMs.toFixed(0)} ms late)` : ''}`;
  // Each late moment costs as many frames as it was long, and once more when the margin grows by it.
  const allowed = lateMs > steadyMs ? Math.ceil(lateMs / 15) + 2 : 0;
  const holes = picture.missing + picture.backwards + picture.reordered;
  if (holes > 0 || picture.lost > allowed || picture.repeated > allowed) {
    throw new Error(`the program is not steady: ${text}, reordered ${picture.reordered}, backwards ${picture.backwards}`);
  }
  return text;
}
