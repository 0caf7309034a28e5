/** Small made-up media for unit tests of egress. */
import type { MediaTag } from '../../../src/egress/program-tag.js';

export const keyframe = (timeMs: number, bytes = 40): MediaTag => ({ kind: 'video', timeMs, payload: filled(0x17, bytes), packet: 'frames', keyframe: true });
export const frame = (timeMs: number, bytes = 10): MediaTag => ({ kind: 'video', timeMs, payload: filled(0x27, bytes), packet: 'frames', keyframe: false });
export const sound = (timeMs: number, bytes = 4): MediaTag => ({ kind: 'audio', timeMs, payload: filled(0xaf, bytes), packet: 'frames', keyframe: false });
export const videoHeader = (timeMs: number, mark = 1): MediaTag => ({ kind: 'video', timeMs, payload: Buffer.from([0x17, 0, 0, 0, 0, mark]), packet: 'header', keyframe: false });
export const audioHeader = (timeMs: number, mark = 1): MediaTag => ({ kind: 'audio', timeMs, payload: Buffer.from([0xaf, 0, mark]), packet: 'header', keyframe: false });

function filled(first: number, bytes: number): Buffer {
  const payload = Buffer.alloc(Math.max(2, bytes), 1);
  payload[0] = first;
  // Shown when it is decoded.
  if (payload.length > 5) payload.fill(0, 2, 5);
  return payload;
}

/** Picture at 25 fps with a keyframe every `gop` frames, sound every 20 ms, in [fromMs, toMs), in the order an encoder sends. */
export function program(fromMs: number, toMs: number, gop = 25): MediaTag[] {
  const tags: MediaTag[] = [];
  for (let ms = fromMs; ms < toMs; ms += 20) {
    if ((ms - fromMs) % 40 === 0) tags.push((ms - fromMs) % (40 * gop) === 0 ? keyframe(ms) : frame(ms));
    tags.push(sound(ms));
  }
  return tags;
}
