/** Small files that only this user may read. */
import { chmodSync, closeSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ServerError } from '../../runtime/errors.js';

/**
 * The file's text, trimmed; made by `make` when there is none. Wider rights than 0600 are taken back. An empty file is none: a version
 * before, or a disk that lost its content, left it behind. It appears whole or not at all.
 * @throws ServerError SECRETS_UNUSABLE when it can neither be read nor written.
 */
export function readOrMakeSecretFile(file: string, make: () => string): string {
  const found = read(file);
  if (found) return found;
  const text = make();
  const mine = `${file}.${process.pid}.new`;
  try {
    // Of a process of that number that was killed here.
    rmSync(mine, { force: true });
    writeFileSync(mine, `${text}\n`, { mode: 0o600, flag: 'wx', flush: true });
    if (found === '') rmSync(file);
    putInPlace(mine, file);
    // The name must outlive a power cut as well: what is sealed with a lost key is lost.
    const folder = openSync(dirname(file), 'r');
    fsyncSync(folder);
    closeSync(folder);
    return text;
  } catch (error) {
    rmSync(mine, { force: true });
    throw unusable(file, error);
  }
}

/** undefined: there is none. */
function read(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim();
    chmodSync(file, 0o600);
    return text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unusable(file, error);
  }
}

/** Never in the place of one that somebody else has made meanwhile, as a rename would be; but on a disk without second names, such as exFAT. */
function putInPlace(mine: string, file: string): void {
  try {
    linkSync(mine, file);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    renameSync(mine, file);
    return;
  }
  rmSync(mine);
}

function unusable(file: string, error: unknown): ServerError {
  return new ServerError('SECRETS_UNUSABLE', `${file} cannot be used: ${(error as Error).message}`, { cause: error });
}
