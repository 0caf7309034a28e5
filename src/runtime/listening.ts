/** Servers on TCP ports. */
import type { ListenOptions, Server } from 'node:net';

/**
 * Resolves when the server listens.
 * @param onError faults of the listening socket from then on; without a listener one would end the process
 * @throws whatever `listen` failed with
 */
export function listen(server: Server, where: ListenOptions, onError: (error: Error) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, () => {
      server.off('error', reject);
      server.on('error', onError);
      resolve();
    });
  });
}
