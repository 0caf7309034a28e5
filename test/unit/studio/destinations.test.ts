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

describe('a stored key', () => {
  const again = (part: string) => ({ code: 'VALIDATION', message: expect.stringContaining(part), details: [{ path: 'key', message: expect.any(String) }] });

  test('is not sent to another server than the one it was given for: it has to be given again', async () => {
    const { id } = await create('rtmp://host/app', 'CANARY');
    const before = kept(id);
    for (const url of ['rtmp://other/app', 'rtmp://host:1936/app', 'rtmps://host/app', 'rtmp://host.other/app', 'rtmp://other/app?x=1']) {
      await expect(destinations.patch(id, { url }, undefined), url).rejects.toMatchObject(again('another server'));
    }
    expect(kept(id)).toEqual(before);
    await destinations.patch(id, { url: 'rtmp://other/app', key: 'CANARY' }, undefined);
    expect(kept(id)).toEqual({ ...before, url: 'rtmp://other/app' });
  });

  test('does not follow to another platform either, unless its address is the same', async () => {
    const { id } = await destinations.create({ name: 'A', platform: 'youtube', key: 'yt-CANARY' });
    await expect(destinations.patch(id, { platform: 'kick' }, undefined)).rejects.toMatchObject(again('another server'));
    await expect(destinations.patch(id, { platform: 'custom', url: 'rtmp://host/live2' }, undefined)).rejects.toMatchObject(again('another server'));
    await destinations.patch(id, { platform: 'custom', url: 'rtmps://a.rtmps.youtube.com:443/live2?backup=1' }, undefined);
    expect(kept(id).key).toBe('yt-CANARY');
    await destinations.patch(id, { platform: 'kick', url: '', key: 'sk_new' }, undefined);
    expect(kept(id)).toMatchObject({ url: expect.stringContaining('live-video.net'), key: 'sk_new' });
  });

  test('stays with a new application, a new name and the same address in other letters of the same server', async () => {
    const { id } = await create('rtmp://host/app', 'k');
    for (const url of ['rtmp://host/other', 'rtmp://HOST:1935/other/', 'rtmp://host/app?backup=1']) {
      await destinations.patch(id, { name: 'B', url }, undefined);
      expect(kept(id)).toEqual({ url, hasKey: true, key: 'k' });
    }
  });

  test('gives way to a name at the end of another server\'s whole address, which is never shown', async () => {
    const { id } = await create('rtmp://host/app', 'old');
    const shown = JSON.stringify(await destinations.patch(id, { url: 'rtmp://other/live/CANARY?t=1' }, undefined));
    expect(shown).not.toContain('CANARY');
    expect(kept(id)).toEqual({ url: 'rtmp://other/live', hasKey: true, key: 'CANARY?t=1' });
    expect(JSON.stringify(model.state)).not.toContain('CANARY');
  });

  test('is asked for where the end of an address on the same server may be a name: a name must not be shown', async () => {
    const { id } = await create('rtmp://host/app', 'old');
    const refused = destinations.patch(id, { url: 'rtmp://host/other/CANARY' }, undefined);
    await expect(refused).rejects.toMatchObject(again('may be the application'));
    expect(JSON.stringify(await refused.catch((error: unknown) => error))).not.toContain('CANARY');
    await destinations.patch(id, { url: 'rtmp://host/other/part', key: 'old' }, undefined);
    expect(kept(id)).toEqual({ url: 'rtmp://host/other/part', hasKey: true, key: 'old' });
    await destinations.patch(id, { url: 'rtmp://host/third/CANARY', key: '' }, undefined);
    expect(kept(id)).toEqual({ url: 'rtmp://host/third', hasKey: true, key: 'CANARY' });
  });

  test('is not what is wrong with an address that is none', async () => {
    const { id } = await create('rtmp://host/app', 'k');
    await expect(destinations.patch(id, { url: 'http://other/app' }, undefined)).rejects.toMatchObject({ code: 'VALIDATION', details: [{ path: 'url' }] });
  });
});

describe('what does not suit the platform', () => {
  test('is told with the destination, and may be sent back as it was read', async () => {
    await model.change((draft) => draft.put('settings', { ...draft.state.settings.data, encoder: { ...draft.state.settings.data.encoder, bitrateKbps: 8000 } }));
    const made = await destinations.create({ name: 'T', platform: 'twitch', key: 'live_123' });
    expect(made.warnings).toEqual([expect.stringMatching(/^Twitch takes at most 6000 kb\/s/)]);
    expect(destinations.platforms().find(({ platform }) => platform === 'twitch')?.warnings).toEqual(made.warnings);
    // Of settings that are not stored as well; they change nothing.
    const { video, encoder, audio: { bitrateKbps } } = model.state.settings.data;
    const other = (kbps: number) => destinations.check({ video, encoder: { ...encoder, bitrateKbps: kbps }, audio: { bitrateKbps } }).find(({ platform }) => platform === 'twitch')?.warnings;
    expect([other(6000), other(6001)]).toEqual([[], [expect.stringMatching(/^Twitch takes at most 6000 kb\/s/)]]);
    expect(() => other(5)).toThrow(expect.objectContaining({ code: 'VALIDATION' }) as Error);
    expect(destinations.list()[0]!.warnings).toEqual(made.warnings);
    expect(await destinations.patch(made.id, { ...made, name: 'Twitch', warnings: [] }, undefined)).toMatchObject({ name: 'Twitch', warnings: made.warnings });
  });
});
