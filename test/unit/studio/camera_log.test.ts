import { describe, expect, it } from 'vitest';
import type { SourceState } from '../../../src/protocol/status.js';
import type { Log } from '../../../src/runtime/log.js';
import { CameraLog } from '../../../src/studio/camera-log.js';

/** `sound`: live, with sound and no picture. */
type Seen = SourceState | 'sound';

/** A look a second at one camera; the lines that come of it, with the second. */
function lines(states: Seen[]): string[] {
  const said: string[] = [];
  let second = 0;
  const line = (level: string) => (_: object, text: string) => { said.push(`${second} ${level} ${text.split(':')[0]}`); };
  const log = new CameraLog({ info: line('info'), warn: line('warn') } as unknown as Log);
  for (const state of states) {
    log.look([state === 'sound' ? { id: 'a', state: 'live', ageMs: 0, soundOnly: true } : { id: 'a', state, ageMs: 0 }, { id: 'film', state: 'gone', ageMs: 0 }], new Map([['a', 'Left']]), 1000 * second);
    second++;
  }
  return said;
}

const times = (count: number, ...states: Seen[]): Seen[] => Array.from({ length: count }, () => states).flat();

describe('the log of cameras', () => {
  it('says when one goes, and how long it was away', () => {
    expect(lines([...times(2, 'waiting'), ...times(3, 'live'), ...times(7, 'gone'), ...times(2, 'live')])).toEqual([
      '5 warn camera "Left" is gone', '12 info camera "Left" is back after 7 s',
    ]);
  });
  it('says when one sends sound only, and when there is a picture again', () => {
    expect(lines([...times(2, 'live'), ...times(2, 'gone'), ...times(5, 'sound'), ...times(2, 'live'), ...times(3, 'sound'), 'gone'])).toEqual([
      '2 warn camera "Left" is gone', '4 info camera "Left" is back after 2 s', '4 warn camera "Left" sends sound and no picture', '9 info camera "Left" sends a picture',
      '11 warn camera "Left" sends sound and no picture', '14 warn camera "Left" is gone',
    ]);
  });
  it('says once of one that goes again and again that it does, and when that is over', () => {
    expect(lines([...times(90, 'live', 'gone'), ...times(120, 'live')])).toEqual([
      '1 warn camera "Left" is gone', '2 info camera "Left" is back after 1 s', '3 warn camera "Left" is gone', '4 info camera "Left" is back after 1 s',
      '5 warn camera "Left" comes late, in bursts, or goes again and again', '235 info camera "Left" comes steadily again',
    ]);
  });
  it('says it of one that is late in many reports, and not of one that is now and then', () => {
    expect(lines([...times(30, 'live', 'late'), ...times(62, 'live')])).toEqual([
      '19 warn camera "Left" comes late, in bursts, or goes again and again', '101 info camera "Left" comes steadily again',
    ]);
    expect(lines(times(30, 'late', ...times(9, 'live')))).toEqual([]);
  });
  it('says of one that went for good after that that it stays away', () => {
    expect(lines([...times(5, 'live', 'gone'), ...times(80, 'gone')]).at(-1)).toMatch(/info camera "Left" stays away/);
  });
});
