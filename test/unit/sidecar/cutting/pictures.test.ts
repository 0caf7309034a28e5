import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { captionsAss, escapeAss } from '../../../../src/sidecar/cutting/captions.js';
import { checkArgs, endsArgs, frameTimes, wholeArgs, type WholeJob } from '../../../../src/sidecar/cutting/picture-args.js';
import { stacked } from '../../../../src/sidecar/cutting/shape.js';
import { readFacts } from '../../../../src/sidecar/cutting/source.js';
import { looksArgs, stillsArgs } from '../../../../src/sidecar/cutting/thumbnails/args.js';
import { spread } from '../../../../src/sidecar/cutting/thumbnails/keyframes.js';
import { choose, judge } from '../../../../src/sidecar/cutting/thumbnails/judge.js';
import { followArgs } from '../../../../src/sidecar/cutting/vertical/follow.js';
import { interest } from '../../../../src/sidecar/cutting/vertical/interest.js';
import { choosePath, pathExpression } from '../../../../src/sidecar/cutting/vertical/path.js';

const file = { path: '/media/a;b.mp4', startSeconds: 0 };
const answer = (stream: object): object => ({ format: { start_time: '0.000000', duration: '60.0', format_name: 'mov,mp4' }, streams: [{ codec_type: 'video', codec_name: 'h264', width: 1920, height: 1080, pix_fmt: 'yuv420p', avg_frame_rate: '30/1', r_frame_rate: '30/1', ...stream }] });
const { picture } = readFacts(answer({ color_range: 'tv', color_space: 'bt709' }))!;
const look = (atSeconds: number, before = 1): Parameters<typeof endsArgs>[1][0] => ({ place: 'first', atSeconds, stepSeconds: 1 / 30, before, after: 1, rollSeconds: 0 });
const whole: WholeJob = { file, output: '/out/whole.mp4', fromSeconds: 10, rollSeconds: 0, frames: 900, rate: [30, 1], facts: picture, threads: 2, shape: null, tapped: [], preset: 'veryfast' };

describe('the pictures of a clip', () => {
  it('are asked of FFmpeg so', () => {
    const end = { stretch: { shownAt: [10.5, 10.533] }, stepSeconds: 1 / 30, output: '/out/head.mp4' };
    expect(endsArgs(file, [look(10.5), look(20, 0)], [end, null], { profile: 'high', level: 40, setId: 1, bFrames: 2, facts: picture }, 1)).toMatchSnapshot();
    expect(checkArgs('/out/clip.mp4', [look(0, 0)], 4_000, 'metered', 1)).toMatchSnapshot();
    expect(wholeArgs(whole)).toMatchSnapshot();
    expect(wholeArgs({ ...whole, shape: 'crop=608:1080:0:0', tapped: [0, 450, 899] })[24]).toMatchSnapshot();
    expect(followArgs({ file, fromSeconds: 10, seconds: 30, height: 90, threads: 2 })).toMatchSnapshot();
  });

  it('are known by what ffprobe says', () => {
    const rate = (average: string, real: string): readonly number[] => readFacts(answer({ avg_frame_rate: average, r_frame_rate: real }))!.picture.rate;
    expect(rate('30/1', '30/1')).toEqual([30, 1]);
    expect(rate('30000/1001', '30000/1001')).toEqual([30_000, 1_001]);
    expect(rate('29999/1000', '30/1')).toEqual([30, 1]);
    expect(rate('27520/1000', '30/1')).toEqual([30, 1]);
    expect(rate('144/1', '144/1')).toEqual([60, 1]);
    expect(rate('13/1', '30/1')).toEqual([13_000, 1_000]);
    expect(readFacts(answer({ side_data_list: [{ rotation: -90 }] }))!.picture).toMatchObject({ width: 1080, height: 1920 });
    expect(readFacts(answer({ side_data_list: [{ rotation: 270 }] }))!.picture).toMatchObject({ width: 1080, height: 1920 });
    // The cover of an album is no film.
    expect(readFacts(answer({ disposition: { attached_pic: 1 } }))).toBeNull();
    expect(readFacts({ streams: [] })).toBeNull();
    expect(readFacts('nonsense')).toBeNull();
  });

  it('have the times that framecrc lists', () => expect(frameTimes('#tb 0: 1/90000\n0, 0, 3000, 3000, 9, 0x1\n0, 3000, 0, 3000, 9, 0x2\n')).toEqual([3000 / 90_000, 0]));
});

describe('captions', () => {
  it('are text and nothing else, whatever was said', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = escapeAss(text);
      expect(shown).not.toMatch(/[{}\\\n\r\u0085\u2028\u2029]/);
      expect([...shown].length).toBeLessThanOrEqual(160);
      expect(captionsAss([{ startMs: 0, endMs: 1_000, text }], 0, 'vertical', picture).split('\n').filter((line) => line.startsWith('Dialogue:')).length).toBeLessThanOrEqual(1);
    }));
  });

  it('count from the clip\'s first frame', () => {
    const text = captionsAss([{ startMs: 9_000, endMs: 10_500, text: 'a {\\b1}b' }, { startMs: 0, endMs: 1_000, text: 'gone' }, { startMs: 3_671_234, endMs: 3_672_000, text: 'late' }], 10_000, 'wide', picture);
    expect(text).toMatchSnapshot();
    // Letters keep their shape on a picture of another.
    expect(captionsAss([], 0, 'wide', { width: 1024, height: 768 })).toContain('PlayResX: 1440\nPlayResY: 1080\n');
  });
});

describe('a vertical picture', () => {
  const [width, height] = [160, 90];
  /** A bright block that moves over a grey ground. */
  const picture9 = (x: number, ground = 90): Uint8Array => Uint8Array.from({ length: width * height }, (_, i) => (Math.abs((i % width) - x) < 6 && Math.abs(Math.floor(i / width) - 45) < 12 ? 240 - ((i * 7) % 60) : ground));
  const options = { columns: width, window: 51, looksPerSecond: 5 };

  it('is stacked as the scene has it, within the picture', () => {
    expect(stacked({ face: { x: 0.75, y: 0.7, width: 0.25, height: 0.3 }, game: { x: 0, y: 0, width: 1, height: 1 } }, 1920, 1080)).toMatchSnapshot();
    fc.assert(fc.property(fc.tuple(...Array.from({ length: 8 }, () => fc.double({ min: -1, max: 2, noNaN: true }))), ([a, b, c, d, e, f, g, h]) => {
      const filter = stacked({ face: { x: a!, y: b!, width: c!, height: d! }, game: { x: e!, y: f!, width: g!, height: h! } }, 1280, 720);
      for (const [, w, tall, x, y] of filter.matchAll(/crop=(\d+):(\d+):(\d+):(\d+)/g)) {
        expect(Number(w) + Number(x)).toBeLessThanOrEqual(1280);
        expect(Number(tall) + Number(y)).toBeLessThanOrEqual(720);
      }
    }));
  });

  it('follows what moves, evenly and not too fast', () => {
    const places = Array.from({ length: 60 }, (_, i) => (i < 20 ? 20 + (i % 2) * 4 : i < 40 ? 20 + (i - 20) * 5.5 : 130 - (i % 2) * 4));
    const path = choosePath(interest(places.map((x) => picture9(x)), width, height), options);
    const at = (seconds: number): number => evaluate(pathExpression(path), seconds);
    for (const look of [5, 12, 50, 58]) expect(Math.abs(at(look / 5) + 25.5 - Math.min(134, Math.max(25.5, places[look]!)))).toBeLessThan(20);
    for (let t = 0; t < 11.8; t += 0.1) expect(Math.abs(at(t + 0.1) - at(t))).toBeLessThanOrEqual(0.1 * 0.55 * (width - 51) + 0.01);
    expect(path.length).toBeLessThan(16);
  });

  it('jumps with a cut and only there', () => {
    const pictures = Array.from({ length: 40 }, (_, i) => (i < 20 ? picture9(20 + (i % 2) * 4) : picture9(140 - (i % 2) * 4, 180)));
    const path = choosePath(interest(pictures, width, height), options);
    const x = pathExpression(path);
    expect(evaluate(x, 3.9)).toBeLessThan(20);
    expect(evaluate(x, 4.01)).toBeGreaterThan(85);
    expect(evaluate(x, 0)).toBe(evaluate(x, 3.9));
  });

  it('stands in the middle where nothing happens', () => {
    const path = choosePath(interest(Array.from({ length: 10 }, () => new Uint8Array(width * height).fill(90)), width, height), options);
    expect(evaluate(pathExpression(path), 1)).toBeCloseTo((width - 51) / 2, -1);
  });

  /** As FFmpeg would; it is made of numbers, `t` and two functions, or it is refused here. */
  function evaluate(expression: string, t: number): number {
    const plain = expression.replaceAll('\\,', ',');
    expect(plain.replaceAll(/clip|gte/g, '')).toMatch(/^[-+*/().,0-9t]*$/);
    let sum = 0;
    for (const term of plain.replaceAll(/(?<!^)([+-])(?![^(]*\))/g, ' $1').split(' ')) {
      const clip = /^([+-]?[\d.]+)\*clip\(\(t-([\d.]+)\)\/([\d.]+),0,1\)$/.exec(term);
      const gte = /^([+-]?[\d.]+)\*gte\(t,([\d.]+)\)$/.exec(term);
      if (clip) sum += Number(clip[1]) * Math.min(1, Math.max(0, (t - Number(clip[2])) / Number(clip[3])));
      else if (gte) sum += t >= Number(gte[2]) ? Number(gte[1]) : 0;
      else sum += Number(term);
    }
    return sum;
  }
});

describe('thumbnails', () => {
  const [width, height] = [64, 36];
  const rgb = (of: (i: number) => number, tint = 0): Uint8Array => Uint8Array.from({ length: width * height * 3 }, (_, i) => Math.max(0, Math.min(255, of(Math.floor(i / 3)) + (i % 3 === 0 ? tint : 0))));
  const sharp = rgb((i) => 120 + (((i % width) >> 2) % 2) * 80);
  const soft = rgb((i) => 120 + 40 * Math.sin((i % width) / 10));
  const dark = rgb((i) => 10 + (i % 2) * 10);
  const other = rgb((i) => 60 + ((Math.floor(i / width) >> 2) % 2) * 90, 90);

  it('are asked of FFmpeg so', () => {
    expect(looksArgs({ file, fromSeconds: 10, seconds: 30, rollSeconds: 0, everySeconds: 0.25, keyframesOnly: false, height: 108, threads: 1 })).toMatchSnapshot();
    expect(stillsArgs(file, [{ atSeconds: 12.5, output: '/out/1.jpg' }], { aspect: 16 / 9, rollSeconds: 0, quality: 3, threads: 1 })).toMatchSnapshot();
    expect(stillsArgs(file, [{ atSeconds: 12.5, output: '/out/1.jpg' }], { aspect: 9 / 16, rollSeconds: 0, quality: 3, threads: 1 }).join(' ')).toContain('boxblur');
  });

  it('are looked for at keyframes, evenly over all of it', () => {
    const count = 1_000;
    const samples = { count, shownAt: Float64Array.from({ length: count }, (_, i) => i * 10), isSync: Uint8Array.from({ length: count }, (_, i) => (i % 20 === 0 ? 1 : 0)) };
    const chosen = spread(samples, 1_000, 9_000, 8);
    expect(chosen).toEqual([100, 200, 300, 400, 500, 600, 700, 800]);
    expect(spread(samples, 0, 10_000, 240)).toHaveLength(50);
    expect(spread(samples, 10, 190, 4)).toEqual([]);
  });

  it('are of what a camera sees rather than a test card or a slate', () => {
    let seed = 7;
    const noise = (): number => { seed = (seed * 48_271) % 2_147_483_647; return (seed % 40) - 20; };
    const seen = rgb((i) => 110 + 60 * Math.sin((i % width) / 9) * Math.cos(i / width / 7) + noise());
    const bars = rgb((i) => [235, 200, 160, 130, 100, 70, 40, 16][Math.floor((i % width) / 8)]!);
    const slate = rgb((i) => (Math.floor(i / width) > 14 && Math.floor(i / width) < 20 && (i % width) % 5 < 2 ? 235 : 60));
    const judged = judge([bars, slate, seen].map((picture9, i) => ({ atSeconds: i, rgb: picture9 })), width, height);
    expect(choose(judged, 1).map(({ atSeconds }) => atSeconds)).toEqual([2]);
    // Where there is nothing else, they will do.
    expect(choose(judge([{ atSeconds: 0, rgb: bars }], width, height), 1)).toHaveLength(1);
  });

  it('are sharp, bright, in no transition, and differ', () => {
    const mixed = sharp.map((value, i) => (value + other[i]!) / 2);
    const order = [sharp, sharp, mixed, other, soft, dark, dark];
    const judged = judge(order.map((picture9, i) => ({ atSeconds: i, rgb: picture9 })), width, height);
    expect(judged.map(({ atSeconds }) => atSeconds)).toEqual([0, 1, 3, 4]);
    const chosen = choose(judged, 3).map(({ atSeconds }) => atSeconds);
    expect(new Set(chosen.map((at) => (at < 2 ? 'sharp' : at))).size).toBe(chosen.length);
    expect(chosen).toContain(3);
    expect(judged.find(({ atSeconds }) => atSeconds === 4)!.score).toBeLessThan(judged[0]!.score / 2);
  });
});
