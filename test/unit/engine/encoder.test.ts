/** How one encoder follows another, on fake time. What real processes do is in test/realtime/encoder.test.ts. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Encoder, queueFrames } from '../../../src/engine/encoder.js';
import { programOptions, videoFormat } from '../../../src/engine/scene-plan.js';
import { Settings } from '../../../src/protocol/resources.js';
import { silentLog } from '../../../src/runtime/log.js';
import type { FakeNativeCore } from '../../fakes/native-core.js';
import type { FakeNativeProgram } from '../../fakes/native-program.js';
import { begin, children, newestProgram, pass, type FakeChild } from './doubles.js';

const settings = Settings.parse({});
const format = videoFormat(settings.video);
let core: FakeNativeCore;
let program: FakeNativeProgram;
let encoder: Encoder;
let readers: Map<number, FakeChild>;

beforeEach(async () => {
  core = begin();
  core.createProgram(programOptions(format));
  program = newestProgram();
  readers = new Map();
  const close = program.closeFeed.bind(program);
  vi.spyOn(program, 'closeFeed').mockImplementation((id) => {
    close(id);
    readers.get(id)?.exit(0);
  });
  encoder = new Encoder(core, program, format, '/run/program.sock', silentLog, settings, { codec: 'libx264' });
  encoder.start();
  await pass(1_000);
});
afterEach(async () => {
  await Promise.all([encoder.stop(), pass(3_000)]);
  vi.useRealTimers();
});

it('may be a second and a half behind, less where that is more memory than it is worth', () => {
  const waiting = (video: Partial<Settings['video']>): number => queueFrames(videoFormat({ ...settings.video, ...video }));
  expect([waiting({}), waiting({ fps: 60 }), waiting({ width: 3840, height: 2160 })]).toEqual([45, 48, 15]);
});

const running = () => children.running('ffmpeg');
const report = () => encoder.report(program.stats().feeds);
const change = (bitrateKbps: number) => encoder.update({ ...settings, encoder: { ...settings.encoder, bitrateKbps } }, { codec: 'libx264' });
/** An encoder that reads the end of its input goes. */
const endsWithItsFeed = (child: FakeChild, feedId: number) => void readers.set(feedId, child);
const newestFeed = () => program.stats().feeds.at(-1)!.id;

/** Settings change, and the new encoder has begun beside the old one. */
async function replace(bitrateKbps = 3_000): Promise<[old: FakeChild, next: FakeChild]> {
  const [old] = running();
  endsWithItsFeed(old!, newestFeed());
  change(bitrateKbps);
  for (let waited = 0; running().length < 2; waited += 10) {
    expect(waited).toBeLessThan(2_100);
    await pass(10);
  }
  return [old!, running()[1]!];
}

/** Its first word comes after `ms`. */
async function speakAfter(next: FakeChild, ms: number): Promise<void> {
  next.fallSilent();
  await pass(ms);
  next.report(3);
  const speaking = setInterval(() => next.report(15), 500);
  next.once('exit', () => clearInterval(speaking));
}

describe('an encoder whose settings change', () => {
  it('is followed where it has a keyframe itself', async () => {
    const first = program.stats().feeds[0]!.firstFrame;
    for (const waitMs of [0, 300, 1_990]) {
      await pass(waitMs);
      const [old] = await replace(4_000 + waitMs);
      const [before, after] = program.stats().feeds;
      expect((after!.firstFrame - first) % 60).toBe(0);
      expect(after!.firstFrame).toBeGreaterThan(before!.firstFrame);
      await pass(1_000);
      old.exit(1);
      await pass(1_000);
    }
    expect(report().restarts).toBe(0);
  });

  it('is followed at once when its next keyframe is far away', async () => {
    encoder.update({ ...settings, encoder: { ...settings.encoder, keyframeIntervalMs: 10_000 } }, { codec: 'libx264' });
    await pass(2_100);
    running()[0]!.exit(1);
    await pass(2_000);
    expect(running()).toHaveLength(1);
    encoder.update({ ...settings, encoder: { ...settings.encoder, keyframeIntervalMs: 10_000, bitrateKbps: 3_000 } }, { codec: 'libx264' });
    await pass(20);
    expect(running()).toHaveLength(2);
  });

  it('is followed by one with the newest of the settings that came until then', async () => {
    change(3_000);
    change(3_100);
    const [, next] = await replace(3_200);
    expect(next.args).toContain('3200k');
    await pass(10_000);
    expect(children.all).toHaveLength(2);
  });

  it('runs beside the new one until egress cuts it off', async () => {
    const [old, next] = await replace();
    await pass(4_000);
    expect(running()).toEqual([old, next]);
    old.exit(1);
    await pass(20_000);
    expect(running()).toEqual([next]);
    expect(report()).toMatchObject({ state: 'running', restarts: 0 });
  });

  it('goes by itself when the new one is past its third keyframe, however late that began', async () => {
    const [old, next] = await replace();
    await speakAfter(next, 5_000);
    await pass(5_300);
    expect(running()).toEqual([old, next]);
    await pass(400);
    expect(running()).toEqual([next]);
    expect(old.signals).toEqual([]);
  });

  it('stays on air while the new one hangs at its start and is replaced', async () => {
    const [old, next] = await replace();
    next.fallSilent();
    await pass(6_500);
    expect(next.ended).toBe(true);
    expect(running()).toHaveLength(2);
    expect(running()[0]).toBe(old);
  });

  it('makes room after 8 s for a new one that never comes', async () => {
    const [old] = await replace();
    const dying = setInterval(() => running()[1]?.exit(1), 100);
    await pass(7_900);
    expect(old.ended).toBe(false);
    await pass(200);
    expect(old.ended).toBe(true);
    clearInterval(dying);
    await pass(8_000);
    expect(report().state).toBe('running');
  });

  it('that dies while it waits to be replaced is started again at once, with the new settings and once', async () => {
    change(3_000);
    running()[0]!.exit(1);
    await pass(200);
    expect(running()).toHaveLength(1);
    expect(running()[0]!.args).toContain('3000k');
    await pass(10_000);
    expect(children.all).toHaveLength(2);
  });

  it('is followed by a third when they change again while two run, never by more at once', async () => {
    const [old, next] = await replace();
    for (const bitrateKbps of [3_100, 3_200, 3_300]) change(bitrateKbps);
    await pass(2_100);
    expect(running()).toEqual([old, next]);
    old.exit(1);
    await pass(2_100);
    expect(running()).toHaveLength(2);
    expect(running()[1]!.args).toContain('3300k');
    expect(children.all).toHaveLength(3);
  });

  it('is counted with what it dropped while the new one takes over, and after: the count never runs backwards', async () => {
    // Nobody reads a feed here before it is said so; while an encoder starts many frames may wait.
    await pass(1_000);
    expect(report().dropped).toBeGreaterThan(10);
    program.setReading(newestFeed(), true);
    await pass(11_000);
    const before = report().dropped;
    const [old] = await replace();
    program.setReading(newestFeed(), true);
    const counts: number[] = [];
    for (let i = 0; i < 40; i++) {
      await pass(250);
      counts.push(report().dropped);
      expect(report().error).toBeUndefined();
      if (i === 10) old.exit(0);
    }
    expect(new Set(counts)).toEqual(new Set([before]));
  });

  it('is not there to be replaced twice for the same settings', async () => {
    change(3_000);
    await pass(2_100);
    change(3_000);
    running()[0]!.exit(1);
    await pass(10_000);
    expect(children.all).toHaveLength(2);
  });
});

describe('an encoder', () => {
  it('gives its feed back when it ends, and the next one starts with a feed of its own', async () => {
    const before = newestFeed();
    running()[0]!.exit(1);
    await pass(500);
    expect(program.stats().feeds.map(({ id }) => id)).toEqual([before + 1]);
    expect(core.descriptors).toHaveLength(1);
    expect(report().restarts).toBe(1);
  });

  it('is stopped in the middle of a handover with the one before it', async () => {
    await replace();
    await Promise.all([encoder.stop(), pass(2_000)]);
    expect(running()).toEqual([]);
    await pass(20_000);
    expect(children.all).toHaveLength(2);
  });

  it('is ended once when it hangs, however long it takes to go', async () => {
    const [child] = running();
    const kill = vi.spyOn(child!, 'kill').mockReturnValue(true);
    child!.fallSilent();
    await pass(8_000);
    expect(kill.mock.calls).toEqual([['SIGKILL']]);
    kill.mockRestore();
    child!.exit(null);
    await pass(500);
    expect(report().restarts).toBe(1);
  });

  it('is let wait while it gets no processor, which is said, and replaced when that lasts', async () => {
    const [child] = running();
    child!.fallSilent();
    child!.sight.isRunnable = true;
    await pass(29_000);
    expect(child!.ended).toBe(false);
    expect(report()).toMatchObject({ state: 'running', error: { code: 'ENCODER_SLOW' } });
    await pass(1_500);
    expect(child!.signals).toEqual(['SIGKILL']);
    await pass(1_000);
    expect(report()).toMatchObject({ state: 'running', restarts: 1 });
  });

  it('that finds nobody to write to has not failed, and one whose codec does not work has', async () => {
    const endsSaying = async (line: string): Promise<void> => {
      children.onSpawn = (child) => {
        child.fallSilent();
        setTimeout(() => {
          child.stderr.write(`${line}\n`);
          // Node says that a child is gone when what it said has been read.
          setTimeout(() => child.exit(1), 10);
        }, 100);
      };
      running()[0]?.exit(1);
      // Longer than the longest wait before another is started: one that is ended here has not said anything.
      await pass(12_000);
    };
    await endsSaying('unix:/run/program.sock: Connection refused');
    expect(report()).toMatchObject({ state: 'restarting' });
    expect(report().error).toBeUndefined();
    await endsSaying('Error initializing output stream');
    expect(report()).toMatchObject({ state: 'failed', error: { code: 'ENCODER_FAILED', message: 'FFmpeg ended before its first frame: Error initializing output stream' } });
  });

  it('is not called too slow for what is lost while it stands still, hangs and is replaced', async () => {
    const called = new Set<string | undefined>();
    let stands = false;
    children.onSpawn = (child) => {
      child.fallSilent();
      stands = false;
    };
    running()[0]!.fallSilent();
    const working = [
      setInterval(() => { if (!stands) running()[0]?.report(15); }, 500),
      setInterval(() => {
        for (const { id } of program.stats().feeds) program.setReading(id, !stands);
        called.add(report().error?.code);
      }, 50),
    ];
    for (const standMs of [1_900, 4_000]) {
      // Wherever it begins between two judgements.
      for (const laterMs of [0, 1_000, 2_000, 3_000, 4_000]) {
        await pass(6_000 + laterMs);
        stands = true;
        await pass(standMs);
        stands = false;
      }
    }
    await pass(6_000);
    for (const one of working) clearInterval(one);
    expect(report()).toMatchObject({ state: 'running', restarts: 5 });
    expect(report().dropped).toBeGreaterThan(100);
    expect([...called]).toEqual([undefined]);
  });

  it('hangs though it waited for its turn before, and though it computes for ever', async () => {
    const [waited] = running();
    waited!.fallSilent();
    waited!.sight.isRunnable = true;
    await pass(10_000);
    waited!.sight.isRunnable = false;
    await pass(1_000);
    expect(waited!.ended).toBe(false);
    await pass(1_800);
    expect(waited!.ended).toBe(true);
    await pass(2_000);
    const [busy] = running();
    busy!.fallSilent();
    busy!.sight.isRunnable = true;
    const computing = setInterval(() => { busy!.sight.ranNs += 10e6; }, 10);
    await pass(3_000);
    clearInterval(computing);
    expect(busy!.ended).toBe(true);
    expect(report().restarts).toBe(2);
  });

  it('is let wait for its first frame while it gets no processor', async () => {
    const waiting = (): FakeChild => running()[0]!;
    children.onSpawn = (child) => void Object.assign(child.fallSilent().sight, { isRunnable: true });
    running()[0]!.exit(1);
    await pass(20_000);
    expect(report()).toMatchObject({ state: 'restarting', restarts: 1 });
    waiting().report(15);
    await pass(500);
    expect(report()).toMatchObject({ state: 'running', restarts: 1 });
  });

  it('is not replaced any more once it is stopped', async () => {
    change(3_000);
    change(3_100);
    await Promise.all([encoder.stop(), pass(5_000)]);
    expect(children.all).toHaveLength(1);
  });
});
