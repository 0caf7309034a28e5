/**
 * `npm test`: sets up as `npm start` does, with what the tests need besides, then checks everything. Says at its end how many
 * tests passed, failed and were skipped; fails when any did, when one was skipped that need not be, or when none ran.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ROOT, setup, SetupError } from './setup.mjs';

/** Their files run side by side, more of them than there are processors: they wait for others more than they compute. */
const WAITING = ['process', 'fault-beside', 'contract', 'studio'];
const WAITING_FILES = 2 * availableParallelism();
/** Two browsers and two products at once: they leave nothing of two processors. */
const BROWSERS = ['panel'];
/** Works on files in the idle class, and would wait for minutes beneath those. Beneath the programs of `REAL` it takes what they leave. */
const OFFLINE = ['sidecar'];
/** Gets what nobody else wants of the processors, and ends with this. Set-up has built it. */
const BENEATH = [join(ROOT, 'native/build/vistter-launch'), '--idle', '--'];
/**
 * These measure frames and milliseconds of real processes, and have the machine to themselves, a file at a time. Those that
 * need minutes or hours on a real clock are run by themselves: `npm run soak`.
 */
const ALONE = ['realtime', 'fault'];
/**
 * A whole product at a time, as it is used: its program must be without a hole while the sidecar works in the idle class, so here that
 * works, and more than ever. It leaves two thirds of two processors.
 */
const REAL = ['e2e'];
/** A product at a time that leaves half of two processors idle, and hardly a thing in the idle class that anybody waits for. */
const SPARING = ['sparing'];
/** What only computes. It takes what those leave of the processors; days in fake time what `REAL` leaves when the others beneath it are through. */
const COMPUTING = ['unit', 'unit-engine', 'golden'];
const DAYS = ['long'];

/** What may be skipped where its means cannot be had, by what its file calls for. All else that is missing was to be installed above. */
const MAY_SKIP = [
  { why: 'there is no sample footage; VISTTER_TEST_MEDIA names its folder', holds: ({ sharedMedia }) => sharedMedia('.') === null, calls: 'sharedMedia(' },
  { why: 'nothing can be mounted here', holds: ({ canMount }) => !canMount(), calls: 'small_disk.js' },
  { why: 'root may install everything', holds: ({ isRoot }) => isRoot(), calls: 'isRoot()' },
  { why: 'there is no systemd here', holds: ({ hasSystemd }) => !hasSystemd(), calls: 'hasSystemd()' },
  { why: 'this FFmpeg does not speak', holds: ({ canSpeak }) => !canSpeak(), calls: 'canSpeak()' },
];
/** Set for a machine that cannot have it all: skipped tests are told and do not fail the run. */
const ALLOW_SKIPS = process.env.VISTTER_TEST_ALLOW_SKIPS === '1';
delete process.env.VISTTER_TEST_ALLOW_SKIPS;

const results = { passed: 0, failed: 0, skipped: new Map(), broken: [] };
/** Of a failed test's message; the whole is in its run's own report, further up. */
const MESSAGE_LINES = 12;

try {
  await setup({ dev: true });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  finish(1);
}

/** Built by now, and what they look for is installed. */
const means = { ...await import('../dist/test/support/means.js'), ...await import('../dist/test/support/media.js') };

// Alone: some count frames, and the tools that they build are called for by others.
await nativeTests();
await Promise.all([
  vitest(WAITING, { workers: WAITING_FILES }),
  told('footage', [process.execPath, 'dist/test/support/ahead.js'], { beneath: true }),
]);
await vitest(BROWSERS, { workers: '100%' });
await Promise.all([vitest(REAL), offline()]);
for (const project of ALONE) await vitest([project]);
await Promise.all([vitest(SPARING), computing()]);
finish();

async function offline() {
  await vitest(OFFLINE, { workers: '100%', beneath: true });
  await check('lint', [process.execPath, 'node_modules/eslint/bin/eslint.js', '.']);
  await vitest(DAYS, { workers: '100%', beneath: true });
}

async function computing() {
  await vitest(COMPUTING, { workers: '100%', beneath: true });
  await check('types', [process.execPath, 'node_modules/typescript/bin/tsc', '-p', 'test/tsconfig.json', '--noEmit']);
  await check('types of the panel', [process.execPath, 'node_modules/typescript/bin/tsc', '-p', 'src/panel/tsconfig.json', '--noEmit']);
}

/** A check that passes or fails as one. */
async function check(name, command) {
  if (await told(name, command, { beneath: true })) results.passed += 1;
  else broke(name);
}

/** Native tests say "ok" once a test; make stops at the first program that fails. */
async function nativeTests() {
  const lines = [];
  const isWell = await told('native', ['make', '-C', 'native', '-s', `-j${availableParallelism()}`, 'test'], { lines });
  results.passed += lines.filter((line) => line.startsWith('ok ')).length;
  if (!isWell) broke('native');
}

/** Runs a command, beneath others or not, and prints what it said once it has ended, under its heading. Answers whether it went well. */
async function told(name, command, { beneath = false, lines = [] } = {}) {
  const [program, ...args] = [...(beneath ? BENEATH : []), ...command];
  const child = spawn(program, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk));
  const code = await ended(child);
  const text = Buffer.concat(chunks).toString();
  heading(name);
  process.stdout.write(text);
  lines.push(...text.split('\n'));
  return code === 0;
}

/** The code that it ended with, or why it could not begin. */
function ended(child) {
  return new Promise((done) => { child.once('error', done).once('close', done); });
}

async function vitest(projects, { workers, beneath = false } = {}) {
  const title = projects.join(', ');
  const folder = mkdtempSync(join(tmpdir(), 'vistter-test-'));
  const file = join(folder, 'report.json');
  const command = [
    process.execPath, 'node_modules/vitest/vitest.mjs', 'run', ...projects.flatMap((project) => ['--project', project]), ...(workers ? ['--maxWorkers', String(workers)] : []),
    '--reporter', 'default', '--reporter', 'json', '--outputFile.json', file,
  ];
  let isWell;
  if (beneath) isWell = await told(title, command, { beneath });
  else {
    heading(title);
    isWell = (await ended(spawn(command[0], command.slice(1), { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] }))) === 0;
  }
  let failed = 0;
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    results.passed += report.numPassedTests;
    for (const { name, status, message, assertionResults } of report.testResults) {
      const path = relative(join(ROOT, 'test'), name).replace(/\.test\.ts$/, '');
      const skipped = assertionResults.filter(({ status }) => !['passed', 'failed'].includes(status)).length;
      if (skipped) noteSkipped(path, skipped);
      for (const { fullName, failureMessages } of assertionResults.filter(({ status }) => status === 'failed')) noteFailed(`${path}: ${fullName}`, failureMessages.join('\n'));
      if (status === 'failed' && message) noteFailed(path, message);
    }
    failed = report.numFailedTests;
    results.failed += failed;
  } catch {
    // It ended before it could report; its exit code says so below.
  }
  rmSync(folder, { recursive: true, force: true });
  // A file that cannot be loaded, or an error between tests, fails the run without failing a test.
  if (!isWell && failed === 0) broke(`${title} (no test failed, but the run did: it says why above)`);
}

/** Told at the end, where a reader of a long log looks first. */
function noteFailed(test, message) {
  results.broken.push([test, ...message.trim().split('\n').slice(0, MESSAGE_LINES)].join('\n    '));
}

function noteSkipped(file, count) {
  const source = readFileSync(join(ROOT, 'test', `${file}.test.ts`), 'utf8');
  const allowed = MAY_SKIP.find(({ holds, calls }) => source.includes(calls) && holds(means));
  results.skipped.set(file, { count, why: allowed?.why });
  if (!allowed && !ALLOW_SKIPS) broke(`${file}: ${count} skipped`);
}

function broke(name) {
  results.failed += 1;
  results.broken.push(name);
}

function heading(name) {
  process.stdout.write(`\n── ${name} ${'─'.repeat(Math.max(0, 60 - name.length))}\n`);
}

function finish(code = 0) {
  if (results.broken.length) process.stdout.write('\nNot all is well in:\n');
  for (const what of results.broken) process.stdout.write(`  ${what}\n`);
  if (results.skipped.size) process.stdout.write('\nSkipped:\n');
  for (const [file, { count, why }] of results.skipped) process.stdout.write(`  ${file}: ${count} (${why ?? 'nothing excuses it; it says above what it misses'})\n`);
  const isBad = code !== 0 || results.failed > 0 || results.passed === 0;
  process.stdout.write(`\n${results.passed} passed, ${results.failed + (code !== 0 && results.failed === 0 ? 1 : 0)} failed\n`);
  process.exit(isBad ? 1 : 0);
}
