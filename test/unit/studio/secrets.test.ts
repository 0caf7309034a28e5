import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newCameraKey, newId, newRecordingId } from '../../../src/studio/ids.js';
import { Id } from '../../../src/protocol/ids.js';
import { OperatorToken, readToken } from '../../../src/studio/secrets/token.js';
import { Vault } from '../../../src/studio/secrets/vault.js';
import { removeFolder, tempFolder } from '../../support/temp.js';

let folder: string;
beforeEach(() => { folder = tempFolder(); });
afterEach(() => removeFolder(folder));

test('what is sealed comes back, for any text, and never looks the same twice', () => {
  const vault = Vault.open(folder, false);
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => {
    const [a, b] = [vault.seal('camera:x', text), vault.seal('camera:x', text)];
    expect(a).not.toBe(b);
    expect(vault.unseal('camera:x', a)).toBe(text);
  }), { numRuns: 200 });
});

test('it opens only under its own id, with its own key, and untouched', () => {
  const vault = Vault.open(folder, false);
  const sealed = vault.seal('destination:a', 'the key');
  expect(sealed).not.toContain(Buffer.from('the key').toString('base64url'));
  expect(() => vault.unseal('destination:b', sealed)).toThrow('does not open');
  expect(() => new Vault(Buffer.alloc(32, 7)).unseal('destination:a', sealed)).toThrow('does not open');
  for (let i = 0; i < sealed.length; i++) {
    // The last letter of a part can hold bits that do not count; all others must.
    if (sealed[i] === '.' || sealed[i + 1] === '.' || i === sealed.length - 1) continue;
    const changed = sealed.slice(0, i) + (sealed[i] === 'A' ? 'B' : 'A') + sealed.slice(i + 1);
    expect(() => vault.unseal('destination:a', changed), String(i)).toThrow('does not open');
  }
  for (const nonsense of ['', 'v1', 'v1...', 'v2.a.b.c', '....']) expect(() => vault.unseal('x', nonsense)).toThrow('does not open');
});

test('the master key is made once, for its owner alone, and missed when it is needed', () => {
  const sealed = Vault.open(folder, false).seal('a', 'b');
  const file = join(folder, 'master.key');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  chmodSync(file, 0o644);
  expect(Vault.open(folder, true).unseal('a', sealed)).toBe('b');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  writeFileSync(file, 'short');
  expect(() => Vault.open(folder, true)).toThrow('damaged');
  expect(() => Vault.open(join(folder, 'nowhere'), true)).toThrow('is missing');
  expect(() => Vault.open(join(folder, 'nowhere'), false)).toThrow('cannot be used');
});

test('a secret that was only begun, as on a full disk or by a kill, is none; it is made whole, with nothing beside it', () => {
  for (const name of ['token', 'master.key']) writeFileSync(join(folder, name), '');
  expect(readToken(folder, undefined)).toBeUndefined();
  const { text } = OperatorToken.load(folder, undefined);
  expect(text).toMatch(/^[\w-]{32}$/);
  expect(readToken(folder, undefined)).toBe(text);
  expect(() => Vault.open(folder, true)).toThrow('is missing');
  const sealed = Vault.open(folder, false).seal('a', 'b');
  expect(Vault.open(folder, true).unseal('a', sealed)).toBe('b');
  expect(readdirSync(folder).sort()).toEqual(['master.key', 'token']);
  for (const name of ['token', 'master.key']) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
});

test('a token is made once, is compared whole, and can be given', () => {
  expect(readToken(folder, undefined)).toBeUndefined();
  const made = OperatorToken.load(folder, undefined);
  expect(made.text).toMatch(/^[\w-]{32}$/);
  expect(readFileSync(join(folder, 'token'), 'utf8')).toBe(`${made.text}\n`);
  expect(OperatorToken.load(folder, undefined).text).toBe(made.text);
  expect(readToken(folder, undefined)).toBe(made.text);
  expect(made.matches(made.text)).toBe(true);
  for (const wrong of ['', made.text.slice(1), `${made.text}x`, made.text.toUpperCase()]) expect(made.matches(wrong)).toBe(false);
  expect(OperatorToken.load(folder, 'given-by-the-settings').text).toBe('given-by-the-settings');
});

test('ids are ids, keys are many, recordings sort by time', () => {
  for (const id of [newId('source'), newId('scene'), newId('overlay'), newId('destination'), newRecordingId(new Date())]) expect(Id.safeParse(id).success).toBe(true);
  expect(new Set(Array.from({ length: 1000 }, newCameraKey)).size).toBe(1000);
  expect(newCameraKey()).toMatch(/^([a-z2-9]{4}-){4}[a-z2-9]{4}$/);
  expect(newRecordingId(new Date('2026-11-05T10:15:00Z'))).toMatch(/^rec_20261105T101500_[a-z2-9]{4}$/);
});
