/** A film that stands in for a camera nobody sends, with the real core and decoder: from its beginning each time, whole each time. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NativeProgram, NativeSourceStats } from '../../src/engine/native.js';
import { Sources } from '../../src/engine/sources.js';
import { EngineSource } from '../../src/protocol/link.js';
import { silentLog } from '../../src/runtime/log.js';
import { core, full, recordFeed } from '../support/native.js';
import { readPattern } from '../support/pattern/read.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { waitFor } from '../support/wait.js';

const cut = { kind: 'cut', frames: 0 } as const;
const FRAMES = 30;

describe('a film as fallback', () => {
  let folder: string;
  let program: NativeProgram;
  let sources: Sources;

  beforeEach(() => {
    folder = tempFolder();
    // Grey that grows by 6 a frame tells which frame it is.
    execFileSync('ffmpeg', [
      '-v', 'error', '-f', 'lavfi', '-i', `nullsrc=size=320x180:rate=30:duration=${FRAMES / 30},format=gray,geq=lum='30+6*N'`,
      '-pix_fmt', 'yuv420p', '-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '10', join(folder, 'film.mp4'),
    ]);
    program = core.createProgram({ width: 320, height: 180, fpsNum: 30, fpsDen: 1 });
    sources = new Sources(core, program, { cameraSocket: (id) => join(folder, `${id}.sock`), allowHttp: false }, silentLog);
    sources.start();
    sources.apply([
      { id: 'src_cam', kind: 'camera', name: 'Camera', fallbackSourceId: 'src_film' },
      { id: 'src_film', kind: 'media', name: 'Film', path: join(folder, 'film.mp4') },
      { id: 'src_blue', kind: 'color', name: 'Blue', color: '#0000ff' },
    ].map((source) => EngineSource.parse(source)));
  });
  afterEach(async () => {
    await sources.stop();
    program.stop();
    removeFolder(folder);
  });

  const film = (): NativeSourceStats => program.stats().sources.find(({ id }) => id === 'src_film')!;
  function show(id: string): void {
    const { frame } = program.take({ id, layers: [full(id)] }, cut);
    sources.onAir(new Set([id]), frame);
  }

  it('begins at its start each time it is needed, and is whole again after it has ended', async () => {
    show('src_blue');
    await waitFor('the film to be ready', () => film().state === 'live');
    const brightness: number[][] = [];
    for (let time = 0; time < 3; time++) {
      const before = film().shown;
      const path = join(folder, `${time}.nut`);
      const feed = program.openFeed(30);
      const recording = recordFeed(feed.fd, path);
      show('src_cam');
      await waitFor('the film to end', () => film().state === 'ended');
      show('src_blue');
      program.closeFeed(feed.id);
      await recording;
      // Held at its first frame, which was shown when it came.
      await waitFor('the film to be back at its start', () => film().state === 'live');
      expect(film().shown - before).toBeGreaterThanOrEqual(FRAMES - 1);
      const reading = await readPattern(path, { inputArguments: ['-f', 'nut'] });
      // Blue before it and the slate after it are darker than all of it.
      brightness.push(reading.frames.map(({ luma }) => Math.round(luma)).filter((luma, i, all) => luma > 25 && luma !== all[i - 1]));
    }
    expect(brightness[0]).toHaveLength(FRAMES);
    for (const one of brightness.slice(1)) expect(one).toEqual(brightness[0]);
  });
});
