/** The sidecar itself behind a studio's jobs, with one recording, and what is left of an analysis in the middle of which it was killed. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AnalysisFile, Clip } from '../../src/protocol/highlights.js';
import type { Lease } from '../../src/protocol/jobs.js';
import { Paths } from '../../src/runtime/paths.js';
import { analysisJob, exportJob, type AnalysisFacts } from '../../src/studio/analyses/graph.js';
import { JobRig } from './job_rig.js';
import { repositoryRoot } from './media.js';
import { startProcess } from './process.js';
import { isAlive, processTree } from './procfs.js';
import { delay, monotonicMs, waitFor } from './wait.js';

const ID = 'rec_1';
const SECONDS = 80;
/** Loud and lively in between, s. */
const [FROM, TO] = [40, 54];
const SHAPES = ['wide', 'vertical'] as const;
/** Of an analysis, and its two clips. */
const STEPS = 6 + 2;
const WORDS = 'WEBVTT\n\n00:00:05.000 --> 00:00:08.000\nWelcome to the final.\n\n00:00:42.000 --> 00:00:46.000\nWhat a goal that was!\n';

export class AnalysisRig extends JobRig {
  readonly #paths = new Paths(this.folder);
  /** Leases that were given, in order. */
  readonly taken: Lease[] = [];
  #recording!: AnalysisFacts['recording'];

  override get socketPath(): string {
    return this.#paths.studioSocket;
  }

  override async startStudio(): Promise<void> {
    this.#paths.create();
    const folder = this.#paths.recording(ID);
    const file = join(folder, 'recording.mp4');
    mkdirSync(folder, { recursive: true });
    const loud = `between(t,${FROM},${TO})`;
    execFileSync('ffmpeg', [
      '-v', 'error', '-f', 'lavfi', '-i', `testsrc2=s=320x180:r=25:d=${SECONDS}`, '-f', 'lavfi', '-i', `anoisesrc=c=pink:a=0.5:r=48000:d=${SECONDS}:seed=7,volume='0.05+0.9*${loud}':eval=frame`,
      '-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-pix_fmt', 'yuv420p', '-c:a', 'aac', file,
    ]);
    writeFileSync(join(folder, 'recording.vtt'), WORDS);
    this.#recording = {
      id: ID, revision: 1, createdAt: '', updatedAt: '',
      data: { state: 'ready', startedAt: '2026-11-01T18:00:00.000Z', endedAt: '2026-11-01T18:01:20.000Z', durationMs: SECONDS * 1_000, bytes: statSync(file).size, path: `recordings/${ID}/recording.mp4`, error: null, zeros: [], pauses: [], startedWith: null },
    } as AnalysisFacts['recording'];
    await super.startStudio();
    const take = this.jobs.take.bind(this.jobs);
    this.jobs.take = async (worker, names) => {
      const taken = await take(worker, names);
      if (taken) this.taken.push(taken.lease);
      return taken;
    };
  }

  override startWorker(): void {
    this.worker = startProcess(process.execPath, ['--single-threaded-gc', join(repositoryRoot, 'dist/src/sidecar/main.js')], { cwd: this.folder, env: { PATH: process.env.PATH, VISTTER_HOME: this.folder, VISTTER_LOG: 'json' } });
  }

  /** What it has started ends with it. */
  override async killWorker(): Promise<void> {
    const [, ...children] = processTree(this.worker!.pid);
    await super.killWorker();
    await waitFor('what it had started to end', () => !children.some(({ pid }) => isAlive(pid)), { timeoutMs: 120_000 });
  }

  /** Asks for all of it, and for two clips. @param again another number: nothing that was found before is used */
  async ask(again: number): Promise<void> {
    const input = (name: string, content: unknown) => {
      const file = join('analysis', ID, 'inputs', name);
      mkdirSync(join(this.folder, 'analysis', ID, 'inputs'), { recursive: true });
      writeFileSync(join(this.folder, file), JSON.stringify(content));
      return { file, sha256: '0'.repeat(64) };
    };
    const files = { moments: input('moments.json', { moments: [{ atMs: 41_000, kind: 'marker', text: 'the goal' }] }), decisions: input('decisions.json', { of: 0, rows: [] }), past: input('past.json', { videos: [] }), chat: null };
    const settings = { analysis: { auto: true, most: 10, language: null }, channel: { name: 'Club TV' } } as unknown as AnalysisFacts['settings'];
    await this.jobs.submit(analysisJob({ recording: this.#recording, settings, stored: { again, preset: 'auto', clips: [], chosen: null }, decisions: [], files, plain: [], startedWith: 'Stage' }, 'automatic'));
    await this.jobs.submit(exportJob(this.#recording, SHAPES.map((shape) => ({ clip: { id: `clp_${shape}_${again}`, highlightId: null, startMs: 38_000, endMs: 44_000, shape, captions: false }, layers: null }))));
  }

  /** What an analysis has found, without what is another each time. */
  found(): unknown {
    const { highlights, curve, chapters, metadata, lint, thumbnails, transcript, notes } = AnalysisFile.parse(JSON.parse(readFileSync(join(this.folder, 'analysis', ID, 'result.json'), 'utf8')));
    return { highlights, curve, chapters, metadata, lint, thumbnails, transcript, notes };
  }

  clip(shape: Clip['shape'], again: number): Clip {
    return Clip.parse(JSON.parse(readFileSync(join(this.folder, 'analysis', ID, 'clips', `clp_${shape}_${again}.json`), 'utf8')));
  }

  /** All that lies there, by names. */
  files(): string[] {
    return readdirSync(join(this.folder, 'analysis', ID), { recursive: true, encoding: 'utf8' }).sort();
  }
}

/**
 * Kills the sidecar with -9 so many times, each a random while after it has begun a step.
 * @returns how many analyses there were, how many steps they had, and how often one was begun
 * @throws Error when a step that was done is begun again, or another thing is found than without a kill
 */
export async function killAnalyses(rig: AnalysisRig, kills: number, random: () => number): Promise<{ analyses: number; steps: number; begun: number }> {
  const isOpen = async (): Promise<boolean> => (await rig.jobs.list({ open: true })).length > 0;
  const over = async (): Promise<void> => {
    await waitFor('the jobs to be over', async () => !(await isOpen()), { timeoutMs: 600_000 });
    for (const job of await rig.jobs.list({})) if (job.state !== 'done') throw new Error(`${job.id} is ${job.state}: ${JSON.stringify(job.error)}`);
  };
  await rig.ask(0);
  const sinceMs = monotonicMs();
  rig.startWorker();
  await over();
  // On a slow machine a step takes longer: killed as soon as on a fast one, none would ever come to its end.
  const mostMs = Math.max(1_500, (monotonicMs() - sinceMs) / 3);
  await rig.killWorker();
  const wanted = JSON.stringify(rig.found());
  const left = rig.files().filter((name) => !name.startsWith('clips/'));
  /** How often a step had been begun when it was found to be done: it must stay at that. */
  const done = new Map<string, number>();
  const times = (key: string): number => rig.taken.filter((lease) => lease.key === key).length;
  const look = async (): Promise<void> => {
    for (const job of await rig.jobs.list({})) for (const { key, status } of job.steps) if (status.is === 'done' && !done.has(key)) done.set(key, times(key));
    for (const [key, count] of done) if (times(key) !== count) throw new Error('A step that was done has begun again.');
  };
  await look();
  let analyses = 1;
  for (let killed = 0; killed < kills; killed++) {
    if (!(await isOpen())) await rig.ask(analyses++);
    const before = rig.taken.length;
    rig.startWorker();
    await waitFor('a step to begin', () => rig.taken.length > before, { timeoutMs: 300_000 });
    await delay(random() * mostMs);
    await rig.killWorker();
    await look();
  }
  rig.startWorker();
  await over();
  await look();
  if (JSON.stringify(rig.found()) !== wanted) throw new Error(`Another thing was found than without a kill: ${JSON.stringify(rig.found()).slice(0, 2_000)}`);
  const now = rig.files();
  const whole = [...left, ...SHAPES.flatMap((shape) => Array.from({ length: analyses }, (_, again) => ['json', 'mp4'].map((end) => `clips/clp_${shape}_${again}.${end}`)).flat())].sort();
  if (now.join() !== whole.join()) throw new Error(`Something else lies there: ${now.join(', ')}`);
  for (let again = 0; again < analyses; again++) {
    for (const shape of SHAPES) if (statSync(join(rig.folder, rig.clip(shape, again).path)).size !== rig.clip(shape, again).bytes) throw new Error('A clip is not whole.');
  }
  return { analyses, steps: analyses * STEPS, begun: rig.taken.length };
}
