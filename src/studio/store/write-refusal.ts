import { closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Why nothing can be written to a folder, as the disk says; {}: it can be. A look at its rights would not tell of every disk that takes no more. */
export function writeRefusal(folder: string): { code?: string } {
  const file = join(folder, 'write-test');
  try {
    closeSync(openSync(file, 'w', 0o600));
    rmSync(file, { force: true });
    return {};
  } catch (error) {
    return error as NodeJS.ErrnoException;
  }
}
