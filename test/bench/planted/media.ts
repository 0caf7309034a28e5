/** Makes a planted stream as files: an MP4 of H.264 and AAC, and its chat. Sound and pictures go raw into FFmpeg. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import { chatOf } from './chat.js';
import { RATE } from './instruments.js';
import { FPS, HEIGHT, picturesOf, WIDTH } from './picture.js';
import type { StreamPlan } from './plan.js';
import { soundOf } from './sound.js';

export interface PlantedFiles { media: string; chat: string | null }

/** A second of sound at a time. */
const SOUND_STEP = RATE;

export async function makePlanted(plan: StreamPlan, folder: string): Promise<PlantedFiles> {
  const media = join(folder, `planted-${plan.seed}.mp4`);
  const { has } = plan;
  const args = ['-nostdin', '-hide_banner', '-loglevel', 'error', '-y'];
  if (has.picture) args.push('-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${WIDTH}x${HEIGHT}`, '-r', String(FPS), '-i', 'pipe:3');
  if (has.sound) args.push('-f', 's16le', '-ar', String(RATE), '-ac', '1', '-i', 'pipe:4');
  if (has.picture) args.push('-c:v', 'libx264', '-preset', 'ultrafast', '-threads', '1', '-crf', '26', '-g', String(FPS * plan.keyframeSeconds), '-sc_threshold', '0');
  if (has.sound) args.push('-c:a', 'aac', '-b:a', '48k');
  const child = spawn('ffmpeg', [...args, media], { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr!.on('data', (text: Buffer) => { complaint = (complaint + text.toString()).slice(-2_000); });
  const exited = once(child, 'exit');
  await Promise.all([
    feed(child.stdio[3] as Writable, has.picture ? picturesOf(plan) : []),
    feed(child.stdio[4] as Writable, has.sound ? pieces(soundOf(plan)) : []),
  ]);
  const [code] = await exited as [number | null];
  if (code !== 0) throw new Error(`FFmpeg could not make a planted stream: ${complaint}`);
  if (!has.chat) return { media, chat: null };
  const chat = join(folder, `planted-${plan.seed}.jsonl`);
  writeFileSync(chat, chatOf(plan).map((said) => `${JSON.stringify(said)}\n`).join(''));
  return { media, chat };
}

function* pieces(sound: Int16Array): Generator<Uint8Array> {
  for (let at = 0; at < sound.length; at += SOUND_STEP) {
    const piece = sound.subarray(at, at + SOUND_STEP);
    yield new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
  }
}

async function feed(pipe: Writable, chunks: Iterable<Uint8Array>): Promise<void> {
  const ended = finished(pipe);
  for (const chunk of chunks) if (!pipe.write(Buffer.from(chunk))) await Promise.race([once(pipe, 'drain'), ended]);
  pipe.end();
  await ended;
}
