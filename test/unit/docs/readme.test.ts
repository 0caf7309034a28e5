/** What the README promises by name: buttons, settings, places to look, and a unit of systemd. */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/runtime/config.js';
import { repositoryRoot } from '../../support/media.js';
import { hasSystemd } from '../../support/means.js';
import { removeFolder, tempFolder } from '../../support/temp.js';

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8');
const readme = read('README.md');
/** Without what is typed. */
const prose = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`]*`/g, '');

/** In italics, and no word of the panel: OBS's and YouTube's, what the log says, and words that are explained where they stand. */
const OTHERS = [
  'Settings → Stream → Service: Custom…', 'Start Streaming', 'Output', 'Create → Go live → Stream → Stream key',
  'The encoder is too slow', 'The disk of the recordings folder is full', 'direct mode', 'folder', 'timeline', 'preview',
];

test('what is in italics is called so in the panel', () => {
  const panel = read('src/panel/texts.ts');
  const named = [...new Set([...prose(readme).matchAll(/(?<![*\w])\*([^*]+?)\*(?!\*)/g)].map((match) => match[1]!.replace(/\s+/g, ' ')))];
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((name) => !OTHERS.includes(name) && !name.split(' → ').every((part) => panel.includes(`'${part}`) || panel.includes(`? '${part}'`)))).toEqual([]);
  expect(OTHERS.filter((name) => !named.includes(name))).toEqual([]);
});

test('whoever begins with a chapter is told where its TOKEN comes from', () => {
  const chapters = readme.split(/^## /m).filter((chapter) => chapter.includes('$TOKEN'));
  expect(chapters.length).toBeGreaterThan(4);
  expect(chapters.filter((chapter) => !/TOKEN=|`(TOKEN|api)` as above/.test(chapter)).map((chapter) => chapter.split('\n')[0])).toEqual([]);
});

test('each setting there is has its row, and no row is of another', () => {
  const known = (() => {
    try {
      loadConfig({ VISTTER_NONE: '' }, '/nowhere');
    } catch (error) {
      return (error as Error).message.split('Known are: ')[1]!.replace('.', '').split(', ');
    }
    throw new Error('an unknown setting was taken');
  })();
  const rows = readme.split('\n').filter((line) => line.startsWith('| `VISTTER_')).map((line) => line.split('|')[1]!);
  const named = rows.flatMap((row) => {
    const names = [...row.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
    return names.map((name) => name.replace('…', names[0]!.replace(/_URL$/, '')));
  });
  expect(named.sort()).toEqual(known.sort());
});

test.each(['README.md', 'docs/architecture.md', 'docs/schedule.md', 'docs/PROTOCOL.md', 'docs/metrics.md', 'presets/README.md'])('links of %s lead somewhere', (path) => {
  const headings = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('#'))
    .map((line) => line.replace(/^#+ /, '').toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'));
  const links = [...prose(read(path)).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!).filter((link) => !/^https?:/.test(link));
  const leadsNowhere = links.filter((link) => {
    const [file, anchor] = link.split('#') as [string, string | undefined];
    const at = file === '' ? path : join(dirname(path), file);
    return !existsSync(join(repositoryRoot, at)) || (anchor !== undefined && !headings(read(at)).includes(anchor));
  });
  expect(leadsNowhere).toEqual([]);
});

test.skipIf(!hasSystemd())('the unit that starts it with the machine is one', () => {
  const folder = tempFolder();
  try {
    // Where "sudo tee" writes to, and what "sudo systemctl" does, is nobody's business here.
    writeFileSync(join(folder, 'sudo'), '#!/bin/sh\n[ "$1" = tee ] && exec tee "${0%/*}/vistterstudio.service"\nexit 0\n');
    chmodSync(join(folder, 'sudo'), 0o755);
    const block = /^## Start with the machine\n[\s\S]*?```sh\n([\s\S]*?)```/m.exec(readme)![1]!;
    const made = spawnSync('sh', ['-c', block], { cwd: repositoryRoot, encoding: 'utf8', env: { ...process.env, PATH: `${folder}:${process.env.PATH}` } });
    expect([made.status, made.stderr]).toEqual([0, '']);
    expect(made.stdout).toContain(`WorkingDirectory=${repositoryRoot}\n`);
    const script = /^ExecStart=\S+ (\S+)$/m.exec(made.stdout)![1]!;
    expect(existsSync(join(repositoryRoot, script)), script).toBe(true);
    const verified = spawnSync('systemd-analyze', ['verify', join(folder, 'vistterstudio.service')], { encoding: 'utf8' });
    expect([verified.status, verified.stderr.split('\n').filter((line) => line.includes('vistterstudio'))]).toEqual([0, []]);
  } finally {
    removeFolder(folder);
  }
});
