import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OVERLAYS } from '../../../overlays/index.js';
import type { FromDrawing, ToDrawing } from '../../../src/engine/overlay-messages.js';
import { overlayPictureId } from '../../../src/engine/scene-plan.js';
import type { EngineOverlay } from '../../../src/protocol/link.js';
import { OverlayInput } from '../../../src/protocol/resources.js';

/** The thread's end of what the engine and it say to each other. */
const port = vi.hoisted(() => ({ heard: [] as FromDrawing[], emitter: undefined as EventEmitter | undefined }));
vi.mock('node:worker_threads', async () => {
  const { EventEmitter: Emitter } = await import('node:events');
  port.emitter = Object.assign(new Emitter(), { postMessage: (message: FromDrawing) => { port.heard.push(message); } });
  return { parentPort: port.emitter };
});

const clock = (over: object = {}): EngineOverlay => ({ id: 'ovl_a', ...OverlayInput.parse({ kind: 'clock', name: 'a', visible: true, ...over }) });
const tell = (message: ToDrawing): void => { port.emitter!.emit('message', message); };
const heardOf = (type: FromDrawing['type']) => port.heard.filter((message) => message.type === type);
/** As the engine does: each picture is answered. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    await vi.advanceTimersByTimeAsync(50);
    tell({ type: 'taken', pictureId: overlayPictureId('ovl_a') });
  }
}

beforeEach(async () => {
  vi.useFakeTimers();
  await import('../../../src/engine/overlay-worker.js');
  port.heard.length = 0;
});
afterEach(async () => {
  tell({ type: 'overlays', overlays: [] });
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('the drawing thread', () => {
  it('says that it knows what is wanted, and draws nothing anew that it knew', async () => {
    tell({ type: 'overlays', overlays: [clock({ seconds: false })] });
    expect(heardOf('known')).toHaveLength(1);
    await pass(200);
    tell({ type: 'overlays', overlays: [clock({ seconds: false })] });
    await pass(200);
    expect(heardOf('known')).toHaveLength(2);
    expect(heardOf('picture')).toHaveLength(1);
  });

  it('tries a drawing that failed again some seconds later, and goes on by it', async () => {
    const render = vi.spyOn(OVERLAYS.clock, 'render').mockImplementation(() => { throw new Error('no such font'); });
    tell({ type: 'overlays', overlays: [clock()] });
    await pass(21_000);
    expect(heardOf('failed').length).toBeGreaterThanOrEqual(3);
    expect(heardOf('failed').length).toBeLessThanOrEqual(6);
    expect(heardOf('picture')).toEqual([]);
    render.mockRestore();
    await pass(10_000);
    expect(heardOf('picture').length).toBeGreaterThanOrEqual(4);
  });

  it('tries no more of one that was taken away', async () => {
    vi.spyOn(OVERLAYS.clock, 'render').mockImplementation(() => { throw new Error('no such font'); });
    tell({ type: 'overlays', overlays: [clock()] });
    await pass(1_000);
    tell({ type: 'overlays', overlays: [] });
    await pass(20_000);
    expect(heardOf('failed')).toHaveLength(1);
  });
});
