/** Log lines that somebody reads, or does not. */
import { describe, expect, it } from 'vitest';
import { LineOutput } from '../../../src/runtime/line-output.js';

/** Takes so many bytes and no more, until there is room again. */
class Pipe {
  taken = '';
  room = Infinity;
  failsWith: string | undefined;
  readonly write = (bytes: Buffer): number => {
    if (this.failsWith) throw Object.assign(new Error(this.failsWith), { code: this.failsWith });
    const some = bytes.subarray(0, this.room);
    if (some.length === 0) throw Object.assign(new Error('full'), { code: 'EAGAIN' });
    this.room -= some.length;
    this.taken += some.toString();
    return some.length;
  };
}

const begin = (): { pipe: Pipe; output: LineOutput } => {
  const pipe = new Pipe();
  return { pipe, output: new LineOutput((count) => `lost ${count}\n`, pipe.write) };
};

describe('LineOutput', () => {
  it('writes at once', () => {
    const { pipe, output } = begin();
    output.write('one\n');
    output.write('two\n');
    expect(pipe.taken).toBe('one\ntwo\n');
  });

  it('drops what nobody reads, ends the line that was begun, and says how many were lost', () => {
    const { pipe, output } = begin();
    pipe.room = 6;
    for (const line of ['one\n', 'two\n', 'three\n', 'four\n']) output.write(line);
    expect(pipe.taken).toBe('one\ntw');
    pipe.room = Infinity;
    output.write('five\n');
    output.write('six\n');
    expect(pipe.taken).toBe('one\ntwo\nlost 2\nfive\nsix\n');
  });

  it('counts on when there is room for nothing but a part of that', () => {
    const { pipe, output } = begin();
    pipe.room = 0;
    output.write('one\n');
    output.write('two\n');
    pipe.room = 7;
    output.write('three\n');
    expect(pipe.taken).toBe('one\nlos');
    pipe.room = Infinity;
    output.write('four\n');
    expect(pipe.taken).toBe('one\nlost 1\nlost 1\nfour\n');
  });

  it('has nothing to wait for when nobody is there', () => {
    const { pipe, output } = begin();
    pipe.failsWith = 'EPIPE';
    output.write('one\n');
    pipe.failsWith = undefined;
    output.write('two\n');
    expect(pipe.taken).toBe('two\n');
  });
});
