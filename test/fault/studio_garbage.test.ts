import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClientMessage } from '../../src/protocol/messages.js';
import { IDLE_ENGINE, type Answer, type Peer, StudioProcess } from '../support/studio-process.js';
import { waitFor, within } from '../support/wait.js';

const BIG = 'x'.repeat(1_100_000);
const DEEP = '['.repeat(200_000) + ']'.repeat(200_000);
/** Bodies that no route can take; what they are sent as is part of it. */
const BAD_BODIES: [what: string, body: string, type: string, statuses: number[]][] = [
  ['no JSON', '{"name": ', 'application/json', [400]],
  ['a lone byte', '\u0000', 'application/json', [400]],
  ['not UTF-8', '\ud800', 'application/json', [400]],
  ['a list', '[]', 'application/json', [400]],
  ['null', 'null', 'application/json', [400]],
  ['a number', '17', 'application/json', [400]],
  ['a string', '"camera"', 'application/json', [400]],
  ['an unknown field', '{"surprise": 1}', 'application/json', [400]],
  ['a prototype', '{"__proto__": {"polluted": true}}', 'application/json', [400]],
  ['a constructor', '{"name": "x", "constructor": {"prototype": {"polluted": true}}}', 'application/json', [400]],
  ['a nested prototype', '{"layers": [{"__proto__": {"polluted": true}}]}', 'application/json', [400]],
  ['too deep', DEEP, 'application/json', [400]],
  ['too much', JSON.stringify({ name: BIG }), 'application/json', [413]],
  ['a form', 'name=x&kind=camera', 'application/x-www-form-urlencoded', [400]],
  ['plain text', '{"name":"x","kind":"camera"}', 'text/plain', [400]],
];
/** One good body a resource, of which each field is then spoilt in turn. */
const GOOD: Record<string, object> = {
  '/sources': { name: 'A', kind: 'media', path: 'a.mp4', loop: true, inMs: 0, outMs: 1000, delayMs: 10, fallbackSourceId: null, audio: { gainDb: -3, muted: false, delayMs: 20, mode: 'follow' } },
  '/scenes': { name: 'A', layers: [] },
  '/overlays': { name: 'A', kind: 'clock', visible: false, timeZone: 'UTC', seconds: true, color: '#ffffff', x: 0, y: 0, width: 0.1, height: 0.1 },
  '/destinations': { name: 'A', platform: 'custom', url: 'rtmp://127.0.0.1/live', key: 'k', enabled: false },
  '/settings': { channel: { name: 'A' }, video: { width: 1280, height: 720, fps: 30 }, encoder: { codec: 'auto', preset: 'fast', bitrateKbps: 1000, keyframeIntervalMs: 2000 }, audio: { bitrateKbps: 128, gainDb: -3, muted: false }, emergency: null, schedule: { enabled: false, timeZone: 'Europe/Berlin', filler: null }, analysis: { auto: false, most: 5, language: 'de' } },
  '/schedule': { name: 'A', enabled: true, timeZone: 'UTC', when: { kind: 'daily', at: '10:00' }, fromDate: '2100-01-01', untilDate: null, do: { action: 'broadcast-stop' }, priority: 1, endsOverride: false, graceMs: 5 },
  '/folders': { name: 'A', path: 'films', recursive: true, order: 'shuffle', seed: 3, stillMs: 0, transition: { kind: 'fade', durationMs: 100 }, loop: true },
  '/inserts': { name: 'A', sceneId: 'scn_a', durationMs: 5000, inMs: 10, mode: 'between', x: 0, width: 0.5, opacity: 1, audio: { gainDb: 0, muted: true }, transition: { kind: 'fade', durationMs: 100 }, transitionOut: null, everyMs: 60_000, enabled: false },
  '/timelines': { name: 'A', loop: true, durationMs: 1000, filler: { sourceId: 'src_a' }, tracks: [{ kind: 'video', clips: [{ sourceId: 'src_a', startMs: 0, durationMs: 5 }] }] },
  '/timelines/import': { kind: 'vistterstudio/timeline', version: 1, timeline: { id: 'tml_a', name: 'A', tracks: [] }, nested: [], sources: [{ id: 'src_a', kind: 'camera', name: 'A' }], scenes: [], overlays: [] },
  '/playback': { action: 'seek', timelineId: 'tml_a', positionMs: 5, clipId: 'clp_a', loop: true, resume: 'left', transition: { kind: 'fade', durationMs: 100 } },
  '/program/take': { sourceId: 'src_a', transition: { kind: 'fade', durationMs: 100 } },
  '/platforms/check': { video: { width: 1280, height: 720, fps: 30 }, encoder: { codec: 'auto', preset: 'fast', bitrateKbps: 1000, keyframeIntervalMs: 2000 }, audio: { bitrateKbps: 128 } },
  '/preview': { sourceId: 'src_a' },
  '/preview/take': { transition: { kind: 'fade', durationMs: 100 } },
  '/program/bar': { position: 0.5, transition: { kind: 'fade', durationMs: 100 } },
  '/program/black': { on: false, durationMs: 100 },
  '/uploads': { path: 'a/b.mp4', bytes: 5, sha256: 'a'.repeat(64), replace: false, fingerprint: 'x' },
  '/broadcast/start': { destinationIds: ['dst_a'], record: true },
  '/markers': { text: 'goal' },
  '/recordings/highlights/decision': { verdict: 'accepted', startMs: 0, endMs: 1000 },
  '/recordings/analyze': { preset: 'auto' },
  '/recordings/metadata': { title: 'A', description: 'B', tags: ['c'], hashtags: ['#d'] },
  '/recordings/export': { highlightIds: ['a'], shape: 'wide', captions: false },
  '/models/choose': { id: 'none' },
  '/session': { token: 'a-token-for-tests-x' },
};
const SPOILT = [{}, [], [[]], { a: 1 }, -1e308, 'Infinity', '', ' ', '\u0000', 'x'.repeat(5000), '../../etc/passwd', 'rtmp://user:pass@h/a', 'javascript:alert(1)', { $gt: '' }, '‮'];

let studio: StudioProcess;
let engine: Peer<'engine'>;
let routes: { method: string; path: string; takesBody: boolean; open: boolean }[];

beforeAll(async () => {
  studio = await StudioProcess.start();
  engine = studio.peer('engine', IDLE_ENGINE, () => ({ frame: 1, ptsMs: 1 }));
  await engine.wanted('the start', () => true);
  const { paths } = (await studio.api('GET', '/openapi.json')).body;
  routes = Object.entries<Record<string, any>>(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, route]) => ({
    method: method.toUpperCase(), path: path.replace('/api/v1', ''), takesBody: route.requestBody?.content['application/json'] !== undefined, open: route.security?.length === 0,
  })));
  expect(routes.length).toBeGreaterThan(35);
});
afterAll(async () => {
  await engine?.stop();
  await studio?.stop();
});

async function state(): Promise<string> {
  return JSON.stringify((await studio.api('GET', '/state')).body);
}
function expectError({ status, body }: Answer, statuses: number[] | 'any 4xx', what: string): void {
  if (statuses === 'any 4xx') expect(status >= 400 && status < 500, `${what} → ${status}`).toBe(true);
  else expect(statuses, `${what} → ${status} ${JSON.stringify(body)}`).toContain(status);
  expect(body?.error, what).toMatchObject({ code: expect.stringMatching(/^[A-Z_]+$/), message: expect.stringMatching(/\S/) });
}
/** The path with an id in it: one that there is, where there is one. */
async function concrete(path: string): Promise<string> {
  if (!path.includes('{id}')) return path;
  const list = path.split('/{id}')[0]!;
  const { items } = (await studio.api('GET', list)).body;
  return path.replace('{id}', items[0]?.id ?? 'none').replace(/\{\w+\}/, 'none');
}

describe('REST', () => {
  test('without the token, or with another, every route but the open ones answers 401', async () => {
    for (const { method, path, open } of routes) {
      if (open) continue;
      const address = `${studio.url}/api/v1${path.replace(/\{\w+\}/g, 'src_x')}`;
      expect((await fetch(address, { method })).status, `${method} ${path}`).toBe(401);
    }
    for (const authorization of ['Bearer wrong-token-wrong-token', 'Basic YTpi', 'Bearer', 'Bearer  ', `Token ${studio.token}`]) {
      expect((await fetch(`${studio.url}/api/v1/sources`, { headers: { authorization } })).status, authorization).toBe(401);
    }
  });

  test('garbage bodies answer a clear 4xx and change nothing', async () => {
    const before = await state();
    for (const { method, path, takesBody } of routes) {
      if (!takesBody && method !== 'POST') continue;
      const address = await concrete(path);
      for (const [what, body, type, statuses] of BAD_BODIES) {
        const answer = await studio.api(method, address, body, { 'Content-Type': type });
        // A timeline may be larger; this one is wrong otherwise.
        const larger = path.startsWith('/timelines') && takesBody && statuses.includes(413) ? [400] : [];
        // What anybody may send is to be short.
        const shorter = path === '/session' ? [413] : [];
        expectError(answer, [...statuses, ...larger, ...shorter, ...(address.includes('none') ? [404] : [])], `${method} ${address} with ${what}`);
      }
    }
    expect(await state()).toBe(before);
    expect(({} as any).polluted).toBeUndefined();
  }, 120_000);

  test('each field of each resource, spoilt or missing, is a clear 4xx or harmless', async () => {
    const before = await state();
    let refused = 0;
    for (const { method, path, takesBody } of routes) {
      if (!takesBody) continue;
      const good = GOOD[path.replace(/\/\{\w+\}/g, '')];
      expect(good, `a good body for ${path}`).toBeDefined();
      for (const field of Object.keys(good!)) {
        for (const value of SPOILT) {
          const answer = await studio.api(method, path.replace('{id}', 'src_none').replace(/\{\w+\}/, 'none'), { ...good, [field]: value });
          expect(answer.status, `${method} ${path} ${field}=${JSON.stringify(value).slice(0, 60)} → ${JSON.stringify(answer.body)}`).toBeLessThan(500);
          if (answer.status >= 400) {
            expectError(answer, 'any 4xx', `${method} ${path} ${field}`);
            refused += 1;
          } else if (method === 'POST' && answer.body.timeline) await studio.api('DELETE', `/timelines/${answer.body.timeline.id}`);
          else if (method === 'POST' && answer.body.id) await studio.api('DELETE', `${path}/${answer.body.id}`);
        }
      }
    }
    expect(refused).toBeGreaterThan(300);
    const after = JSON.parse(await state());
    expect(after.sources.length).toBe(JSON.parse(before).sources.length);
    await studio.api('PATCH', '/settings', JSON.parse(JSON.stringify({ ...JSON.parse(before).settings, revision: undefined })));
  }, 120_000);

  test('ids that are none', async () => {
    const before = await state();
    for (const id of ['none', '..', '%2e%2e%2f', '__proto__', 'constructor', 'a'.repeat(3000), '%00', '%ff', '🎥', "' or 1=1 --", '<script>']) {
      for (const { method, path, takesBody } of routes) {
        if (!path.includes('{id}')) continue;
        const answer = await studio.api(method, path.replace(/\{\w+\}/g, encodeURIComponent(id)), takesBody ? { name: 'x' } : undefined);
        expectError(answer, [400, 404], `${method} ${path} with ${id.slice(0, 20)}`);
      }
    }
    expect(await state()).toBe(before);
  }, 60_000);

  test('any JSON at all never makes a 500', async () => {
    const writing = routes.filter((route) => route.takesBody && !route.open);
    const before = JSON.parse(await state());
    await fc.assert(fc.asyncProperty(fc.constantFrom(...writing), fc.jsonValue({ depthSize: 'large' }), async (route, value) => {
      const answer = await studio.api(route.method, await concrete(route.path), JSON.stringify(value));
      if (answer.status >= 400) expectError(answer, 'any 4xx', `${route.method} ${route.path}`);
    }), { numRuns: 400 });
    expect(JSON.parse(await state()).sources).toEqual(before.sources);
  }, 120_000);

  test('unknown routes and methods', async () => {
    for (const [method, path] of [['GET', '/nothing'], ['PUT', '/sources'], ['DELETE', '/settings'], ['POST', '/broadcast'], ['OPTIONS', '/sources'], ['GET', '/'], ['GET', '/sources/']] as const) {
      expectError(await studio.api(method, path), [404, 405], `${method} ${path}`);
    }
    expect((await fetch(`${studio.url}/api/v2/sources`, { headers: { authorization: `Bearer ${studio.token}` } })).status).toBe(404);
    expect((await fetch(`${studio.url}/api/v1/health`, { method: 'POST' })).status).toBe(401);
  });

  test('If-Match that is no revision', async () => {
    for (const value of ['x', '"x"', '"-1"', '1, 2', '99999999999999999999']) {
      expectError(await studio.api('PATCH', '/settings', {}, { 'If-Match': value }), [400], value);
    }
  });

  test.each([
    ['no HTTP', 'EHLO studio\r\n\r\n'],
    ['a handshake of RTMP', '\u0003' + 'a'.repeat(1536)],
    ['no host', 'GET /api/v1/health HTTP/1.1\r\n\r\n'],
    ['a host that is none', 'GET /api/v1/health HTTP/1.1\r\nHost: a b/c\r\nConnection: close\r\n\r\n'],
    ['a websocket address', 'GET ws://host/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'],
    ['an upgrade to nowhere', 'GET //[ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
    ['an upgrade without a key', `GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer a-token-for-tests-0123456789\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`],
    ['a path with a null byte', 'GET /live/a%00b.flv HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n'],
    ['a path out of the panel', 'GET /assets/..%2f..%2f..%2fpackage.json HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n'],
    ['a path that cannot be read', 'GET /%ff%fe HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n'],
    ['a very long path', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`],
    ['two lengths', 'POST /api/v1/sources HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ])('on the bare socket: %s', async (_what, text) => {
    const answer = await within('an answer', 5000, new Promise<string>((done) => {
      let heard = '';
      const socket = connect(studio.port, '127.0.0.1', () => socket.write(text, 'latin1'));
      socket.on('data', (data) => { heard += String(data); });
      socket.on('error', () => undefined);
      socket.on('close', () => done(heard));
    }));
    if (answer !== '') expect(answer).toMatch(/^HTTP\/1\.1 (4\d\d|503) /);
    expect(answer).not.toContain('"name": "vistterstudio"');
    expect((await studio.api('GET', '/health')).status).toBe(200);
  });

  test('a connection that sends a thousand requests and reads no answer is closed', async () => {
    const heard = await within('the close', 5000, new Promise<string>((done) => {
      let text = '';
      const socket = connect(studio.port, '127.0.0.1', () => socket.write('GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.repeat(1000)));
      socket.on('data', (data) => { text += String(data); });
      socket.on('error', () => undefined);
      socket.on('close', () => done(text));
    }));
    expect(heard.split('HTTP/1.1 200').length).toBeLessThan(1000);
    expect((await studio.api('GET', '/health')).status).toBe(200);
  });

  test('one that goes in the middle of its body is no failure of ours', async () => {
    const posted = async (): Promise<string> => {
      const text = await (await fetch(`${studio.url}/metrics`, { headers: { authorization: `Bearer ${studio.token}` } })).text();
      return text.split('\n').filter((line) => line.startsWith('vistter_http_requests_total{method="POST"')).join();
    };
    const before = await posted();
    const socket = connect(studio.port, '127.0.0.1', () => {
      socket.write(`POST /api/v1/sources HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${studio.token}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`, () => socket.destroy());
    });
    socket.on('error', () => undefined);
    await waitFor('the studio to notice', async () => await posted() !== before);
    expect(studio.process.stdout() + studio.process.stderr()).not.toContain('a request failed');
  });
});

describe('the websocket', () => {
  const bad: [string, unknown, string][] = [
    ['no JSON', '{', 'BAD_REQUEST'],
    ['an empty message', '', 'BAD_REQUEST'],
    ['bytes', Buffer.from([1, 2, 3]), 'BAD_REQUEST'],
    ['null', 'null', 'VALIDATION'],
    ['a list', '[]', 'VALIDATION'],
    ['no type', '{}', 'VALIDATION'],
    ['an unknown type', '{"type":"self-destruct","payload":{}}', 'UNKNOWN_MESSAGE'],
    ['a type that is everywhere', '{"type":"toString","payload":{}}', 'UNKNOWN_MESSAGE'],
    ['no payload', '{"type":"camera:switch"}', 'VALIDATION'],
    ['an empty payload', '{"type":"camera:switch","payload":{}}', 'VALIDATION'],
    ['a wrong id', '{"type":"camera:switch","payload":{"sourceId":7}}', 'VALIDATION'],
    ['an id that is none', '{"type":"camera:switch","payload":{"sourceId":"../../x"}}', 'VALIDATION'],
    ['an unknown transition', '{"type":"camera:switch","payload":{"sourceId":"a","transition":{"kind":"explode"}}}', 'VALIDATION'],
    ['an endless transition', '{"type":"camera:switch","payload":{"sourceId":"a","transition":{"kind":"fade","durationMs":1e9}}}', 'VALIDATION'],
    ['an unknown action', '{"type":"broadcast:control","payload":{"action":"explode"}}', 'VALIDATION'],
    ['a wrong list', '{"type":"broadcast:control","payload":{"action":"start","destinationIds":"all"}}', 'VALIDATION'],
    ['a stop of nothing', '{"type":"broadcast:control","payload":{"action":"stop"}}', 'NOT_LIVE'],
    ['a record-stop of nothing', '{"type":"broadcast:control","payload":{"action":"record-stop"}}', 'CONFLICT'],
    ['a mark while nothing is recorded', '{"type":"marker:add","payload":{}}', 'CONFLICT'],
    ['a mark of many lines', '{"type":"marker:add","payload":{"text":"a\\nb"}}', 'VALIDATION'],
    ['an insert that is none', '{"type":"insert:control","payload":{"action":"air","insertId":"ins_none"}}', 'NOT_FOUND'],
    ['an insert without an id', '{"type":"insert:control","payload":{"action":"air"}}', 'VALIDATION'],
    ['a stop of no insert', '{"type":"insert:control","payload":{"action":"stop"}}', 'CONFLICT'],
    ['an emergency of two things', '{"type":"playback:control","payload":{"action":"emergency","sourceId":"a","sceneId":"b"}}', 'VALIDATION'],
    ['an emergency of what is not there', '{"type":"playback:control","payload":{"action":"emergency","sourceId":"a"}}', 'NOT_FOUND'],
    ['a target of no emergency', '{"type":"playback:control","payload":{"action":"play","sourceId":"a"}}', 'VALIDATION'],
    ['an overlay that is none', '{"type":"overlay:control","payload":{"overlayId":"x","visible":true}}', 'NOT_FOUND'],
    ['a text for a switch', '{"type":"overlay:control","payload":{"overlayId":"x","visible":"yes"}}', 'VALIDATION'],
    ['a bad subscription', '{"type":"subscribe","payload":{"levels":"loud"}}', 'VALIDATION'],
    ['a bad rev', '{"type":"resume","payload":{"rev":-1}}', 'VALIDATION'],
    ['a prototype', '{"type":"subscribe","payload":{"__proto__":{"levels":true}}}', 'BAD_REQUEST'],
    ['an unknown field', '{"type":"subscribe","payload":{},"extra":1}', 'VALIDATION'],
    ['an id of the wrong kind', '{"type":"subscribe","id":{},"payload":{}}', 'VALIDATION'],
    ['too deep', `{"type":"subscribe","payload":${'['.repeat(50_000)}${']'.repeat(50_000)}}`, 'BAD_REQUEST'],
  ];

  test.each(bad)('%s: an error, nothing changes, the connection stays', async (_what, message, code) => {
    const before = await state();
    const client = await studio.connect();
    client.socket.send(message as string | Buffer);
    const answer = await client.next('an error', (m) => m.type === 'error');
    expect(answer.payload.code).toBe(code);
    expect(answer.payload.message).toMatch(/\S/);
    expect(await client.ask('subscribe', {})).toMatchObject({ type: 'ack' });
    client.close();
    expect(await state()).toBe(before);
    expect(engine.requests).toEqual([]);
  });

  test('a payload that reaches for a prototype is answered under the id of its request', async () => {
    const client = await studio.connect();
    client.socket.send('{"type":"camera:switch","id":"mine","payload":{"__proto__":{}}}');
    expect(await client.next('the answer', (m) => m.id === 'mine')).toMatchObject({ type: 'error', payload: { code: 'BAD_REQUEST' } });
    client.close();
  });

  test('a message beyond the limit closes that connection alone', async () => {
    const [big, other] = [await studio.connect(), await studio.connect()];
    const closed = new Promise<number>((done) => big.socket.once('close', done));
    big.socket.send(JSON.stringify({ type: 'subscribe', payload: { levels: BIG } }));
    expect(await within('the close', 5000, closed)).toBe(1009);
    expect(await other.ask('subscribe', {})).toMatchObject({ type: 'ack' });
    other.close();
  });

  test('any JSON at all as payload of any type never makes an INTERNAL', async () => {
    const types: ClientMessage['type'][] = ['camera:switch', 'broadcast:control', 'overlay:control', 'playback:control', 'insert:control', 'timeline:update', 'subscribe', 'resume', 'preview:arm', 'program:take', 'program:bar', 'program:black', 'audio:control', 'marker:add', 'operator', 'ping'];
    const client = await studio.connect();
    await fc.assert(fc.asyncProperty(fc.constantFrom(...types), fc.jsonValue(), async (type, payload) => {
      const answer = await client.ask(type, payload);
      expect(answer.payload.code).not.toBe('INTERNAL');
    }), { numRuns: 150 });
    client.close();
  });

  test('a flood of messages is answered with "slow down" and then shown out, and others notice nothing', async () => {
    const [flood, other] = [await studio.connect(), await studio.connect()];
    const closed = new Promise<number>((done) => flood.socket.once('close', done));
    for (let i = 0; i < 2000; i++) flood.socket.send(`{"type":"subscribe","id":${i},"payload":{}}`);
    // It says which message it was.
    expect(await flood.next('slow down', (m) => m.type === 'error')).toMatchObject({ id: expect.any(Number), payload: { code: 'TOO_MANY_ATTEMPTS' } });
    expect(await within('the close', 5000, closed)).toBe(1008);
    expect(await other.ask('subscribe', {})).toMatchObject({ type: 'ack' });
    other.close();
  });
});
