import { describe, expect, it } from 'vitest';
import { bitrate, byWhom, duration, everySoOften, format, saidOfSource, serverAddress, size } from '../../../src/panel/lib/words.js';

describe('figures as people read them', () => {
  it.each([[0, '0:00'], [59_999, '0:59'], [60_000, '1:00'], [3_600_000, '1:00:00'], [360_000_000 + 61_000, '100:01:01'], [-5, '0:00']])('%i ms is %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
  it.each([[0, '0 kb/s'], [999.4, '999 kb/s'], [6000, '6.0 Mb/s']])('%d kb/s is %s', (kbps, text) => {
    expect(bitrate(kbps)).toBe(text);
  });
  it.each([[900_000, 'Every 15 min'], [60_000, 'Every 1 min'], [90_000, 'Every 90 s'], [10_000, 'Every 10 s']])('%i ms is %s', (ms, text) => {
    expect(everySoOften(ms)).toBe(text);
  });
  it.each([[900, '1 kB'], [5_400_000, '5 MB'], [12_340_000_000, '12.3 GB']])('%i bytes are %s', (bytes, text) => {
    expect(size(bytes)).toBe(text);
  });
  it.each([['Anna', 'by Anna'], ['a panel', 'at a panel'], ['REST', 'over REST'], ['the websocket', 'over the websocket']])('what %s did was done %s', (by, words) => {
    expect(byWhom(by)).toBe(words);
  });
  it('names a format as far as it is known', () => {
    expect([format(1080, 29.97003), format(720, 60), format(360, undefined), format(undefined, 30)]).toEqual(['1080p29.97', '720p60', '360p', '']);
  });
});

describe('servers and fields', () => {
  it('shows a server without what may be secret', () => {
    expect(serverAddress('rtmp://user:pass@media.example.org:1935/live/key-1?token=x')).toBe('rtmp://media.example.org:1935/live');
    expect(serverAddress('rtmps://media.example.org')).toBe('rtmps://media.example.org');
    expect(serverAddress('no address')).toBe('');
  });
});

it.each([
  ['camera', 'live', true, 'Live'], ['camera', 'idle', false, 'Idle'],
  ['media', 'live', true, 'Plays'], ['media', 'live', false, 'Ready'], ['media', 'idle', false, 'Ready'], ['media', 'gone', true, 'Gone'],
  ['image', 'live', true, 'Ready'], ['test', 'live', true, 'Ready'],
] as const)('a %s that is %s, on air: %s, is called %s', (kind, state, isOnAir, word) => {
  expect(saidOfSource(kind, { state, ageMs: 0 }, isOnAir).word).toBe(word);
});

it.each([
  ['camera', { still: true }, false, 'Frozen'], ['camera', { black: true, still: true }, false, 'Black'], ['camera', { silent: true }, false, 'Silent'],
  ['camera', {}, true, 'Silent'], ['media', {}, true, 'Ready'], ['camera', { state: 'late', ageMs: 1_000 }, false, 'Frozen'], ['camera', { state: 'late', ageMs: 999 }, false, 'Late'],
  ['camera', { state: 'gone', still: true }, true, 'Gone'], ['camera', { soundOnly: true, black: true }, true, 'Sound only'],
] as const)('a %s of which %o is told, silent for some seconds: %s, is called %s', (kind, told, isSilent, word) => {
  expect(saidOfSource(kind, { state: 'live', ageMs: 0, ...told }, false, isSilent).word).toBe(word);
});
