import { beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/runtime/clock.js';
import { Model } from '../../../src/studio/model.js';
import { setUpNewHome } from '../../../src/studio/first-start.js';
import { Vault } from '../../../src/studio/secrets/vault.js';
import { Destinations } from '../../../src/studio/services/destinations.js';
import { MemoryStore } from '../../fakes/memory-store.js';

let store: MemoryStore;
let model: Model;
let destinations: Destinations;

beforeEach(async () => {
  store = new MemoryStore();
  const vault = new Vault(Buffer.alloc(32, 1));
  model = new Model(store, () => vault, systemClock);
  await model.start();
  await setUpNewHome(model);
  destinations = new Destinations(model);
});

const create = (url: string, key?: string) => destinations.create({ name: 'A', platform: 'custom', url, key });
const kept = (id: string) => ({ url: destinations.get(id).url, hasKey: destinations.get(id).hasKey, key: model.secret('destination', id) ?? '' });

describe('a stream name in the url of a destination', () => {
  test('is a key: it leaves the url, and is stored sealed', async () => {
    const made = await create('rtmp://host/app/CANARY?tok=x');
    expect(made).toMatchObject({ url: 'rtmp://host/app', hasKey: true });
    expect(kept(made.id).key).toBe('CANARY?tok=x');
    expect(JSON.stringify(model.state)).not.toContain('CANARY');
    expect(JSON.stringify(await store.load())).not.toContain('CANARY');
  });

  test('stays where there is a key of its own, or only an application', async () => {
    const { id } = await create('rtmp://host/a/b', 'k');
    expect(kept(id)).toEqual({ url: 'rtmp://host/a/b', hasKey: true, key: 'k' });
    await destinations.patch(id, { key: '' }, undefined);
    expect(kept(id)).toEqual({ url: 'rtmp://host/a/b', hasKey: false, key: '' });
    expect(kept((await create('rtmp://host/app?x=1')).id)).toEqual({ url: 'rtmp://host/app?x=1', hasKey: false, key: '' });
  });

  test('can be changed in the way it was given, and by the key alone', async () => {
    const { id } = await create('rtmp://host/app/one');
    await destinations.patch(id, { url: 'rtmp://host/app/two?t=1' }, undefined);
    expect(kept(id)).toEqual({ url: 'rtmp://host/app', hasKey: true, key: 'two?t=1' });
    await destinations.patch(id, { name: 'B', url: 'rtmp://host/app' }, undefined);
    expect(kept(id)).toEqual({ url: 'rtmp://host/app', hasKey: true, key: 'two?t=1' });
    await destinations.patch(id, { key: 'three' }, undefined);
    expect(kept(id).key).toBe('three');
    await destinations.patch(id, { url: 'rtmp://other/app/four', key: '' }, undefined);
    expect(kept(id)).toEqual({ url: 'rtmp://other/app', hasKey: true, key: 'four' });
  });

  test('of an earlier version goes when the destination is saved next', async () => {
    await model.change((draft) => draft.create('destination', 'old', { name: 'A', platform: 'custom', url: 'rtmp://host/app/CANARY', enabled: true, hasKey: false }));
    expect(await destinations.patch('old', { name: 'B' }, undefined)).toMatchObject({ url: 'rtmp://host/app', hasKey: true });
    expect(kept('old').key).toBe('CANARY');
  });
});
