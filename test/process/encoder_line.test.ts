/** The encoder's command line with the real FFmpeg: few frames a second mean long that x264 holds the first picture back. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { encoderArgs } from '../../src/engine/encoder-args.js';
import { videoFormat } from '../../src/engine/scene-plan.js';
import { Settings } from '../../src/protocol/resources.js';
import { removeFolder, tempFolder } from '../support/temp.js';

const folder = tempFolder();
afterAll(() => removeFolder(folder));

describe('the encoder\'s FFmpeg', () => {
  it('waits with sound for the first picture, and encodes to the end, at 10 frames a second', async () => {
    const fps = 10;
    const settings = Settings.parse({ video: { width: 320, height: 180, fps }, encoder: { bitrateKbps: 300, preset: 'ultrafast' } });
    const feed = join(folder, `${fps}.nut`);
    const socketPath = join(folder, `${fps}.sock`);
    execFileSync('ffmpeg', [
      '-nostdin', '-v', 'error', '-f', 'lavfi', '-i', `testsrc2=s=320x180:r=${fps}:d=3`, '-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=3',
      '-c:v', 'rawvideo', '-pix_fmt', 'yuv420p', '-c:a', 'pcm_s16le', '-ac', '2', '-f', 'nut', feed,
    ]);
    let got = 0;
    const server = createServer((socket) => socket.on('data', (chunk) => { got += chunk.length; })).listen(socketPath);
    await once(server, 'listening');
    const { encoder, audio, video } = settings;
    const stdin = openSync(feed, 'r');
    const child = spawn('ffmpeg', encoderArgs({ codec: 'libx264', cores: 2, format: videoFormat(video), encoder, audio, firstFrameMs: 0, socketPath }), { stdio: [stdin, 'ignore', 'pipe', 'ignore'] });
    closeSync(stdin);
    let said = '';
    child.stderr!.on('data', (chunk: Buffer) => { said += chunk.toString(); });
    const [code] = await once(child, 'close') as [number | null];
    server.close();
    expect(said).not.toMatch(/order|Invalid/);
    expect(code).toBe(0);
    // Most of the three seconds: at the rate that was asked for.
    expect(got * 8).toBeGreaterThan(500_000);
  });
});
