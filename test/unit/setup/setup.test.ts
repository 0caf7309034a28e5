import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { repositoryRoot } from '../../support/media.js';
import { isRoot } from '../../support/means.js';
import { isAlive } from '../../support/procfs.js';
import { removeFolder, tempFolder } from '../../support/temp.js';

interface SetupModule {
  missingDebianPackages(names: string[], query?: (names: string[]) => string | null): string[] | null;
}
const { missingDebianPackages } = await import(join(repositoryRoot, 'scripts/setup.mjs')) as SetupModule;

describe('Debian packages', () => {
  it('counts as missing what dpkg does not know, or knows without having it', () => {
    const listed = 'ffmpeg installed\nmake not-installed\nlibyuv-dev config-files\n';
    expect(missingDebianPackages(['ffmpeg', 'make', 'libyuv-dev', 'g++'], () => listed)).toEqual(['make', 'libyuv-dev', 'g++']);
    expect(missingDebianPackages(['ffmpeg'], () => listed)).toEqual([]);
  });

  it('says nothing where there is no dpkg', () => {
    expect(missingDebianPackages(['ffmpeg'], () => null)).toBeNull();
  });
});

/** A tree of the same shape, whose compilers only write down that they were called. */
describe('what is built when', () => {
  let root: string;
  const put = (path: string, content: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const compiler = (name: string, outputs: string[]): string => `
    import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
    import { dirname } from 'node:path';
    appendFileSync('called', '${name} ');
    for (const file of ${JSON.stringify(outputs)}) { mkdirSync(dirname(file), { recursive: true }); writeFileSync(file, ''); }`;

  beforeEach(() => {
    root = tempFolder();
    cpSync(join(repositoryRoot, 'scripts'), join(root, 'scripts'), { recursive: true });
    const lock = JSON.stringify({ packages: { '': {}, 'node_modules/a': { version: '1.0.0' }, 'node_modules/mac': { version: '2.0.0', optional: true } } });
    put('package.json', '{"type":"module"}');
    put('package-lock.json', lock);
    put('node_modules/.package-lock.json', JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }));
    put('native/Makefile', 'all:\n\t@printf "make " >> ../called; mkdir -p build; touch build/vistter-decoder build/vistter-features build/vistter-launch build/vistter.node\n');
    put('node_modules/typescript/bin/tsc', compiler('tsc', ['dist/src/studio/main.js', 'dist/src/engine/main.js']));
    put('node_modules/vite/bin/vite.js', compiler('vite', ['dist/panel/index.html']));
    put('src/studio/main.ts', '1');
    put('src/panel/app.tsx', '1');
    put('src/protocol/a.ts', '1');
    put('overlays/index.ts', '1');
    put('tsconfig.json', '{}');
  });
  afterEach(() => removeFolder(root));

  /** Runs the set-up; gives the compilers it called, which run side by side, by name. */
  const setup = (env: NodeJS.ProcessEnv = {}): string[] => {
    rmSync(join(root, 'called'), { force: true });
    const { status, stderr, stdout } = spawnSync(process.execPath, ['scripts/setup.mjs'], { cwd: root, encoding: 'utf8', env: { ...process.env, ...env } });
    if (status !== 0) throw new Error(stdout + stderr);
    try {
      return readFileSync(join(root, 'called'), 'utf8').trim().split(' ').sort();
    } catch {
      return [];
    }
  };

  it('builds all once, and after that only what a change concerns', () => {
    expect(setup()).toEqual(['make', 'tsc', 'vite']);
    expect(setup()).toEqual([]);
    // A checkout touches files without changing them.
    utimesSync(join(root, 'src/studio/main.ts'), new Date(), new Date());
    expect(setup()).toEqual([]);
    put('src/studio/main.ts', '2');
    expect(setup()).toEqual(['tsc']);
    put('src/panel/app.tsx', '2');
    expect(setup()).toEqual(['vite']);
    put('src/protocol/a.ts', '2');
    expect(setup()).toEqual(['tsc', 'vite']);
    put('native/decoder.cpp', '2');
    expect(setup()).toEqual(['make']);
    rmSync(join(root, 'dist/panel'), { recursive: true });
    expect(setup()).toEqual(['vite']);
  });

  it('tries again what failed, and says which command it was', () => {
    put('native/Makefile', 'all:\n\t@echo "no such header" >&2; exit 1\n');
    const { status, stderr } = spawnSync(process.execPath, ['scripts/setup.mjs'], { cwd: root, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain('no such header');
    expect(stderr).toMatch(/"make -C native -s -j\d+" failed/);
    expect(stderr).not.toMatch(/^\s+at /m);
    put('native/Makefile', 'all:\n\t@printf "make " >> ../called; mkdir -p build; touch build/vistter-decoder build/vistter-features build/vistter-launch build/vistter.node\n');
    expect(setup()).toEqual(['make', 'tsc', 'vite']);
  });

  const outputs = 'mkdir -p build; touch build/vistter-decoder build/vistter-features build/vistter-launch build/vistter.node';
  /** An npm that is there as soon as `until` is, a file of the compilers' or nothing, and then does `then`. */
  const npm = (until: string, then: string): NodeJS.ProcessEnv => {
    rmSync(join(root, 'node_modules/.package-lock.json'));
    put('npm.js', `
      import { existsSync, writeFileSync } from 'node:fs';
      const end = Date.now() + 30_000;
      while (!existsSync(${JSON.stringify(until)}) && Date.now() < end) await new Promise((done) => setTimeout(done, 10));
      if (!existsSync(${JSON.stringify(until)})) process.exit(1);
      ${then}`);
    return { npm_execpath: join(root, 'npm.js') };
  };

  it('compiles while the packages come what needs none of them, and the rest after', () => {
    put('native/Makefile', `all:\n\t@[ -f ../node_modules/.package-lock.json ] && printf "make " >> ../called; ${outputs}\napart:\n\t@printf "apart " >> ../called; touch ../apart\n`);
    const env = npm('apart', "writeFileSync('node_modules/.package-lock.json', JSON.stringify({ packages: { 'node_modules/a': { version: '1.0.0' } } }));");
    expect(setup(env)).toEqual(['apart', 'make', 'tsc', 'vite']);
  });

  it('ends the compilers when the packages cannot be had, and says so', () => {
    put('native/Makefile', 'apart:\n\t@echo $$$$ > ../compiler; exec sleep 600\n');
    const { status, stderr } = spawnSync(process.execPath, ['scripts/setup.mjs'], { cwd: root, encoding: 'utf8', env: { ...process.env, ...npm('compiler', 'process.exit(1);') } });
    expect(status).toBe(1);
    expect(stderr).toContain('--ignore-scripts');
    expect(isAlive(Number(readFileSync(join(root, 'compiler'), 'utf8')))).toBe(false);
  });

  /** Programs of these names come before the real ones. */
  const withPrograms = (programs: Record<string, string>, args: string[] = []) => {
    for (const [name, script] of Object.entries(programs)) {
      put(`bin/${name}`, `#!/bin/sh\n${script}\n`);
      chmodSync(join(root, 'bin', name), 0o755);
    }
    return spawnSync(process.execPath, ['scripts/setup.mjs', ...args], { cwd: root, encoding: 'utf8', env: { ...process.env, PATH: `${join(root, 'bin')}:${process.env.PATH}` } });
  };
  const noneInstalled = 'exit 1';
  const sudo = '[ "$1" = -n ] && shift; exec "$@"';

  it('installs missing Debian packages, those for tests only when asked', () => {
    const dpkgQuery = `shift 2; for p in "$@"; do [ -f ${root}/installed ] && echo "$p installed"; done; exit 0`;
    const aptGet = `echo "$DEBIAN_FRONTEND $*" >> ${root}/apt; case "$1" in install) touch ${root}/installed;; esac`;
    const { status, stdout } = withPrograms({ 'dpkg-query': dpkgQuery, 'apt-get': aptGet, sudo });
    expect(status, stdout).toBe(0);
    const calls = readFileSync(join(root, 'apt'), 'utf8').trim().split('\n');
    expect(calls[0]).toBe('noninteractive update -q');
    expect(calls[1]).toMatch(/^noninteractive install -y --no-install-recommends .*ffmpeg .*libyuv-dev/);
    expect(calls).toHaveLength(2);
    expect(calls[1]).not.toContain('chromium');
    rmSync(join(root, 'installed'));
    expect(withPrograms({}, ['--dev']).status).toBe(0);
    expect(readFileSync(join(root, 'apt'), 'utf8').trim().split('\n').at(-1)).toContain('chromium');
  });

  it('shows what apt said, and the command to run, when an install fails', () => {
    const { status, stderr } = withPrograms({ 'dpkg-query': noneInstalled, 'apt-get': 'echo "E: no such thing" >&2; exit 100', sudo });
    expect(status).toBe(1);
    expect(stderr).toContain('E: no such thing');
    expect(stderr).toMatch(/sudo apt-get update && sudo apt-get install -y --no-install-recommends ffmpeg /);
  });

  it.skipIf(isRoot())('says in one line what to run where it may not install', () => {
    const { status, stderr } = withPrograms({ 'dpkg-query': noneInstalled, sudo: 'exit 1' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Some Debian packages are missing\. Run this, then try again:\n {2}sudo apt-get update && sudo apt-get install .*\n$/);
  });

  it('refuses an option it does not know', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/setup.mjs', '--devel'], { cwd: root, encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, 'Unknown option --devel; there are --dev and --quiet.\n']);
  });
});
