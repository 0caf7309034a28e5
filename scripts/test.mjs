/**
 * `npm test`: sets up as `npm start` does, with what the tests need besides, then checks everything. Says at its end how many
 * tests passed and failed, and fails when any did or when none ran.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, setup, SetupError } from './setup.mjs';

/** Those that need minutes or hours are run by themselves: `npm run soak`. */
const PROJECTS = ['unit', 'contract', 'golden', 'process', 'e2e', 'fault'];

const results = { passed: 0, failed: 0, skipped: 0, broken: [] };

try {
  await setup({ dev: true });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`${error.message}\n`);
  finish(1);
}

check('lint', [process.execPath, 'node_modules/eslint/bin/eslint.js', '.']);
check('types', [process.execPath, 'node_modules/typescript/bin/tsc', '-p', 'test/tsconfig.json', '--noEmit']);
check('types of the panel', [process.execPath, 'node_modules/typescript/bin/tsc', '-p', 'src/panel/tsconfig.json', '--noEmit']);
nativeTests();
for (const project of PROJECTS) vitest(project);
finish();

/** A check that passes or fails as one. */
function check(name, [program, ...args]) {
  heading(name);
  const { status } = spawnSync(program, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status === 0) results.passed += 1;
  else broke(name);
}

/** Native tests say "ok" once a test; make stops at the first program that fails. */
function nativeTests() {
  heading('native');
  const { status, stdout } = spawnSync('make', ['-C', 'native', '-s', '-j2', 'test'], { cwd: ROOT, encoding: 'utf8', maxBuffer: 64 << 20, stdio: ['ignore', 'pipe', 'inherit'] });
  process.stdout.write(stdout ?? '');
  results.passed += (stdout ?? '').split('\n').filter((line) => line.startsWith('ok ')).length;
  if (status !== 0) broke('native');
}

function vitest(project) {
  if (!existsSync(join(ROOT, 'test', project)) || !hasTests(join(ROOT, 'test', project))) return;
  heading(project);
  const folder = mkdtempSync(join(tmpdir(), 'vistter-test-'));
  const file = join(folder, 'report.json');
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--project', project, '--reporter', 'default', '--reporter', 'json', '--outputFile.json', file],
    { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] },
  );
  let failed = 0;
  try {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    results.passed += report.numPassedTests;
    results.skipped += report.numPendingTests + report.numTodoTests;
    failed = report.numFailedTests;
    results.failed += failed;
  } catch {
    // It ended before it could report; its exit code says so below.
  }
  rmSync(folder, { recursive: true, force: true });
  // A file that cannot be loaded, or an error between tests, fails the run without failing a test.
  if (status !== 0 && failed === 0) broke(project);
  else if (failed) results.broken.push(project);
}

function hasTests(folder) {
  return readdirSync(folder, { recursive: true }).some((name) => name.endsWith('.test.ts'));
}

function broke(name) {
  results.failed += 1;
  results.broken.push(name);
}

function heading(name) {
  process.stdout.write(`\n── ${name} ${'─'.repeat(Math.max(0, 60 - name.length))}\n`);
}

function finish(code = 0) {
  if (results.broken.length) process.stdout.write(`\nNot all is well in: ${results.broken.join(', ')}\n`);
  if (results.skipped) process.stdout.write(`\n${results.skipped} skipped: they say above what they miss.\n`);
  const isBad = code !== 0 || results.failed > 0 || results.passed === 0;
  process.stdout.write(`\n${results.passed} passed, ${results.failed + (code !== 0 && results.failed === 0 ? 1 : 0)} failed\n`);
  process.exit(isBad ? 1 : 0);
}
