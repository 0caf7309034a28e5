#!/usr/bin/env node
// Shows the operator's token and the panel's address with it: `npm run token`.
import { findHome } from './found-home.mjs';

try {
  const { panel, token } = await findHome();
  process.stdout.write(token ? `Token  ${token}\nPanel  ${panel}#token=${token}\n` : 'There is no token yet: it is made when VistterStudio starts for the first time ("npm start").\n');
  process.exitCode = token ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
