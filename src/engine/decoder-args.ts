/** Pure: a source → its decoder's command line, and what of a source its decoder and ring depend on. */
import { isDeepStrictEqual } from 'node:util';
import type { EngineSource } from '../protocol/link.js';

export interface DecoderPlaces {
  cameraSocket(id: string): string;
  allowHttp: boolean;
}

/** Arguments of `vistter-decoder`; `fromUs` is where a file begins, from its in-point. Paths were checked by the studio and are passed as arguments, never through a shell. */
export function decoderArgs(source: EngineSource, places: DecoderPlaces, fromUs = 0): string[] {
  switch (source.kind) {
    case 'camera':
      return ['camera', '--socket', places.cameraSocket(source.id)];
    case 'media':
    case 'audio':
      return [
        'file', '--path', source.path,
        ...(source.loop ? ['--loop'] : []),
        ...(source.inMs > 0 ? ['--in-us', String(source.inMs * 1000)] : []),
        ...(fromUs > 0 ? ['--from-us', String(Math.round(fromUs))] : []),
        ...(source.outMs === null ? [] : ['--out-us', String(source.outMs * 1000)]),
        // A film used for its sound costs no decoding, and its pictures, which nobody takes, hold up nothing.
        ...(source.kind === 'audio' ? ['--sound-only'] : []),
        ...(places.allowHttp ? ['--allow-http'] : []),
      ];
    case 'image':
      return ['image', '--path', source.path];
    case 'color':
      return ['color', '--color', source.color.slice(1)];
    case 'test':
      return ['test', ...(source.tone ? ['--tone'] : [])];
    default:
      return source satisfies never;
  }
}

/** Whether it plays by its own timestamps from when it is started (file), or as it comes (live). */
export const sourceMode = (source: EngineSource): 'live' | 'file' => (source.kind === 'media' || source.kind === 'audio' ? 'file' : 'live');

/** Whether a decoder that was opened for one wish serves the other too: they differ at most in what is changed in place. */
export function sameOpening(a: EngineSource, b: EngineSource): boolean {
  const opening = (source: EngineSource) => ({ ...source, name: '', fallbackSourceId: null, delayMs: 0 });
  return isDeepStrictEqual(opening(a), opening(b));
}

/** Slots for a jitter buffer, what the encoder's queue holds, and what a decoder still refers to. */
const SLOTS = 22;
/** As many as a ring can have: a second of delay at 60 pictures a second needs 82. */
const MOST_SLOTS = 96;

/** Picture slots of a source's ring. A delay is waited out in them, so it takes as many more as pictures come in that time. */
export function ringSlots(source: EngineSource): number {
  if (source.kind === 'image' || source.kind === 'color') return 3;
  return Math.min(MOST_SLOTS, SLOTS + Math.ceil((source.delayMs * 60) / 1000));
}
