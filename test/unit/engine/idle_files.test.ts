/** Files that are not open until they are taken. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MOST_IDLE } from '../../../src/domain/open-sources.js';
import { Engine } from '../../../src/engine/engine.js';
import type { EngineDesired, TakeReply } from '../../../src/protocol/link.js';
import { silentLog } from '../../../src/runtime/log.js';
import { begin, camera, children, desired, film, newestProgram, pass, places } from './doubles.js';

let engine: Engine;

beforeEach(() => {
  engine = new Engine({ core: begin(), places, log: silentLog, tryCodec: () => Promise.resolve('works'), onLevels: () => undefined, onTiles: () => undefined, onSound: () => undefined, onChange: () => undefined });
});
afterEach(async () => {
  await Promise.all([engine.stop(), pass(3_000)]);
  vi.useRealTimers();
});

const films = Array.from({ length: 60 }, (_, i) => film(`film_${i}`));
const sources = [camera('src_1'), ...films];
const looping = (over: Partial<EngineDesired> = {}): EngineDesired => desired({ sources, inTimelines: films.map(({ id }) => id), ...over });
const opened = (): string[] => newestProgram().sourceIds.filter((id) => id.startsWith('film_'));
const state = (id: string) => engine.actual().sources.find((one) => one.id === id)?.state;

/** A take, and what it is answered. */
function take(sourceId: string): { reply: TakeReply | undefined; error: { code?: string } | undefined } {
  const answer: ReturnType<typeof take> = { reply: undefined, error: undefined };
  engine.request('take', { target: { sourceId } }).then((reply) => { answer.reply = reply; }, (error: { code?: string }) => { answer.error = error; });
  return answer;
}

describe('a file that lies in timelines only', () => {
  it('has no decoder, and says that it is idle', async () => {
    engine.apply(looping());
    await pass(200);
    expect(children.running('vistter-decoder')).toHaveLength(1);
    expect(engine.actual().sources).toHaveLength(61);
    expect([state('src_1'), state('film_0')]).toEqual(['waiting', 'idle']);
  });

  it('is opened when it is taken, and taken when its first picture is there', async () => {
    engine.apply(looping());
    await pass(200);
    const answer = take('film_7');
    await pass(300);
    expect([opened(), answer.reply, newestProgram().sourcesOnProgram]).toEqual([['film_7'], undefined, ['src_1']]);
    newestProgram().produce('film_7');
    await pass(100);
    expect(answer.reply).toMatchObject({ frame: expect.any(Number) });
    expect(newestProgram().sourcesOnProgram).toEqual(['film_7']);
    engine.apply(looping({ program: { sourceId: 'film_7' } }));
    await pass(100);
    expect([opened(), newestProgram().isPlaying('film_7')]).toEqual([['film_7'], true]);
  });

  it('is open while it is what the emergency shows', async () => {
    const { settings } = looping();
    engine.apply(looping({ settings: { ...settings, emergency: { sourceId: 'film_9' } } }));
    await pass(200);
    expect(opened()).toEqual(['film_9']);
  });

  it('is waited for two seconds and no longer, and not at all when it has failed', async () => {
    engine.apply(looping());
    await pass(200);
    const slow = take('film_1');
    await pass(1_900);
    expect(slow.reply).toBeUndefined();
    await pass(200);
    expect(slow.reply).toBeDefined();
    const broken = take('film_2');
    await pass(50);
    children.decoderOf('film_2').say({ event: 'error', code: 'MEDIA_MISSING', message: 'It is not there.' });
    await pass(100);
    expect(broken.reply).toBeDefined();
  });

  it('gives way to what is taken meanwhile; a camera is taken at once', async () => {
    engine.apply(looping({ program: { sourceId: 'film_3' } }));
    await pass(200);
    const film4 = take('film_4');
    await pass(100);
    const { frame } = newestProgram().stats();
    const live = take('src_1');
    await pass(0);
    await vi.advanceTimersByTimeAsync(0);
    expect(live.reply).toMatchObject({ frame: frame + 1 });
    await pass(100);
    expect(film4.error).toMatchObject({ code: 'CONFLICT' });
    expect(newestProgram().sourcesOnProgram).toEqual(['src_1']);
  });

  it('stays open for a while after it was taken, and closes when enough others were', async () => {
    engine.apply(looping());
    await pass(200);
    for (let i = 0; i < MOST_IDLE + 4; i++) {
      const answer = take(`film_${i}`);
      await pass(50);
      newestProgram().produce(`film_${i}`);
      await pass(100);
      expect(answer.reply).toBeDefined();
      engine.apply(looping({ program: { sourceId: `film_${i}` } }));
      await pass(50);
    }
    expect(opened()).toHaveLength(MOST_IDLE);
    expect(opened()).not.toContain('film_0');
    expect(opened()).toContain(`film_${MOST_IDLE + 3}`);
  });
});

describe('films that lie in no timeline', () => {
  it('are open, the last ones made of many', async () => {
    engine.apply(looping({ inTimelines: [] }));
    await pass(200);
    expect(opened()).toEqual(films.slice(-MOST_IDLE).map(({ id }) => id));
  });
});
