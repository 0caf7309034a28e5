import { beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/runtime/clock.js';
import { TimelineInput } from '../../../src/protocol/timeline.js';
import { setUpNewHome } from '../../../src/studio/first-start.js';
import { packedOf, unpacked } from '../../../src/studio/json-text.js';
import { Model } from '../../../src/studio/model.js';
import { Vault } from '../../../src/studio/secrets/vault.js';
import { MAX_VERSIONS } from '../../../src/studio/services/timeline-history.js';
import type { Program } from '../../../src/studio/services/program.js';
import { Timelines } from '../../../src/studio/services/timelines.js';
import { MemoryStore } from '../../fakes/memory-store.js';

let store: MemoryStore;
let model: Model;
let timelines: Timelines;
let id: string;

async function open(): Promise<void> {
  model = new Model(store, () => new Vault(Buffer.alloc(32, 1)), systemClock);
  await model.start();
  if (model.isNew) await setUpNewHome(model);
  const program = { get state() { return model.state; }, target: () => model.state.program, edited: () => Promise.resolve(undefined) } as unknown as Program;
  timelines = new Timelines({ model, program, reports: undefined as never, media: undefined as never, probe: undefined as never });
}
beforeEach(async () => {
  store = new MemoryStore();
  await open();
  id = (await timelines.create({ name: '0', tracks: [] })).id;
});
const rename = (name: string) => timelines.patch(id, { name }, undefined);
const undo = async () => (await timelines.step(id, 'undo', undefined)).name;
const redo = async () => (await timelines.step(id, 'redo', undefined)).name;
const versions = async () => (await store.load()).documents.filter(({ kind }) => kind === 'timeline-version');

test('edits are taken back one by one and done again, each at a new revision', async () => {
  await expect(undo()).rejects.toMatchObject({ code: 'CONFLICT' });
  for (const name of ['1', '2', '3']) await rename(name);
  expect([await undo(), await undo(), await redo(), await undo(), await undo()]).toEqual(['2', '1', '2', '1', '0']);
  await expect(undo()).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(timelines.get(id).revision).toBe(9);
  expect([await redo(), await redo(), await redo()]).toEqual(['1', '2', '3']);
  await expect(redo()).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(timelines.step(id, 'undo', 1)).rejects.toMatchObject({ code: 'STALE_REVISION' });
});

test('an edit after an undo clears what could be done again; one that changes nothing is none', async () => {
  await rename('1');
  await rename('2');
  await undo();
  expect((await rename('1')).revision).toBe(4);
  expect(await redo()).toBe('2');
  await undo();
  await rename('other');
  await expect(redo()).rejects.toMatchObject({ code: 'CONFLICT' });
  expect([await undo(), await undo()]).toEqual(['1', '0']);
});

test('it is remembered over a restart, fifty steps far, and goes with the timeline', async () => {
  for (let i = 1; i <= 60; i++) await rename(String(i));
  expect(await versions()).toHaveLength(MAX_VERSIONS);
  await open();
  for (let i = 59; i >= 10; i--) expect(await undo()).toBe(String(i));
  await expect(undo()).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(await versions()).toHaveLength(MAX_VERSIONS);
  await timelines.remove(id, undefined);
  expect(await versions()).toEqual([]);
});

test('a long timeline takes little room', async () => {
  const clips = Array.from({ length: 3000 }, (_, i) => ({ sourceId: 's', startMs: i * 1000, durationMs: 1000 }));
  await timelines.patch(id, { tracks: [{ kind: 'video', clips }] }, undefined);
  await rename('long');
  const size = JSON.stringify(TimelineInput.parse({ name: 'x', tracks: [{ kind: 'video', clips }] })).length;
  expect((await versions()).reduce((sum, { json }) => sum + json.length, 0)).toBeLessThan(size / 5);
  expect(await undo()).toBe('0');
});

test('what was stored is read and sent back as it was: nothing has changed', async () => {
  const made = await timelines.create({ name: 'x', tracks: [{ kind: 'video', clips: [{ sourceId: 's', startMs: 0, durationMs: 5, keyframes: [{ atMs: 1 }] }] }] });
  expect((await timelines.patch(made.id, timelines.get(made.id), undefined)).revision).toBe(1);
});

test('an undo leaves each clip that stays as it was the very same object, and the text of each version what it was', async () => {
  const clips = [0, 1, 2].map((i) => ({ sourceId: model.state.sources[0]!.id, startMs: i * 1000, durationMs: 1000, transition: { kind: 'fade', durationMs: 100 } }));
  await timelines.patch(id, { tracks: [{ kind: 'video', clips }] }, undefined);
  const before = model.find('timeline', id)!.data;
  const { revision } = timelines.get(id);
  await timelines.update({ timelineId: id, revision, patch: [{ op: 'replace', path: '/tracks/0/clips/1/transition/durationMs', value: 200 }] });
  const edited = model.find('timeline', id)!.data;
  await timelines.step(id, 'undo', undefined);
  const after = model.find('timeline', id)!.data;
  expect(after).toEqual(before);
  expect(after.tracks[0]!.clips.map((clip, i) => clip === edited.tracks[0]!.clips[i])).toEqual([true, false, true]);
  await timelines.step(id, 'redo', undefined);
  expect(model.find('timeline', id)!.data).toEqual(edited);
  await open();
  expect(model.find('timeline', id)!.data).toEqual(edited);
  await timelines.step(id, 'undo', undefined);
  expect(model.find('timeline', id)!.data).toEqual(before);
});

test('a version with a name that is not let in any more can still be gone back to', async () => {
  await rename('1');
  const [version] = await versions();
  const json = JSON.parse(version!.json) as { packed: string };
  const document = JSON.parse(unpacked(json.packed)) as object;
  await store.apply([{ op: 'put-document', document: { ...version!, json: JSON.stringify({ ...json, packed: packedOf({ ...document, name: 'a\u202Eb' }) }) } }]);
  await open();
  expect(await undo()).toBe('a\uFFFDb');
});
