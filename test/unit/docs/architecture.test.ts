import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Role } from '../../../src/protocol/link.js';
import { repositoryRoot } from '../../support/media.js';

const text = readFileSync(join(repositoryRoot, 'docs/architecture.md'), 'utf8');

/** `a/b` of each row; in one row, `a/b` `c` stands for a/b and a/c. */
function tabled(): string[] {
  const rows = text.slice(text.indexOf('## Where things are')).split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => {
    const names = [...row.split('|')[1]!.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
    const parent = names[0]!.includes('/') ? `${names[0]!.split('/')[0]!}/` : '';
    return names.map((name) => (name.includes('/') ? name : `${parent}${name}`));
  });
}

function folders(parent: string): string[] {
  return readdirSync(join(repositoryRoot, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !(parent === 'native' && entry.name === 'build')).map(({ name }) => `${parent}/${name}`);
}

test.each(['src', 'native'])('each folder of %s has its row under "Where things are", and no row is of one that is gone', (parent) => {
  const rows = tabled().filter((path) => path.startsWith(`${parent}/`));
  expect(rows.filter((path) => path.split('/').length === 2).sort()).toEqual(folders(parent).sort());
});

test('each row of a folder within a folder is of one that is there', () => {
  const deeper = tabled().filter((path) => path.split('/').length > 2);
  expect(deeper.length).toBeGreaterThan(0);
  for (const path of deeper) expect(statSync(join(repositoryRoot, path), { throwIfNoEntry: false })?.isDirectory(), path).toBe(true);
});

test('each process has its row', () => {
  for (const role of ['studio', ...Role.options]) expect(text).toContain(`| \`${role}\` |`);
});
