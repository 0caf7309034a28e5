import { describe, expect, it } from 'vitest';
import { programTrouble, type TroubleFacts } from '../../../src/panel/lib/trouble.js';
import type { SourceState } from '../../../src/protocol/status.js';

const sources = [
  { id: 'a', name: 'Camera 1', kind: 'camera', fallbackSourceId: null },
  { id: 'b', name: 'Camera 2', kind: 'camera', fallbackSourceId: 'a' },
  { id: 'm', name: 'Music', kind: 'audio', fallbackSourceId: null },
];
const said = (states: Record<string, SourceState>, onAir: string[], rest: Partial<TroubleFacts> = {}) =>
  programTrouble({ sources, onAir: new Set(onAir), stateOf: (id) => states[id], inScene: false, isLive: true, ...rest });

describe('a source on program that gives no picture', () => {
  it('is named with what is seen instead', () => {
    expect(said({ a: 'gone' }, ['a'])).toEqual(['Camera 1 is gone: viewers see the slate']);
    expect(said({ a: 'live', b: 'failed' }, ['b'])).toEqual(['Camera 2 has failed: viewers see Camera 1']);
    expect(said({ a: 'gone', b: 'gone' }, ['b'])).toEqual(['Camera 2 is gone: viewers see the slate']);
  });
  it('may be heard all the same', () => {
    expect(said({ a: 'live', b: 'live' }, ['a'], { isSoundOnly: (id) => id === 'a' })).toEqual(['Camera 1 sends sound only: it has no picture']);
    expect(said({ a: 'live', b: 'gone' }, ['b'], { isSoundOnly: (id) => id === 'a' })).toEqual(['Camera 2 is gone: viewers see the slate']);
    expect(said({ a: 'live', b: 'live' }, ['b'], { isSoundOnly: (id) => id === 'b' })).toEqual(['Camera 2 sends sound only: it has no picture']);
  });
  it('claims no viewers off air', () => {
    expect(said({ a: 'waiting' }, ['a'], { isLive: false })).toEqual(['Camera 1 is not sending: the program shows the slate']);
  });
  it('is said of a camera that comes late', () => {
    expect(said({ a: 'late', m: 'late' }, ['a', 'm'])).toEqual([expect.stringMatching(/^Camera 1 comes late or in bursts/)]);
  });
  it('is said for each part of a scene, and for sound', () => {
    expect(said({ a: 'gone', m: 'failed' }, ['a', 'm'], { inScene: true })).toEqual(['Camera 1 is gone: viewers see the slate in its place', 'Music has failed: it cannot be heard']);
  });
  it('is said of cameras in a timeline, and not of files, whose clips have players of their own', () => {
    expect(said({ a: 'gone', m: 'waiting' }, ['a', 'm'], { inScene: true, inTimeline: true })).toEqual(['Camera 1 is gone: viewers see the slate in its place']);
  });
  it('is said of an overlay that cannot be drawn', () => {
    expect(said({ a: 'gone' }, ['a'], { overlayProblem: 'no such font' })).toEqual([
      'Camera 1 is gone: viewers see the slate', 'An overlay cannot be drawn, its last picture stays: no such font',
    ]);
  });
  it('is not said of others', () => {
    expect(said({ a: 'live', b: 'gone' }, ['a'])).toEqual([]);
    expect(said({ a: 'live', b: 'late' }, ['a'])).toEqual([]);
  });
});
