import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCaptions, readCaptions } from '../../../../src/sidecar/transcript/captions-read.js';
import { toSrt, toVtt } from '../../../../src/sidecar/transcript/captions-write.js';

const at = (startMs: number, endMs: number, text: string) => ({ startMs, endMs, text });

describe('readCaptions', () => {
  it('reads WebVTT with all that may stand in it', () => {
    const vtt = '\uFEFFWEBVTT - Some title\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE a --> is no cue here\nmore\n\nintro\n00:01.000 --> 00:02.500 align:start position:0%\n<v Ann>Hello <i>there</i> &amp; <00:00:01.800>welcome&nbsp;&lt;3\n\n'
      + '01:00:00.000 --> 01:00:01.000 line:0\n- Who?\n- Me.\n';
    expect(readCaptions(vtt)).toEqual([at(1_000, 2_500, 'Hello there & welcome <3'), at(3_600_000, 3_601_000, '- Who?\n- Me.')]);
  });

  it('reads SRT: CRLF, points for commas, missing blank lines, short fractions, wrong order, ends before starts', () => {
    const srt = '1\r\n00:00:05,5 --> 00:00:06,000\r\n{\\an8}<font color="#fff">second</font>\r\n2\r\n0:00:01.250 --> 00:00:02,000\r\nfirst\r\n\r\n3\r\n00:00:09,000 --> 00:00:08,000\r\n42\r\n\r\n';
    expect(readCaptions(srt)).toEqual([at(1_250, 2_000, 'first'), at(5_500, 6_000, 'second'), at(9_000, 9_500, '42')]);
  });

  it('says once what rolls up, and twice what is said twice', () => {
    const rolled = 'WEBVTT\n\n00:00.000 --> 00:02.000\nwe begin\n\n00:02.000 --> 00:04.000\nwe begin\nand go on\n\n00:04.000 --> 00:06.000\nand go on\nto the end\n';
    expect(readCaptions(rolled).map(({ text }) => text)).toEqual(['we begin', 'and go on', 'to the end']);
    expect(readCaptions('1\n00:00:00,000 --> 00:00:01,000\nNo.\n\n2\n00:00:01,000 --> 00:00:02,000\nNo.\n').map(({ text }) => text)).toEqual(['No.', 'No.']);
  });

  it('makes one cue of two at the same time', () => {
    expect(readCaptions('00:01.000 --> 00:02.000\na\n\n00:01.000 --> 00:02.000\nb')).toEqual([at(1_000, 2_000, 'a\nb')]);
  });

  it.each([['', 'nothing'], ['WEBVTT\n\n', 'a head alone'], ['some text\nand more', 'no captions']])('refuses %j: %s', (text) => {
    expect(() => readCaptions(text)).toThrow(expect.objectContaining({ code: 'CAPTIONS_INVALID' }));
  });

  it('ends whatever it is given, and what it gives is in order', () => {
    const line = fc.oneof(fc.string({ unit: 'binary', maxLength: 30 }), fc.constantFrom('', '1', 'WEBVTT', '00:01.000 --> 00:02.000', '9999:99:99,999 --> 00:00:00,0', '00:01 --> 00:02 x', '<', '<v', '&#xd800;', '{\\', '-->'));
    fc.assert(fc.property(fc.array(line, { maxLength: 40 }), (all) => {
      let cues;
      try {
        cues = readCaptions(all.join('\n'));
      } catch (error) {
        expect(error).toMatchObject({ code: 'CAPTIONS_INVALID' });
        return;
      }
      cues.forEach((cue, i) => {
        expect(cue.endMs).toBeGreaterThan(cue.startMs);
        expect(cue.text).not.toBe('');
        if (i > 0) expect(cue.startMs).toBeGreaterThanOrEqual(cues[i - 1]!.startMs);
      });
    }));
  });

  it('takes a long line of nonsense in its stride', () => {
    expect(() => readCaptions(`00:01.000 --> ${'1'.repeat(1_000_000)}\n${'<'.repeat(300_000)}`)).toThrow();
  });
});

describe('decodeCaptions', () => {
  it.each([
    ['UTF-8', Buffer.from('Zürich 日本')], ['UTF-8 with a mark', Buffer.from('\uFEFFZürich 日本')],
    ['UTF-16', Buffer.from('\uFEFFZürich 日本', 'utf16le')], ['UTF-16, the other way', Buffer.from('\uFEFFZürich 日本', 'utf16le').swap16()],
  ])('reads %s', (_, bytes) => expect(decodeCaptions(bytes)).toBe('Zürich 日本'));
  it('reads what Windows wrote before', () => expect(decodeCaptions(Buffer.from('Z\xfcrich \x93so\x94', 'latin1'))).toBe('Zürich “so”'));
});

describe('toVtt and toSrt', () => {
  const Word = fc.string({ unit: fc.constantFrom('a', 'B', 'é', '漢', '<', '>', '&', '-', '.', '👩‍🚀', '1', ';', '#', '{', '\\'), minLength: 1, maxLength: 8 });
  const Cues = fc.array(fc.record({ gap: fc.integer({ min: 300, max: 9_000_000 }), length: fc.integer({ min: 1, max: 9_000 }), words: fc.array(Word, { minLength: 1, maxLength: 20 }) }), { minLength: 1, maxLength: 20 }).map((all) => {
    let ms = 0;
    return all.map(({ gap, length, words }) => {
      const startMs = ms + gap;
      ms = startMs + length;
      return at(startMs, ms, words.join(' '));
    });
  });
  const flat = (cues: readonly { startMs: number; endMs: number; text: string }[]) => cues.map((cue) => ({ ...cue, text: cue.text.replace(/\s+/g, ' ') }));

  it('are read back as they were: VTT whatever is said', () => {
    fc.assert(fc.property(Cues, (cues) => { expect(flat(readCaptions(toVtt(cues)))).toEqual(flat(cues)); }));
  });

  it('are read back as they were: SRT but for what it cannot say', () => {
    fc.assert(fc.property(Cues, (cues) => {
      const back = readCaptions(toSrt(cues));
      expect(back.map(({ startMs, endMs }) => [startMs, endMs])).toEqual(cues.map(({ startMs, endMs }) => [startMs, endMs]));
      const loose = (text: string): string => text.replace(/\s+/g, ' ').replace(/[<‹]/g, '<').replace(/-->|→/g, '→').replace(/[＆]/g, '&').replace(/\{[\\/]/g, '{/');
      expect(back.map(({ text }) => loose(text))).toEqual(cues.map(({ text }) => loose(text)));
    }));
  });

  it('look as they should', () => {
    const cues = [at(1_250, 3_661_004, 'A rather long sentence that goes over more than one line & <b>tags</b>')];
    expect(toVtt(cues)).toBe('WEBVTT\n\n00:00:01.250 --> 01:01:01.004\nA rather long sentence that goes over\nmore than one line &amp; &lt;b&gt;tags&lt;/b&gt;\n\n');
    expect(toSrt(cues)).toBe('1\n00:00:01,250 --> 01:01:01,004\nA rather long sentence that goes over\nmore than one line & ‹b>tags‹/b>\n\n');
  });
});
