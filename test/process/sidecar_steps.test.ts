/** The steps of an analysis one after another on a real recording, as the worker does them: what each leaves, and what the studio reads at the end. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnalysisStep } from '../../src/protocol/analysis-steps.js';
import { AnalysisFile, Clip, type RecordedMoment } from '../../src/protocol/highlights.js';
import { systemClock } from '../../src/runtime/clock.js';
import { silentLog } from '../../src/runtime/log.js';
import { LastingFailure } from '../../src/sidecar/jobs/worker.js';
import { LiveAnalysis } from '../../src/sidecar/live-analysis.js';
import { readManifest } from '../../src/sidecar/metadata/manifest.js';
import { analyzeFile } from '../../src/sidecar/steps/analyze-file.js';
import { writeEarly } from '../../src/sidecar/steps/early.js';
import { analysisSteps } from '../../src/sidecar/steps/registry.js';
import type { StepServices } from '../../src/sidecar/steps/services.js';
import { processTree } from '../support/procfs.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { waitFor } from '../support/wait.js';

const home = tempFolder('v-steps-');
const id = 'rec_1';
const folder = join(home, 'recordings', id);
const analysis = join(home, 'analysis', id);
const moments: RecordedMoment[] = [{ atMs: 0, kind: 'take', text: 'Stage' }, { atMs: 61_000, kind: 'marker', text: 'the goal' }];
const signal = new AbortController().signal;
/** Seconds: loud and lively. */
const [FROM, TO] = [60, 78];

const services: StepServices = {
  home, modelsFolder: join(home, 'models'), scratchFolder: join(home, 'scratch'), transcript: {}, llm: undefined, clock: systemClock, live: () => Promise.resolve(null),
};
const results: Record<string, unknown> = {};
const said: string[] = [];
async function step(name: AnalysisStep, input: object): Promise<unknown> {
  const common = { recordingId: id, file: `recordings/${id}/recording.mp4`, bytes: statSync(join(folder, 'recording.mp4')).size, durationMs: 150_000, again: 0 };
  const done = analysisSteps(services)[name]({ input: { ...common, ...input }, results, key: 'a'.repeat(64), signal, progress: (share, text) => { said.push(`${share} ${text ?? ''}`); } });
  return (results[name] = await done);
}
const inputs = (name: string, content: unknown) => {
  mkdirSync(join(analysis, 'inputs'), { recursive: true });
  writeFileSync(join(analysis, 'inputs', name), JSON.stringify(content));
  return { file: `analysis/${id}/inputs/${name}`, sha256: '0'.repeat(64) };
};

/** One has begun to read: the file was looked at by then, and reading it takes longer than what is done to it. */
const child = () => waitFor('a child', () => processTree(process.pid).find(({ comm }) => ['vistter-feature', 'ffmpeg', 'ffprobe', 'vistter-launch'].includes(comm)), { everyMs: 1 });

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  const during = `between(t,${FROM},${TO})`;
  execFileSync('ffmpeg', [
    '-loglevel', 'error', '-filter_complex',
    `testsrc2=s=320x180:r=12:d=150,setpts=PTS[b];[b]trim=end_frame=1,loop=1800:1,setpts=N/12/TB[still];testsrc2=s=320x180:r=12:d=150,rotate=t*3[lively];[still][lively]overlay=enable='${during}'[v];` +
    `anoisesrc=c=pink:a=0.03:r=48000:d=150:seed=7[room];anoisesrc=a=0.4:r=48000:d=150:seed=9,volume='${during}*(0.5+0.5*sin(4*t))':eval=frame[crowd];[room][crowd]amix=normalize=0[a]`,
    '-map', '[v]', '-map', '[a]', '-t', '150', '-c:v', 'libx264', '-preset', 'veryfast', '-bf', '2', '-g', '24', '-c:a', 'aac', join(home, 'recorded.flv'),
  ]);
  // As a recording is made: FLV knows whole ms, which three of its frames are not.
  execFileSync('ffmpeg', ['-loglevel', 'error', '-i', join(home, 'recorded.flv'), '-c', 'copy', join(folder, 'recording.mp4')]);
  writeFileSync(join(folder, 'recording.vtt'), 'WEBVTT\n\n00:00:05.000 --> 00:00:08.000\nWelcome to the final.\n\n00:01:02.000 --> 00:01:06.000\nWhat a goal that was!\n');
}, 60_000);
afterAll(() => removeFolder(home));

describe('the steps of an analysis', () => {
  it('find highlights, words, chapters, pictures, and put all into one file and a manifest', async () => {
    const chat = { file: `recordings/${id}/chat.jsonl`, sha256: '0'.repeat(64) };
    writeFileSync(join(folder, 'chat.jsonl'), Array.from({ length: 300 }, (_, i) => JSON.stringify({ atMs: i < 60 ? i * 2_000 : 62_000 + i * 20, user: `u${i}`, text: i < 60 ? 'hello there' : 'goooal Zanzibar' })).join('\n'));
    const files = { moments: inputs('moments.json', { moments }), decisions: inputs('decisions.json', { rows: [], of: 0 }), past: inputs('past.json', { videos: [] }), chat };
    await step('features', files);
    expect(await step('transcript', { language: null })).toMatchObject({ isAny: true, by: expect.stringContaining('recording.vtt') });
    await step('find', { ...files, most: 10 });
    await step('metadata', { ...files, language: null, channel: 'Club TV', startedAt: '2026-11-01T18:00:00.000Z' });
    mkdirSync(join(analysis, 'pictures/.new'), { recursive: true });
    writeFileSync(join(analysis, 'pictures/highlight-gone.jpg'), 'of an earlier analysis');
    await step('thumbnails', { plain: [{ startMs: 0, endMs: 40_000 }] });
    await step('manifest', { startedAt: '2026-11-01T18:00:00.000Z', decisions: [], chosen: { title: 'The final' }, choices: { title: { by: 'ann', atMs: 1_800_000_000_000 } } });
    expect(said.every((line) => /^(0|1|0\.\d+) /.test(line))).toBe(true);

    const result = AnalysisFile.parse(JSON.parse(readFileSync(join(analysis, 'result.json'), 'utf8')));
    const [best] = result.highlights;
    expect(best!.peakMs).toBeGreaterThanOrEqual(FROM * 1000);
    expect(best!.peakMs).toBeLessThanOrEqual(TO * 1000);
    expect(best!.reasons.join(' ')).toContain('the goal');
    expect(best!.vector.length).toBeGreaterThan(50);
    expect(Math.max(...result.curve.values.slice(FROM, TO))).toBe(Math.max(...result.curve.values));
    expect(result).toMatchObject({ transcript: true, durationMs: 150_000, model: null });
    expect(result.chapters.map(({ title }) => title)).toContain('the goal');
    expect(result.lint!.score).toBeGreaterThan(0);
    // What is said in chat, and what nobody says elsewhere.
    expect(JSON.stringify(result.metadata).toLowerCase()).toContain('zanzibar');
    expect(best!.reasons.join(' ')).toMatch(/chatters/);
    expect(result.thumbnails.every(({ atMs }) => atMs >= 40_000)).toBe(true);
    expect(readdirSync(join(analysis, 'pictures')).sort()).toEqual([...result.highlights.flatMap(({ picture }) => picture ?? []), ...result.thumbnails.map(({ name }) => name)].sort());
    for (const name of [best!.picture!, ...result.thumbnails.map((one) => one.name)]) {
      expect([...readFileSync(join(analysis, 'pictures', name)).subarray(0, 2)]).toEqual([0xff, 0xd8]);
      expect(statSync(join(analysis, 'pictures', name)).size).toBeLessThanOrEqual(2_000_000);
    }
    expect((await readManifest(join(analysis, 'manifest.yaml')))!.chosen.title).toEqual({ text: 'The final', by: 'panel: ann', at: '2027-01-15T08:00:00.000Z' });
  }, 60_000);

  it('hand in nothing that was found in a file which somebody wrote to meanwhile, and may be tried again', async () => {
    const path = join(folder, 'recording.mp4');
    const whole = readFileSync(path);
    const failed: unknown[] = [];
    for (const [name, change] of [['features', () => appendFileSync(path, 'more')], ['cut', () => truncateSync(path, 1_000)]] as const) {
      const running = name === 'features' ? step(name, { moments: inputs('moments.json', { moments }) }) : step(name, { clipId: 'clp_9', highlightId: 'h', startMs: 61_000, endMs: 66_000, layers: null, shape: 'wide', captions: false });
      await child();
      change();
      failed.push(await running.catch((error: unknown) => error));
      writeFileSync(path, whole);
    }
    expect(failed).toEqual([expect.objectContaining({ code: 'MEDIA_CHANGED' }), expect.objectContaining({ code: 'MEDIA_CHANGED' })]);
    for (const error of failed) expect(error).not.toBeInstanceOf(LastingFailure);
    expect(existsSync(join(analysis, 'clips/clp_9.json'))).toBe(false);
    // Whoever analyses one that is still being written by hand has what was there, and is told.
    const running = analyzeFile({ path, chatPath: null, momentsPath: null, transcriptPath: null, top: 5, preset: 'auto', model: null, clock: systemClock, signal, onProgress: () => undefined });
    await child();
    appendFileSync(path, 'more');
    const { durationMs, notes } = await running;
    writeFileSync(path, whole);
    expect(Math.abs(durationMs - 150_000)).toBeLessThan(200);
    expect(notes).toContain('The file has grown while it was read: what was in it before was used. Analyse it again when it is complete.');
  }, 60_000);

  it('cut a clip with what is said burned in, and write it into the manifest', async () => {
    const cut = { clipId: 'clp_1', highlightId: 'h', startMs: 61_000, endMs: 66_000, layers: null };
    expect(await step('cut', { ...cut, shape: 'wide', captions: false })).toMatchObject({ frames: 60, cut: expect.stringMatching(/copy|smart/) });
    expect(await step('cut', { ...cut, clipId: 'clp_2', shape: 'wide', captions: true })).toMatchObject({ frames: 60, cut: 'full' });
    expect(Clip.parse(JSON.parse(readFileSync(join(analysis, 'clips/clp_1.json'), 'utf8')))).toMatchObject({ path: `analysis/${id}/clips/clp_1.mp4`, startMs: 61_000 });
    await step('bundle', { startedAt: '2026-11-01T18:00:00.000Z', decisions: [], chosen: { title: 'The final' }, choices: { title: { by: 'ann', atMs: 1_800_000_000_000 } }, clipIds: ['clp_1', 'clp_gone'] });
    const manifest = (await readManifest(join(analysis, 'manifest.yaml')))!;
    expect(manifest.clips.map((clip) => clip.id)).toEqual(['clp_1']);
    expect(manifest.chosen.title).toEqual({ text: 'The final', by: 'panel: ann', at: '2027-01-15T08:00:00.000Z' });
    // Who found the rest is what the analysis said.
    expect(manifest.made.by).toMatchObject({ transcript: expect.stringContaining('recording.vtt'), metadata: expect.any(String), highlights: 'heuristic' });
  }, 60_000);

  it('call a highlight as it was called before its bounds moved, and first of all as it was decided about', async () => {
    const path = join(analysis, 'result.json');
    const whole = readFileSync(path, 'utf8');
    const result = AnalysisFile.parse(JSON.parse(whole));
    const [one, ...others] = result.highlights;
    const { startMs, endMs } = one!;
    writeFileSync(path, JSON.stringify({ ...result, highlights: [{ ...one!, id: 'before', startMs: startMs + 2_000, endMs: endMs + 2_000 }, ...others] }));
    const first = async (rows: unknown[]) => {
      await step('find', { moments: inputs('moments.json', { moments }), decisions: inputs('decisions.json', { rows, of: rows.length }), most: 10 });
      return (JSON.parse(readFileSync(join(analysis, 'found.json'), 'utf8')) as AnalysisFile).highlights[0];
    };
    expect(await first([])).toMatchObject({ id: 'before', startMs, endMs });
    const row = { highlightId: 'decided', verdict: 'accepted', startMs, endMs, foundStartMs: startMs - 1_000, foundEndMs: endMs - 3_000, score: 0.5, kind: 'sound', vector: one!.vector, atMs: 1 };
    expect(await first([{ ...row, stream: id }])).toMatchObject({ id: 'decided', startMs, endMs });
    expect(await first([{ ...row, stream: 'another' }])).toMatchObject({ id: 'before' });
    writeFileSync(path, whole);
  }, 60_000);

  it('keep of what is not found again what was accepted, with its reasons and its picture', async () => {
    const path = join(analysis, 'result.json');
    const whole = readFileSync(path, 'utf8');
    const result = AnalysisFile.parse(JSON.parse(whole));
    const was = (name: string) => ({ ...result.highlights[0]!, id: name, reasons: [`reason of ${name}`], picture: `highlight-${name}.jpg` });
    const { highlights: found } = JSON.parse(readFileSync(join(analysis, 'found.json'), 'utf8')) as AnalysisFile;
    const names = ['last', 'accepted', 'rejected', 'undecided'];
    for (const name of names) writeFileSync(join(analysis, `pictures/highlight-${name}.jpg`), name);
    writeFileSync(path, JSON.stringify({ ...result, highlights: [...found, was('last')], kept: [was('accepted'), was('rejected'), was('undecided')] }));
    const decisions = ['accepted', 'rejected'].map((verdict) => ({ highlightId: verdict, verdict, startMs: 0, endMs: 1_000, by: 'ann', atMs: 1 }));
    await step('manifest', { startedAt: '2026-11-01T18:00:00.000Z', decisions, chosen: null });
    const { kept, highlights } = AnalysisFile.parse(JSON.parse(readFileSync(path, 'utf8')));
    expect(highlights.map(({ id: one }) => one)).toEqual(found.map(({ id: one }) => one));
    expect(kept).toEqual([was('accepted'), was('last')]);
    expect(names.filter((name) => existsSync(join(analysis, `pictures/highlight-${name}.jpg`)))).toEqual(['last', 'accepted']);
    // A step that was done again, as after a kill, keeps what was accepted.
    await step('manifest', { startedAt: '2026-11-01T18:00:00.000Z', decisions, chosen: null });
    expect(AnalysisFile.parse(JSON.parse(readFileSync(path, 'utf8'))).kept).toEqual([was('accepted')]);
    writeFileSync(path, whole);
  }, 60_000);

  it('learn from enough decisions, keep the model on a shelf and go back from it', async () => {
    const { highlights: [one] } = AnalysisFile.parse(JSON.parse(readFileSync(join(analysis, 'result.json'), 'utf8')));
    const rows = Array.from({ length: 60 }, (_, i) => ({
      stream: `s${Math.floor(i / 10)}`, highlightId: `h${i}`, verdict: i % 3 === 0 ? 'accepted' : 'rejected', startMs: 0, endMs: 20_000, foundStartMs: 0, foundEndMs: 20_000, score: 0.5, kind: 'sound',
      vector: one!.vector.map((_v, k) => (k === 0 ? (i % 3 === 0 ? 2 : -2) + i / 100 : Math.sin(i * (k + 1)))), atMs: i,
    }));
    expect(await step('find', { moments: inputs('moments.json', { moments }), decisions: inputs('decisions.json', { rows, of: 5_060 }), most: 10 })).toMatchObject({ why: expect.stringContaining('It ranks') });
    expect(JSON.parse(readFileSync(join(home, 'models/summary.json'), 'utf8'))).toMatchObject({ models: [{ active: true, rows: 60, why: expect.stringContaining('the newest 60 of 5060 decisions') }] });
    expect(await step('models', { action: 'roll-back', askedAtMs: 1 })).toMatchObject({ said: expect.stringContaining('heuristic') });
    expect(JSON.parse(readFileSync(join(home, 'models/summary.json'), 'utf8'))).toMatchObject({ held: true, models: [{ active: false }] });
  }, 60_000);

  it('cut what lies in the file by now, though they remember what lay there', async () => {
    const { cut } = analysisSteps(services);
    const file = `recordings/${id}/anew.mp4`;
    const [before, now] = [join(home, file), join(home, 'now.mp4')];
    for (const [path, fps] of [[before, 12], [now, 25]] as const) execFileSync('ffmpeg', ['-loglevel', 'error', '-f', 'lavfi', '-i', `testsrc2=s=320x180:r=${fps}:d=4`, '-c:v', 'libx264', '-preset', 'veryfast', path]);
    const input = { recordingId: id, file, bytes: 1, durationMs: 4_000, clipId: 'clp_4', highlightId: null, startMs: 1_000, endMs: 3_000, layers: null, shape: 'wide', captions: false };
    const once = () => cut({ input, results: {}, key: 'a'.repeat(64), signal, progress: () => {} });
    expect(await once()).toMatchObject({ frames: 24 });
    renameSync(now, before);
    expect(await once()).toMatchObject({ frames: 50 });
  }, 60_000);

  it('say what no further try would mend, and leave no captions that nobody said', async () => {
    const cut = { clipId: 'clp_3', highlightId: null, startMs: 1_000, endMs: 2_000, layers: null, shape: 'wide', captions: false };
    const of = (file: string): Promise<unknown> => step('cut', { ...cut, file });
    await expect(of('recordings/gone.mp4')).rejects.toThrow(LastingFailure);
    await expect(of('recordings/gone.mp4')).rejects.toMatchObject({ code: 'MEDIA_MISSING' });
    execFileSync('ffmpeg', ['-loglevel', 'error', '-f', 'lavfi', '-i', 'sine=d=3', join(home, 'recordings/sound.m4a')]);
    await expect(of('recordings/sound.m4a')).rejects.toMatchObject({ name: 'ServerError', code: 'MEDIA_UNREADABLE', message: expect.stringContaining('no pictures') });
    await expect(of('recordings/sound.m4a')).rejects.toThrow(LastingFailure);
    expect(existsSync(join(analysis, 'transcript.vtt'))).toBe(true);
    rmSync(join(folder, 'recording.vtt'));
    expect(await step('transcript', { language: null })).toMatchObject({ isAny: false });
    expect(existsSync(join(analysis, 'transcript.vtt')) || existsSync(join(analysis, 'transcript.srt'))).toBe(false);
    rmSync(join(analysis, 'features.bin'));
    await expect(step('find', { moments: inputs('moments.json', { moments }), decisions: inputs('decisions.json', { rows: [], of: 0 }), most: 10 })).rejects.toMatchObject({ code: 'ANALYSIS_DAMAGED' });
  }, 60_000);
});

describe('a recording that is watched while it is made', () => {
  it('has a first list as soon as it stops, and what was learnt of it is handed on once', async () => {
    const live = join(home, 'recordings', 'rec_2');
    mkdirSync(live);
    let ended: (value: string) => void;
    const list = new Promise<string>((resolve) => { ended = resolve; });
    const watch = new LiveAnalysis({
      folderOf: () => live, log: silentLog, clock: systemClock,
      onEnded: async (recordingId, table) => {
        await writeEarly(services, recordingId, { ...table, notes: Array.from({ length: 120 }, (_, i) => `Part ${i} is damaged.`) }, { moments: [], most: 10, language: null, channel: 'Club TV', startedAt: '2026-11-01T18:00:00.000Z', startedWith: null });
        ended(recordingId);
      },
    });
    watch.apply('rec_2');
    execFileSync('ffmpeg', ['-loglevel', 'error', '-i', join(folder, 'recording.mp4'), '-c', 'copy', '-f', 'flv', join(live, 'part-0001.flv')]);
    watch.apply(null);
    expect(await list).toBe('rec_2');
    const early = AnalysisFile.parse(JSON.parse(readFileSync(join(home, 'analysis/rec_2/result.json'), 'utf8')));
    expect(early.highlights[0]!.peakMs).toBeGreaterThanOrEqual(FROM * 1000);
    expect(early.thumbnails).toEqual([]);
    expect([early.notes.length, early.notes.at(-1)]).toEqual([100, expect.stringContaining('the first list')]);
    expect(await watch.take('rec_2', early.durationMs + 60_000)).toBeNull();
    expect(await watch.take('rec_2', early.durationMs)).toBeNull();
    await watch.stop();
  }, 60_000);
});
