import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeTile } from '../../../src/protocol/tile.js';
import { StudioSocket } from '../../../src/panel/lib/socket.js';
import type { ServerMessage } from '../../../src/protocol/messages.js';
import { FakeSocket } from './fake_socket.js';

const WORD = { type: 'ack', payload: {} };

describe('StudioSocket', () => {
  let made: FakeSocket[];
  let messages: ServerMessage[];
  let tiles: string[];
  let closes: boolean[];
  let rev: number | null;
  let socket: StudioSocket;

  beforeEach(() => {
    vi.useFakeTimers();
    [made, messages, tiles, closes, rev] = [[], [], [], [], null];
    socket = new StudioSocket({
      events: { onMessage: (message) => messages.push(message), onTile: (tile) => tiles.push(tile.id), onOpen: () => {}, onClose: (wasOpen) => closes.push(wasOpen) },
      open: (from) => {
        const fake = new FakeSocket(from);
        made.push(fake);
        return fake;
      },
      rev: () => rev,
      random: () => 1,
    });
  });
  afterEach(() => {
    socket.stop();
    vi.useRealTimers();
  });

  const opened = (): FakeSocket => {
    if (made.length === 0) socket.start();
    const fake = made.at(-1)!;
    fake.open();
    expect(fake.sent.splice(0)).toEqual([{ type: 'ping', payload: {} }]);
    return fake;
  };

  it('passes tiles on, and drops bytes that are none', () => {
    socket.start();
    const tile = { id: 'src_1', frame: 3, width: 320, height: 180, jpeg: new Uint8Array([1, 2]) };
    made[0]!.onmessage?.({ data: writeTile(tile).buffer });
    made[0]!.onmessage?.({ data: new Uint8Array([9, 9]).buffer });
    expect(tiles).toEqual(['src_1']);
    expect(messages).toEqual([]);
  });

  it('gives each request the answer that names it', async () => {
    const fake = opened();
    const first = socket.request('camera:switch', { sourceId: 'a' });
    const second = socket.request('camera:switch', { sourceId: 'b' });
    fake.say({ type: 'ack', id: fake.sent[1]!.id, payload: { frame: 2 } });
    fake.say({ type: 'error', id: fake.sent[0]!.id, payload: { code: 'NOT_FOUND', message: 'There is no such source.' } });
    await expect(second).resolves.toEqual({ frame: 2 });
    await expect(first).rejects.toThrow('There is no such source.');
  });

  it('fails what waits for an answer when the connection goes, and what is asked while it is away', async () => {
    const fake = opened();
    const waiting = expect(socket.request('x', {})).rejects.toThrow('connection was lost');
    fake.close();
    await waiting;
    await expect(socket.request('x', {})).rejects.toThrow('cannot be reached');
    expect(closes).toEqual([true]);
  });

  it('does not wait for ever', async () => {
    const fake = opened();
    let said = '';
    const waiting = socket.request('x', {}).catch((error: Error) => { said = error.message; });
    const pass = async (forMs: number) => {
      for (let ms = 0; ms < forMs; ms += 500) {
        fake.say(WORD);
        await vi.advanceTimersByTimeAsync(500);
      }
    };
    // The studio gives its engine 5 s, and may have had to wait for another one and to look at files.
    await pass(25_000);
    expect(said).toBe('');
    await pass(5000);
    await waiting;
    expect(said).toBe('The studio did not answer in time. Look whether it was done before you try again.');
  });

  it('comes back with the rev it has, within 0.4 s at the latest for a minute, and quickly again after a success', async () => {
    opened().say(WORD);
    rev = 7;
    made[0]!.close();
    await vi.advanceTimersByTimeAsync(200);
    expect(made).toHaveLength(2);
    expect(made[1]!.rev).toBe(7);
    made[1]!.close();
    await vi.advanceTimersByTimeAsync(200);
    expect(made).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(200);
    expect(made).toHaveLength(3);
    for (let i = 0; i < 20; i++) {
      made.at(-1)!.close();
      await vi.advanceTimersByTimeAsync(400);
    }
    expect(made).toHaveLength(23);
    await vi.advanceTimersByTimeAsync(60_000);
    while (made.at(-1)!.readyState !== 0) await vi.advanceTimersByTimeAsync(100);
    made.at(-1)!.close();
    const before = made.length;
    await vi.advanceTimersByTimeAsync(2900);
    expect(made).toHaveLength(before);
    await vi.advanceTimersByTimeAsync(200);
    expect(made).toHaveLength(before + 1);
    made.at(-1)!.open();
    made.at(-1)!.say(WORD);
    made.at(-1)!.close();
    await vi.advanceTimersByTimeAsync(200);
    expect(made).toHaveLength(before + 2);
  });

  it('is there at once when the network is, however long it waited', async () => {
    opened().close();
    await vi.advanceTimersByTimeAsync(60);
    const before = made.length;
    socket.hurry();
    expect(made).toHaveLength(before + 1);
  });

  it('asks for a word after half a second without one, and takes the connection for dead after a second and a half', async () => {
    const fake = opened();
    fake.say(WORD);
    await vi.advanceTimersByTimeAsync(500);
    expect(fake.sent).toEqual([{ type: 'ping', payload: {} }]);
    fake.say(WORD);
    await vi.advanceTimersByTimeAsync(1250);
    expect(closes).toEqual([]);
    await vi.advanceTimersByTimeAsync(500);
    expect(closes).toEqual([true]);
    await vi.advanceTimersByTimeAsync(200);
    expect(made).toHaveLength(2);
  });

  it('is heard of by the studio though nothing is to be asked', async () => {
    const fake = opened();
    for (let ms = 0; ms < 4000; ms += 250) {
      fake.say(WORD);
      await vi.advanceTimersByTimeAsync(250);
    }
    expect(fake.sent).toHaveLength(2);
  });

  it('waits for a first message of megabytes', async () => {
    opened();
    await vi.advanceTimersByTimeAsync(14_500);
    expect(closes).toEqual([]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(closes).toEqual([true]);
  });

  it('looks at what came while the page itself stood still before it gives up', async () => {
    let nowMs = 0;
    const slow = new StudioSocket({
      events: { onMessage: () => {}, onTile: () => {}, onOpen: () => {}, onClose: (wasOpen) => closes.push(wasOpen) },
      open: (from) => { made.push(new FakeSocket(from)); return made.at(-1)!; }, rev: () => null, random: () => 1, nowMs: () => nowMs,
    });
    slow.start();
    made[0]!.open();
    made[0]!.say(WORD);
    nowMs = 10_000;
    await vi.advanceTimersByTimeAsync(250);
    expect(closes).toEqual([]);
    nowMs += 750;
    await vi.advanceTimersByTimeAsync(250);
    expect(closes).toEqual([true]);
    slow.stop();
  });

  it('keeps a connection that a frozen studio does not open for some seconds, and tries anew then', async () => {
    socket.start();
    await vi.advanceTimersByTimeAsync(4900);
    expect(made).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(700);
    expect(made).toHaveLength(2);
    expect(closes).toEqual([false]);
  });

  it('stays away when told to', async () => {
    opened();
    socket.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(made).toHaveLength(1);
  });

  it('hears what was said over a connection that was begun before it', () => {
    const before = Object.assign(new FakeSocket(null), {
      catchUp() {
        before.open();
        before.say({ type: 'state', payload: { rev: 1, patch: [] } });
      },
    });
    let opens = 0;
    const late = new StudioSocket({
      events: { onMessage: (message) => messages.push(message), onTile: () => {}, onOpen: () => { opens += 1; }, onClose: () => {} }, open: () => before, rev: () => null,
    });
    late.start();
    expect([opens, messages]).toEqual([1, [{ type: 'state', payload: { rev: 1, patch: [] } }]]);
    late.stop();
  });

  it('ignores what it does not understand', () => {
    const fake = opened();
    for (const nonsense of ['not json', 'null', '[]', '{"type":"tomorrow","payload":{}}', '{"type":"state","payload":null}']) fake.say(nonsense);
    fake.say({ type: 'state', payload: { rev: 1, patch: [] } });
    expect(messages).toEqual([{ type: 'state', payload: { rev: 1, patch: [] } }]);
  });
});
