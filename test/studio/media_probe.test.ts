import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MediaState } from '../../src/domain/timeline/check.js';
import { MediaProbe, type MediaProbeOptions } from '../../src/studio/media-probe.js';
import type { FileKind } from '../../src/studio/media/facts.js';
import { FakeClock } from '../fakes/fake-clock.js';
import { run } from '../support/process.js';
import { removeFolder, tempFolder } from '../support/temp.js';

let folder: string;
let probe: MediaProbe | undefined;
beforeEach(() => { folder = tempFolder(); });
afterEach(async () => {
  await probe?.stop();
  removeFolder(folder);
});

/** An ffprobe that writes down each call, does as `script` says, and counts how many run at once. */
function fake(script: string, options: MediaProbeOptions = {}): MediaProbe {
  const command = join(folder, 'ffprobe');
  mkdirSync(join(folder, 'running'));
  writeFileSync(command, `#!/bin/sh
for file; do :; done
mkdir "${folder}/running/$$"
echo "$(ls "${folder}/running" | wc -l) $*" >> "${folder}/calls"
${script}
rmdir "${folder}/running/$$"
`);
  chmodSync(command, 0o755);
  return (probe = new MediaProbe({ ...options, command }));
}
const calls = (): string[] => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
const file = (name: string, content = 'x'): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const look = async (one: MediaProbe, path: string, kind: FileKind = 'media'): Promise<MediaState | undefined> => (await one.look(new Map([['a', { path, kind }]]))).get('a');
const says = (streams: string[], duration: string | null, picture = 0) =>
  `echo '${JSON.stringify({ streams: streams.map((codec_type) => ({ codec_type, disposition: { attached_pic: picture } })), format: duration === null ? {} : { duration } })}'`;

test('a file is looked at once, and again when it has changed', async () => {
  const one = fake(says(['video', 'audio'], '12.3456'));
  const path = file('a film.mp4');
  expect(await look(one, path)).toEqual({ is: 'ok', durationMs: 12_346 });
  expect(await look(one, path)).toEqual({ is: 'ok', durationMs: 12_346 });
  expect(calls()).toHaveLength(1);
  expect(calls()[0]).toContain(`-protocol_whitelist file`);
  expect(calls()[0]!.endsWith(`file:${path}`)).toBe(true);
  file('a film.mp4', 'another');
  await look(one, path);
  expect(calls()).toHaveLength(2);
  rmSync(path);
  expect(await look(one, path)).toEqual({ is: 'missing' });
});

test('what a file must have depends on what it is for', async () => {
  const sound = fake(says(['audio'], '3'));
  const path = file('x');
  expect(await look(sound, path, 'audio')).toEqual({ is: 'ok', durationMs: 3000 });
  expect(await look(sound, path, 'media')).toEqual({ is: 'ok', durationMs: 3000 });
  expect(await look(sound, path, 'image')).toMatchObject({ is: 'unreadable', message: expect.stringContaining('no picture') });
  rmSync(join(folder, 'running'), { recursive: true });
  const picture = fake(says(['video'], '0.04'));
  expect(await look(picture, path, 'image')).toEqual({ is: 'ok', durationMs: null });
  expect(await look(picture, path, 'audio')).toMatchObject({ is: 'unreadable', message: expect.stringContaining('no sound') });
  rmSync(join(folder, 'running'), { recursive: true });
  expect(await look(fake(says(['video'], '9', 1)), path, 'media')).toMatchObject({ is: 'unreadable' });
});

test('at most two at once, and what there is no time for is said to be so', async () => {
  const one = fake(`sleep 0.2; ${says(['video'], '1')}`);
  const files = new Map(Array.from({ length: 6 }, (_, i) => [i, { path: file(`f${i}`), kind: 'media' as const }]));
  expect([...(await one.look(files)).values()]).toEqual(Array.from({ length: 6 }, () => ({ is: 'ok', durationMs: 1000 })));
  expect(Math.max(...calls().map((line) => Number(line.split(' ')[0])))).toBeLessThanOrEqual(2);

  rmSync(join(folder, 'running'), { recursive: true });
  const slow = fake('exec sleep 30', { limitMs: 300 });
  const states = [...(await slow.look(files)).values()];
  expect(states).toHaveLength(6);
  for (const state of states) expect(state).toMatchObject({ is: 'unreadable', message: expect.stringContaining('no time') });
});

test('one that fails, says nonsense, or is not there', async () => {
  const path = file('x');
  expect(await look(fake('exit 1'), path)).toMatchObject({ is: 'unreadable', message: expect.stringContaining('damaged') });
  rmSync(join(folder, 'running'), { recursive: true });
  expect(await look(fake('echo "{"'), path)).toMatchObject({ is: 'unreadable' });
  probe = new MediaProbe({ command: join(folder, 'nobody') });
  expect(await look(probe, path)).toMatchObject({ is: 'unreadable', message: expect.stringContaining('no ffprobe') });
});

test('what is not the fault of a file is asked again after a while, and not at once', async () => {
  const clock = new FakeClock();
  const path = file('a.mp4');
  const command = join(folder, 'ffprobe');
  const one = (probe = new MediaProbe({ command, clock }));
  const missing = { is: 'unreadable', message: expect.stringContaining('no ffprobe'), isPassing: true };
  expect(await look(one, path)).toEqual(missing);
  fake('kill -9 $$', { clock });
  // Not asked again yet.
  expect(await look(one, path)).toEqual(missing);
  await clock.advance(10_000);
  expect(await look(one, path)).toMatchObject({ is: 'unreadable', message: expect.stringContaining('was ended'), isPassing: true });
  rmSync(join(folder, 'running'), { recursive: true });
  fake(says(['video'], '3'), { clock });
  await clock.advance(20_000);
  expect(await look(one, path)).toEqual({ is: 'ok', durationMs: 3000 });
  expect(await one.facts({ path, kind: 'media' })).toMatchObject({ is: 'found', facts: { durationMs: 3000, audioCodec: null } });
  expect(calls()).toHaveLength(2);
});

test('a file in whose place, or above which, a link stands when its turn comes is not opened', async () => {
  const one = fake(says(['video'], '3'));
  const mediaFolder = join(folder, 'media');
  mkdirSync(join(mediaFolder, 'show'), { recursive: true });
  mkdirSync(join(folder, 'private'));
  for (const name of ['media/show/a', 'private/a']) file(name);
  const again = async () => (await one.look(new Map([['a', { path: join(mediaFolder, 'show/a'), kind: 'media' as const, mediaFolder }]]))).get('a');
  renameSync(join(mediaFolder, 'show'), join(mediaFolder, 'old'));
  symlinkSync(join(folder, 'private'), join(mediaFolder, 'show'));
  expect(await again()).toEqual({ is: 'missing' });
  unlinkSync(join(mediaFolder, 'show'));
  mkdirSync(join(mediaFolder, 'show'));
  symlinkSync(join(folder, 'private/a'), join(mediaFolder, 'show/a'));
  expect(await again()).toEqual({ is: 'missing' });
  expect(existsSync(join(folder, 'calls'))).toBe(false);
  rmSync(join(mediaFolder, 'show/a'));
  file('media/show/a');
  expect(await again()).toEqual({ is: 'ok', durationMs: 3000 });
});

test('pictures of each kind are known for what they are, whatever they are called', async () => {
  probe = new MediaProbe();
  for (const name of ['still.jpg', 'still.jpeg', 'still.png', 'still.webp', 'still.gif', 'still.bmp', 'still.tiff']) {
    const path = join(folder, name);
    await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=64x36', '-frames:v', '1', '-y', path]);
    expect([name, await look(probe, path, 'image')]).toEqual([name, { is: 'ok', durationMs: null }]);
  }
  for (const [name, called] of [['still.jpeg', 'called.png'], ['still.jpg', 'numbered%03d.jpg']] as const) {
    renameSync(join(folder, name), join(folder, called));
    expect(await look(probe, join(folder, called), 'image')).toEqual({ is: 'ok', durationMs: null });
  }
  expect(await look(probe, file('words.jpg', 'These are words.'), 'image')).toMatchObject({ is: 'unreadable' });
});
