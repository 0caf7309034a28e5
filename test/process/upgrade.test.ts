/** An upgrade's build, in a tree of the same shape whose compilers write down which version they built. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../support/media.js';
import { signal, startProcess } from '../support/process.js';
import { isAlive } from '../support/procfs.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { waitFor } from '../support/wait.js';

let root: string;
beforeEach(() => { root = tempFolder(); });
afterEach(() => removeFolder(root));

const put = (path: string, content: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
};

describe('what is built while something runs', () => {
  const BUILT = ['node_modules/lib.js', 'native/build/vistter.node', 'dist/src/studio/main.js', 'dist/panel/index.html'];
  const compiler = (outputs: string[]): string => `
    import { cpSync, mkdirSync } from 'node:fs';
    import { dirname } from 'node:path';
    for (const file of ${JSON.stringify(outputs)}) { mkdirSync(dirname(file), { recursive: true }); cpSync('src/version', file); }`;

  /** The sources of a version. */
  const checkOut = (version: string): void => {
    for (const file of ['src/version', 'src/studio/main.ts', 'src/protocol/a.ts']) put(file, version);
    put('native/Makefile', `all:\n\t@mkdir -p build; for f in vistter-decoder vistter-features vistter.node; do echo ${version} > build/$$f; done; cp launch.sh build/vistter-launch\napart:\n`);
    put('package-lock.json', JSON.stringify({ packages: { '': {}, 'node_modules/a': { version } } }));
  };
  const run = (steps: string[], argument = '') => {
    const script = `const { readFileSync } = await import('node:fs');
      const { isBehind } = await import('./scripts/setup.mjs');
      const next = await import('./scripts/next-build.mjs');
      for (const step of ${JSON.stringify(steps)}) {
        await next[step](${argument});
        console.log('ran', step, ${JSON.stringify(BUILT)}.map((file) => readFileSync(file, 'utf8').trim()).join(' '), isBehind());
      }`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root, encoding: 'utf8', env: { ...process.env, npm_execpath: join(root, 'npm.js') } });
    return { status, stderr, ran: stdout.split('\n').filter((line) => line.startsWith('ran ')).map((line) => line.slice(4)) };
  };

  beforeEach(() => {
    cpSync(join(repositoryRoot, 'scripts'), join(root, 'scripts'), { recursive: true });
    put('package.json', '{"type":"module"}');
    // Stands in for the real one, which steps back first, to a session of its own.
    put('native/launch.sh', '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec setsid "$@"\n');
    chmodSync(join(root, 'native/launch.sh'), 0o755);
    put('node_modules/typescript/bin/tsc', compiler(['dist/src/studio/main.js', 'dist/src/engine/main.js']));
    put('node_modules/vite/bin/vite.js', compiler(['dist/panel/index.html']));
    put('npm.js', `
      import { cpSync } from 'node:fs';
      cpSync('package-lock.json', 'node_modules/.package-lock.json');
      cpSync('src/version', 'node_modules/lib.js');`);
    for (const path of ['overlays/a.ts', 'test/bench/a.ts', 'test/support/a.ts', 'tsconfig.json', 'src/panel/a.tsx']) put(path, '{}');
    checkOut('one');
    const { status, stderr } = spawnSync(process.execPath, ['scripts/setup.mjs', '--quiet'], { cwd: root, encoding: 'utf8', env: { ...process.env, npm_execpath: join(root, 'npm.js') } });
    expect(status, stderr).toBe(0);
    checkOut('two');
  });

  it('is beside it until all is there, takes its place in one step, and gives it back', () => {
    expect(run(['buildBeside', 'putInPlace', 'putBack', 'buildBeside', 'putInPlace', 'tidyUp'])).toMatchObject({
      status: 0,
      ran: [
        'buildBeside one one one one true', 'putInPlace two two two two false', 'putBack one one one one true',
        'buildBeside one one one one true', 'putInPlace two two two two false', 'tidyUp two two two two false',
      ],
    });
    expect(existsSync(join(root, '.upgrade'))).toBe(false);
  });

  it('leaves what runs as it is when it cannot be built', () => {
    put('native/Makefile', 'apart all:\n\t@echo "no such header" >&2; exit 1\n');
    const { status, stderr } = run(['buildBeside']);
    expect(status).toBe(1);
    expect(stderr).toContain('no such header');
    expect(stderr).toContain('What runs is untouched.');
    expect(BUILT.map((file) => readFileSync(join(root, file), 'utf8').trim())).toEqual(['one', 'one', 'one', 'one']);
    expect(existsSync(join(root, '.upgrade'))).toBe(false);
  });

  it('is not begun where there is no room for it: a recording must not end for it', () => {
    const { status, stderr } = run(['buildBeside'], '1000');
    expect(status).toBe(1);
    expect(stderr).toMatch(/needs 0\.00 GB for that; the disk has room for 0\.00 GB\..*What runs is untouched\./s);
    expect(existsSync(join(root, '.upgrade'))).toBe(false);
  });

  it('ends with whoever has it built, compilers and all', async () => {
    put('native/Makefile', 'apart all:\n\t@echo $$PPID > ../make.pid; exec 2> /dev/null; while :; do i=$$(( (i + 1) % 1000)); echo > $$i; done\n');
    const script = "process.on('SIGINT', () => process.exit(1)); await (await import('./scripts/next-build.mjs')).buildBeside();";
    const upgrade = startProcess(process.execPath, ['--input-type=module', '-e', script], { cwd: root, env: { ...process.env, npm_execpath: join(root, 'npm.js') } });
    const file = join(root, '.upgrade/next/make.pid');
    const make = Number(await waitFor('the compiler', () => existsSync(file) && readFileSync(file, 'utf8').trim(), { timeoutMs: 50_000 }));
    expect(isAlive(make)).toBe(true);
    signal(upgrade.pid, 'SIGINT');
    expect((await upgrade.exited).code).toBe(1);
    await waitFor('make to end', () => !isAlive(make));
  });
});
