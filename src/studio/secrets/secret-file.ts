/** Small files that only this user may read. */
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { ServerError } from '../../runtime/errors.js';

/**
 * The file's text, trimmed; made by `make` when there is none. Wider rights than 0600 are taken back.
 * @throws ServerError SECRETS_UNUSABLE when it can neither be read nor written.
 */
export function readOrMakeSecretFile(file: string, make: () => string): string {
  try {
    const text = readFileSync(file, 'utf8').trim();
    chmodSync(file, 0o600);
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unusable(file, error);
  }
  const text = make();
  try {
    const descriptor = openSync(file, 'wx', 0o600);
    try {
      writeSync(descriptor, `${text}\n`);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    // The name must outlive a power cut as well: what is sealed with a lost key is lost.
    const folder = openSync(dirname(file), 'r');
    fsyncSync(folder);
    closeSync(folder);
    return text;
  } catch (error) {
    throw unusable(file, error);
  }
}

function unusable(file: string, error: unknown): ServerError {
  return new ServerError('SECRETS_UNUSABLE', `${file} cannot be used: ${(error as Error).message}`, { cause: error });
}
