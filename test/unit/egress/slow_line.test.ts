/** One connection over lines of every speed, as its kernel tells of them: how late what comes out is, and what is left out. */
import { describe, expect, it } from 'vitest';
import { DestinationConnection, type Publisher } from '../../../src/egress/destination-connection.js';
import { LineGauge } from '../../../src/egress/line-gauge.js';
import { ProgramHub } from '../../../src/egress/program-hub.js';
import { TcpQueues } from '../../../src/egress/tcp-queues.js';
import { FakeClock, settled } from '../../fakes/fake-clock.js';
import { audioHeader, frame, keyframe, sound, videoHeader } from './tags.js';

const TICK_MS = 250;
const KEYFRAME_BYTES = 30_000;
const SOUND_BYTES = 300;
const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0');

/** A publisher on a line that carries so much and no more. Its far end acknowledges nothing but by TCP. */
class Line implements Publisher {
  readonly arrived: { kind: string; stampMs: number; atMs: number; bytes: number }[] = [];
  readonly unacked: { bytes: number; ackedAtMs: number }[] = [];
  readonly endpoint = { family: 4, localPort: 1, remotePort: 2 } as const;
  bytesWritten = 3500;
  readonly bytesWaiting = 0;
  readonly bytesAcked = null;
  readonly acks = 0;
  readonly wantsMore = true;
  /** When it takes more; a far end that is busy takes nothing until then. */
  freeAtMs = 0;

  constructor(private readonly clock: FakeClock, public kbps: number, private readonly roundTripMs: number) {}

  open(): Promise<void> { return Promise.resolve(); }
  stop(): Promise<void> { return Promise.resolve(); }
  keepAlive(): void {}
  sendMetadata(): void {}

  sendMedia(kind: 'audio' | 'video', stampMs: number, payload: Buffer): void {
    const bytes = payload.length + 12;
    this.bytesWritten += bytes;
    this.freeAtMs = Math.max(this.freeAtMs, this.clock.monotonicMs()) + (bytes * 8) / this.kbps;
    this.arrived.push({ kind, stampMs, atMs: this.freeAtMs + this.roundTripMs / 2, bytes: payload.length });
    this.unacked.push({ bytes, ackedAtMs: this.freeAtMs + this.roundTripMs });
  }

  get inKernel(): number {
    while (this.unacked[0] && this.unacked[0].ackedAtMs <= this.clock.monotonicMs()) this.unacked.shift();
    return this.unacked.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** As /proc/net/tcp has it. */
  get table(): string {
    return `   0: 0100007F:${hex(1, 4)} 0200007F:${hex(2, 4)} 01 ${hex(this.inKernel, 8)}:00000000\n`;
  }
}

interface Conditions { kbps: number; roundTripMs?: number; seconds?: number; beginsMs?: number; programKbps?: number; busyMs?: number; askMs?: number }

/** 3 Mb/s with a keyframe every 2 s, and sound. */
async function run({ kbps, roundTripMs = 200, seconds = 30, beginsMs = 1000, programKbps = 3000, busyMs = 0, askMs = 0 }: Conditions) {
  const clock = new FakeClock();
  const nowMs = (): number => clock.monotonicMs();
  const line = new Line(clock, kbps, roundTripMs);
  const hub = new ProgramHub(nowMs);
  const ends: unknown[] = [];
  const connection = new DestinationConnection({
    publisher: line, hub, tcpQueues: new TcpQueues(() => new Promise((done) => { const { table } = line; if (askMs > 0) clock.after(askMs, () => done(table)); else done(table); })), nowMs, host: 'far.example', onEnd: (end) => ends.push(end),
  });
  const zeroMs = nowMs();
  [videoHeader(zeroMs), audioHeader(zeroMs)].forEach((tag) => hub.tag(tag));
  const picture = (ms: number): void => hub.tag((ms - zeroMs) % 2000 === 0 ? keyframe(ms, KEYFRAME_BYTES) : frame(ms, (programKbps - 150) * 5));
  let firstBytes: number | undefined;
  let nextTickMs = zeroMs;
  for (let ms = zeroMs; ms < zeroMs + seconds * 1000; ms += 20) {
    await clock.advance(ms - nowMs());
    if ((ms - zeroMs) % 40 === 0) picture(ms);
    hub.tag(sound(ms, SOUND_BYTES));
    if (ms === zeroMs + beginsMs) {
      line.freeAtMs = ms + busyMs;
      connection.start();
      firstBytes = line.inKernel;
    }
    if (ms >= nextTickMs) {
      nextTickMs += TICK_MS;
      connection.tick();
      await settled();
    }
  }
  const lateMs = line.arrived.map(({ stampMs, atMs }) => atMs - zeroMs - stampMs);
  const sounds = line.arrived.filter(({ kind, bytes }) => kind === 'audio' && bytes === SOUND_BYTES);
  return {
    ends, firstBytes, droppedFrames: connection.droppedFrames, queueMs: connection.queueMs,
    soundSteps: sounds.slice(1).map(({ stampMs }, i) => stampMs - sounds[i]!.stampMs),
    keyframes: line.arrived.filter(({ bytes }) => bytes === KEYFRAME_BYTES).length,
    latestMs: Math.max(...lateMs), lastLateMs: lateMs.slice(-500),
  };
}

describe('a connection', () => {
  const over = (lines: number[]): number[][] => [20, 200, 500].flatMap((roundTripMs) => lines.map((kbps) => [kbps, roundTripMs]));

  it.each(over([250, 318, 450, 712, 1000, 1500, 2000, 2800]))('over a line of %i kb/s at %i ms leaves out picture, never sound, and is never 5 s late', async (kbps, roundTripMs) => {
    const { ends, droppedFrames, soundSteps, latestMs, keyframes } = await run({ kbps: kbps!, roundTripMs: roundTripMs! });
    expect(ends).toEqual([]);
    expect(droppedFrames).toBeGreaterThan(0);
    expect(new Set(soundSteps)).toEqual(new Set([20]));
    expect(latestMs).toBeLessThan(5000);
    // Some picture comes every few seconds even so.
    expect(keyframes).toBeGreaterThanOrEqual(4);
  });

  it.each(over([3600, 5000, 30_000]))('over a line of %i kb/s at %i ms leaves out nothing, and is as near as the line lets it be', async (kbps, roundTripMs) => {
    const { droppedFrames, queueMs, lastLateMs } = await run({ kbps: kbps!, roundTripMs: roundTripMs! });
    expect(droppedFrames).toBe(0);
    expect(queueMs).toBeLessThanOrEqual(200);
    expect(Math.max(...lastLateMs) - roundTripMs! / 2).toBeLessThan(500);
  });

  it.each([[3000, 6000, 20], [3000, 6000, 200], [3000, 10_000, 500], [6000, 12_000, 20], [6000, 12_000, 200], [6000, 30_000, 500]])(
    'with %i kb/s over a line of %i at %i ms begins with a whole GOP, and leaves out nothing of it', async (programKbps, kbps, roundTripMs) => {
      const { droppedFrames, queueMs } = await run({ programKbps, kbps, roundTripMs, beginsMs: 1980, seconds: 12 });
      expect(droppedFrames).toBe(0);
      expect(queueMs).toBeLessThanOrEqual(200);
    },
  );

  it('leaves out nothing for a far end that is busy as it begins', async () => {
    const { droppedFrames, queueMs } = await run({ kbps: 30_000, roundTripMs: 1, beginsMs: 1980, busyMs: 1200, seconds: 12 });
    expect(droppedFrames).toBe(0);
    expect(queueMs).toBeLessThanOrEqual(200);
  });

  it('leaves out nothing where the kernel is slow to tell', async () => {
    const { droppedFrames, queueMs } = await run({ kbps: 30_000, roundTripMs: 1, beginsMs: 1980, askMs: 300, seconds: 12 });
    expect(droppedFrames).toBe(0);
    expect(queueMs).toBeLessThanOrEqual(200);
  });

  it('gives little to a line of which nothing is known yet', async () => {
    expect((await run({ kbps: 100_000, seconds: 2 })).firstBytes).toBeLessThan(64 * 1024);
  });
});

describe('a gauge of a line', () => {
  it('remembers no more than it needs where nobody says what has arrived', () => {
    const gauge = new LineGauge();
    for (let i = 1; i <= 100_000; i += 1) gauge.sent(i * 13, i * 1000);
    expect(gauge.pieces).toBeLessThanOrEqual(4096);
  });
});
