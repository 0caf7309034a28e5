import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { isKeyframe, isSequenceHeader, readTags } from '../support/rtmp/flv.js';
import { delay, waitFor } from '../support/wait.js';
import { EgressRig } from './egress_support.js';

const cleanups: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function watch(rig: EgressRig): { socket: WebSocket; received: () => Buffer } {
  const chunks: Buffer[] = [];
  const socket = new WebSocket(`ws+unix:${rig.paths.previewSocket}:/preview`);
  socket.on('message', (data: Buffer) => chunks.push(data));
  socket.on('error', () => undefined);
  cleanups.push(() => socket.terminate());
  return { socket, received: () => Buffer.concat(chunks) };
}

describe('preview', () => {
  it('sends FLV that begins with headers and a keyframe at time 0, to everybody who watches', async () => {
    const rig = await new EgressRig().start();
    cleanups.push(() => rig.stop());
    const early = watch(rig);
    rig.encoder();
    await waitFor('a picture', () => early.received().length > 50_000);
    await delay(1000);
    const late = watch(rig);
    await waitFor('viewers', () => rig.actual?.preview.viewers === 2);
    await delay(1500);
    for (const { received } of [early, late]) {
      const tags = readTags(received());
      expect(tags.slice(0, 3).map((tag) => tag.type)).toEqual([18, 9, 8]);
      const media = tags.filter((tag) => tag.type !== 18 && !isSequenceHeader(tag));
      expect(isKeyframe(media[0]!)).toBe(true);
      expect(media[0]!.timestampMs).toBe(0);
      const pictures = media.filter((tag) => tag.type === 9);
      expect(pictures.slice(1).every((tag, i) => tag.timestampMs - pictures[i]!.timestampMs === 40)).toBe(true);
    }
    const file = join(rig.home, 'seen.flv');
    writeFileSync(file, late.received());
    const errors = execFileSync('ffmpeg', ['-nostdin', '-v', 'error', '-i', file, '-f', 'null', '-'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    expect(errors).toBe('');
    early.socket.close();
    await waitFor('one to go', () => rig.actual?.preview.viewers === 1);
  });

  it('skips for a viewer that does not read, and sends it away in the end; others see every frame', async () => {
    const rig = await new EgressRig().start();
    cleanups.push(() => rig.stop());
    rig.encoder({ kbps: 8000, size: '1280x720', gopSeconds: 1 });
    const slow = watch(rig);
    const fine = watch(rig);
    await waitFor('both', () => rig.actual?.preview.viewers === 2);
    await waitFor('a picture', () => slow.received().length > 0 && fine.received().length > 0);
    slow.socket.pause();
    await waitFor('frames to be skipped', () => (rig.actual?.preview.dropped ?? 0) > 0, { timeoutMs: 15_000 });
    await waitFor('the slow one to go', () => rig.actual?.preview.viewers === 1, { timeoutMs: 25_000 });
    const pictures = readTags(fine.received()).filter((tag) => tag.type === 9 && !isSequenceHeader(tag));
    expect(pictures.slice(1).every((tag, i) => tag.timestampMs - pictures[i]!.timestampMs === 40)).toBe(true);
  });

  it('answers what is not a websocket with a sentence', async () => {
    const rig = await new EgressRig().start();
    cleanups.push(() => rig.stop());
    const status = await new Promise((resolve, reject) => {
      request({ socketPath: rig.paths.previewSocket, path: '/' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on('error', reject).end();
    });
    expect(status).toBe(426);
  });
});
