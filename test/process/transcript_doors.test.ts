/**
 * The doors to a transcript, from a real recording that FFmpeg cuts into pieces: one suite for all of them. What listens is a stand-in, whose words are tones
 * (test/fakes/tone-ears.mjs): no speech model runs here.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { toSrt, toVtt } from '../../src/sidecar/transcript/captions-write.js';
import { cuesOf } from '../../src/sidecar/transcript/cues.js';
import { transcribe, type TranscriptSettings } from '../../src/sidecar/transcript/doors.js';
import type { Span } from '../../src/sidecar/transcript/sentences.js';
import type { TimedText } from '../../src/sidecar/transcript/transcript.js';
import { OutsideServer, type Asked } from '../fakes/outside-server.js';
import { listen, samplesOf, speak, WORD_MS, wordName } from '../fakes/tone-ears.mjs';
import { repositoryRoot } from '../support/media.js';
import { run } from '../support/process.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { waitFor } from '../support/wait.js';

const WHISPER = join(repositoryRoot, 'test/fakes/whisper-cli.mjs');
const DURATION_MS = 27_000;
const KEY = 'sk-test-0123456789abcdef';
/** A word a second; a little irregular, so that a cut without a silence goes through some. */
const starts = Array.from({ length: 26 }, (_, i) => 500 + i * 1_000 + ((i * 137) % 90));
const truth: TimedText[] = starts.map((startMs, i) => ({ startMs, endMs: startMs + WORD_MS, text: wordName(i) }));
const silences: Span[] = starts.slice(1).map((startMs, i) => ({ startMs: starts[i]! + WORD_MS, endMs: startMs }));

let folder: string;
let scratch: string;
let recording: string;
let silent: string;
let server: OutsideServer;
let pieces: number;

beforeAll(async () => {
  folder = tempFolder();
  const raw = join(folder, 'speech.s16');
  writeFileSync(raw, speak(starts, DURATION_MS));
  recording = join(folder, '-it\'s a [recording].mkv');
  silent = join(folder, 'silent.mkv');
  const picture = ['-f', 'lavfi', '-i', `color=size=64x36:rate=5:duration=${DURATION_MS / 1000}`];
  await run('ffmpeg', ['-nostdin', '-v', 'error', ...picture, '-f', 's16le', '-ar', '16000', '-ac', '1', '-i', raw, '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', '-ar', '48000', '-ac', '2', '-b:a', '128k', recording]);
  await run('ffmpeg', ['-nostdin', '-v', 'error', ...picture, '-c:v', 'libx264', '-preset', 'ultrafast', silent]);
});
afterAll(() => removeFolder(folder));

beforeEach(async () => {
  scratch = tempFolder();
  server = await new OutsideServer().start();
  pieces = 0;
});
afterEach(async () => {
  await server.stop();
  // Whatever became of it, nothing is left lying about.
  expect(readdirSync(scratch)).toEqual([]);
  removeFolder(scratch);
});

/** What was sent as the form's file, as PCM. */
async function pcmOf({ body, headers }: Asked): Promise<Int16Array> {
  const boundary = /boundary=(.+)$/.exec(headers['content-type'] ?? '')![1]!;
  const at = body.indexOf('name="file"');
  const file = body.subarray(body.indexOf('\r\n\r\n', at) + 4, body.lastIndexOf(`\r\n--${boundary}--`));
  const path = join(folder, `heard-${pieces++}`);
  writeFileSync(path, file);
  await run('ffmpeg', ['-nostdin', '-v', 'error', '-y', '-i', path, '-f', 'wav', `${path}.wav`]);
  return samplesOf(readFileSync(`${path}.wav`));
}

const field = ({ body }: Asked, name: string): string[] => [...body.toString('latin1').matchAll(new RegExp(`name="${name.replace(/[[\]]/g, '\\$&')}"\r\n\r\n([^\r]*)`, 'g'))].map((match) => match[1]!);

/** As OpenAI answers: words without punctuation beside segments with it. */
async function hears(asked: Asked, shape: 'beside' | 'inside'): Promise<{ body: string }> {
  const words = listen(await pcmOf(asked));
  const timed = ({ startMs, endMs }: TimedText) => ({ start: startMs / 1000, end: endMs / 1000 });
  const segments = words.length === 0 ? [] : [{ start: words[0]!.startMs / 1000, end: words.at(-1)!.endMs / 1000, text: words.map(({ text }) => ` ${text}`).join(''), ...(shape === 'inside' ? { words: words.map((word) => ({ word: ` ${word.text}`, ...timed(word) })) } : {}) }];
  return { body: JSON.stringify({ language: 'english', segments, ...(shape === 'beside' ? { words: words.map((word) => ({ word: word.text.replace('.', ''), ...timed(word) })) } : {}) }) };
}

const viaServer = (): TranscriptSettings => ({ captionsPath: null, scratchFolder: scratch, server: { baseUrl: server.url, model: 'whisper-1', apiKey: KEY, maxPieceMs: 13_000, patience: { timeoutMs: 8_000, tries: 3, firstWaitMs: 1, longestWaitMs: 5 } } });
const viaCommand = (mode = ''): TranscriptSettings => ({ captionsPath: null, scratchFolder: scratch, command: { command: WHISPER, modelPath: `/models/tiny.bin${mode}`, maxPieceMs: 13_000 } });
const request = (settings: TranscriptSettings, over: { mediaPath?: string; silences?: Span[]; signal?: AbortSignal } = {}, progress: number[] = []) =>
  transcribe({ mediaPath: recording, durationMs: DURATION_MS, silences, signal: new AbortController().signal, onProgress: (share) => { progress.push(share); }, ...over }, settings);

const doors: Record<string, () => TranscriptSettings> = {
  'a server with words beside segments': () => {
    server.always = (asked) => hears(asked, 'beside');
    return viaServer();
  },
  'a server with words inside segments': () => {
    server.always = (asked) => hears(asked, 'inside');
    return viaServer();
  },
  'whisper.cpp\'s command': () => viaCommand(),
  'a VTT file': () => {
    const captionsPath = join(folder, 'captions.en.vtt');
    writeFileSync(captionsPath, toVtt(truth));
    return { captionsPath, scratchFolder: scratch };
  },
  'an SRT file': () => {
    const captionsPath = join(folder, 'captions.en.srt');
    writeFileSync(captionsPath, toSrt(truth).replace(/\n/g, '\r\n'));
    return { captionsPath, scratchFolder: scratch };
  },
};

describe.each(Object.entries(doors))('%s', (name, settings) => {
  it.each(name.startsWith('a server with words beside') || name.startsWith('whisper') ? [['at silences', silences], ['through words', []]] : [['at silences', silences]] as [string, Span[]][])('gives every word once and when it was said, cut %s', async (_, own) => {
    const progress: number[] = [];
    const { transcript, by } = await request(settings(), { silences: own as Span[] }, progress);
    expect(transcript.words.map(({ text }) => text)).toEqual(truth.map(({ text }) => text));
    transcript.words.forEach((word, i) => {
      expect(Math.abs(word.startMs - truth[i]!.startMs)).toBeLessThanOrEqual(60);
      expect(Math.abs(word.endMs - truth[i]!.endMs)).toBeLessThanOrEqual(60);
    });
    expect(transcript.cues.map(({ text }) => text).join(' ')).toBe(truth.map(({ text }) => text).join(' '));
    expect(transcript.language).toBe('en');
    expect(progress.at(-1)).toBe(1);
    expect([...progress].sort((a, b) => a - b)).toEqual(progress);
    expect(by).not.toContain(KEY);
    expect(by).toMatch(/^(server 127\.0\.0\.1:\d+ whisper-1|command whisper-cli\.mjs tiny\.bin|file captions\.en\.(vtt|srt))$/);
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const own = settings();
    if (own.server) server.always = () => 'hang';
    const running = request(own.command ? viaCommand(':hangs') : own, { signal: controller.signal });
    running.catch(() => undefined);
    if (own.server) await waitFor('a question', () => server.asked.length > 0);
    if (own.command) await waitFor('a piece', () => readdirSync(scratch).length > 0);
    controller.abort(new Error('told to'));
    // A file is read by then, maybe.
    if (own.captionsPath === null) await expect(running).rejects.toThrow('told to');
    else await running.catch((error: unknown) => expect(error).toMatchObject({ message: 'told to' }));
  });
});

describe('no door', () => {
  it('gives nothing', async () => {
    expect(await request({ captionsPath: null, scratchFolder: scratch })).toEqual({ transcript: { language: null, words: [], cues: [] }, by: 'none' });
  });
});

it('takes the captions beside the recording before anything is asked', async () => {
  const beside = `${recording.replace(/\.mkv$/, '')}.srt`;
  writeFileSync(beside, toSrt(cuesOf(truth)));
  const { captionsPath: _, ...settings } = viaServer();
  const { transcript, by } = await request(settings);
  expect(by).toMatch(/^file .*\.srt$/);
  expect(transcript.words.map(({ text }) => text)).toEqual(truth.map(({ text }) => text));
  expect(server.asked).toEqual([]);
});

it('has nothing to hear in a recording without sound', async () => {
  expect((await request(viaServer(), { mediaPath: silent })).transcript.words).toEqual([]);
  expect((await request(viaCommand(), { mediaPath: silent })).transcript.words).toEqual([]);
  expect(server.asked).toEqual([]);
});

describe('a server that does not do what it should', () => {
  it('is asked as OpenAI is, and again after 429, 500, an answer that is late, cut off, malformed or none', async () => {
    server.answers = [{ status: 429, headers: { 'retry-after': '0' } }, { status: 500, body: 'oh' }];
    server.always = (asked) => {
      if (server.asked.length === 4) return 'cut';
      if (server.asked.length === 6) return { body: '{"text": ' };
      if (server.asked.length === 7) return { body: '{"unexpected": true}' };
      return server.asked.length === 9 ? 'close' : hears(asked, 'beside');
    };
    const { transcript } = await request(viaServer());
    expect(transcript.words.map(({ text }) => text)).toEqual(truth.map(({ text }) => text));
    const first = server.asked[0]!;
    expect(first.path).toBe('/v1/audio/transcriptions');
    expect(first.headers.authorization).toBe(`Bearer ${KEY}`);
    expect([field(first, 'model'), field(first, 'response_format'), field(first, 'timestamp_granularities[]'), field(first, 'language')]).toEqual([['whisper-1'], ['verbose_json'], ['word', 'segment'], []]);
    expect(first.body.toString('latin1')).toContain('filename="piece.flac"');
    expect(Number(first.headers['content-length'])).toBe(first.body.length);
  });

  const failing: [string, (settings: TranscriptSettings) => void, { code: string; isPassing: boolean; asked: number }][] = [
    ['always 500', () => { server.always = () => ({ status: 500 }); }, { code: 'OUTSIDE_AWAY', isPassing: true, asked: 3 }],
    ['always 429', () => { server.always = () => ({ status: 429 }); }, { code: 'OUTSIDE_BUSY', isPassing: true, asked: 3 }],
    ['429 for an hour', () => { server.always = () => ({ status: 429, headers: { 'retry-after': '3600' } }); }, { code: 'OUTSIDE_BUSY', isPassing: true, asked: 1 }],
    ['too late', (settings) => { server.always = () => 'hang'; settings.server!.clock = server.clock(8_000); }, { code: 'OUTSIDE_TIMEOUT', isPassing: true, asked: 3 }],
    ['always cut off', () => { server.always = () => 'cut'; }, { code: 'OUTSIDE_AWAY', isPassing: true, asked: 3 }],
    ['in another protocol', () => { server.always = () => 'switch'; }, { code: 'OUTSIDE_AWAY', isPassing: true, asked: 3 }],
    ['always malformed', () => { server.always = () => ({ body: '<html>' }); }, { code: 'OUTSIDE_ANSWER', isPassing: true, asked: 3 }],
    ['too much', () => { server.always = () => ({ body: Buffer.alloc(34 * 1024 * 1024, 0x20) }); }, { code: 'OUTSIDE_ANSWER', isPassing: false, asked: 1 }],
    ['more values than memory has room for', () => { server.always = () => ({ body: Buffer.from(`{"segments":[${`{"words":[${Array(40_000).fill('{}').join()}]},`.repeat(100)}{}]}`) }); }, { code: 'OUTSIDE_ANSWER', isPassing: false, asked: 1 }],
    ['a refusal that names the key', () => { server.always = () => ({ status: 400, body: JSON.stringify({ error: { message: `No model for ${KEY.slice(0, 9)}***` } }) }); }, { code: 'OUTSIDE_REFUSED', isPassing: false, asked: 1 }],
    ['that the key is wrong', () => { server.always = () => ({ status: 401, body: `Incorrect API key: ${KEY}` }); }, { code: 'OUTSIDE_REFUSED', isPassing: false, asked: 1 }],
  ];
  it.each(failing)('answers %s: it is given up with a sentence that holds no key', async (_, prepare, expected) => {
    const settings = viaServer();
    prepare(settings);
    const error = await request(settings).then(() => null, (problem: unknown) => problem as Error & { code: string; isPassing: boolean });
    expect(error).toMatchObject({ code: expected.code, isPassing: expected.isPassing });
    expect(error!.message).toMatch(/^The transcription server at 127\.0\.0\.1:\d+ .*[.?”…]$/);
    expect(`${error!.message} ${error!.stack} ${JSON.stringify(error)}`).not.toContain(KEY.slice(0, 9));
    expect(server.asked.length).toBe(expected.asked);
  });

  it('sends us elsewhere: we do not go', async () => {
    const elsewhere = await new OutsideServer().start();
    try {
      for (const status of [302, 307]) {
        server.always = () => ({ status, headers: { location: `${elsewhere.url}/v1/audio/transcriptions` } });
        await expect(request(viaServer())).rejects.toMatchObject({ code: 'OUTSIDE_REFUSED', isPassing: false });
      }
      expect(elsewhere.asked).toEqual([]);
    } finally {
      await elsewhere.stop();
    }
  });

  it('is not there', async () => {
    const settings = viaServer();
    const { url } = server;
    await server.stop();
    await expect(request({ ...settings, server: { ...settings.server!, baseUrl: url } })).rejects.toMatchObject({ code: 'OUTSIDE_AWAY', isPassing: true });
    server = await new OutsideServer().start();
  });

  it('has an address that cannot be one, or one with a password in it', async () => {
    for (const baseUrl of ['file:///etc/passwd', 'nonsense', 'http://user:secret@host/v1']) {
      const settings = viaServer();
      await expect(request({ ...settings, server: { ...settings.server!, baseUrl } })).rejects.toMatchObject({ code: 'OUTSIDE_REFUSED', message: expect.not.stringContaining('secret') });
    }
  });
});

describe('a command that does not do what it should', () => {
  it.each([[':silent', 'wrote no transcript'], [':fails', 'failed (3). It said: “error: failed to initialize whisper context”'], [':garbage', 'cannot be read']])('%s', async (mode, says) => {
    await expect(request(viaCommand(mode))).rejects.toMatchObject({ code: 'TRANSCRIBER_FAILED', message: expect.stringContaining(says) });
  });
  it('is not there', async () => {
    const settings = viaCommand();
    await expect(request({ ...settings, command: { ...settings.command!, command: '/nowhere/whisper-cli' } })).rejects.toMatchObject({ code: 'TRANSCRIBER_FAILED', message: expect.stringContaining('Install whisper.cpp') });
  });
});
