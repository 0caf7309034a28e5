/** A TCP proxy that is a bad network: far, frozen, half-open, resetting. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './temp.js';

interface Pair {
  client: Socket;
  upstream: Socket;
}

export class TcpProxy {
  port = 0;
  connections = 0;
  /** Bytes passed from client to upstream. */
  forwardedBytes = 0;
  private readonly pairs = new Set<Pair>();
  private server: Server | undefined;
  private stopping: Promise<void> | undefined;
  private mode: 'pass' | 'pause' | 'blackhole' | 'refuse' = 'pass';
  private latencyMs = 0;

  constructor(private readonly upstreamPort: number) {}

  async start(): Promise<this> {
    const server = createServer({ pauseOnConnect: true }, (client) => this.join(client));
    this.server = server;
    this.port = await freePort();
    await new Promise<void>((done, fail) => {
      server.once('error', fail);
      server.listen(this.port, '127.0.0.1', done);
    });
    return this;
  }

  /** Both sides stop being read: their kernels' buffers fill, as with a frozen peer. */
  pause(): void {
    this.mode = 'pause';
    for (const { client, upstream } of this.pairs) { client.pause(); upstream.pause(); }
  }

  /** Takes every byte and passes none on, and hides closes: a network that is gone. New connections hang too. */
  blackhole(): void {
    this.mode = 'blackhole';
    for (const { client, upstream } of this.pairs) { client.resume(); upstream.resume(); }
  }

  /** Ends what there is with a reset and every new connection too, until `pass`. */
  refuse(): void {
    this.mode = 'refuse';
    this.reset();
  }

  /** Back to normal. What was swallowed is gone, so connections from then are reset as a returning network does. */
  pass(): void {
    if (this.mode === 'blackhole') this.reset();
    this.mode = 'pass';
    for (const { client, upstream } of this.pairs) { client.resume(); upstream.resume(); }
  }

  reset(): void {
    for (const { client, upstream } of this.pairs) { client.resetAndDestroy(); upstream.resetAndDestroy(); }
  }

  setLatency(ms: number): void {
    this.latencyMs = ms;
  }

  stop(): Promise<void> {
    this.stopping ??= new Promise((done) => {
      for (const { client, upstream } of this.pairs) { client.destroy(); upstream.destroy(); }
      if (this.server) this.server.close(() => done());
      else done();
    });
    return this.stopping;
  }

  private join(client: Socket): void {
    this.connections++;
    client.on('error', () => undefined);
    if (this.mode === 'refuse') {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ host: '127.0.0.1', port: this.upstreamPort, allowHalfOpen: true });
    const pair = { client, upstream };
    this.pairs.add(pair);
    client.setNoDelay(true);
    upstream.setNoDelay(true);
    upstream.on('error', () => undefined);
    this.pipe(client, upstream, true);
    this.pipe(upstream, client, false);
    const end = (other: Socket) => () => {
      this.pairs.delete(pair);
      if (this.mode !== 'blackhole') other.destroy();
    };
    client.on('close', end(upstream));
    upstream.on('close', end(client));
    if (this.mode !== 'pause') client.resume();
  }

  private pipe(from: Socket, to: Socket, upward: boolean): void {
    from.on('data', (chunk: Buffer) => {
      if (this.mode === 'blackhole') return;
      if (upward) this.forwardedBytes += chunk.length;
      const write = (): void => {
        if (this.mode === 'blackhole' || to.destroyed) return;
        if (!to.write(chunk)) {
          from.pause();
          to.once('drain', () => { if (this.mode !== 'pause') from.resume(); });
        }
      };
      if (this.latencyMs > 0) setTimeout(write, this.latencyMs);
      else write();
    });
    from.on('end', () => {
      if (this.mode !== 'blackhole') to.end();
    });
  }
}
