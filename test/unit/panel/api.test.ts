import { afterEach, expect, it, vi } from 'vitest';
import { request, sentenceOf } from '../../../src/panel/lib/api.js';

afterEach(() => { vi.unstubAllGlobals(); });

const refused = async (error: object): Promise<string> => {
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json({ error }, { status: 400 })));
  return request('GET', '/x').then(() => 'done', sentenceOf);
};

it('what the studio does not take is told with fields called as forms call them', async () => {
  const details = [{ path: 'url', message: 'It must begin with rtmp:// or rtmps://.' }, { path: 'encoder.bitrateKbps', message: 'Too much.' }, { path: 'layers.0.x', message: 'Too far.' }];
  expect(await refused({ code: 'VALIDATION', message: 'url: It must begin with rtmp:// or rtmps://.', details })).toBe('Server: It must begin with rtmp:// or rtmps://. Picture, kb/s: Too much. layers.0.x: Too far.');
  expect(await refused({ code: 'VALIDATION', message: 'Give one.', details: [{ path: '', message: 'Give one.' }] })).toBe('Give one.');
});

it('any other sentence is the studio\'s own', async () => {
  expect(await refused({ code: 'IN_USE', message: 'name: is used.', details: { ids: ['x'] } })).toBe('name: is used.');
  expect(await refused({})).toBe('The studio answered 400.');
  expect(sentenceOf('odd')).toBe('odd');
});
