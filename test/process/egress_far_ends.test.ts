import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeFarEnd, type Habits } from '../contract/egress_fake_server.js';
import { hasNginxRtmp, NginxRtmp } from '../support/nginx_rtmp.js';
import { startProcess } from '../support/process.js';
import { freePort, removeFolder, tempFolder } from '../support/temp.js';
import { delay, monotonicMs, waitFor } from '../support/wait.js';
import { EgressRig, destination } from './egress_support.js';

const KEY = 'CANARYkey42';
const cleanups: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});
async function startRig(env: Record<string, string> = {}): Promise<EgressRig> {
  const rig = new EgressRig(env);
  cleanups.push(() => rig.stop());
  return rig.start();
}
async function farEnd(habits: Habits = {}): Promise<FakeFarEnd> {
  const server = await new FakeFarEnd(habits).start();
  cleanups.push(() => server.stop());
  return server;
}

describe('egress to difficult far ends', () => {
  it('tells every kind of failure apart, in sentences without the key, and keeps trying', async () => {
    const rig = await startRig();
    rig.encoder();
    const closed = await freePort();
    const far = {
      'bad-name': (await farEnd({ publish: { refuse: 'NetStream.Publish.BadName' } })).url,
      denied: (await farEnd({ publish: { refuse: 'NetStream.Publish.Denied' } })).url,
      'closes-at-key': (await farEnd({ publish: 'close' })).url,
      'closes-after-start': (await farEnd({ publish: 'start-then-close' })).url,
      'bad-app': (await farEnd({ connect: { refuse: 'NetConnection.Connect.InvalidApp' } })).url,
      'closes-at-app': (await farEnd({ connect: 'close' })).url,
      refused: `rtmp://127.0.0.1:${closed}/live`,
      dns: 'rtmp://nowhere.invalid/live',
      'no-tls': (await farEnd()).url.replace('rtmp:', 'rtmps:'),
    };
    rig.wish({ destinations: Object.entries(far).map(([id, url]) => destination(id, url, KEY)) });
    const expected: Record<string, [string, string]> = {
      'bad-name': ['failed', 'DEST_BAD_KEY'], denied: ['failed', 'DEST_BAD_KEY'], 'closes-at-key': ['failed', 'DEST_BAD_KEY'],
      'closes-after-start': ['failed', 'DEST_BAD_KEY'], 'bad-app': ['failed', 'DEST_BAD_APP'], 'closes-at-app': ['failed', 'DEST_BAD_APP'],
      refused: ['reconnecting', 'DEST_REFUSED'], dns: ['reconnecting', 'DEST_DNS'], 'no-tls': ['failed', 'DEST_TLS'],
    };
    await waitFor('every verdict', () => Object.entries(expected).every(([id, [state, code]]) => {
      const found = rig.destination(id);
      if (found?.state !== state || found.error?.code !== code) throw new Error(`${id}: ${JSON.stringify(found)}`);
      return true;
    }), { timeoutMs: 20_000 });
    for (const { id, error } of rig.actual!.destinations) console.log(`${id}: ${error?.code}: ${error?.message}`);
    expect(JSON.stringify(rig.actual)).not.toContain('CANARY');
    expect(rig.log).not.toContain('CANARY');
    // A place that begins to listen later is reached without anybody's help.
    const late = new FakeFarEnd();
    cleanups.push(() => late.stop());
    await late.start(closed);
    await rig.until('refused', 'live', 15_000);
  });

  it.skipIf(!hasNginxRtmp)('takes nginx that closes on a wrong key for a bad key, and goes live with the right one', async () => {
    const rig = await startRig();
    const nginx = await new NginxRtmp({ keys: ['right'] }).start();
    cleanups.push(() => nginx.stop());
    rig.encoder();
    rig.wish({ destinations: [destination('a', nginx.url('auth'), KEY)] });
    const failedMs = await rig.until('a', 'failed');
    expect(rig.destination('a')!.error?.code).toBe('DEST_BAD_KEY');
    rig.wish({ destinations: [destination('b', nginx.url('live').replace('/live', '/nosuchapp'), 'right')] });
    await waitFor('b failed', () => rig.destination('b')?.state === 'failed', { timeoutMs: 15_000 });
    expect(rig.destination('b')!.error?.code).toBe('DEST_BAD_APP');
    rig.wish({ destinations: [destination('a', nginx.url('auth'), 'right')] });
    const liveMs = await rig.until('a', 'live');
    console.log(`bad key said after ${failedMs} ms; with the right key live after ${liveMs} ms`);
  });

  it('goes live at FFmpeg that listens, whose answers are shorter than others', async () => {
    const rig = await startRig();
    rig.encoder();
    const port = await freePort();
    const file = join(tempFolder(), 'received.flv');
    cleanups.push(() => removeFolder(dirname(file)));
    const ffmpeg = startProcess('ffmpeg', ['-hide_banner', '-nostdin', '-v', 'error', '-listen', '1', '-i', `rtmp://127.0.0.1:${port}/app/${KEY}`, '-t', '3', '-c', 'copy', '-y', file]);
    cleanups.push(() => ffmpeg.stop(3_000));
    rig.wish({ destinations: [destination('ffmpeg', `rtmp://127.0.0.1:${port}/app`, KEY)] });
    await rig.until('ffmpeg', 'live', 20_000);
    await waitFor('three seconds of it', () => ffmpeg.child.exitCode !== null, { timeoutMs: 15_000 });
    expect(ffmpeg.child.exitCode, ffmpeg.stderr()).toBe(0);
    const packets = execFileSync('ffprobe', ['-v', 'error', '-select_streams', 'v', '-count_packets', '-show_entries', 'stream=nb_read_packets', '-of', 'csv=p=0', file]);
    expect(Number(packets)).toBeGreaterThan(60);
  });

  it('goes by TCP where the far end never acknowledges, and sees it freeze too', async () => {
    const rig = await startRig();
    const server = await farEnd({ acknowledge: false });
    rig.encoder({ kbps: 4000, size: '1280x720' });
    rig.wish({ destinations: [destination('mute', server.url, KEY)] });
    const liveMs = await rig.until('mute', 'live');
    expect(liveMs).toBeGreaterThan(2000);
    await delay(1500);
    expect(rig.destination('mute')!.ackedBytes).toBeGreaterThan(100_000);
    const frozenMs = monotonicMs();
    server.last!.socket.pause();
    await rig.until('mute', 'reconnecting', 40_000);
    console.log(`never acknowledges: live by TCP after ${liveMs} ms; a freeze is seen ${Math.round(monotonicMs() - frozenMs)} ms later, when the far kernel's buffer was full`);
    expect(rig.destination('mute')!.error?.code).toBe('DEST_STALLED');
    await rig.until('mute', 'live');
  });

  it('comes back from resets every time within a second or two', async () => {
    const rig = await startRig();
    const server = await farEnd();
    rig.encoder();
    rig.wish({ destinations: [destination('a', server.url, KEY)] });
    await rig.until('a', 'live');
    const backs: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      await delay(5500);
      server.resetAll();
      await rig.until('a', 'reconnecting', 3000);
      backs.push(await rig.until('a', 'live'));
    }
    console.log('live again after resets, ms:', backs);
    expect(rig.destination('a')!.reconnects).toBe(3);
    expect(Math.max(...backs)).toBeLessThan(2000);
  });

  it('publishes by TLS to a server whose authority is trusted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'v-pki-'));
    cleanups.push(() => removeFolder(folder));
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
      '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')], { stdio: 'ignore' });
    const pki = { key: readFileSync(join(folder, 'key.pem'), 'utf8'), cert: readFileSync(join(folder, 'cert.pem'), 'utf8') };
    const server = await farEnd({ tls: pki });
    const silent = await farEnd({ tls: pki, acknowledge: false });
    const stranger = await startRig();
    stranger.encoder();
    stranger.wish({ destinations: [destination('a', server.url, KEY)] });
    await stranger.until('a', 'failed');
    expect(stranger.destination('a')!.error?.code).toBe('DEST_TLS');
    expect(server.visits.every((visit) => visit.commands.length === 0)).toBe(true);
    writeFileSync(join(folder, 'ca.pem'), pki.cert);
    const rig = await startRig({ VISTTER_TLS_CA: join(folder, 'ca.pem') });
    rig.encoder();
    rig.wish({ destinations: [destination('a', server.url, KEY), destination('silent', silent.url, KEY)] });
    const liveMs = await rig.until('a', 'live');
    const silentMs = await rig.until('silent', 'live');
    console.log(`rtmps live after ${liveMs} ms; without RTMP acknowledgements after ${silentMs} ms`);
  });
});
