/** What tests of the native core share: the built addon, a decoder that decodes nothing, and a feed read back. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { loadNativeCore, type NativeCore, type NativeLayer, type NativeProgram, type NativeSourceStats } from '../../src/engine/native.js';
import { makeNative } from './native_build.js';
import { waitFor } from './wait.js';

const fakeCameraPath = makeNative('build/compositor-fake-camera');

export const core: NativeCore = loadNativeCore();

/** Settings of `compositor-fake-camera`, see native/test/compositor_fake_camera.cpp. */
export type FakeCameraSettings = Record<string, string | number>;

export class FakeCamera {
  readonly child: ChildProcess;
  /** How late it gave a frame at worst since this was last set to 0, ms: the machine kept it from its moment. */
  latestMs = 0;

  constructor(program: NativeProgram, readonly sourceId: string, settings: FakeCameraSettings) {
    const ring = program.openRing(sourceId);
    this.child = spawn(fakeCameraPath, Object.entries(settings).map(([key, value]) => `${key}=${value}`), {
      stdio: ['ignore', 'pipe', 'inherit', ring],
    });
    core.closeFd(ring);
    createInterface({ input: this.child.stdout! }).on('line', (line) => { this.latestMs = Math.max(this.latestMs, Number(line) / 1_000); });
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await ended;
  }
}

/** Writes a feed into a file as it is, by a real FFmpeg; resolves when it has read to the end. */
export async function recordFeed(fd: number, path: string): Promise<void> {
  const child = spawn('ffmpeg', ['-v', 'error', '-nostdin', '-f', 'nut', '-i', 'pipe:0', '-map', '0', '-c', 'copy', '-f', 'nut', '-y', path], {
    stdio: [fd, 'ignore', 'pipe'],
  });
  core.closeFd(fd);
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => { text += chunk.toString(); });
  const [code] = await once(child, 'close') as [number | null];
  if (code !== 0 || text !== '') throw new Error(`ffmpeg could not take the feed (${code}): ${text}`);
}

export const full = (sourceId: string, over: Partial<NativeLayer> = {}): NativeLayer => ({
  sourceId, x: 0, y: 0, width: 1, height: 1, fit: 'contain', opacity: 1, crop: { left: 0, top: 0, right: 0, bottom: 0 }, gain: 1, ...over,
});

/** One colour as premultiplied RGBA. */
export function plain(width: number, height: number, rgba: readonly [number, number, number, number]): Uint8Array {
  const pixels = new Uint8Array(width * height * 4);
  for (let i = 0; i < pixels.length; i += 4) pixels.set(rgba, i);
  return pixels;
}

export function sourceStats(program: NativeProgram, id: string): NativeSourceStats {
  const found = program.stats().sources.find((source) => source.id === id);
  if (!found) throw new Error(`there is no source ${id}`);
  return found;
}

export async function untilState(program: NativeProgram, id: string, state: NativeSourceStats['state'], timeoutMs = 5_000): Promise<void> {
  await waitFor(`${id} to be ${state}`, () => program.stats().sources.some((s) => s.id === id && s.state === state), { timeoutMs, everyMs: 5 });
}
