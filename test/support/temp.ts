/** Temporary folders and free ports. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A fresh folder with a short path: unix sockets below it must stay within 107 characters. */
export function tempFolder(prefix = 'v-'): string {
  return mkdtempSync(join(tmpdir(), prefix));
}

/** Removes a folder made by `tempFolder`; keeps it when VISTTER_KEEP_TEMP is set, so that a failure can be looked at. */
export function removeFolder(path: string): void {
  if (process.env.VISTTER_KEEP_TEMP) {
    console.log(`kept ${path}`);
    return;
  }
  rmSync(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 100 });
}

/** `count` TCP ports on the loopback that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise<ReturnType<typeof createServer>>((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => done(server));
  })));
  const ports = servers.map((server) => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  });
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port!;
}
