import { expect, test } from 'vitest';
import type { StoredAiring } from '../../../src/domain/documents.js';
import { TimelineInput, type TimelineDocument } from '../../../src/protocol/timeline.js';
import type { Log } from '../../../src/runtime/log.js';
import { setUpNewHome } from '../../../src/studio/first-start.js';
import { Model } from '../../../src/studio/model.js';
import { OperatorLog } from '../../../src/studio/operator-log.js';
import { ReportBook } from '../../../src/studio/reports.js';
import { Vault } from '../../../src/studio/secrets/vault.js';
import { Broadcast } from '../../../src/studio/services/broadcast.js';
import { Destinations } from '../../../src/studio/services/destinations.js';
import { systemClock } from '../../../src/runtime/clock.js';
import { MemoryStore } from '../../fakes/memory-store.js';

async function setUp(store = new MemoryStore()) {
  const model = new Model(store, () => new Vault(Buffer.alloc(32, 1)), systemClock);
  await model.start();
  if (model.isNew) await setUpNewHome(model);
  const lines: string[] = [];
  const say = (...said: unknown[]): void => void lines.push(String(said.at(-1)));
  const operatorLog = new OperatorLog(model, { info: say, warn: say, error: say } as unknown as Log);
  operatorLog.start();
  return { store, model, lines, operatorLog, broadcast: new Broadcast(model, new ReportBook(systemClock), () => {}), destinations: new Destinations(model) };
}

test('what an operator did is in the log, by name and without a key', async () => {
  const { model, lines, broadcast, destinations } = await setUp();
  await destinations.create({ name: 'A', url: 'rtmp://a.example/live', key: 'canary-key-a' });
  await destinations.create({ name: 'B', url: 'rtmp://b.example/live', key: 'canary-key-b' });
  await broadcast.start({ record: true });
  const camera = model.state.sources.find(({ data }) => data.name === 'Camera 2')!;
  await model.change((draft) => draft.put('program', { sourceId: camera.id }));
  await model.change((draft) => draft.put('program', { sourceId: camera.id }));
  await model.change((draft) => {
    draft.create('timeline', 'loop', TimelineInput.parse({ name: 'Night loop', tracks: [] }) as TimelineDocument);
    draft.put('program', { timelineId: 'loop' });
  });
  await broadcast.stop();
  expect(lines).toEqual(['The broadcast was started to A, B.', 'A recording was started.', 'On program: Camera 2.', 'On program: Night loop.', 'The broadcast was ended.', 'The recording was ended.']);
  expect(lines.join()).not.toContain('canary');
});

test('emergencies and inserts are in the log, once each', async () => {
  const { store, model, lines } = await setUp();
  const scene = model.state.scenes[0]!;
  const airing = (airingId: string): StoredAiring => ({
    insert: { airingId, insertId: 'ins', document: {}, mode: 'over', fills: true, began: { frame: 1, bootId: 'b', wallMs: 1 } }, name: 'Spot', frames: 1, fps: 30, holds: null, aired: 0, missed: 0, engine: null, ended: null,
  });
  for (const target of [{ sceneId: scene.id }, { slate: true as const }, { slate: true as const }]) await model.change((draft) => draft.put('emergency', { target, since: '', left: null }));
  await model.change((draft) => draft.put('airings', [airing('a')]));
  await model.change((draft) => draft.put('airings', [{ ...airing('a'), aired: 1 }, airing('b')]));
  expect((await setUp(store)).lines).toEqual(['emergency: the slate is over everything (as before the stop)']);
  await model.change((draft) => draft.put('emergency', null));
  expect(lines).toEqual([`Emergency: ${scene.data.name} is over everything.`, 'Emergency: the slate is over everything.', 'Insert on air: Spot.', 'Insert on air: Spot.', 'The emergency picture was released.']);
});

test('a stored broadcast and recording are said to go on', async () => {
  const { store, lines, broadcast, destinations } = await setUp();
  await destinations.create({ name: 'A', url: 'rtmp://a.example/live', key: 'k' });
  await broadcast.start({ record: true });
  expect((await setUp(store)).lines).toEqual(['on air again to A (as before the stop)', 'recording again (as before the stop)']);
  expect(lines).toEqual(['The broadcast was started to A.', 'A recording was started.']);
});

test('processes that go are named, but not while everything stops', async () => {
  const { lines, operatorLog } = await setUp();
  operatorLog.onPresence('egress', true);
  operatorLog.onPresence('egress', false);
  await operatorLog.stop();
  operatorLog.onPresence('engine', false);
  expect(lines).toEqual(['the egress process is here', 'the egress process went away']);
});
