/**
 * Planted streams of another making, by nothing but FFmpeg's own sources: noise and sines that are switched on and off, test pictures that lie over a
 * still one. What tells these apart from their decoys must tell the others apart as well: a finder that knows one generator knows nothing.
 */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chatOf } from './chat.js';
import type { PlantedFiles } from './media.js';
import { planStream, type DecoyKind, type Sense, type StreamPlan } from './plan.js';
import { Chance } from './random.js';

const run = promisify(execFile);
const SIZE = '160x90';
const MOVING = ['mandelbrot=s=160x90:r=4:end_pts=4000:start_scale=0.5:end_scale=0.0001', 'testsrc2=s=160x90:r=4', 'pal75bars=s=160x90:r=4,scroll=h=0.04', 'life=s=160x90:r=4:mold=10:ratio=0.3:death_color=#C83232:life_color=#00ff00'] as const;
const STILL = ['smptebars=s=160x90:r=4', 'color=c=0x404060:s=160x90:r=4', 'gradients=s=160x90:r=4:speed=0.0001:c0=0x103050:c1=0x506080', 'testsrc=s=160x90:r=4'] as const;
const CARDS = ['rgbtestsrc', 'pal75bars', 'yuvtestsrc', 'smptehdbars'] as const;

/** All is heard, seen and, where there is a chat, talked about; no music of less than a minute. */
export function planSimple(seed: number): StreamPlan {
  const plan = planStream(seed + 1_000, 10 + (seed % 4) * 4);
  const chance = new Chance(seed);
  const has = { sound: true, picture: chance.is(0.8), chat: chance.is(0.6) };
  const senses = (['sound', 'picture', 'chat'] as const).filter((sense) => has[sense]);
  return { ...plan, seed, has, highlights: plan.highlights.map((one) => ({ ...one, senses })) };
}

export async function makeSimple(plan: StreamPlan, folder: string): Promise<PlantedFiles> {
  const chance = new Chance(plan.seed + 11);
  const { has, seconds } = plan;
  const media = join(folder, `simple-${plan.seed}.${has.picture ? 'mp4' : 'm4a'}`);
  const during = (spans: readonly { start: number; end: number }[]): string => spans.map(({ start, end }) => `between(t,${start.toFixed(2)},${end.toFixed(2)})`).join('+') || '0';
  const showing = (sense: Sense): string => during(plan.highlights.filter(({ senses }) => senses.includes(sense)));
  const decoys = (...kinds: DecoyKind[]): string => during(plan.decoys.filter(({ kind }) => kinds.includes(kind)));
  const sounds = [
    `anoisesrc=color=pink:amplitude=${chance.between(0.01, 0.05).toFixed(3)}:r=16000:seed=${plan.seed}`,
    `${chance.is(0.6) ? `anoisesrc=color=${chance.pick(['white', 'pink', 'brown'])}:amplitude=${chance.between(0.25, 0.6).toFixed(2)}:r=16000:seed=${plan.seed + 1}` : `sine=f=${chance.whole(300, 1_500)}:r=16000,volume=${chance.between(1.5, 4).toFixed(1)}`},volume='${showing('sound')}':eval=frame`,
    `aevalsrc='0.12*(sin(2*PI*220*t)+sin(2*PI*277*t)+sin(2*PI*330*t))*(0.4+0.6*lt(mod(t,0.5),0.15))':s=16000,volume='${decoys('music')}':eval=frame`,
    `aevalsrc='0.4*sin(2*PI*(280+40*sin(2*PI*3*t))*t)*(0.6+0.4*sin(2*PI*4*t))':s=16000,volume='${decoys('shouting')}':eval=frame`,
    `aevalsrc='0.15*(sin(2*PI*523*t)+sin(2*PI*659*t)*gt(mod(t,1),0.5)+0.5*sin(2*PI*131*t))':s=16000,volume='${decoys('advertisement')}':eval=frame`,
  ];
  const graph = [...sounds.map((source, i) => `${source}[s${i}]`), `${sounds.map((_, i) => `[s${i}]`).join('')}amix=inputs=${sounds.length}:normalize=0:duration=first,aformat=sample_fmts=fltp:channel_layouts=mono[sound]`];
  const maps = ['-map', '[sound]', '-c:a', 'aac', '-b:a', '64k'];
  if (has.picture) {
    graph.push(`${chance.pick(STILL)},noise=alls=2:allf=t[v0]`, `${chance.pick(MOVING)}[moving]`, `[v0][moving]overlay=enable='${showing('picture')}'[v1]`);
    for (const [i, card] of CARDS.entries()) graph.push(`${card}=s=${SIZE}:r=4[card${i}]`, `[v${i + 1}][card${i}]overlay=enable='(${decoys('cuts', 'advertisement')})*eq(mod(floor(t/${chance.between(1, 2.5).toFixed(1)}),${CARDS.length}),${i})'[v${i + 2}]`);
    maps.unshift('-map', `[v${CARDS.length + 1}]`, '-c:v', 'libx264', '-preset', 'ultrafast', '-threads', '1', '-pix_fmt', 'yuv420p', '-g', String(4 * plan.keyframeSeconds));
  }
  await run('ffmpeg', ['-nostdin', '-hide_banner', '-loglevel', 'error', '-y', '-filter_complex_threads', '1', '-filter_complex', graph.join(';'), ...maps, '-t', String(seconds), media]);
  if (!has.chat) return { media, chat: null };
  const chat = join(folder, `simple-${plan.seed}.jsonl`);
  writeFileSync(chat, chatOf(plan).map((said) => `${JSON.stringify(said)}\n`).join(''));
  return { media, chat };
}
