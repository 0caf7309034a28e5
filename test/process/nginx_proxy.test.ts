/** nginx/vistterstudio.conf under the real nginx: its syntax, TLS, what it passes on, and websockets through it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { repositoryRoot } from '../support/media.js';
import { startProcess, type RunningProcess } from '../support/process.js';
import { freePorts, removeFolder, tempFolder } from '../support/temp.js';
import { waitFor } from '../support/wait.js';

const missing = ['/usr/sbin/nginx', '/usr/bin/openssl'].find((program) => !existsSync(program));
if (missing) console.log(`nginx proxy: skipped, ${missing} is not installed`);

describe.skipIf(missing)('the reverse proxy', () => {
  const folder = tempFolder('v-proxy-');
  let backend: Server;
  let sockets: WebSocketServer;
  let nginx: RunningProcess;
  let tlsPort: number;
  let plainPort: number;

  beforeAll(async () => {
    let backendPort: number;
    [tlsPort, plainPort, backendPort] = await freePorts(3) as [number, number, number];
    backend = createServer((incoming, response) => response.setHeader('Content-Type', 'application/json').end(JSON.stringify(incoming.headers)));
    sockets = new WebSocketServer({ server: backend });
    sockets.on('connection', (socket, incoming) => {
      socket.send(JSON.stringify({ url: incoming.url, headers: incoming.headers }));
      socket.on('message', (data) => socket.send(`echo ${String(data)}`));
    });
    await new Promise<void>((done) => backend.listen(backendPort, '127.0.0.1', done));

    const [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=studio.example.com', '-addext', 'subjectAltName=DNS:studio.example.com', '-keyout', key, '-out', certificate], { stdio: 'ignore' });
    const shipped = readFileSync(join(repositoryRoot, 'nginx/vistterstudio.conf'), 'utf8');
    const site = shipped
      .replace(/listen \[::\][^;]*;/g, '')
      .replace('listen 443 ', `listen 127.0.0.1:${tlsPort} `)
      .replace('listen 80;', `listen 127.0.0.1:${plainPort};`)
      .replace(/\/etc\/letsencrypt\/[^;]*fullchain\.pem/, certificate)
      .replace(/\/etc\/letsencrypt\/[^;]*privkey\.pem/, key)
      .replace('http://127.0.0.1:8080', `http://127.0.0.1:${backendPort}`);
    writeFileSync(join(folder, 'nginx.conf'), `
      daemon off;
      pid ${folder}/nginx.pid;
      error_log ${folder}/error.log;
      events {}
      http {
        access_log off;
        ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')}
        ${site}
      }`);
  });

  afterAll(async () => {
    await nginx?.stop();
    sockets?.close();
    for (const client of sockets?.clients ?? []) client.terminate();
    await new Promise((done) => (backend ? backend.close(done) : done(undefined)));
    removeFolder(folder);
  });

  it('is what nginx accepts', () => {
    const result = spawnSync('nginx', ['-t', '-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], { encoding: 'utf8' });
    expect(result.stderr).toContain('syntax is ok');
    expect(result.stderr).not.toContain('[warn]');
    expect(result.status).toBe(0);
  });

  it('speaks TLS, and says who asks and how', async () => {
    nginx = startProcess('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')]);
    const answer = await waitFor('nginx to answer', () => new Promise<{ headers: NodeJS.Dict<string | string[]>; body: string }>((done, fail) => {
      const asked = request({
        host: '127.0.0.1', port: tlsPort, path: '/api/v1/health', ca: readFileSync(join(folder, 'cert.pem')), servername: 'studio.example.com',
        headers: { Host: 'studio.example.com', 'X-Forwarded-For': '10.9.9.9', Connection: 'close' },
      }, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => { body += chunk.toString(); });
        response.on('end', () => done({ headers: response.headers, body }));
      });
      asked.on('error', fail);
      asked.end();
    }));
    expect(answer.headers['strict-transport-security']).toContain('max-age');
    const passed = JSON.parse(answer.body) as Record<string, string>;
    expect(passed).toMatchObject({ host: 'studio.example.com', 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'https' });
    expect(passed.upgrade).toBeUndefined();
  });

  it('sends plain HTTP to TLS', async () => {
    const response = await fetch(`http://127.0.0.1:${plainPort}/x?y=1`, { redirect: 'manual', headers: { Connection: 'close' } });
    expect(response.status).toBe(301);
    expect(response.headers.get('location')).toMatch(/^https:\/\/.*\/x\?y=1$/);
  });

  it('lets websockets through, both ways', async () => {
    const socket = new WebSocket(`wss://127.0.0.1:${tlsPort}/ws?rev=3`, {
      // Asked for by address, checked by name.
      agent: new Agent({ ca: readFileSync(join(folder, 'cert.pem')), servername: 'studio.example.com' }),
      headers: { Host: 'studio.example.com', Origin: 'https://studio.example.com' },
    });
    const heard: string[] = [];
    socket.on('message', (data) => heard.push(String(data)));
    await waitFor('the first message', () => heard.length > 0);
    expect(JSON.parse(heard[0]!)).toMatchObject({ url: '/ws?rev=3', headers: { host: 'studio.example.com', origin: 'https://studio.example.com' } });
    socket.send('hello');
    await waitFor('the echo', () => heard.includes('echo hello'));
    socket.terminate();
  });
});
