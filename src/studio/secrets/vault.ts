/** Keys at rest: AES-256-GCM under a master key that lies outside the database, readable by this user alone. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { ServerError } from '../../runtime/errors.js';
import { readOrMakeSecretFile } from './secret-file.js';

const VERSION = 'v1';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export class Vault {
  constructor(private readonly key: Buffer) {
    if (key.length !== KEY_BYTES) throw new ServerError('SECRETS_UNUSABLE', `The master key must have ${KEY_BYTES} bytes.`);
  }

  /**
   * Reads `master.key`, or makes it when nothing was sealed yet.
   * @throws ServerError SECRETS_UNUSABLE when it is missing though it is needed, or damaged.
   */
  static open(folder: string, anythingSealed: boolean): Vault {
    const file = join(folder, 'master.key');
    const text = readOrMakeSecretFile(file, () => {
      if (anythingSealed) {
        throw new ServerError(
          'SECRETS_UNUSABLE',
          `${file} is missing, and without it the stored stream keys cannot be read. Put it back from a backup, or move the database away to begin anew.`,
        );
      }
      return randomBytes(KEY_BYTES).toString('hex');
    });
    if (!/^[0-9a-f]{64}$/.test(text)) throw new ServerError('SECRETS_UNUSABLE', `${file} is damaged: it must hold 64 hexadecimal digits.`);
    return new Vault(Buffer.from(text, 'hex'));
  }

  /** Encrypts `text`; the result opens only under the same `id`, so that rows cannot be exchanged. */
  seal(id: string, text: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(id));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return [VERSION, ...[nonce, cipher.getAuthTag(), body].map((part) => part.toString('base64url'))].join('.');
  }

  /** @throws ServerError SECRETS_UNUSABLE when it was not sealed by this key under this id. */
  unseal(id: string, sealed: string): string {
    try {
      const [version, nonce, tag, body] = sealed.split('.');
      if (version !== VERSION || !nonce || !tag || body === undefined) throw new Error('not a sealed text');
      const decipher = createDecipheriv('aes-256-gcm', this.key, Buffer.from(nonce, 'base64url'), { authTagLength: TAG_BYTES })
        .setAAD(Buffer.from(id)).setAuthTag(Buffer.from(tag, 'base64url'));
      return Buffer.concat([decipher.update(Buffer.from(body, 'base64url')), decipher.final()]).toString('utf8');
    } catch {
      // The cause says nothing of use, and the less is said about what did not decrypt, the better.
      throw new ServerError('SECRETS_UNUSABLE', `The stored key of ${id} does not open with secrets/master.key. Put back the master.key that belongs to this database.`);
    }
  }
}
