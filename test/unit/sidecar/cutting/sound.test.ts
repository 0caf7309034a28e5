import { describe, expect, it } from 'vitest';
import { isRightPicture, psnr, soundLags } from '../../../../src/sidecar/cutting/likeness.js';
import { corrected, gainFor, isTold, readLoudness } from '../../../../src/sidecar/cutting/loudness.js';
import { encodeArgs, loudnessArgs, measureArgs } from '../../../../src/sidecar/cutting/sound.js';
import { frameFaults, pictureFault, soundFaults } from '../../../../src/sidecar/cutting/verify.js';
import { classify } from '../../../../src/sidecar/offline/run.js';

const TARGET = { targetLufs: -14, truePeakDb: -1 };
const span = { file: { path: '/media/a b\'c.mp4', startSeconds: 1.4 }, fromSeconds: 12.5, seconds: 30 };

describe('the sound of a clip', () => {
  it('is asked of FFmpeg so', () => {
    expect(measureArgs(span)).toMatchSnapshot();
    expect(encodeArgs(span, 3_072, { gainDb: 3.456, limitDb: null }, '/out/sound.m4a')).toMatchSnapshot();
    expect(encodeArgs(span, 3_072, { gainDb: 9, limitDb: -1.5 }, '/out/sound.m4a').join(' ')).toContain('alimiter=limit=0.841395');
    expect(loudnessArgs('/out/sound.m4a')).toMatchSnapshot();
  });

  it('is measured by what ebur128 says last', () => {
    const said = '[a] Summary:\n\n  Integrated loudness:\n    I:         -23.1 LUFS\n    Threshold: -33.3 LUFS\n\n  True peak:\n    Peak:       -3.2 dBFS\n';
    expect(readLoudness(said)).toEqual({ lufs: -23.1, peakDb: -3.2 });
    expect(readLoudness(said.replace('-23.1', '-70.0').replace('-3.2', '-inf'))).toEqual({ lufs: null, peakDb: null });
    expect(readLoudness('nothing')).toBeNull();
  });

  it('gets a gain alone where the peaks leave room, else a limiter, and is put right', () => {
    expect(gainFor({ lufs: -20, peakDb: -9 }, TARGET)).toEqual({ gainDb: 6, limitDb: null });
    expect(gainFor({ lufs: -20, peakDb: -2 }, TARGET)).toEqual({ gainDb: 6, limitDb: -1.5 });
    // Between its samples it may be half a dB higher.
    expect(gainFor({ lufs: -20, peakDb: -7.8 }, TARGET)).toEqual({ gainDb: 6, limitDb: -1.5 });
    expect(gainFor({ lufs: -69, peakDb: -60 }, TARGET)!.gainDb).toBe(40);
    expect(gainFor({ lufs: null, peakDb: null }, TARGET)).toBeNull();
    expect(corrected({ gain: { gainDb: 6, limitDb: -1.5 }, got: { lufs: -14.2, peakDb: -1.1 } }, TARGET)).toBeNull();
    expect(corrected({ gain: { gainDb: 6, limitDb: -1.5 }, got: { lufs: -15, peakDb: -1.2 } }, TARGET)!.gainDb).toBeGreaterThan(7);
    expect(corrected({ gain: { gainDb: 6, limitDb: -1.5 }, got: { lufs: -14, peakDb: -0.5 } }, TARGET)!.limitDb).toBeLessThan(-1.9);
    expect(corrected({ gain: { gainDb: 6, limitDb: null }, got: { lufs: -14, peakDb: -0.9 } }, TARGET)).toEqual({ gainDb: 6, limitDb: -1.5 });
    // As much as the try before has shown: nothing swings to and fro.
    const last = { gain: { gainDb: 6, limitDb: -1.5 }, got: { lufs: -14.5, peakDb: -1.6 } };
    expect(corrected({ gain: { gainDb: 7, limitDb: -1.5 }, got: { lufs: -13.5, peakDb: -1.6 } }, TARGET, last)!.gainDb).toBeCloseTo(6.5, 5);
    expect(corrected({ gain: { gainDb: 7, limitDb: -1.5 }, got: { lufs: -14.48, peakDb: -1.6 } }, TARGET, last)!.gainDb).toBeCloseTo(7 + 0.48 * 4, 5);
    // No limiter where what is missing takes no peak too high.
    expect(corrected({ gain: { gainDb: 6, limitDb: null }, got: { lufs: -14.5, peakDb: -4 } }, TARGET)).toEqual({ gainDb: 6.5, limitDb: null });
    expect(corrected({ gain: { gainDb: 6, limitDb: null }, got: { lufs: -14.5, peakDb: -1.6 } }, TARGET)).toEqual({ gainDb: 7, limitDb: -1.5 });
  });

  it('is told of where it is still off, or too high', () => {
    expect(isTold({ lufs: -14.5, peakDb: -1 }, TARGET)).toBe(false);
    expect(isTold({ lufs: -14.6, peakDb: -1 }, TARGET)).toBe(true);
    expect(isTold({ lufs: -14, peakDb: -0.9 }, TARGET)).toBe(true);
    expect(isTold({ lufs: null, peakDb: null }, TARGET)).toBe(false);
  });
});

describe('what is compared', () => {
  const noise = Int16Array.from({ length: 40_000 }, (_, i) => Math.round(8_000 * Math.sin(i * i * 0.0001) * Math.sin(i / 700)));

  it('finds by how much sound is late, in whatever loudness', () => {
    for (const late of [0, 40, -80, 84, 200]) {
      const got = Int16Array.from(noise, (_, i) => Math.round((noise[i - late] ?? 0) / 3));
      for (const { ms } of soundLags(noise, got, 4_000)) expect(ms).toBeCloseTo(late / 4, 0);
      expect(soundFaults(noise, got)).toHaveLength(Math.abs(late) > 80 ? 1 : 0);
    }
    expect(soundFaults(noise, Int16Array.from(noise, (_, i) => (i * 7_919) % 1_000))).toEqual(['its sound is not the recording\'s']);
    expect(soundFaults(new Int16Array(40_000), new Int16Array(40_000))).toEqual([]);
  });

  it('takes a tone for where it is, and not for one a wave later or earlier', () => {
    const tone = Int16Array.from({ length: 40_000 }, (_, i) => Math.round(8_000 * Math.sin((i * 2 * Math.PI) / 20)));
    expect(soundLags(tone, tone, 4_000).map(({ ms }) => ms)).toEqual([0, 0, 0]);
  });

  const ramp = (shift: number): Uint8Array => Uint8Array.from({ length: 64 * 36 }, (_, i) => ((i % 64) * 3 + shift * 12) & 255);

  it('tells a picture from its neighbours', () => {
    expect(psnr(ramp(0), ramp(0))).toBe(Infinity);
    const blurred = ramp(1).map((value) => Math.min(255, value + 2));
    expect(isRightPicture(blurred, ramp(1), [ramp(0), ramp(2)])).toBe(true);
    expect(isRightPicture(blurred, ramp(0), [ramp(1)])).toBe(false);
    // Unlike all of them it is none; what differs by encoding alone is right though a neighbour is nearer.
    expect(isRightPicture(ramp(9), ramp(1), [])).toBe(false);
    expect(isRightPicture(ramp(1), ramp(1).fill(7, 0, 1), [ramp(1)])).toBe(true);
    const look = { place: 'first' as const, atSeconds: 1, stepSeconds: 0.04, before: 1, after: 1, rollSeconds: 0 };
    const seen = [0.96, 1, 1.04].map((atSeconds, i) => ({ atSeconds, small: ramp(i) }));
    const got = (shift: number): { atSeconds: number; small: Uint8Array }[] => [{ atSeconds: 0, small: ramp(shift) }];
    expect(pictureFault(got(1), look, seen, false)).toBeNull();
    expect(pictureFault(got(2), look, seen, false)).toMatch(/is not/);
    expect(pictureFault(got(2), look, seen, true)).toMatch(/is not/);
    expect(pictureFault(got(1), look, [], false)).toMatch(/not be found/);
    expect(pictureFault([], look, seen, true)).toMatch(/cannot be decoded/);
    // Of a rate that varies, the one before may stand there.
    const uneven = seen.map((one, i) => (i === 0 ? { ...one, atSeconds: 0.9 } : one));
    expect(pictureFault(got(0), look, uneven, true)).toBeNull();
    expect(pictureFault(got(0), look, uneven, false)).toMatch(/is not/);
  });
});

describe('the frames of a clip', () => {
  const file = null as never;
  // As they are decoded; a B-frame is shown before the one that it needs.
  const samples = [[0, 900], [1_024, 300], [512, 200]].map(([shownAt, bytes], i) => ({ file, offset: i, bytes: bytes!, shownAt: shownAt!, isSync: i === 0 }));
  const track = { timescale: 15_360, samples };
  const listed = [[0, 900], [512, 200], [1_024, 300]].map(([at, bytes]) => ({ atSeconds: at! / 15_360, bytes: bytes! }));

  it('are those that were taken, each at its time', () => {
    expect(frameFaults(listed, track, 1 / 30)).toEqual([]);
    expect(frameFaults(listed.slice(0, 2), track, 1 / 30)).toEqual([]);
    expect(frameFaults(listed.slice(0, 1), track, 1 / 30)).toEqual([expect.stringContaining('1 frames instead of 3')]);
    expect(frameFaults(listed.map((one, i) => (i === 1 ? { ...one, bytes: 201 } : one)), track, 1 / 30)).toEqual([expect.stringContaining('not those')]);
    expect(frameFaults(listed.map((one, i) => (i === 2 ? { ...one, atSeconds: one.atSeconds + 0.001 } : one)), track, 1 / 30)).toEqual([expect.stringContaining('not those')]);
    expect(frameFaults([], track, 1 / 30)).toContain('it does not begin at its beginning');
  });
});

describe('the end of an FFmpeg', () => {
  it.each([
    [{ code: 0, signal: null }, '', undefined], [{ code: null, signal: 'SIGKILL' }, '', 'KILLED'],
    [{ code: 0, signal: null }, 'av_interleaved_write_frame(): No space left on device\nmore', 'ENOSPC'], [{ code: 1, signal: null }, 'x.mp4: Read-only file system', 'EROFS'],
    [{ code: 1, signal: null }, 'x.mp4: Invalid data found when processing input', 'UNREADABLE'],
    [{ code: 127, signal: null }, '', 'CANNOT_RUN'], [{ code: 1, signal: null }, 'Unknown encoder', 'FAILED'],
  ] as const)('%o is put in its class', (exit, said, code) => expect(classify('ffmpeg', exit, said)?.code).toBe(code));
});
