/** A film of which only the sound comes, with the real core and decoder: it is said, and a codec that hangs is replaced. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NativeProgram } from '../../src/engine/native.js';
import { Sources } from '../../src/engine/sources.js';
import { EngineSource } from '../../src/protocol/link.js';
import type { SourceStatus } from '../../src/protocol/status.js';
import { silentLog } from '../../src/runtime/log.js';
import { core, full } from '../support/native.js';
import { makeNative } from '../support/native_build.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { delay, waitFor } from '../support/wait.js';

describe('a film of which only the sound comes', () => {
  let folder: string;
  let path: string;
  let program: NativeProgram;
  let sources: Sources;

  beforeEach(() => {
    folder = tempFolder();
    path = join(folder, 'film.mp4');
    execFileSync('ffmpeg', [
      '-v', 'error', '-nostdin', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25', '-f', 'lavfi', '-i', 'sine=440', '-t', '20',
      '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', path,
    ]);
    program = core.createProgram({ width: 320, height: 180, fpsNum: 25, fpsDen: 1 });
    sources = new Sources(core, program, { cameraSocket: (id) => join(folder, `${id}.sock`), allowHttp: false }, silentLog);
    sources.start();
  });
  afterEach(async () => {
    await sources.stop();
    program.stop();
    removeFolder(folder);
  });

  function show(): void {
    sources.apply([EngineSource.parse({ id: 'src_film', kind: 'media', name: 'Film', path, loop: true })]);
    program.take({ id: 'src_film', layers: [full('src_film')] }, { kind: 'cut', frames: 0 });
    sources.onAir(new Set(['src_film']));
  }
  const film = (): SourceStatus => sources.status(program.stats().sources)[0]!;
  const isSeen = (): boolean => program.stats().sources[0]!.width > 0;

  it('has failed, for as long as it plays, when its pictures are of a codec that there is no decoder for', async () => {
    // A box's name is all that tells what the pictures are.
    writeFileSync(path, Buffer.from(readFileSync(path, 'latin1').replaceAll('avc1', 'vvc1'), 'latin1'));
    show();
    await waitFor('the film to fail', () => film().state === 'failed');
    await waitFor('its sound to be heard all the same', () => program.stats().sources[0]!.state === 'live');
    for (let s = 0; s < 4; s++) {
      await waitFor('the problem to be told', () => film().error?.code === 'VIDEO_CODEC', { timeoutMs: 2_000 });
      await delay(1_000);
    }
    expect(film()).toMatchObject({ state: 'failed', error: { code: 'VIDEO_CODEC' } });
    expect(isSeen()).toBe(false);
  });

  it('because its codec hangs, is opened anew, and seen', async () => {
    const flag = join(folder, 'hangs');
    writeFileSync(flag, '');
    const { LD_PRELOAD } = process.env;
    Object.assign(process.env, { LD_PRELOAD: makeNative('build/hung-codec.so'), HUNG_WHILE: flag });
    try {
      show();
      await waitFor('its sound to be heard', () => program.stats().sources[0]?.state === 'live');
    } finally {
      // Only its first decoder has that codec.
      delete process.env.HUNG_WHILE;
      if (LD_PRELOAD === undefined) delete process.env.LD_PRELOAD;
      else process.env.LD_PRELOAD = LD_PRELOAD;
    }
    await delay(3_000);
    expect(isSeen()).toBe(false);
    await waitFor('its picture', isSeen, { timeoutMs: 40_000 });
  });
});
