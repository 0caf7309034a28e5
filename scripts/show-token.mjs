#!/usr/bin/env node
// Shows the operator's token and the panel's address with it: `npm run token`.
import { loadConfig } from '../dist/src/runtime/config.js';
import { Paths } from '../dist/src/runtime/paths.js';
import { panelUrl } from '../dist/src/studio/banner.js';
import { readToken } from '../dist/src/studio/secrets/token.js';

try {
  const config = loadConfig();
  const token = readToken(new Paths(config.home).secrets, config.token);
  process.stdout.write(token ? `Token  ${token}\nPanel  ${panelUrl(config.http)}#token=${token}\n` : 'There is no token yet: it is made when VistterStudio starts for the first time ("npm start").\n');
  process.exitCode = token ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
