import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Overlays } from '../../../src/engine/overlays.js';
import { overlayPictureId, programOptions, SLATE_ID, videoFormat } from '../../../src/engine/scene-plan.js';
import type { EngineOverlay } from '../../../src/protocol/link.js';
import { OverlayInput } from '../../../src/protocol/resources.js';
import { silentLog, type Log } from '../../../src/runtime/log.js';
import type { FakeNativeProgram } from '../../fakes/native-program.js';
import { begin, desired, FakeWorker, newestProgram, pass, settle } from './doubles.js';

const format = videoFormat({ width: 640, height: 360, fps: 30 });
const clock = (id: string, visible = true): EngineOverlay => ({ id, ...OverlayInput.parse({ kind: 'clock', name: id, visible }) });
const [a, b] = [overlayPictureId('ovl_a'), overlayPictureId('ovl_b')];

let program: FakeNativeProgram;
let overlays: Overlays;
let changes: number;

beforeEach(() => {
  begin().createProgram(programOptions(format));
  program = newestProgram();
  changes = 0;
  overlays = new Overlays(program, format, silentLog, () => { changes += 1; });
  overlays.start();
});
afterEach(async () => {
  await overlays.stop();
  vi.useRealTimers();
});

const want = (...wanted: EngineOverlay[]) => overlays.apply(desired({ overlays: wanted }));
const worker = () => FakeWorker.newest;
const toldOf = (type: string) => worker().told.filter((message) => message.type === type);

describe('Overlays', () => {
  it('has an overlay up once it is drawn, and answers each picture so that the next may come', async () => {
    want(clock('ovl_a'));
    expect(overlays.isUp('ovl_a')).toBe(false);
    const before = changes;
    worker().draw(a);
    expect(overlays.isUp('ovl_a')).toBe(true);
    expect(changes).toBe(before + 1);
    worker().draw(a);
    expect(changes).toBe(before + 1);
    expect(overlays.drawn).toBe(2);
    expect(toldOf('taken')).toEqual([{ type: 'taken', pictureId: a }, { type: 'taken', pictureId: a }]);
    await pass(100);
    expect(program.pictures).toEqual([a]);
  });

  it('makes the slate what stands in', async () => {
    want();
    expect(worker().told[0]).toMatchObject({ type: 'frame', width: 640, height: 360 });
    worker().draw(SLATE_ID);
    await pass(100);
    expect(program.slateId).toBe(SLATE_ID);
    expect(program.pictures).toEqual([SLATE_ID]);
  });

  it('has the slate drawn anew when the channel has another name, and only then', async () => {
    const named = (name: string) => desired({ settings: { ...desired().settings, channel: { name } } });
    overlays.apply(named('One'));
    await settle();
    overlays.apply(named('One'));
    await settle();
    expect(toldOf('frame')).toHaveLength(1);
    overlays.apply(named('Two'));
    expect(toldOf('frame')).toHaveLength(2);
  });

  it('keeps a hidden one up until it has animated out', () => {
    want(clock('ovl_a'));
    worker().draw(a);
    want(clock('ovl_a', false));
    expect(overlays.isUp('ovl_a')).toBe(true);
    worker().say({ type: 'gone', overlayId: 'ovl_a' });
    expect(overlays.isUp('ovl_a')).toBe(false);
  });

  it('keeps one up that was shown again while the news of its going was on the way', () => {
    want(clock('ovl_a'));
    worker().draw(a);
    want(clock('ovl_a', false));
    want(clock('ovl_a'));
    worker().say({ type: 'gone', overlayId: 'ovl_a' });
    expect(overlays.isUp('ovl_a')).toBe(true);
  });

  it('frees the picture of one that was removed', async () => {
    want(clock('ovl_a'), clock('ovl_b'));
    worker().draw(a);
    worker().draw(b);
    want(clock('ovl_b'));
    expect(overlays.isUp('ovl_a')).toBe(false);
    await pass(100);
    expect(program.pictures).toEqual([b]);
  });

  it('leaves no picture of one that was removed while it was being drawn', async () => {
    want(clock('ovl_a'));
    worker().draw(a);
    want();
    const drawn = overlays.drawn;
    worker().draw(a);
    await pass(100);
    expect(program.pictures).toEqual([]);
    expect(overlays.drawn).toBe(drawn);
    expect(overlays.isUp('ovl_a')).toBe(false);
    // Its picture is answered all the same, or nothing more would come of it if it were made again.
    expect(toldOf('taken')).toHaveLength(2);
  });

  it('has all of them drawn again by another thread when one crashes; meanwhile they stay up', async () => {
    want(clock('ovl_a'), clock('ovl_b', false));
    worker().draw(SLATE_ID);
    worker().draw(a);
    const crashed = worker();
    crashed.crash();
    expect(overlays.problem?.code).toBe('OVERLAY_FAILED');
    expect(overlays.isUp('ovl_a')).toBe(true);
    await pass(500);
    expect(worker()).not.toBe(crashed);
    expect(worker().told).toMatchObject([
      { type: 'frame', width: 640, height: 360 },
      { type: 'overlays', overlays: [{ id: 'ovl_a', visible: true }, { id: 'ovl_b', visible: false }] },
    ]);
    expect(program.pictures.sort()).toEqual([a, SLATE_ID].sort());
    worker().draw(a);
    expect(overlays.problem).toBeUndefined();
    expect(overlays.drawn).toBe(3);
  });

  it('takes up what is wanted while there is no thread', async () => {
    want(clock('ovl_a'));
    worker().crash();
    want(clock('ovl_b'));
    await pass(500);
    expect(toldOf('overlays')).toMatchObject([{ overlays: [{ id: 'ovl_b' }] }]);
  });

  it('starts a thread that crashes at once more and more rarely, until one draws', async () => {
    want(clock('ovl_a'));
    const crashes = async (ms: number) => {
      const before = FakeWorker.all.length;
      for (let passed = 0; passed < ms; passed += 100) {
        if (worker().listenerCount('exit') > 0) worker().crash();
        worker().removeAllListeners();
        await pass(100);
      }
      return FakeWorker.all.length - before;
    };
    const first = await crashes(2_000);
    const later = await crashes(20_000);
    expect(first).toBeGreaterThanOrEqual(3);
    expect(later).toBeLessThan(8);
  });

  it('counts and reports one that cannot be drawn, whose last picture stays', () => {
    want(clock('ovl_a'), clock('ovl_b'));
    worker().draw(a);
    worker().say({ type: 'failed', overlayId: 'ovl_a', message: 'no such font' });
    expect(overlays).toMatchObject({ failed: 1, problem: { code: 'OVERLAY_FAILED', message: 'no such font' } });
    expect(overlays.isUp('ovl_a')).toBe(true);
    worker().draw(b);
    expect(overlays.problem?.message).toBe('no such font');
    worker().draw(a);
    expect(overlays.problem).toBeUndefined();
  });

  it('tells once of one that cannot be drawn whenever it is tried, and when that is over', () => {
    const said: string[] = [];
    const note = (_: unknown, text: string): void => { said.push(text); };
    const noted = new Overlays(program, format, { ...silentLog, warn: note, info: note } as Log, () => {});
    noted.start();
    noted.apply(desired({ overlays: [clock('ovl_a'), clock('ovl_b')] }));
    for (let i = 0; i < 3; i += 1) for (const overlayId of ['ovl_a', 'ovl_b']) worker().say({ type: 'failed', overlayId, message: `no such font ${i}` });
    expect(said).toEqual(Array(2).fill('an overlay could not be drawn; its last picture stays'));
    worker().draw(b);
    expect(said[2]).toBe('the overlay is drawn again');
    expect(noted.problem?.message).toBe('no such font 2');
    worker().draw(a);
    worker().draw(a);
    expect(said).toHaveLength(4);
    expect(noted).toMatchObject({ failed: 6, problem: undefined });
  });

  it('says nothing of one that is hidden and tried in vain, unless it still stands there', () => {
    want(clock('ovl_a', false), clock('ovl_b'));
    worker().draw(b);
    worker().say({ type: 'failed', overlayId: 'ovl_a', message: 'no such font' });
    expect(overlays.problem).toBeUndefined();
    want(clock('ovl_a', false), clock('ovl_b', false));
    worker().say({ type: 'failed', overlayId: 'ovl_b', message: 'it does not go' });
    expect(overlays.problem?.message).toBe('it does not go');
  });

  it('speaks no more of one that could not be drawn and is not shown any longer', () => {
    want(clock('ovl_a'), clock('ovl_b'));
    worker().say({ type: 'failed', overlayId: 'ovl_a', message: 'no such font' });
    want(clock('ovl_a'), { ...clock('ovl_b'), visible: false });
    expect(overlays.problem).toBeDefined();
    want({ ...clock('ovl_a'), visible: false }, clock('ovl_b'));
    expect(overlays.problem).toBeUndefined();
  });

  it('stops its thread and starts no other', async () => {
    const last = worker();
    await overlays.stop();
    await pass(20_000);
    expect(last.terminated).toBe(true);
    expect(FakeWorker.all).toHaveLength(1);
  });

  describe('with a thread that hangs', () => {
    const hang = (): FakeWorker => {
      worker().hangs = true;
      return worker();
    };

    it('posts one wish, and the newest when that is answered', async () => {
      const hung = hang();
      for (let i = 0; i < 100; i += 1) want(clock(`ovl_${i}`));
      expect(toldOf('overlays')).toMatchObject([{ overlays: [{ id: 'ovl_0' }] }]);
      hung.hangs = false;
      hung.say({ type: 'known' });
      await settle();
      expect(toldOf('overlays').slice(1)).toMatchObject([{ overlays: [{ id: 'ovl_99' }] }]);
    });

    it('ends it, says so, and has another draw what is wanted by then', async () => {
      want(clock('ovl_a'));
      worker().draw(a);
      await settle();
      const hung = hang();
      want(clock('ovl_a', false));
      want(clock('ovl_a'), clock('ovl_b'));
      await pass(14_000);
      expect(hung.terminated).toBe(false);
      await pass(2_000);
      expect(hung.terminated).toBe(true);
      expect(worker()).not.toBe(hung);
      expect(toldOf('overlays')).toMatchObject([{ overlays: [{ id: 'ovl_a' }, { id: 'ovl_b' }] }]);
      expect(overlays.isUp('ovl_a')).toBe(true);
      expect(overlays.problem).toEqual({ code: 'OVERLAY_FAILED', message: 'Drawing hung: nothing was heard of it for 15 s.' });
    });

    it('finds out though nobody changes anything, and tells of it until the next has lasted', async () => {
      want(clock('ovl_a'));
      await pass(60_000);
      expect(FakeWorker.all).toHaveLength(1);
      const first = hang();
      await pass(20_000);
      expect(first.terminated).toBe(true);
      // The next hangs by what it was told, though it has heard that and drawn the slate.
      await settle();
      const second = hang();
      worker().draw(SLATE_ID);
      await pass(12_000);
      expect(overlays.problem?.message).toContain('Drawing hung');
      await pass(10_000);
      expect(second.terminated).toBe(true);
      expect(FakeWorker.all).toHaveLength(3);
      for (let i = 0; i < 8; i += 1) {
        worker().draw(a);
        await pass(1_000);
      }
      expect(overlays.problem).toBeUndefined();
      await pass(60_000);
      expect(FakeWorker.all).toHaveLength(3);
    });

    it('waits longer for one that has yet to start, and for none that still draws', async () => {
      hang();
      want(clock('ovl_a'));
      await pass(28_000);
      for (let i = 0; i < 60; i += 1) {
        worker().draw(a);
        await pass(1_000);
      }
      expect(FakeWorker.all).toHaveLength(1);
      await pass(16_000);
      expect(FakeWorker.all).toHaveLength(2);
    });
  });
});
