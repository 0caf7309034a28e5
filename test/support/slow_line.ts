/** A slow line from far in front of a server on this machine: native/test/slow_line.cpp. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { makeNative } from './native_build.js';

export class SlowLine {
  private constructor(private readonly child: ChildProcess, readonly port: number) {}

  /** @param kbps towards the server. @param latencyMs each way */
  static async to(upstreamPort: number, { kbps, latencyMs }: { kbps: number; latencyMs: number }): Promise<SlowLine> {
    const child = spawn(makeNative('build/slow-line'), [upstreamPort, kbps, latencyMs].map(String), { stdio: ['pipe', 'pipe', 'inherit'] });
    const [port] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    return new SlowLine(child, Number(port));
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.stdin!.end();
    await ended;
  }
}
