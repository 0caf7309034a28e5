import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, openSync, closeSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { Encoder } from '../../src/engine/encoder.js';
import type { NativeCore, NativeFeedStats, NativeProgram } from '../../src/engine/native.js';
import { videoFormat } from '../../src/engine/scene-plan.js';
import { Settings } from '../../src/protocol/resources.js';
import { silentLog } from '../../src/runtime/log.js';

const settings = Settings.parse({});
const format = videoFormat(settings.video);

/** Feeds that carry nothing: an encoder's stdin is a pipe that never ends, and its counters are the test's to set. */
class FakeProgram {
  constructor(private readonly pipe: string) {}
  readonly feeds = new Map<number, NativeFeedStats>();
  #next = 1;
  opened = 0;

  openFeed = (): { id: number; fd: number; firstFrame: number } => {
    const id = this.#next++;
    this.opened += 1;
    this.feeds.set(id, { id, queued: 0, capacity: 15, written: 0, dropped: 0, progressUs: 0, firstFrame: 100, broken: false });
    return { id, fd: openSync(this.pipe, 'r+'), firstFrame: 100 };
  };
  closeFeed = (id: number): void => void this.feeds.delete(id);
  stats = () => ({ feeds: [...this.feeds.values()] });
}

const core = { closeFd: closeSync, monotonicUs: () => Number(process.hrtime.bigint() / 1000n) } as unknown as NativeCore;
const path = process.env.PATH;
const folder = mkdtempSync(join(tmpdir(), 'v-enc-'));
/** Beside the socket that an encoder writes to: how it behaves from its next start on. */
const MODE = 'mode';

beforeAll(() => {
  const shim = join(folder, 'ffmpeg');
  writeFileSync(shim, `#!/bin/sh
for last; do :; done
at=\${last#unix:}
FAKE_FFMPEG=$(cat "\${at%/*}/${MODE}") exec "${process.execPath}" "${join(import.meta.dirname, '../fakes/fake-ffmpeg.mjs')}" "$@"
`);
  chmodSync(shim, 0o755);
  process.env.PATH = `${folder}:${path}`;
});
afterAll(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

/** An encoder of its own, with a program of its own; its FFmpeg is a child that is told how to behave. */
class Stage {
  readonly #folder = mkdtempSync(join(folder, 's-'));
  readonly program: FakeProgram;
  readonly encoder: Encoder;

  constructor(mode: string, onEnd: (end: () => Promise<void>) => void) {
    execFileSync('mkfifo', [join(this.#folder, 'feed')]);
    this.program = new FakeProgram(join(this.#folder, 'feed'));
    this.encoder = new Encoder(core, this.program as unknown as NativeProgram, format, join(this.#folder, 'p.sock'), silentLog, settings, { codec: 'libx264' });
    onEnd(() => this.encoder.stop());
    this.behave(mode);
    this.encoder.start();
  }

  readonly behave = (mode: string): void => writeFileSync(join(this.#folder, MODE), mode);
  readonly report = () => this.encoder.report([...this.program.feeds.values()]);
}

// None of them takes a processor's time to speak of: they wait, so they wait together.
describe.concurrent('Encoder', () => {
  it('is running once frames come out, and says how fast', async ({ expect, onTestFinished }) => {
    const { report } = new Stage('steady', onTestFinished);
    await expect.poll(() => report().state, { timeout: 5000 }).toBe('running');
    await expect.poll(() => report().kbps).toBe(6000);
    expect(report().restarts).toBe(0);
  });

  it('replaces one that hangs, though it is alive', async ({ expect, onTestFinished }) => {
    const { report } = new Stage('hang', onTestFinished);
    await expect.poll(() => report().state, { timeout: 5000 }).toBe('running');
    await expect.poll(() => report().restarts, { timeout: 6000 }).toBeGreaterThanOrEqual(1);
  });

  it('replaces one whose feed is stuck', async ({ expect, onTestFinished }) => {
    const { program, report } = new Stage('steady', onTestFinished);
    await expect.poll(() => report().state, { timeout: 5000 }).toBe('running');
    const feed = [...program.feeds.values()][0]!;
    Object.assign(feed, { queued: 15, progressUs: core.monotonicUs() - 10_000_000 });
    await expect.poll(() => report().restarts, { timeout: 5000 }).toBe(1);
    await expect.poll(() => report().state, { timeout: 5000 }).toBe('running');
  });

  it('is tried again where the machine has no room for a child, with the feed that it was given closed', async ({ expect, onTestFinished }) => {
    const { encoder, program, report } = new Stage('steady', onTestFinished);
    await expect.poll(() => report().state, { timeout: 5000 }).toBe('running');
    const { openFeed } = program;
    let refused = 0;
    program.openFeed = () => {
      if (refused++ < 2) throw new Error('no descriptors are left');
      return openFeed();
    };
    encoder.update({ ...settings, encoder: { ...settings.encoder, bitrateKbps: 3000 } }, { codec: 'libx264' });
    await expect.poll(() => refused, { timeout: 15_000 }).toBeGreaterThanOrEqual(1);
    expect(report()).toMatchObject({ state: 'running', restarts: 0 });
    await expect.poll(() => refused, { timeout: 15_000 }).toBe(3);
    await expect.poll(() => report().state, { timeout: 5000 }).toBe('running');
    expect(report().restarts).toBe(0);
  });

  it('says when it is too slow, and takes it back when it keeps up', async ({ expect, onTestFinished }) => {
    const { program, report } = new Stage('steady', onTestFinished);
    const feed = () => [...program.feeds.values()][0]!;
    const falling = setInterval(() => { feed().dropped += 5; }, 250);
    await expect.poll(() => report().error?.code, { timeout: 15_000 }).toBe('ENCODER_SLOW');
    clearInterval(falling);
    await expect.poll(() => report().error, { timeout: 15_000 }).toBeUndefined();
  });

  it('says why when FFmpeg cannot start, keeps trying, and comes right when it can', async ({ expect, onTestFinished }) => {
    const { report, behave } = new Stage('exit1', onTestFinished);
    await expect.poll(() => report().error?.message, { timeout: 5000 }).toContain('Cannot load the codec');
    expect(report()).toMatchObject({ state: 'failed', error: { code: 'ENCODER_FAILED' } });
    behave('steady');
    await expect.poll(() => report().state, { timeout: 10_000 }).toBe('running');
    expect(report().error).toBeUndefined();
  });

  it('drains one that floods stderr', async ({ expect, onTestFinished }) => {
    const { report } = new Stage('flood', onTestFinished);
    await expect.poll(() => report().state, { timeout: 10_000 }).toBe('running');
  });

  it('overlaps the old and the new when settings change, then ends the old', async ({ expect, onTestFinished }) => {
    const { encoder, program, report } = new Stage('steady', onTestFinished);
    await expect.poll(() => report().state, { timeout: 5000 }).toBe('running');
    encoder.update({ ...settings, encoder: { ...settings.encoder, bitrateKbps: 2000 } }, { codec: 'libx264' });
    await expect.poll(() => program.feeds.size, { timeout: 4000 }).toBe(2);
    // Egress, which would cut the old one off sooner, is not there.
    await expect.poll(() => program.feeds.size, { timeout: 8000 }).toBe(1);
    expect(program.opened).toBe(2);
    expect(report().restarts).toBe(0);
  });

  it('has never more than two at once however often settings change, and ends with the newest', async ({ expect, onTestFinished }) => {
    const { encoder, program, report } = new Stage('steady', onTestFinished);
    await expect.poll(() => report().state, { timeout: 5000 }).toBe('running');
    for (let kbps = 1000; kbps <= 2000; kbps += 100) {
      encoder.update({ ...settings, encoder: { ...settings.encoder, bitrateKbps: kbps } }, { codec: 'libx264' });
      expect(program.feeds.size).toBeLessThanOrEqual(2);
    }
    await expect.poll(() => program.feeds.size, { timeout: 4000 }).toBe(2);
    encoder.update({ ...settings, encoder: { ...settings.encoder, bitrateKbps: 2500 } }, { codec: 'libx264' });
    expect(program.feeds.size).toBe(2);
    await expect.poll(() => program.opened, { timeout: 12_000 }).toBe(3);
    await expect.poll(() => program.feeds.size, { timeout: 8000 }).toBe(1);
    expect(report()).toMatchObject({ state: 'running', restarts: 0 });
  });

  it('slows down when one dies again and again right after its first frames', async ({ expect, onTestFinished }) => {
    const { report } = new Stage('brief', onTestFinished);
    const at = async (count: number) => {
      await expect.poll(() => report().restarts, { timeout: 20_000, interval: 20 }).toBeGreaterThanOrEqual(count);
      return performance.now();
    };
    const [second, third, fifth] = [await at(2), await at(3), await at(5)];
    expect(fifth - third).toBeGreaterThan(third - second);
  });

  it('does nothing when settings are the same', async ({ expect, onTestFinished }) => {
    const { encoder, program } = new Stage('steady', onTestFinished);
    encoder.update({ encoder: { ...settings.encoder }, audio: { ...settings.audio } }, { codec: 'libx264' });
    expect(program.opened).toBe(1);
  });

  it('stops one that ignores TERM and the end of its input, in under two seconds', async ({ expect, onTestFinished }) => {
    const { encoder, report } = new Stage('deaf', onTestFinished);
    await expect.poll(() => report().state, { timeout: 5000 }).toBe('running');
    const before = Date.now();
    await encoder.stop();
    expect(Date.now() - before).toBeLessThan(2000);
  });
});
