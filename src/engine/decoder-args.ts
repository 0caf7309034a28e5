/** Pure: a source → its decoder's command line, and what of a source its decoder depends on. */
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
  const opening = (source: EngineSource) => ({ ...source, name: '', fallbackSourceId: null, delayMs: 0, audio: undefined });
  return isDeepStrictEqual(opening(a), opening(b));
}
