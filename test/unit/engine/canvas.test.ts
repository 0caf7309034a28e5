import { describe, expect, it } from 'vitest';
import { Drawing } from '../../../src/engine/canvas.js';

describe('Drawing', () => {
  it('draws on the whole of a clear canvas after a drawing that threw in the midst of it', () => {
    const drawing = new Drawing();
    const [red, green] = [[255, 0, 0, 255], [0, 255, 0, 255]];
    const pixels = (color?: string): number[][] => {
      const { rgba } = drawing.render(4, 2, (ctx) => {
        if (!color) return;
        ctx.fillStyle = color;
        ctx.fillRect(0, 0, 4, 2);
      }).picture;
      return Array.from({ length: 8 }, (_, n) => [...rgba.subarray(n * 4, n * 4 + 4)]);
    };
    expect(pixels('#ff0000')).toEqual(Array(8).fill(red));
    const fails = (): unknown => drawing.render(4, 2, (ctx) => {
      ctx.save();
      ctx.beginPath();
      ctx.rect(0, 0, 1, 2);
      ctx.clip();
      ctx.fillRect(0, 0, 4, 2);
      throw new Error('no such font');
    });
    expect(fails).toThrow('no such font');
    expect(pixels('#00ff00')).toEqual(Array(8).fill(green));
    expect(pixels()).toEqual(Array(8).fill([0, 0, 0, 0]));
  });
});
