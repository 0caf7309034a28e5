/** The log of a process whose output nobody reads: a terminal that is halted, a pager, a supervisor that stands still. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/media.js';

describe('the log of a process', () => {
  it.each(['json', 'text'])('holds nothing up when nobody reads it (%s)', async (log) => {
    const module = join(repositoryRoot, 'dist/src/runtime/log.js');
    const child = spawn(process.execPath, ['--input-type=module', '-e', `
      const { createLog } = await import(${JSON.stringify(module)});
      const log = createLog('engine', { log: '${log}', logLevel: 'info' });
      for (let i = 0; i < 4000; i++) log.info({ i }, 'a line of the log, '.repeat(10));
      process.on('message', () => { log.info('read again'); process.send('said'); });
      process.send('done');
    `], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
    try {
      expect(await once(child, 'message')).toContain('done');
      let text = '';
      child.stdout!.on('data', (chunk: Buffer) => { text += chunk.toString(); });
      // The first of it was read before it was asked for: there is room only once all of it is read.
      while (!text.includes('read again')) {
        child.send('say');
        await once(child, 'message');
      }
      const lines = text.split('\n');
      expect(lines[lines.findIndex((line) => line.includes('read again')) - 1]).toMatch(/\d+ lines of the log were lost/);
    } finally {
      child.kill('SIGKILL');
    }
  });
});
