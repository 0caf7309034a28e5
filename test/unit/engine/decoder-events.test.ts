import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DecoderEvent } from '../../../src/engine/decoder-events.js';
import { isErrorCode } from '../../../src/protocol/error-codes.js';
import { repositoryRoot } from '../../support/media.js';

const folder = join(repositoryRoot, 'native/decoder');
const sources = readdirSync(folder).filter((name) => name.endsWith('.cpp')).map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
const found = (pattern: RegExp): string[] => [...new Set([...sources.matchAll(pattern)].map((match) => match[1] ?? ''))];

describe('what native/decoder sends', () => {
  it('has no code that is not listed', () => {
    const codes = found(/(?:sendError\(|\{)\s*"([A-Z][A-Z_]+)"/g);
    expect(codes).toEqual(expect.arrayContaining(['VIDEO_CODEC', 'MEDIA_SEEK', 'IMAGE_BROKEN', 'CAMERA_STREAM']));
    expect(codes.filter((code) => !isErrorCode(code))).toEqual([]);
  });

  it('has no event that the engine does not know', () => {
    const events = found(/\bEvent(?: \w+)?\("(\w+)"\)/g);
    const known = DecoderEvent.options.map((option) => option.shape.event.value);
    expect(events.sort()).toEqual([...known].sort());
  });
});

describe('DecoderEvent', () => {
  it('keeps a listed code, and makes DECODER_FAILED of any other', () => {
    const error = (code: string) => DecoderEvent.parse({ event: 'error', code, message: 'It says why.' });
    expect(error('MEDIA_SEEK')).toEqual({ event: 'error', code: 'MEDIA_SEEK', message: 'It says why.' });
    expect(error('OF_LATER')).toEqual({ event: 'error', code: 'DECODER_FAILED', message: 'It says why.' });
    expect(error('constructor')).toMatchObject({ code: 'DECODER_FAILED' });
  });
});
