#!/usr/bin/env node
/**
 * The command line: `npx vistter analyze FILE…`. Brings what is missing into place first, as `npm start` does; what that says goes
 * to stderr, so that stdout is the command's alone.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const setup = spawnSync(process.execPath, [join(root, 'scripts/setup.mjs'), '--quiet'], { stdio: ['ignore', 2, 2] });
if (setup.status !== 0) process.exit(setup.status ?? 1);

const { run } = await import('../dist/src/sidecar/command/main.js');
process.exitCode = await run(process.argv.slice(2));
