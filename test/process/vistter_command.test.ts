/** `npx vistter analyze` as a person runs it: on a film with one loud and lively moment, and on what is no film. */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnalyzedFile } from '../../src/protocol/highlights.js';
import { repositoryRoot } from '../support/media.js';
import { removeFolder, tempFolder } from '../support/temp.js';

const folder = tempFolder('v-command-');
const film = join(folder, 'Club evening.mp4');
const chat = join(folder, 'chat.jsonl');
/** Seconds. */
const [FROM, TO] = [100, 120];

const vistter = (...args: string[]) => spawnSync(process.execPath, [join(repositoryRoot, 'scripts/vistter.mjs'), ...args], {
  encoding: 'utf8', cwd: folder, env: { ...process.env, VISTTER_HOME: join(folder, 'home') }, timeout: 50_000,
});

beforeAll(() => {
  const during = `between(t,${FROM},${TO})`;
  execFileSync('ffmpeg', [
    '-loglevel', 'error', '-filter_complex',
    `color=gray:s=160x90:r=5:d=200,noise=alls=4:allf=t[still];testsrc2=s=160x90:r=5:d=200,rotate=t*3[lively];[still][lively]overlay=enable='${during}'[v];` +
    `anoisesrc=c=pink:a=0.03:r=16000:d=200:seed=7[room];anoisesrc=a=0.4:r=16000:d=200:seed=9,volume='${during}*(0.5+0.5*sin(4*t))':eval=frame[crowd];[room][crowd]amix=normalize=0[a]`,
    '-map', '[v]', '-map', '[a]', '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10', '-c:a', 'aac', '-b:a', '64k', film,
  ]);
  const lines = Array.from({ length: 25 }, (_, i) => ({ atMs: i * 8_000, user: `quiet${i % 5}`, text: 'hello there' }));
  for (let i = 0; i < 90; i++) lines.push({ atMs: (FROM + 4) * 1000 + i * 200, user: `fan${i}`, text: ['WOW', 'what a goal', 'POG', 'unbelievable!!'][i % 4]! });
  writeFileSync(chat, lines.map((line) => JSON.stringify(line)).join('\n'));
}, 60_000);
afterAll(() => removeFolder(folder));

describe('vistter analyze', () => {
  it('prints one object of what the README promises', () => {
    const { stdout, stderr, status } = vistter('analyze', film, '--chat', chat, '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const analyzed = AnalyzedFile.parse(JSON.parse(stdout));
    expect(analyzed).toMatchObject({ file: film, durationMs: expect.closeTo(200_000, -3) });
    const [best] = analyzed.highlights;
    expect(best).toMatchObject({ kind: 'combined' });
    expect(best!.startMs).toBeGreaterThan((FROM - 15) * 1000);
    expect(best!.peakMs).toBeGreaterThanOrEqual(FROM * 1000);
    expect(best!.peakMs).toBeLessThanOrEqual(TO * 1000);
    expect(best!.reasons.join(' ')).toMatch(/loud .*chatters|chatters .*loud/);
    expect(analyzed.chapters[0]).toMatchObject({ startMs: 0 });
    expect(analyzed.metadata.title).toContain('Club evening');
    expect(analyzed.tookMs).toBeGreaterThan(0);
    expect(analyzed.peakRssBytes).toBeGreaterThan(20e6);
    expect(analyzed.peakRssBytes).toBeLessThan(250e6);
  });

  it('prints findings for people without --json, and goes on behind a file that is none', () => {
    const none = join(folder, 'none.mp4');
    writeFileSync(none, 'this is no film');
    const { stdout, stderr, status } = vistter('analyze', none, film);
    expect(status).toBe(1);
    expect(stderr).toContain(`${none}: `);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(stdout).toMatch(/Highlights\n +1:/);
    const told = vistter('analyze', none, join(folder, 'missing.mp4'), '--json');
    expect(told.stdout.trim().split('\n').map((line) => JSON.parse(line) as unknown)).toEqual([
      { file: none, error: { code: expect.stringMatching(/^MEDIA_/), message: expect.any(String) } },
      { file: join(folder, 'missing.mp4'), error: { code: 'MEDIA_MISSING', message: expect.any(String) } },
    ]);
  });

  it('waits for no chat that is a pipe, and tells of a name that is no UTF-8', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const [piped, named] = [['--chat', pipe, film], ['bad\uFFFD.mp4']].map((args) => vistter('analyze', '--json', ...args));
    expect([piped!.status, JSON.parse(piped!.stdout)]).toMatchObject([1, { file: film, error: { code: 'MEDIA_UNREADABLE', message: expect.stringContaining('is not a file') } }]);
    expect([named!.status, JSON.parse(named!.stdout)]).toMatchObject([1, { error: { code: 'MEDIA_MISSING', message: expect.stringContaining('UTF-8') } }]);
  });

  it('says how it is used', () => {
    expect(vistter('analyze')).toMatchObject({ status: 2, stderr: expect.stringContaining('vistter analyze FILE') });
    expect(vistter('models')).toMatchObject({ status: 0, stdout: expect.stringContaining('Nothing has been learnt') });
  });
});
