/** What every process reads at its start, before it does anything: nothing that most of them never use. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { repositoryRoot } from '../support/media.js';
import { run } from '../support/process.js';

test('what reads a file of settings and what writes a log for people are loaded where they are wanted', async () => {
  const script = `
    import { createRequire } from 'node:module';
    const { loadConfig } = await import(${JSON.stringify(join(repositoryRoot, 'dist/src/runtime/config.js'))});
    const { createLog } = await import(${JSON.stringify(join(repositoryRoot, 'dist/src/runtime/log.js'))});
    const loaded = () => ['yaml', 'pino-pretty'].filter((name) => Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('/node_modules/' + name + '/')));
    createLog('studio', loadConfig({ VISTTER_LOG: 'json' }, '/nowhere'));
    console.log(JSON.stringify(loaded()));
    createLog('studio', loadConfig({}, '/nowhere')).info('in words');
    console.log(JSON.stringify(loaded()));`;
  const lines = (await run(process.execPath, ['--input-type=module', '-e', script])).toString('utf8').trim().split('\n');
  expect(lines).toEqual(['[]', expect.stringMatching(/studio: in words/), '["pino-pretty"]']);
});
