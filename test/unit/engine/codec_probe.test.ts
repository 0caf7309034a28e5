import { beforeEach, describe, expect, it } from 'vitest';
import { chooseCodec, CodecFinder, type Tried } from '../../../src/engine/codec-probe.js';
import { FakeClock } from '../../fakes/fake-clock.js';

describe('chooseCodec', () => {
  it('takes NVENC only when it encodes a picture here', async () => {
    const works = async (): Promise<Tried> => 'works';
    expect(await chooseCodec('auto', works)).toEqual({ codec: 'h264_nvenc' });
    expect(await chooseCodec('auto', async () => 'refused')).toEqual({ codec: 'libx264' });
    expect(await chooseCodec('auto', async () => 'late')).toEqual({ codec: 'libx264', isForNow: true });
    expect(await chooseCodec('libx264', works)).toEqual({ codec: 'libx264' });
    expect(await chooseCodec('h264_nvenc', works)).toEqual({ codec: 'h264_nvenc' });
  });

  it('keeps the program going with libx264 when the codec asked for does not work, and says so', async () => {
    expect(await chooseCodec('h264_nvenc', async () => 'refused')).toMatchObject({ codec: 'libx264', problem: { code: 'CODEC_UNAVAILABLE' } });
  });
});

describe('what works on this machine', () => {
  let clock: FakeClock;
  let answers: Tried[];
  let better: number;
  let finder: CodecFinder;
  beforeEach(() => {
    clock = new FakeClock();
    better = 0;
    finder = new CodecFinder(async () => answers.shift()!, clock, () => { better += 1; });
  });

  it('is found out once, whatever it is', async () => {
    answers = ['refused', 'works'];
    expect(await finder.find('auto')).toEqual({ codec: 'libx264' });
    await clock.advance(3_600_000);
    expect(await finder.find('auto')).toEqual({ codec: 'libx264' });
    expect([answers.length, better]).toEqual([1, 0]);
  });

  it('is asked again where it was not known, and taken up when it works', async () => {
    answers = ['late', 'late', 'works'];
    expect((await finder.find('auto')).codec).toBe('libx264');
    await clock.advance(31_000);
    expect([(await finder.find('auto')).codec, better]).toEqual(['libx264', 0]);
    await clock.advance(31_000);
    expect([(await finder.find('auto')).codec, better]).toEqual(['h264_nvenc', 1]);
    await clock.advance(3_600_000);
    expect(answers).toEqual([]);
  });

  it('is given up in the end, and at the end of the engine', async () => {
    answers = Array<Tried>(40).fill('late');
    await finder.find('auto');
    await clock.advance(3_600_000);
    expect(answers).toHaveLength(19);
    answers = ['late', 'works'];
    const other = new CodecFinder(async () => answers.shift()!, clock, () => { better += 1; });
    await other.find('auto');
    other.stop();
    await clock.advance(60_000);
    expect([answers.length, better]).toEqual([1, 0]);
  });
});
