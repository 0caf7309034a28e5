import { describe, expect, it } from 'vitest';
import { slope, type Measured } from '../../bench/meter.js';
import { parseOptions } from '../../bench/options.js';
import { formatReport } from '../../bench/report.js';

describe('the benchmark\'s options', () => {
  it('measures everything by default', () => {
    expect(parseOptions([])).toMatchObject({ seconds: 60, rounds: 2, switches: 200, width: 1920, height: 1080 });
  });

  it('takes parts and a size, and refuses what it does not know', () => {
    const options = parseOptions(['--only', 'm,switch', '--size', '1280x720']);
    expect(options === 'help' ? [] : [...options.parts]).toEqual(['m', 'switch']);
    expect(options).toMatchObject({ width: 1280, height: 720 });
    expect(() => parseOptions(['--only', 'everything'])).toThrow('npm run bench');
    expect(parseOptions(['--peers', 'ffmpeg,floor', '--settle', '5'])).toMatchObject({ peers: new Set(['ffmpeg', 'floor']), settleSeconds: 5 });
    expect(() => parseOptions(['--peers', 'vlc'])).toThrow('npm run bench');
    expect(() => parseOptions(['--seconds', '0'])).toThrow('npm run bench');
    expect(() => parseOptions(['--fast'])).toThrow();
  });
});

it('the slope is by least squares', () => {
  expect(slope([[0, 1], [1, 3], [2, 5]])).toBeCloseTo(2, 9);
  expect(slope([[0, 1]])).toBeNaN();
});

it('a frame that is lost within a second of a late camera is the camera\'s', () => {
  const measured = {
    name: 'VistterStudio', seconds: 60, stalls: [{ at: 20, lateMs: 40 }],
    faults: [{ at: 20.4, kind: 'repeated', frames: 1 }, { at: 19.9, kind: 'lost', frames: 2 }, { at: 21.1, kind: 'repeated', frames: 1 }],
  } as unknown as Measured;
  const text = formatReport({ machine: { cpus: 2, model: 'x', node: '20', ffmpeg: 'f' }, mix: { width: 1920, height: 1080, fps: 30, kbps: 6_000 }, seconds: 60, rounds: [[measured]], skipped: [] });
  expect(text).toMatch(/lost or repeated while the cameras were steady\s+3\s+0/);
});

it('the report names what was skipped and shows no goal that was not measured', () => {
  const text = formatReport({
    machine: { cpus: 2, model: 'x', node: '20', ffmpeg: 'ffmpeg' }, mix: { width: 1920, height: 1080, fps: 30, kbps: 6_000 },
    seconds: 10, rounds: [], switching: { count: 3, p50Ms: 20, p99Ms: 40, maxMs: 41, ackP99Ms: 5 }, skipped: ['GStreamer: not installed'],
  });
  expect(text).toContain('skipped: GStreamer: not installed');
  expect(text).toMatch(/camera:switch to due time, p99 ms\s+40\.0\s+≤ 50/);
  expect(text).not.toContain('NaN');
  expect(text).not.toContain('memory');
});
