import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { ATTEMPTS } from '../../src/studio/http/attempts.js';
import { IDLE_EGRESS, IDLE_ENGINE, StudioProcess } from '../support/studio-process.js';
import { waitFor, within } from '../support/wait.js';

let studio: StudioProcess;
beforeAll(async () => { studio = await StudioProcess.start({ env: { VISTTER_HTTP_HOSTS: 'studio.example.org' } }); });
afterAll(async () => { await studio?.stop(); });

/** fetch() does not let a test set Host, Origin or Sec-Fetch-Site. */
function raw(path: string, headers: Record<string, string>, method = 'GET', body?: string): Promise<{ status: number; headers: any; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: studio.port, path, method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => { text += String(chunk); });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
const bearer = () => ({ Authorization: `Bearer ${studio.token}` });
const host = () => `127.0.0.1:${studio.port}`;

async function cookie(): Promise<string> {
  const answer = await raw('/api/v1/session', { 'Content-Type': 'application/json', Origin: `http://${host()}` }, 'POST', JSON.stringify({ token: studio.token }));
  expect(answer.status).toBe(204);
  return answer.headers['set-cookie'][0];
}
/** Status of an upgrade: 101 when it is let in. */
function upgrade(headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(`ws://127.0.0.1:${studio.port}/ws`, { headers });
  return within('an answer', 5000, new Promise<number>((done) => {
    socket.on('open', () => { socket.terminate(); done(101); });
    socket.on('unexpected-response', (_request, response) => { response.destroy(); done(response.statusCode!); });
    socket.on('error', () => undefined);
  }));
}

describe('the session cookie', () => {
  test('is what the token is traded for, is out of reach of scripts, and ends', async () => {
    const set = await cookie();
    expect(set).toMatch(/; Path=\/; HttpOnly; SameSite=Strict; Max-Age=2592000$/);
    const Cookie = set.split(';')[0]!;
    expect(Cookie).not.toContain(studio.token);
    expect((await raw('/api/v1/sources', { Cookie })).status).toBe(200);
    expect(await upgrade({ Cookie, Origin: `http://${host()}` })).toBe(101);

    const ended = await raw('/api/v1/session', { Cookie, Origin: `http://${host()}` }, 'DELETE');
    expect(ended.headers['set-cookie'][0]).toContain('Max-Age=0');
    expect((await raw('/api/v1/sources', { Cookie })).status).toBe(401);
    expect(await upgrade({ Cookie, Origin: `http://${host()}` })).toBe(401);
  });

  test('does nothing for a page of another site', async () => {
    const Cookie = (await cookie()).split(';')[0]!;
    const make = (headers: Record<string, string>) => raw('/api/v1/scenes', { Cookie, 'Content-Type': 'application/json', ...headers }, 'POST', '{"name":"x","layers":[]}');
    expect((await make({ Origin: 'http://evil.example' })).status).toBe(403);
    expect((await make({ Origin: 'null' })).status).toBe(403);
    expect((await make({ Origin: `http://127.0.0.1:${studio.port + 1}` })).status).toBe(403);
    expect((await make({})).status).toBe(403);
    expect((await make({ Origin: `http://${host()}`, 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403);
    expect((await make({ Origin: `http://${host()}`, 'Sec-Fetch-Site': 'same-origin' })).status).toBe(201);
    expect(await upgrade({ Cookie, Origin: 'http://evil.example' })).toBe(403);
    expect(await upgrade({ Cookie })).toBe(403);
    expect(await upgrade({ ...bearer(), Origin: 'http://evil.example' })).toBe(403);
    expect(await upgrade(bearer())).toBe(101);
    expect(await upgrade({})).toBe(401);
  });

  test('behind TLS it is marked secure', async () => {
    const answer = await raw('/api/v1/session', { 'Content-Type': 'application/json', 'X-Forwarded-Proto': 'https' }, 'POST', JSON.stringify({ token: studio.token }));
    expect(answer.headers['set-cookie'][0]).toMatch(/; Secure$/);
  });
});

test('a name that was pointed at this machine from outside is not answered for', async () => {
  for (const [Host, status] of [['localhost', 200], ['127.0.0.1', 200], ['[::1]:80', 200], ['studio.example.org', 200], ['rebound.example', 403], ['127.0.0.1.evil.example', 403]] as const) {
    expect((await raw('/api/v1/sources', { ...bearer(), Host })).status, Host).toBe(status);
  }
  expect((await raw('/api/v1/sources', { ...bearer(), Host: '127.0.0.1:9', Origin: 'https://studio.example.org' })).status).toBe(200);
});

test('guessing is slowed down by address, and nobody else notices', async () => {
  const guess = (from: string, token: string) => raw('/api/v1/sources', { Authorization: `Bearer ${token}`, 'X-Forwarded-For': from });
  const statuses: number[] = [];
  for (let i = 0; i < ATTEMPTS.burst + 5; i++) statuses.push((await guess('203.0.113.9', `wrong-token-number-${i}`)).status);
  expect(statuses.slice(0, ATTEMPTS.burst)).toEqual(Array(ATTEMPTS.burst).fill(401));
  expect(statuses.at(-1)).toBe(429);
  expect((await guess('203.0.113.9', studio.token)).status).toBe(429);
  expect((await guess('203.0.113.10', studio.token)).status).toBe(200);
  expect((await raw('/api/v1/sources', bearer())).status).toBe(200);
  const Cookie = (await cookie()).split(';')[0]!;
  expect((await raw('/api/v1/sources', { Cookie, 'X-Forwarded-For': '203.0.113.9' })).status).toBe(200);
});

test('who has shown no token may send little, and a flood of such connections costs only the flood', async () => {
  const long = await raw('/api/v1/session', { 'Content-Type': 'application/json' }, 'POST', JSON.stringify({ token: 'x'.repeat(5000) }));
  expect(long).toMatchObject({ status: 413 });
  const silent = (): Promise<Socket> => new Promise((done) => { const socket = connect(studio.port, '127.0.0.1', () => done(socket)).on('error', () => undefined); });
  const first = await silent();
  const ended = once(first, 'close');
  const known = await silent();
  const ask = async (): Promise<string> => {
    const answer = once(known, 'data');
    known.write(`GET /api/v1/settings HTTP/1.1\r\nHost: ${host()}\r\nAuthorization: Bearer ${studio.token}\r\n\r\n`);
    return String((await within('an answer', 5000, answer))[0]).split('\r\n')[0]!;
  };
  expect(await ask()).toBe('HTTP/1.1 200 OK');
  const client = await studio.connect();
  const flood = await Promise.all(Array.from({ length: 1100 }, silent));
  first.resume();
  await within('the first of them to be shown out', 5000, ended);
  expect(await client.ask('subscribe', {})).toMatchObject({ type: 'ack' });
  expect((await raw('/api/v1/sources', bearer())).status).toBe(200);
  expect(await ask()).toBe('HTTP/1.1 200 OK');
  for (const socket of [known, ...flood]) socket.destroy();
  client.close();
});

test('pages come with a strict policy', async () => {
  for (const path of ['/', '/api/v1/health', '/api/v1/nothing', '/nothing.js']) {
    const { headers } = await raw(path, {});
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).toContain("script-src 'self';");
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
  }
});

test('a canary key is found nowhere but sealed in the store', async () => {
  const canary = 'CANARY-9f3c1e-do-not-show';
  const engine = studio.peer('engine', IDLE_ENGINE);
  const egress = studio.peer('egress', IDLE_EGRESS);
  const client = await studio.connect();
  try {
    const seen: string[] = [];
    const ask = async (method: string, path: string, body?: unknown) => {
      const answer = await studio.api(method, path, body);
      seen.push(JSON.stringify(answer.body ?? ''), ...[...answer.headers.values()]);
      return answer.body;
    };
    const { id } = await ask('POST', '/destinations', { name: 'A', platform: 'custom', url: 'rtmp://127.0.0.1:19/live', key: canary });
    await ask('PATCH', `/destinations/${id}`, { name: 'B', key: `${canary}-2` });
    await ask('PATCH', `/destinations/${id}`, { key: `${canary}\nbroken` });
    await ask('PATCH', `/destinations/${id}`, { url: `rtmp://user:${canary}@127.0.0.1/live` });
    await ask('POST', '/destinations', { name: 'In the url', platform: 'custom', url: `rtmp://127.0.0.1:19/live/${canary}?token=${canary}` });
    await ask('POST', '/destinations', { name: canary.length, key: canary });
    await ask('POST', '/destinations', { name: 'A', platform: 'custom', url: canary, key: canary });
    await ask('POST', '/broadcast/start');
    await egress.wanted('the key where it belongs', (d) => d.destinations.some(({ key }) => key === `${canary}-2`));
    egress.link.event('nonsense', { key: canary });
    await client.ask('broadcast:control', { action: 'start', destinationIds: [canary], key: canary });
    for (const path of ['/destinations', `/destinations/${id}`, '/state', '/broadcast', '/settings', '/openapi.json', '/health']) await ask('GET', path);
    seen.push(await (await fetch(`${studio.url}/metrics`, { headers: bearer() })).text());
    seen.push(JSON.stringify(engine.desired), JSON.stringify(client.messages));
    seen.push(studio.process.stdout(), studio.process.stderr());
    seen.push(readFileSync(`/proc/${studio.process.pid}/cmdline`, 'utf8'), readFileSync(`/proc/${studio.process.pid}/environ`, 'utf8'));
    for (const text of seen) expect(text).not.toContain('CANARY');
    for (const file of filesBelow(studio.home)) expect(readFileSync(file).includes('CANARY'), file).toBe(false);
    await ask('POST', '/broadcast/stop');
  } finally {
    client.close();
    await Promise.all([engine.stop(), egress.stop()]);
  }
});

test('300 clients hear a switch; those that never read are shown out and hold nobody up', async () => {
  // Snapshots of a fifth of a megabyte, so that a deaf client's buffer fills up soon.
  const layers = Array.from({ length: 32 }, (_, i) => ({ sourceId: '', x: i / 100 }));
  const { sources } = (await studio.api('GET', '/state')).body;
  for (const layer of layers) layer.sourceId = sources[0].id;
  for (let i = 0; i < 35; i++) await studio.api('POST', '/scenes', { name: `Scene ${i}`, layers });
  const engine = studio.peer('engine', IDLE_ENGINE, () => ({ frame: 7, ptsMs: 233 }));
  await engine.wanted('the start', () => true);
  const clients = await Promise.all(Array.from({ length: 300 }, () => studio.connect()));
  const deaf = clients.slice(0, 20);
  for (const { socket } of deaf) {
    (socket as unknown as { _socket: { pause(): void } })._socket.pause();
    for (let i = 0; i < 100; i++) socket.send('{"type":"resume","payload":{"rev":1}}');
  }
  await Promise.all(clients.slice(20).map((client) => client.next('the snapshot', (m) => m.type === 'state')));
  const first = clients.at(-1)!;
  const waits: number[] = [];
  for (let i = 0; i < 50; i++) {
    const began = performance.now();
    expect(await first.ask('camera:switch', { sourceId: sources[i % 2].id })).toMatchObject({ type: 'ack' });
    waits.push(performance.now() - began);
  }
  waits.sort((a, b) => a - b);
  console.log(`switch with 300 clients, 20 of them deaf: ack p50 ${waits[25]!.toFixed(1)} ms, p99 ${waits[49]!.toFixed(1)} ms`);
  await waitFor('the deaf to be shown out', async () => (await (await fetch(`${studio.url}/metrics`, { headers: bearer() })).text()).includes('vistter_ws_evicted_total 20\n'));
  for (const client of clients) client.close();
  await engine.stop();
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : entry.isFile() ? [path] : [];
  });
}
