import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvLine } from '../../../src/studio/http/csv.js';

/** A reader of its own, as RFC 4180 has it. */
function read(line: string): string[] {
  expect(line.endsWith('\r\n')).toBe(true);
  const fields: string[] = [];
  for (let rest = line.slice(0, -2); ;) {
    const quoted = /^"((?:[^"]|"")*)"/.exec(rest);
    const field = quoted ? quoted[0] : /^[^,"\r\n]*/.exec(rest)![0];
    fields.push(quoted ? quoted[1]!.replaceAll('""', '"') : field);
    rest = rest.slice(field.length);
    if (rest === '') return fields;
    expect(rest[0]).toBe(',');
    rest = rest.slice(1);
  }
}

test('what is written is read back; a formula is not one any more', () => {
  const nasty = fc.string({ unit: fc.constantFrom('a', ' ', ',', '"', '\r', '\n', '=', '+', '-', '@', '\t', 'ä', '🎥', '＝') });
  fc.assert(fc.property(fc.array(fc.oneof(nasty, fc.string(), fc.integer()), { minLength: 1, maxLength: 8 }), (fields) => {
    read(csvLine(fields)).forEach((back, i) => {
      const field = fields[i]!;
      if (typeof field === 'string') {
        expect(back).not.toMatch(/^\s*[=+\-@]/);
        expect([field, `'${field}`]).toContain(back);
      } else expect(back).toBe(String(field));
    });
  }));
});

test('plain lines look as one writes them', () => {
  expect(csvLine(['a', 'b c', 1, -1.5, ''])).toBe('a,b c,1,-1.5,\r\n');
  expect(csvLine(['say "hi", twice', '=1+1', '-2', '  @x', '\tx', 'x=1', '2026-05-01T00:00:00.000Z'])).toBe('"say ""hi"", twice",\'=1+1,\'-2,\'  @x,\'\tx,x=1,2026-05-01T00:00:00.000Z\r\n');
});
