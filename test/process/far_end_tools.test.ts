/** The tools of the far end against each other: what a camera pushes must be what is read back, to the frame. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { analysePicture, analyseSync, percentile } from '../support/pattern/analyse.js';
import { patternFile, type PatternFile } from '../support/pattern/generate.js';
import { readPattern } from '../support/pattern/read.js';
import { hasNginxRtmp, NginxRtmp } from '../support/nginx_rtmp.js';
import { Pusher } from '../support/pusher.js';
import { openRtmp } from '../support/rtmp/client.js';
import { RtmpSink } from '../support/rtmp/server.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { TcpProxy } from '../support/tcp_proxy.js';
import { delay, monotonicMs, waitFor, within } from '../support/wait.js';

let file: PatternFile;
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  file = await patternFile({ camera: 1, width: 320, height: 180, seconds: 16, bitrateKbps: 250 });
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

describe('a camera pushed to our own sink', () => {
  it('arrives whole over a loop\'s join, in step and in real time', async () => {
    const sink = await new RtmpSink().start();
    stops.push(() => sink.stop());
    const pusher = await new Pusher({ url: `${sink.url}/key`, file, fromMs: 13_000 }).start();
    stops.push(() => pusher.stop());
    await delay(6_000);
    await pusher.stop();
    const folder = tempFolder();
    stops.push(async () => removeFolder(folder));
    writeFileSync(join(folder, 'a.flv'), RtmpSink.flv(sink.publications[0]!));
    const reading = await readPattern(join(folder, 'a.flv'));
    const picture = analysePicture(reading.frames, { fps: 30, loopFrames: file.frames });
    expect(picture).toMatchObject({ lost: 0, repeated: 0, reordered: 0, unreadable: 0, missing: 0, backwards: 0 });
    expect(picture.frames).toBeGreaterThan(170);
    expect(picture.runs[0]!.lastCounter).toBeLessThan(picture.runs[0]!.firstCounter);
    expect(analyseSync(reading).maxMs).toBeLessThan(2);
    const lateMs = sink.publications[0]!.tags.filter((tag) => tag.type === 9).slice(1).map((tag) => tag.arrivedMs - pusher.startMs - tag.timestampMs);
    expect(percentile(lateMs, 50)).toBeLessThan(20);
  });

  it('is refused by name when the sink says so', async () => {
    const sink = await new RtmpSink({ judge: () => 'bad-name' }).start();
    stops.push(() => sink.stop());
    await expect(openRtmp({ url: `${sink.url}/wrong`, mode: 'publish' })).rejects.toThrow('NetStream.Publish.BadName');
  });
});

describe.skipIf(!hasNginxRtmp)('a camera pushed to nginx', () => {
  it('is recorded whole, can be played with arrival times, and a wrong key is refused', async () => {
    const nginx = await new NginxRtmp({ keys: ['good'] }).start();
    stops.push(() => nginx.stop());
    await expect(openRtmp({ url: `${nginx.url('auth')}/bad`, mode: 'publish' })).rejects.toThrow();
    const pusher = await new Pusher({ url: `${nginx.url('auth')}/good`, file, startTimestampMs: 2 ** 24 - 2_000 }).start();
    stops.push(() => pusher.stop());
    const arrivals: number[] = [];
    const player = await openRtmp({ url: `${nginx.url('auth')}/good`, mode: 'play', onTag: (tag) => { if (tag.type === 9) arrivals.push(tag.arrivedMs); } });
    await delay(4_000);
    player.close();
    await pusher.stop();
    await waitFor('the end of the publication', () => nginx.events.find((event) => event.call === 'publish_done'));
    expect(nginx.events.map((event) => event.call).slice(0, 2)).toEqual(['refused', 'publish']);
    const reading = await readPattern(nginx.lastRecording('good'));
    const picture = analysePicture(reading.frames, { fps: 30 });
    expect(picture).toMatchObject({ lost: 0, repeated: 0, reordered: 0, missing: 0, backwards: 0 });
    expect(picture.frames).toBeGreaterThan(110);
    expect(analyseSync(reading).maxMs).toBeLessThan(2);
    expect(arrivals.length).toBeGreaterThan(75);
  });
});

describe('the bad network', () => {
  it('freezes, swallows, resets and refuses', async () => {
    const sink = await new RtmpSink().start();
    const proxy = await new TcpProxy(sink.port).start();
    stops.push(() => sink.stop(), () => proxy.stop());
    const url = `rtmp://127.0.0.1:${proxy.port}/live/key`;
    const pusher = await new Pusher({ url, file, reconnectMs: 50 }).start();
    stops.push(() => pusher.stop());
    const bytes = (): number => sink.publications.reduce((sum, p) => sum + p.bytes, 0);
    await waitFor('media', () => bytes() > 10_000);
    proxy.pause();
    await delay(100);
    const paused = bytes();
    await delay(300);
    expect(bytes()).toBe(paused);
    proxy.pass();
    await waitFor('media after the pause', () => bytes() > paused);
    proxy.blackhole();
    await delay(100);
    const gone = bytes();
    await delay(300);
    expect(bytes()).toBe(gone);
    expect(pusher.connected).toBe(true);
    proxy.pass();
    await waitFor('a new connection', () => pusher.connects >= 2);
    proxy.refuse();
    await within('the reset', 2_000, waitFor('no connection', () => !pusher.connected));
    const connects = pusher.connects;
    await delay(200);
    expect(pusher.connects).toBe(connects);
    proxy.pass();
    await waitFor('another connection', () => pusher.connects > connects);
    const before = monotonicMs();
    proxy.setLatency(150);
    await openRtmp({ url, mode: 'publish' }).then((client) => client.close());
    expect(monotonicMs() - before).toBeGreaterThan(450);
  });
});
