/** Rows 10 and 11: a destination freezes, resets, refuses, rejects the key; the others must not notice. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FarEnd } from '../support/far_end.js';
import { Rig, rigMissing } from '../support/rig.js';
import { expectWhole, watchCameras } from '../support/steady.js';
import { TcpProxy } from '../support/tcp_proxy.js';
import { delay, monotonicMs, waitFor } from '../support/wait.js';

if (rigMissing) console.log(`bad destinations: skipped, ${rigMissing}`);

describe.skipIf(rigMissing)('a bad destination', () => {
  let rig: Rig;
  beforeAll(async () => { rig = await new Rig({ destinations: ['frozen'], farKeys: ['good'], cameras: [{}] }).start(); }, 90_000);
  afterAll(async () => { await rig?.stop(); }, 30_000);

  /** Adds one to the running broadcast. */
  async function add(name: string, url: string, key: string): Promise<string> {
    const id = await rig.product.addDestination(name, url, key);
    const ids = (await rig.product.api.status()).destinations.map((one) => one.id);
    if (!ids.includes(id)) await rig.product.api.post('/api/v1/broadcast/start', {});
    return id;
  }

  beforeEach(() => watchCameras(rig.cameras.map(({ pusher }) => pusher)));

  async function view(id: string) {
    return (await rig.product.api.status()).destinations.find((one) => one.id === id);
  }

  async function expectOthersUnhurt(sinceMs: number, row: string): Promise<void> {
    const picture = await rig.far.picture('good', sinceMs);
    console.log(`${row}: the other destination got ${picture.frames} frames, ${expectWhole(picture, rig.cameras.map(({ pusher }) => pusher))}, connections ${rig.far.accepted('good')}`);
    expect(rig.far.accepted('good')).toBe(1);
  }

  it('row 10: stands still', async () => {
    const id = rig.destinationId('frozen');
    await delay(1_000);
    const stoppedMs = monotonicMs();
    rig.nginx.signal('SIGSTOP');
    try {
      await rig.product.destinationState(id, ['reconnecting', 'failed'], 12_000);
      const seenMs = monotonicMs() - stoppedMs;
      const stalled = await view(id);
      rig.nginx.signal('SIGCONT');
      const continuedMs = monotonicMs();
      await rig.product.destinationState(id, ['live'], 35_000);
      console.log(`row 10: seen after ${seenMs.toFixed(0)} ms (${stalled?.error?.code ?? 'no code'}), live again ${(monotonicMs() - continuedMs).toFixed(0)} ms after it went on`);
      expect(seenMs).toBeLessThanOrEqual(8_000);
      await expectOthersUnhurt(stoppedMs, 'row 10');
    } finally {
      rig.nginx.signal('SIGCONT');
    }
  });

  it('row 11: resets again and again', async () => {
    const flaky = await new FarEnd().start();
    rig.also(() => flaky.stop());
    const id = await add('flaky', flaky.url, 'flaky');
    const sinceMs = monotonicMs();
    for (let i = 1; i <= 3; i++) {
      await waitFor('the flaky destination', () => flaky.accepted('flaky') >= i && flaky.sink.current('flaky')?.tags.some((tag) => tag.type === 9), { timeoutMs: 20_000 });
      await rig.product.destinationState(id, ['live']);
      flaky.sink.resetAll();
    }
    await waitFor('the fourth connection', () => flaky.accepted('flaky') >= 4, { timeoutMs: 30_000 });
    await rig.product.destinationState(id, ['live']);
    console.log(`row 11: 3 resets, back each time, ${(await view(id))?.reconnects} reconnects counted`);
    expect((await view(id))!.reconnects).toBeGreaterThanOrEqual(3);
    await expectOthersUnhurt(sinceMs, 'row 11, resets');
    await rig.product.api.delete(`/api/v1/destinations/${id}`);
  });

  it('row 11: refuses again and again: retried with growing pauses, and taken up again', async () => {
    const far = await new FarEnd().start();
    const proxy = await new TcpProxy(far.sink.port).start();
    rig.also(async () => { await proxy.stop(); await far.stop(); });
    proxy.refuse();
    const sinceMs = monotonicMs();
    const id = await add('refusing', `rtmp://127.0.0.1:${proxy.port}/live`, 'refusing');
    const triedMs: number[] = [];
    for (let tries = 1; tries <= 4; tries++) {
      await waitFor(`try ${tries}`, () => proxy.connections >= tries, { everyMs: 5 });
      triedMs.push(monotonicMs());
    }
    proxy.pass();
    const passedMs = monotonicMs();
    await rig.product.destinationState(id, ['live'], 35_000);
    const pausesMs = triedMs.slice(1).map((ms, i) => Math.round(ms - triedMs[i]!));
    console.log(`row 11: refused 4 times, tried again after ${pausesMs.join(', ')} ms, live ${(monotonicMs() - passedMs).toFixed(0)} ms after it no longer refused`);
    // Half a second at most, then twice that, then two.
    expect(pausesMs[2]).toBeGreaterThan(pausesMs[0]!);
    expect(pausesMs[2]).toBeGreaterThan(600);
    await expectOthersUnhurt(sinceMs, 'row 11, refusals');
    await rig.product.api.delete(`/api/v1/destinations/${id}`);
  });

  it('row 11: rejects the key: told apart from a network fault, and said', async () => {
    const picky = await new FarEnd({ judge: (key) => (key === 'right-key' ? 'accept' : 'bad-name') }).start();
    rig.also(() => picky.stop());
    const sinceMs = monotonicMs();
    const id = await add('picky', picky.url, 'wrong-key-7731');
    const rejected = await waitFor('the rejection to be said', async () => {
      const one = await view(id);
      return one?.error && one.state === 'failed' ? one : undefined;
    });
    console.log(`row 11: rejected key: state ${rejected.state}, ${rejected.error!.code}: ${rejected.error!.message}`);
    expect(JSON.stringify(rejected)).not.toContain('wrong-key-7731');
    expect(rejected.error!.code).toMatch(/KEY|NAME|REJECT|REFUSED|AUTH/i);
    // Set right, it goes on air without a restart.
    await rig.product.api.patch(`/api/v1/destinations/${id}`, { key: 'right-key' });
    await rig.product.destinationState(id, ['live'], 35_000);
    await delay(1_000);
    await expectOthersUnhurt(sinceMs, 'row 11, key');
    await rig.product.api.delete(`/api/v1/destinations/${id}`);
  });
});
