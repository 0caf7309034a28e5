/** Temporary folders and free ports. */
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Made here and not removed yet. */
const folders = new Set<string>();

/** A fresh folder with a short path: unix sockets below it must stay within 107 characters. */
export function tempFolder(prefix = 'v-'): string {
  const path = mkdtempSync(join(tmpdir(), prefix));
  folders.add(path);
  return path;
}

/** Removes a folder made by `tempFolder`; keeps it when VISTTER_KEEP_TEMP is set, so that a failure can be looked at. */
export function removeFolder(path: string): void {
  folders.delete(path);
  if (process.env.VISTTER_KEEP_TEMP) {
    console.log(`kept ${path}`);
    return;
  }
  rmSync(path, { recursive: true, force: true, maxRetries: 3, retryDelay: 100 });
}

/** For who ends before its time. */
export function removeFoldersLeft(): void {
  for (const path of folders) removeFolder(path);
}

/**
 * Below the ports that Linux gives to outgoing connections (32768 and up): one of those could be taken, by any client at all,
 * while the server that is to have it starts, or is away between a kill and its return.
 */
const FIRST_PORT = 10_240;
const PORTS = 32_768 - FIRST_PORT;

/** `count` TCP ports on the loopback that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const held: Server[] = [];
  while (held.length < count) {
    const server = await listening(FIRST_PORT + randomInt(PORTS));
    if (server) held.push(server);
  }
  const ports = held.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(held.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/** null where somebody listens already. */
function listening(port: number): Promise<Server | null> {
  return new Promise((done, fail) => {
    const server = createServer().once('error', (error: NodeJS.ErrnoException) => { if (error.code === 'EADDRINUSE') done(null); else fail(error); });
    server.listen(port, '127.0.0.1', () => done(server));
  });
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port!;
}
