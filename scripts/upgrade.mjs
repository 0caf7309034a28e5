#!/usr/bin/env node
/**
 * `npm run upgrade [-- --egress --restart]`: the version that lies here now, as after `git pull`, takes the place of the one that runs,
 * while that is on air. It is built beside it; then the processes begin anew one after another. Egress, which the destinations hang on,
 * only when nothing goes out. A version that does not start gives way to the one before.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { beginAnew } from './in-turn.mjs';
import { takeLock } from './lock.mjs';
import { buildBeside, putBack, putInPlace, tidyUp } from './next-build.mjs';
import { RunningHome } from './running-home.mjs';
import { isBehind, ROOT, SetupError } from './setup.mjs';

const say = (line) => process.stdout.write(`${line}\n`);
// Ctrl-C comes between two steps, never in the middle of one that renames.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => process.exit(1));

try {
  await main(options());
} catch (error) {
  const isForPeople = error instanceof SetupError || error?.name === 'ServerError';
  process.stderr.write(`${isForPeople ? error.message : error.stack}\n`);
  process.exit(1);
}

function options() {
  try {
    return parseArgs({ options: { egress: { type: 'boolean', default: false }, restart: { type: 'boolean', default: false } } }).values;
  } catch {
    throw new SetupError('There are two options: --egress begins egress anew although something goes out, --restart all processes although nothing is new.');
  }
}

async function main({ egress, restart }) {
  const home = await RunningHome.open();
  // In what is put in place there is a copy of it.
  const lock = await takeLock(join(ROOT, 'dist/.upgrade.lock'));
  if (lock.owner) throw new SetupError(`Another upgrade is at work (process ${lock.owner.pid}).`);
  process.on('exit', lock.release);

  const isNew = isBehind();
  if (isNew) {
    await buildBeside();
    await home.countAsOld();
    putInPlace();
  }
  const due = restart ? home.roles : await home.oldRoles();
  const isSpared = due.includes('egress') && !egress && await home.goesOut();
  await beginInTurn(home, due.filter((role) => role !== 'egress' || !isSpared), isNew);
  tidyUp();
  if (isSpared) say('egress goes on as it is, so that the destinations stay connected. Run this again when nothing goes out; or "npm run upgrade -- --egress" at once, and they reconnect.');
  else say('All processes run this version.');
}

/** @throws SetupError when one does not start; of a new version, the one before runs again then */
async function beginInTurn(home, roles, isNew) {
  const begun = [];
  try {
    for (const role of roles) {
      begun.push(role);
      say(`✓ ${role} (${(await beginAnew(home.run, role) / 1000).toFixed(1)} s)`);
    }
  } catch (error) {
    if (!isNew) throw new SetupError(error.message, { cause: error });
    putBack();
    home.countNoneAsOld();
    const away = [];
    // The last of them does not answer: it is started again and again, and waited for.
    for (const role of begun) await beginAnew(home.run, role).catch(({ message }) => away.push(message));
    tidyUp();
    throw new SetupError([error.message, 'The version before is back.', ...(away.length ? away : ['All processes run it.'])].join('\n'), { cause: error });
  }
}
