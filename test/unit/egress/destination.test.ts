import { beforeEach, describe, expect, it, vi } from 'vitest';
import { DestinationSet } from '../../../src/egress/destination-set.js';
import { Destination, type DestinationContext } from '../../../src/egress/destination.js';
import type { Publisher } from '../../../src/egress/destination-connection.js';
import { ProgramHub } from '../../../src/egress/program-hub.js';
import type { MediaTag } from '../../../src/egress/program-tag.js';
import { TcpQueues } from '../../../src/egress/tcp-queues.js';
import type { EgressDestination } from '../../../src/protocol/link.js';
import type { PublishClientOptions } from '../../../src/rtmp/publish-client.js';
import { PublishError, fromStatus } from '../../../src/rtmp/publish-errors.js';
import { silentLog } from '../../../src/runtime/log.js';
import { FakeClock, settled } from '../../fakes/fake-clock.js';
import { audioHeader, frame, keyframe, program, sound, videoHeader } from './tags.js';

const KEY = 'CANARYkey123';
const wanted: EgressDestination = { id: 'd1', name: 'One', platform: 'custom', url: 'rtmp://far.example/live', key: KEY };
const metadata = { width: 640, height: 360, fps: 25, videoKbps: 500, audioKbps: 96, sampleRate: 48000, stereo: true, videoCodecId: 7, audioCodecId: 10 };

interface Sent { kind: string; stampMs: number; payload: Buffer }

/** A far end that does what the test says. */
class FakePublisher implements Publisher {
  sent: Sent[] = [];
  bytesWritten = 3500;
  bytesWaiting = 0;
  bytesAcked: number | null = null;
  acks = 0;
  endpoint = null;
  wantsMore = true;
  stops = 0;
  keepAlives = 0;
  answer!: { resolve(): void; reject(error: Error): void };
  readonly opened = new Promise<void>((resolve, reject) => { this.answer = { resolve, reject }; });

  constructor(readonly options: PublishClientOptions) {}

  open(): Promise<void> { return this.opened; }
  stop(): Promise<void> { this.stops += 1; return Promise.resolve(); }
  sendMedia(kind: 'audio' | 'video', stampMs: number, payload: Buffer): void { this.note(kind, stampMs, payload); }
  sendMetadata(stampMs: number, payload: Buffer): void { this.note('metadata', stampMs, payload); }
  keepAlive(): void { this.keepAlives += 1; }
  acknowledge(): void { this.bytesAcked = this.bytesWritten; this.acks += 1; }
  private note(kind: string, stampMs: number, payload: Buffer): void {
    this.sent.push({ kind, stampMs, payload });
    this.bytesWritten += payload.length + 12;
  }
}

let clock: FakeClock;
let hub: ProgramHub;
let made: FakePublisher[];
let context: DestinationContext;
let states: string[];
let destination: Destination;

beforeEach(() => {
  clock = new FakeClock();
  hub = new ProgramHub(() => clock.monotonicMs());
  made = [];
  states = [];
  context = {
    hub, clock, log: silentLog, lookup: () => {}, extraCa: undefined, random: () => 0.5,
    tcpQueues: new TcpQueues(() => Promise.resolve('')),
    onChange: () => states.push(destination.status().state),
    createPublisher: (options) => {
      const publisher = new FakePublisher(options);
      made.push(publisher);
      return publisher;
    },
  };
  destination = new Destination(wanted, context);
  hub.metadata(metadata);
});

const play = (tags: MediaTag[]): void => tags.forEach((tag) => hub.tag(tag));
const now = (): number => clock.monotonicMs();
const last = (): FakePublisher => made.at(-1)!;
async function open(): Promise<FakePublisher> {
  last().answer.resolve();
  await settled();
  return last();
}
async function goLive(): Promise<FakePublisher> {
  destination.start();
  const publisher = await open();
  play([videoHeader(now()), audioHeader(now()), ...program(now(), now() + 200)]);
  publisher.acknowledge();
  destination.tick();
  expect(destination.status().state).toBe('live');
  return publisher;
}
const close = (publisher: FakePublisher, phase: PublishError['phase'] = 'publishing'): void => publisher.options.onClose(new PublishError('closed', phase, 'far.example closed the connection.'));

describe('Destination', () => {
  it('begins with description, headers and the cached GOP, at time 0, and goes on in order', async () => {
    const startMs = now();
    play([videoHeader(startMs), audioHeader(startMs), ...program(startMs - 2000, startMs + 100)]);
    destination.start();
    const publisher = await open();
    expect(publisher.sent.slice(0, 4).map((s) => [s.kind, s.stampMs])).toEqual([['metadata', 0], ['video', 0], ['audio', 0], ['video', 0]]);
    expect(publisher.sent[3]!.payload[0]).toBe(0x17);
    play([sound(startMs + 100), frame(startMs + 120), sound(startMs + 120)]);
    expect(publisher.sent.slice(-3).map((s) => [s.kind, s.stampMs])).toEqual([['audio', 100], ['video', 120], ['audio', 120]]);
    const stamps = publisher.sent.map((s) => s.stampMs);
    expect(stamps).toEqual([...stamps].sort((a, b) => a - b));
  });

  it('gives picture and sound each their own time, and leaves out sound from before the beginning', async () => {
    destination.start();
    const publisher = await open();
    const atMs = now();
    play([keyframe(atMs), sound(atMs - 8), frame(atMs + 40), sound(atMs + 13), sound(atMs + 34), frame(atMs + 80)]);
    expect(publisher.sent.filter((s) => s.kind !== 'metadata').map((s) => [s.kind, s.stampMs])).toEqual([['video', 0], ['video', 40], ['audio', 13], ['audio', 34], ['video', 80]]);
  });

  it('is live only when the far end has acknowledged media', async () => {
    destination.start();
    const publisher = await open();
    expect(destination.status().state).toBe('connecting');
    publisher.acknowledge();
    play([videoHeader(now()), audioHeader(now()), ...program(now(), now() + 400)]);
    for (let i = 0; i < 20; i += 1) {
      await clock.advance(250);
      destination.tick();
    }
    expect(destination.status().state).toBe('connecting');
    publisher.acknowledge();
    destination.tick();
    expect(destination.status()).toMatchObject({ state: 'live', reconnects: 0, ackedBytes: publisher.bytesWritten });
  });

  it('waits for a keyframe when it comes in the middle of a GOP that is not cached', async () => {
    destination.start();
    const publisher = await open();
    play([frame(now()), sound(now()), keyframe(now() + 40), frame(now() + 80)]);
    expect(publisher.sent.map((s) => s.kind)).toEqual(['metadata', 'audio', 'video', 'video']);
  });

  it('stays connected without input, sends a few bytes now and then, and goes on in program time', async () => {
    const publisher = await goLive();
    const lastMs = publisher.sent.at(-1)!.stampMs;
    const fromMs = now();
    for (let i = 0; i < 80; i += 1) {
      await clock.advance(250);
      destination.tick();
    }
    expect(destination.status()).toMatchObject({ state: 'connecting', reconnects: 0, error: { code: 'PROGRAM_AWAY' } });
    expect(publisher.keepAlives).toBe(3);
    play([keyframe(now())]);
    expect(publisher.sent.at(-1)!.stampMs).toBe(now() - fromMs);
    expect(publisher.sent.at(-1)!.stampMs).toBeGreaterThan(lastMs + 19_000);
    expect(made).toHaveLength(1);
  });

  it('is not live while no program comes for more than 6 s, and live again with the next that is acknowledged', async () => {
    const publisher = await goLive();
    const wait = async (forMs: number): Promise<void> => {
      for (const endMs = now() + forMs; now() < endMs;) {
        await clock.advance(250);
        // The bytes that keep the connection alive are acknowledged as well.
        publisher.bytesWritten += 1;
        publisher.acknowledge();
        destination.tick();
      }
    };
    await wait(5500);
    expect(destination.status()).toMatchObject({ state: 'live' });
    expect(destination.status().error).toBeUndefined();
    play([keyframe(now())]);
    await wait(5500);
    expect(destination.status().state).toBe('live');
    await wait(1500);
    expect(destination.status()).toMatchObject({ state: 'connecting', error: { code: 'PROGRAM_AWAY' } });
    await wait(60_000);
    expect(destination.status().state).toBe('connecting');
    play([keyframe(now())]);
    destination.tick();
    expect(destination.status().state).toBe('connecting');
    publisher.acknowledge();
    destination.tick();
    expect(destination.status()).toMatchObject({ state: 'live', reconnects: 0 });
    expect(destination.status().error).toBeUndefined();
    expect(states).toEqual(['connecting', 'live', 'connecting', 'live']);
    expect(made).toHaveLength(1);
  });

  it('says so too when no program has come since it connected', async () => {
    destination.start();
    await open();
    await clock.advance(5000);
    destination.tick();
    expect(destination.status().error).toBeUndefined();
    await clock.advance(1500);
    destination.tick();
    expect(destination.status()).toMatchObject({ state: 'connecting', error: { code: 'PROGRAM_AWAY' } });
  });

  it('sees a far end that stops acknowledging, and connects again', async () => {
    const publisher = await goLive();
    for (let i = 0; i < 12; i += 1) {
      await clock.advance(250);
      play([frame(now(), 20_000)]);
      publisher.acknowledge();
      destination.tick();
    }
    const frozenMs = now();
    while (destination.status().state === 'live' && now() < frozenMs + 20_000) {
      await clock.advance(250);
      play([frame(now(), 20_000)]);
      destination.tick();
    }
    expect(now() - frozenMs).toBeLessThanOrEqual(8000);
    expect(destination.status()).toMatchObject({ state: 'reconnecting', reconnects: 1, error: { code: 'DEST_STALLED' } });
    await clock.advance(600);
    expect(made).toHaveLength(2);
  });

  it('retries for ever with waits that double up to 30 s, and forgets them once it was live', async () => {
    destination.start();
    const waits: number[] = [];
    for (let i = 0; i < 12; i += 1) {
      const atMs = now();
      const count = made.length;
      last().answer.reject(new PublishError('refused', 'connect', 'far.example cannot be reached.'));
      await settled();
      while (made.length === count) await clock.advance(25);
      waits.push(now() - atMs);
    }
    expect(waits.slice(0, 4)).toEqual([375, 750, 1500, 3000]);
    expect(Math.max(...waits)).toBeLessThanOrEqual(30_000);
    expect(destination.status()).toMatchObject({ state: 'reconnecting', error: { code: 'DEST_REFUSED' } });
    const publisher = await open();
    play([videoHeader(now()), audioHeader(now()), ...program(now(), now() + 200)]);
    publisher.acknowledge();
    destination.tick();
    await clock.advance(6000);
    destination.tick();
    close(publisher);
    await clock.advance(400);
    expect(last()).not.toBe(publisher);
  });

  it('tells a bad key apart, keeps trying slowly, and never says the key', async () => {
    destination.start();
    last().answer.reject(fromStatus('NetStream.Publish.BadName', 'stream', 'far.example', KEY));
    await settled();
    expect(destination.status()).toMatchObject({ state: 'failed', error: { code: 'DEST_BAD_KEY' } });
    await clock.advance(3000);
    expect(made).toHaveLength(1);
    await clock.advance(2000);
    expect(made).toHaveLength(2);
    expect(destination.status().state).toBe('failed');
    expect(JSON.stringify(destination.status())).not.toContain(KEY);
    const publisher = await open();
    play([videoHeader(now()), audioHeader(now()), ...program(now(), now() + 200)]);
    publisher.acknowledge();
    destination.tick();
    expect(destination.status().state).toBe('live');
    expect(destination.status().error).toBeUndefined();
  });

  it('takes "closed right after publish" for a bad key when it repeats, but not once, and not after it worked', async () => {
    destination.start();
    close(await open());
    expect(destination.status()).toMatchObject({ state: 'reconnecting', error: { code: 'DEST_CLOSED' } });
    await clock.advance(1000);
    close(await open());
    expect(destination.status()).toMatchObject({ state: 'failed', error: { code: 'DEST_BAD_KEY' } });

    destination = new Destination({ ...wanted, id: 'd2' }, context);
    close(await goLive());
    for (let i = 0; i < 3; i += 1) {
      await clock.advance(10_000);
      close(await open());
    }
    expect(destination.status()).toMatchObject({ state: 'reconnecting', error: { code: 'DEST_CLOSED' } });
  });

  it('does not miss a close in the same breath as the opening', async () => {
    destination.start();
    last().answer.resolve();
    close(last());
    await settled();
    expect(destination.status().state).toBe('reconnecting');
  });

  it('says in the log when the fault is ours, and tries again', async () => {
    const error = vi.spyOn(context.log, 'error').mockReturnValue(undefined);
    const publisher = await goLive();
    const cause = new TypeError('ours');
    publisher.options.onClose(new PublishError('fault', 'publishing', 'An answer could not be worked on.', { cause }));
    expect(destination.status()).toMatchObject({ state: 'failed', error: { code: 'INTERNAL' } });
    expect(error).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ err: cause }), expect.any(String));
    error.mockRestore();
    await clock.advance(31_000);
    expect(made).toHaveLength(2);
  });

  it('renews the connection at a keyframe before stamps reach 2³¹ ms', async () => {
    const publisher = await goLive();
    const startMs = now();
    await clock.advance(2 ** 31 - 3_600_000 - 1000);
    play([frame(now()), keyframe(now() + 400)]);
    publisher.acknowledge();
    expect(made).toHaveLength(1);
    await clock.advance(2000);
    let gone = (): void => undefined;
    const { stop } = publisher;
    publisher.stop = () => stop.call(publisher).then(() => new Promise((resolve) => { gone = resolve; }));
    play([frame(now()), keyframe(now() + 40)]);
    await clock.advance(0);
    // Its key is in use until it has said goodbye.
    expect([publisher.stops >= 1, made.length]).toEqual([true, 1]);
    publisher.stop = () => Promise.resolve();
    gone();
    await clock.advance(0);
    expect(made).toHaveLength(2);
    expect(Math.max(...publisher.sent.map((s) => s.stampMs))).toBeLessThan(2 ** 31 - 3_500_000);
    expect(now() - startMs).toBeLessThan(2 ** 31);
    const next = await open();
    play([frame(now() + 80)]);
    expect(next.sent.find((s) => s.kind === 'video' && s.payload[1] !== 0)).toMatchObject({ stampMs: 0 });
    next.acknowledge();
    destination.tick();
    expect(destination.status()).toMatchObject({ state: 'live' });
    expect(destination.status().error).toBeUndefined();
  });

  it('says what is wrong with an address without trying it', () => {
    destination = new Destination({ ...wanted, url: 'http://far.example/live' }, context);
    destination.start();
    expect(destination.status()).toMatchObject({ state: 'failed', error: { code: 'DEST_BAD_APP' } });
    expect(made).toHaveLength(0);
  });

  it('drops picture by GOP tails and never sound when the far end is slow, and catches up', async () => {
    const publisher = await goLive();
    publisher.wantsMore = false;
    publisher.sent = [];
    const fromMs = Math.ceil(now() / 1000) * 1000 + 1000;
    play(program(fromMs, fromMs + 8000));
    expect(destination.status().queueMs).toBeGreaterThan(3000);
    publisher.wantsMore = true;
    publisher.options.onRoom?.();
    expect(publisher.sent.filter((s) => s.kind === 'audio')).toHaveLength(400);
    const pictures = publisher.sent.filter((s) => s.kind === 'video');
    expect(pictures[0]!.payload[0]).toBe(0x17);
    expect(destination.status().droppedFrames).toBe(200 - pictures.length);
    expect(destination.status().droppedFrames % 25).toBe(0);
    expect(destination.status().queueMs).toBe(0);
  });
});

describe('DestinationSet', () => {
  it('touches only what differs', async () => {
    const set = new DestinationSet({ ...context, onChange: () => undefined });
    const other = { ...wanted, id: 'd2', url: 'rtmp://other.example/live' };
    set.apply([wanted, other]);
    expect(made).toHaveLength(2);
    made.forEach((publisher) => publisher.answer.resolve());
    await settled();
    set.apply([{ ...wanted, name: 'Renamed' }, { ...other, key: 'another' }]);
    await settled();
    await settled();
    expect(made).toHaveLength(3);
    expect(made.map((publisher) => publisher.stops)).toEqual([0, 1, 0]);
    expect(made[2]!.options.target).toMatchObject({ host: 'other.example', streamName: 'another' });
    set.apply([wanted]);
    await settled();
    expect(set.status().map((status) => status.id)).toEqual(['d1']);
    await set.stop();
    expect(made.every((publisher) => publisher.stops === 1)).toBe(true);
  });

  it('says each change in the log, once, by name and without the key', async () => {
    const lines: string[] = [];
    const note = (_: object, line: string): void => void lines.push(line);
    const log = { ...silentLog, info: note, warn: note, debug: () => undefined } as unknown as DestinationContext['log'];
    const set = new DestinationSet({ ...context, log, onChange: () => undefined });
    set.apply([wanted]);
    made[0]!.answer.reject(new PublishError('refused', 'connect', 'far.example refuses connections.'));
    await settled();
    set.apply([{ ...wanted, name: 'Renamed' }]);
    await set.stop();
    expect(lines).toEqual(['One: connecting', 'One: reconnecting: far.example refuses connections.', 'Renamed is disconnected']);
    expect(lines.join()).not.toContain(KEY);
  });

  it('lets the old connection end before the same destination connects again', async () => {
    const set = new DestinationSet({ ...context, onChange: () => undefined });
    set.apply([wanted]);
    await open();
    let release = (): void => undefined;
    made[0]!.stop = () => new Promise((resolve) => { release = resolve; });
    set.apply([]);
    set.apply([wanted]);
    await settled();
    expect(made).toHaveLength(1);
    release();
    await settled();
    expect(made).toHaveLength(2);
    await set.stop();
  });
});
