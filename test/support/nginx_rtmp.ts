/** The independent far end: a private nginx with Debian's RTMP module that records what it is sent. */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { processTree } from './procfs.js';
import { startProcess, type RunningProcess } from './process.js';
import { freePort, removeFolder, tempFolder } from './temp.js';
import { monotonicMs, waitFor } from './wait.js';

const modulePath = '/usr/lib/nginx/modules/ngx_rtmp_module.so';

/** Debian's packages nginx and libnginx-mod-rtmp. */
export const hasNginxRtmp = existsSync(modulePath);

export interface NginxEvent {
  call: 'publish' | 'publish_done' | 'refused';
  app: string;
  key: string;
  atMs: number;
}

export interface NginxRtmpOptions {
  /** Keys that the app `auth` accepts; `live` accepts everything. */
  keys?: string[];
  record?: boolean;
  port?: number;
}

export class NginxRtmp {
  readonly folder = tempFolder('v-ngx-');
  readonly events: NginxEvent[] = [];
  port = 0;
  private running: RunningProcess | undefined;
  private callbacks: Server | undefined;
  private stopping: Promise<void> | undefined;

  constructor(private readonly options: NginxRtmpOptions = {}) {}

  async start(): Promise<this> {
    this.port = this.options.port ?? await freePort();
    const callbackPort = await this.listenForCalls();
    const rec = join(this.folder, 'rec');
    mkdirSync(rec, { recursive: true, mode: 0o777 });
    writeFileSync(join(this.folder, 'nginx.conf'), this.configuration(rec, callbackPort));
    this.running = startProcess('nginx', ['-p', this.folder, '-c', join(this.folder, 'nginx.conf'), '-e', join(this.folder, 'error.log')]);
    await waitFor('nginx to listen', () => this.pids.length > 1 && existsSync(join(this.folder, 'nginx.pid')), { timeoutMs: 5_000 });
    return this;
  }

  /** `live` accepts every key, `auth` only those of the options. */
  url(app: 'live' | 'auth' = 'live'): string {
    return `rtmp://127.0.0.1:${this.port}/${app}`;
  }

  /** Files recorded of a key, oldest first: one a connection. */
  recordings(key: string): string[] {
    const folder = join(this.folder, 'rec');
    return readdirSync(folder)
      .filter((name) => name.startsWith(`${key}-`) && name.endsWith('.flv'))
      .map((name) => join(folder, name))
      .sort((a, b) => statSync(a).birthtimeMs - statSync(b).birthtimeMs);
  }

  /** The newest whole recording of a key; call it when the publisher has gone, or expect a cut end. */
  lastRecording(key: string): string {
    const path = this.recordings(key).at(-1);
    if (!path) throw new Error(`nginx recorded nothing of ${key}: ${this.errorLog().slice(-1_000)}`);
    return path;
  }

  errorLog(): string {
    const path = join(this.folder, 'error.log');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** Master and worker, for SIGSTOP and CPU time. */
  get pids(): number[] {
    return this.running ? processTree(this.running.pid).map((info) => info.pid) : [];
  }

  signal(name: NodeJS.Signals): void {
    for (const pid of this.pids) process.kill(pid, name);
  }

  stop(): Promise<void> {
    this.stopping ??= (async () => {
      await this.running?.stop(1_000);
      await new Promise<void>((done) => {
        if (!this.callbacks) return done();
        this.callbacks.closeAllConnections();
        this.callbacks.close(() => done());
      });
      removeFolder(this.folder);
    })();
    return this.stopping;
  }

  private async listenForCalls(): Promise<number> {
    const keys = this.options.keys ?? [];
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => { body += chunk.toString(); });
      request.on('end', () => {
        const call = new URLSearchParams(body);
        const app = call.get('app') ?? '';
        const key = call.get('name') ?? '';
        const refused = call.get('call') === 'publish' && app === 'auth' && !keys.includes(key);
        this.events.push({ call: refused ? 'refused' : (call.get('call') as 'publish'), app, key, atMs: monotonicMs() });
        response.writeHead(refused ? 403 : 200).end();
      });
    });
    this.callbacks = server;
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  private configuration(rec: string, callbackPort: number): string {
    const record = this.options.record === false ? 'record off;' : `record all; record_path ${rec}; record_unique on; record_suffix .flv;`;
    const calls = `on_publish http://127.0.0.1:${callbackPort}/; on_publish_done http://127.0.0.1:${callbackPort}/;`;
    const user = process.getuid?.() === 0 ? 'user root;' : '';
    return `
${user}
load_module ${modulePath};
daemon off; master_process on; worker_processes 1;
pid ${this.folder}/nginx.pid;
error_log ${this.folder}/error.log notice;
events { worker_connections 256; }
rtmp {
  server {
    listen 127.0.0.1:${this.port};
    chunk_size 4096; timeout 60s; ping 30s;
    application live { live on; ${record} ${calls} }
    application auth { live on; ${record} ${calls} }
  }
}
`;
  }
}
