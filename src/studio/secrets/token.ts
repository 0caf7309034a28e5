/** The operator's token: from the settings, or made once and kept beside the master key. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readOrMakeSecretFile } from './secret-file.js';

const tokenFile = (folder: string): string => join(folder, 'token');

/** The token in force, or undefined before the first start. Makes nothing. */
export function readToken(folder: string, configured: string | undefined): string | undefined {
  if (configured !== undefined) return configured;
  // An empty one is none, as for who makes it.
  return (existsSync(tokenFile(folder)) && readFileSync(tokenFile(folder), 'utf8').trim()) || undefined;
}

export class OperatorToken {
  readonly #hash: Buffer;

  constructor(readonly text: string) {
    this.#hash = sha256(text);
  }

  static load(folder: string, configured: string | undefined): OperatorToken {
    return new OperatorToken(configured ?? readOrMakeSecretFile(tokenFile(folder), () => randomBytes(24).toString('base64url')));
  }

  /** In constant time, whatever is given. */
  matches(candidate: string): boolean {
    return timingSafeEqual(sha256(candidate), this.#hash);
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
