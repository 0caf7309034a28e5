import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ALARMS } from '../../../src/studio/describe/metrics-doc.js';
import { generatedDocuments } from '../../../src/studio/describe/documents.js';
import { SERIES } from '../../../src/studio/metrics-series.js';
import { repositoryRoot } from '../../support/media.js';

const documents = generatedDocuments();

test.each(Object.keys(documents))('%s is what the code says; "npm run docs" writes it', (path) => {
  expect(readFileSync(join(repositoryRoot, path), 'utf8')).toBe(documents[path]);
});

test('openapi.json points only to what it has', () => {
  const { components, paths } = JSON.parse(documents['docs/openapi.json']!);
  const refs = [...documents['docs/openapi.json']!.matchAll(/"\$ref": "#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name!);
  expect(refs.length).toBeGreaterThan(50);
  for (const name of refs) expect(Object.keys(components.schemas)).toContain(name);
  for (const path of ['/sources', '/scenes', '/destinations', '/broadcast/start', '/recordings', '/settings', '/health']) expect(paths).toHaveProperty([`/api/v1${path}`]);
});

test('alarms name series that there are', () => {
  for (const { when } of ALARMS) {
    for (const [, name] of when.matchAll(/vistter_(\w+)/g)) expect(Object.keys(SERIES)).toContain(name);
  }
});
