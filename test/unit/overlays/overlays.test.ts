import { describe, expect, it } from 'vitest';
import { OVERLAYS, type CanvasContext } from '../../../overlays/index.js';
import { fitText, measureWith, pixelSize, presence } from '../../../overlays/drawing.js';
import { lowerThirdLines } from '../../../src/protocol/lower-third.js';
import { timeText } from '../../../overlays/clock/draw.js';
import { OverlayInput } from '../../../src/protocol/resources.js';

/** Every character is half as wide as the font is high. Notes what was written. */
function fakeContext(): CanvasContext & { written: string[] } {
  const written: string[] = [];
  const nothing = (): void => {};
  return {
    fillStyle: '', font: '', textAlign: '', textBaseline: '', globalAlpha: 1, written,
    save: nothing, restore: nothing, translate: nothing, fillRect: nothing, beginPath: nothing, rect: nothing, roundRect: nothing, fill: nothing, clip: nothing,
    fillText: (text) => { written.push(text); },
    measureText(text) {
      return { width: [...text].length * 0.5 * Number(/([\d.]+)px/.exec(this.font)?.[1]) };
    },
  };
}

const noon = Date.UTC(2026, 0, 2, 12, 34, 56, 250);
const lowerThird = OverlayInput.parse({ kind: 'lower-third', name: 'a', title: 'Name', subtitle: 'Title' }) as Extract<OverlayInput, { kind: 'lower-third' }>;
const clock = OverlayInput.parse({ kind: 'clock', name: 'b', timeZone: 'America/St_Johns' }) as Extract<OverlayInput, { kind: 'clock' }>;

describe('every overlay', () => {
  it('has a drawing for each kind of the protocol', () => {
    expect(Object.keys(OVERLAYS).sort()).toEqual(OverlayInput.options.map((option) => option.shape.kind.value).sort());
  });

  it('has an even size of at least two pixels, at any program size', () => {
    expect(pixelSize({ width: 0.3125, height: 0.1852 }, { width: 1920, height: 1080 })).toEqual({ width: 600, height: 200 });
    expect(pixelSize({ width: 0.001, height: 0.001 }, { width: 160, height: 90 })).toEqual({ width: 2, height: 2 });
    expect(pixelSize({ width: 3, height: 3 }, { width: 3840, height: 2160 }).width).toBe(4096);
  });
});

describe('presence', () => {
  it('goes from nothing to all and back, never outside', () => {
    const at = (visible: boolean, sinceMs: number) => presence({ visible, sinceMs, nowMs: 0 }, 500);
    expect([at(true, -5), at(true, 0), at(true, 500), at(true, 1e9)]).toEqual([0, 0, 1, 1]);
    expect([at(false, 0), at(false, 500)]).toEqual([1, 0]);
    expect(at(true, 250)).toBeGreaterThan(0.5);
  });
});

describe('the lower third', () => {
  const draw = (visible: boolean, sinceMs: number) => {
    const ctx = fakeContext();
    const drawn = OVERLAYS['lower-third'].render(ctx, { width: 600, height: 200 }, lowerThird, { visible, sinceMs, nowMs: noon });
    return { ...drawn, written: ctx.written };
  };

  it('moves with every frame for half a second, then rests', () => {
    expect(draw(true, 100)).toMatchObject({ done: false, nextInMs: 0 });
    expect(draw(true, 500)).toMatchObject({ done: true, nextInMs: null, written: ['Name', 'Title'] });
  });

  it('draws nothing once it is gone', () => {
    expect(draw(false, 499)).toMatchObject({ done: false, nextInMs: 0 });
    expect(draw(false, 500)).toEqual({ done: true, nextInMs: null, written: [] });
  });
});

describe('the clock', () => {
  const draw = (props: typeof clock, sinceMs: number, visible = true) => OVERLAYS.clock.render(fakeContext(), { width: 240, height: 60 }, props, { visible, sinceMs, nowMs: noon });

  it('is drawn again when the second, or the minute, is over', () => {
    expect(draw(clock, 1000)).toEqual({ done: true, nextInMs: 750 });
    expect(draw({ ...clock, seconds: false }, 1000)).toEqual({ done: true, nextInMs: 3750 });
    expect(draw(clock, 100)).toEqual({ done: false, nextInMs: 0 });
    expect(draw(clock, 1000, false)).toEqual({ done: true, nextInMs: null });
  });

  it('tells the time of its zone, in 24 hours', () => {
    expect(timeText(noon, 'America/St_Johns', true)).toBe('09:04:56');
    expect(timeText(Date.UTC(2026, 6, 1, 22, 5), 'Europe/Berlin', false)).toBe('00:05');
  });
});

describe('lower third', () => {
  it('is drawn with the very lines that a person is told of while typing', () => {
    for (const [title, isWhole] of [['Bo', true], ['Maya Lindqvist', true], ['Dr. Alexandria Konstantinopoulou-Featherstonehaugh', false], ['x'.repeat(200), false]] as const) {
      const ctx = fakeContext();
      const size = { width: 600, height: 200 };
      OVERLAYS['lower-third'].render(ctx, size, { ...lowerThird, title }, { visible: true, sinceMs: 600, nowMs: noon });
      const told = lowerThirdLines({ title, subtitle: 'Title' }, size, measureWith(fakeContext()));
      expect(ctx.written).toEqual([told.title.text, told.subtitle!.text]);
      expect([title, told.title.text === title, told.title.text.endsWith('…')]).toEqual([title, isWhole, !isWhole]);
    }
  });
});

describe('fitText', () => {
  it('leaves text that fits, makes the type smaller for text that does not, and then shortens it', () => {
    const ctx = fakeContext();
    expect(fitText(ctx, 'abcd', 700, 50, 100)).toBe('abcd');
    expect(ctx.font).toContain(' 50px ');
    expect(fitText(ctx, 'abcdef', 700, 50, 100)).toBe('abcdef');
    expect(Number(/([\d.]+)px/.exec(ctx.font)?.[1])).toBeCloseTo(33.3, 1);
    expect(fitText(ctx, 'abcdefghijklm', 700, 50, 100)).toBe('abcde…');
    expect(ctx.font).toContain(' 30px ');
  });

  it('does not cut an emoji in two, nor fail on a plate without room', () => {
    const ctx = fakeContext();
    const text = fitText(ctx, '🎉🎊🎈🎁🎂🎄🎃🎆', 700, 50, 100);
    expect(text).toBe('🎉🎊🎈🎁🎂…');
    expect(fitText(ctx, 'abc', 700, 50, 0)).toBe('…');
    expect(fitText(ctx, '', 700, 50, 0)).toBe('');
  });
});
