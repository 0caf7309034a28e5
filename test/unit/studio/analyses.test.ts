import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { THE_ONE } from '../../../src/domain/documents.js';
import { ANALYSIS_STEPS, DecisionsFile, MomentsFile, PastFile, type AnalysisStep } from '../../../src/protocol/analysis-steps.js';
import type { NewJob } from '../../../src/protocol/jobs.js';
import { silentLog } from '../../../src/runtime/log.js';
import { doneBy } from '../../../src/studio/actor.js';
import { AnalysisFolder } from '../../../src/studio/analyses/folder.js';
import { setUpNewHome } from '../../../src/studio/first-start.js';
import { Model } from '../../../src/studio/model.js';
import { Vault } from '../../../src/studio/secrets/vault.js';
import { Analyses } from '../../../src/studio/services/analyses.js';
import { Decisions } from '../../../src/studio/services/decisions.js';
import { Exports } from '../../../src/studio/services/exports.js';
import { Moments } from '../../../src/studio/services/moments.js';
import { FakeClock } from '../../fakes/fake-clock.js';
import { MemoryJobs } from '../../fakes/memory-jobs.js';
import { MemoryStore } from '../../fakes/memory-store.js';
import { analysisFile, putClip, putResult } from '../../support/analysis.js';
import { removeFolder, tempFolder } from '../../support/temp.js';

/** Work that goes by the disk is done a moment later. */
const soon = (what: () => void) => vi.waitFor(what, { timeout: 5_000 });
const turn = () => new Promise((done) => { setImmediate(done); });

/** Tells of each change, as the service does; and plays the worker. */
class WatchedJobs extends MemoryJobs {
  readonly #listeners = new Set<(ids: readonly string[]) => void>();
  readonly submitted: NewJob[] = [];
  failNext: Error | undefined;

  onChange(listener: (ids: readonly string[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  override async submit(job: NewJob) {
    const failure = this.failNext;
    this.failNext = undefined;
    if (failure) throw failure;
    this.submitted.push(job);
    return super.submit(job);
  }

  /** Does all that is ready, and what becomes ready by it. @returns the names of the steps */
  async work(results: Partial<Record<AnalysisStep, unknown>> = {}): Promise<string[]> {
    const names: string[] = [];
    for (;;) {
      const taken = await this.take({ name: 'w', life: '1' }, Object.keys(ANALYSIS_STEPS));
      if (!taken) break;
      ANALYSIS_STEPS[taken.name as AnalysisStep].parse(taken.input);
      names.push(taken.name);
      await this.complete(taken.lease, results[taken.name as AnalysisStep] ?? {});
    }
    await this.tell();
    return names;
  }

  async tell(): Promise<void> {
    const all = await this.list({ limit: 200 });
    for (const listener of this.#listeners) listener(all.map(({ id }) => id));
    for (let i = 0; i < 5; i++) await turn();
  }
}

describe('analyses', () => {
  let home: string;
  let clock: FakeClock;
  let store: MemoryStore;
  let model: Model;
  let jobs: WatchedJobs;
  let analyses: Analyses;
  let moments: Moments;
  let changes = 0;

  const make = async () => {
    const folder = new AnalysisFolder(home);
    const decisions = new Decisions({ store, folder, wallMs: () => clock.wallMs() });
    moments = new Moments({ store, model, log: silentLog, now: () => ({ monotonicMs: clock.monotonicMs(), wallMs: clock.wallMs(), bootId: 'boot' }) });
    const exports = new Exports({ model, jobs, folder, decisions, moments });
    analyses = new Analyses({ model, jobs, folder, decisions, exports, moments, clock, log: silentLog, onChange: () => { changes += 1; } });
    await analyses.start();
  };
  const add = (id: string, state: 'finishing' | 'ready' = 'ready') => model.change((draft) => draft.create('recording', id, {
    state, startedAt: new Date(clock.wallMs()).toISOString(), endedAt: new Date(clock.wallMs()).toISOString(), durationMs: 20_000, bytes: 1_000, path: `recordings/${id}/recording.mp4`, error: null,
    zeros: [], pauses: [], startedWith: null,
  }));
  const become = async (id: string, state: 'ready') => {
    await model.change((draft) => draft.update('recording', id, { ...draft.get('recording', id).data, state }));
    await submitted(`analysis-${id}`);
  };
  const submitted = (id: string) => soon(() => expect(jobs.submitted.map((job) => job.id)).toContain(id));
  const analysed = async (id: string) => {
    await add(id);
    await submitted(`analysis-${id}`);
    putResult(home, analysisFile(id));
    await jobs.work();
    await soon(() => expect(analyses.summaries().find(({ recordingId }) => recordingId === id)?.state).toBe('ready'));
  };
  const read = (path: string): unknown => JSON.parse(readFileSync(join(home, path), 'utf8'));

  beforeEach(async () => {
    home = tempFolder();
    [clock, store] = [new FakeClock(), new MemoryStore()];
    model = new Model(store, () => new Vault(Buffer.alloc(32, 1)), clock);
    await model.start();
    await setUpNewHome(model);
    jobs = new WatchedJobs({ clock });
    await make();
  });
  afterEach(async () => {
    await analyses.stop();
    removeFolder(home);
  });

  it('begin by themselves when a recording is ready, each step with what it must know', async () => {
    await add('rec', 'finishing');
    expect(jobs.submitted).toEqual([]);
    const [source] = model.state.sources;
    await model.change((draft) => draft.update('recording', 'rec', { ...draft.get('recording', 'rec').data, startedWith: { sourceId: source!.id } }));
    expect(await analyses.facts('rec')).toMatchObject({ startedWith: source!.data.name });
    await become('rec', 'ready');
    expect(analyses.summaries()).toMatchObject([{ recordingId: 'rec', state: 'waiting' }]);
    const [job] = jobs.submitted;
    expect(job).toMatchObject({ id: 'analysis-rec', askedBy: 'automatic', subject: { recordingId: 'rec' } });
    const input = (name: AnalysisStep): any => job!.steps.find((step) => step.name === name)!.input;
    expect(MomentsFile.parse(read(input('find').moments.file))).toEqual({ moments: [] });
    expect(DecisionsFile.parse(read(input('find').decisions.file))).toEqual({ of: 0, rows: [] });
    expect(PastFile.parse(read(input('metadata').past.file))).toEqual({ videos: [] });
    expect(input('metadata').startedWith).toBe(source!.data.name);
    const before = changes;
    putResult(home, analysisFile('rec'));
    expect(await jobs.work()).toEqual(expect.arrayContaining(['features', 'find', 'transcript', 'metadata', 'thumbnails', 'manifest']));
    await soon(() => expect(analyses.summaries()).toMatchObject([{ state: 'ready', progress: 1, error: null }]));
    expect(changes).toBeGreaterThan(before);
    expect(await analyses.get('rec')).toMatchObject({ state: 'ready', durationMs: 20_000, highlights: [{ id: 'h1', decision: null }, { id: 'h2' }, { id: 'h3' }], metadata: { chosen: null }, lint: { score: 82 } });
  });

  it('wait to be asked for where the settings say so, and say what is wrong', async () => {
    await model.change((draft) => draft.update('settings', THE_ONE, { ...draft.get('settings', THE_ONE).data, analysis: { auto: false, most: 5, language: 'de' } }));
    await add('rec');
    await turn();
    expect([jobs.submitted, (await analyses.get('rec')).state]).toEqual([[], 'none']);
    await expect(analyses.decide('rec', 'h1', { verdict: 'accepted' })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await analyses.analyze('rec')).toMatchObject({ state: 'waiting' });
    expect(jobs.submitted[0]).toMatchObject({ askedBy: 'operator', steps: [{}, { input: { language: 'de' } }, { needs: ['features', 'transcript'], input: { most: 5, preset: 'auto', again: 1 } }, {}, {}, {}] });
    expect(await analyses.cancel('rec')).toMatchObject({ state: 'none' });
    await analyses.analyze('rec');
    await jobs.work();
    // The worker says that all is done, and there is nothing.
    expect(await analyses.get('rec')).toMatchObject({ state: 'failed', error: { code: 'ANALYSIS_DAMAGED' }, highlights: [] });
  });

  it('are tried again when they could not be begun', async () => {
    jobs.failNext = Object.assign(new Error('full'), { code: 'DISK_FULL' });
    await add('rec');
    await soon(() => expect(jobs.failNext).toBeUndefined());
    for (let i = 0; i < 5; i++) await turn();
    expect(jobs.submitted).toEqual([]);
    await clock.advance(61_000);
    await submitted('analysis-rec');
  });

  it('are one of a recording, however often they are asked for, and what was begun goes on', async () => {
    await add('rec');
    await submitted('analysis-rec');
    const begun = (await jobs.take({ name: 'w', life: '1' }, ['features']))!;
    const held = () => jobs.heartbeat(begun.lease, { progress: 0.5, text: '' });
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => analyses.analyze('rec', { preset: i < 999 ? 'auto' : 'chat' })));
    // One that was under way, and one for all who asked meanwhile: by what was asked last.
    expect(jobs.submitted.slice(1).map(({ askedBy }) => askedBy)).toEqual(['operator', 'operator']);
    expect(jobs.submitted.at(-1)!.steps.find(({ name }) => name === 'find')!.input).toMatchObject({ preset: 'chat', again: 0 });
    expect([(await jobs.list({})).length, await held()]).toEqual([1, 'held']);
    await analyses.analyze('rec', { preset: 'sound' });
    expect(await held()).toBe('held');
    await jobs.complete(begun.lease, {});
    putResult(home, analysisFile('rec'));
    expect(await jobs.work()).toEqual(['transcript', 'find', 'metadata', 'thumbnails', 'manifest']);
    await soon(() => expect(analyses.summaries()).toMatchObject([{ state: 'ready' }]));
    // What is over is done once more from its beginning.
    await Promise.all(Array.from({ length: 1_000 }, () => analyses.analyze('rec', { preset: 'sound' })));
    expect((await jobs.work()).filter((name) => name !== 'bundle')).toEqual(['features', 'transcript', 'find', 'metadata', 'thumbnails', 'manifest']);
  });

  it('keep what people decide, with who, in bounds; what was accepted stays when it is not found any more', async () => {
    await analysed('rec');
    await doneBy('Anna', () => analyses.decide('rec', 'h1', { verdict: 'accepted', startMs: 2_500, endMs: 4_500 }));
    await doneBy('Ben', () => analyses.decide('rec', 'h2', { verdict: 'rejected' }));
    const { highlights } = await analyses.get('rec');
    expect(highlights.map(({ decision }) => decision && [decision.verdict, decision.startMs, decision.endMs, decision.by])).toEqual([['accepted', 2_500, 4_500, 'Anna'], ['rejected', 8_000, 11_000, 'Ben'], null]);
    await expect(analyses.decide('rec', 'h3', { verdict: 'accepted', endMs: 90_000 })).rejects.toMatchObject({ code: 'VALIDATION' });
    await expect(analyses.decide('rec', 'none', { verdict: 'accepted' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await analyses.withdraw('rec', 'h2');
    await expect(analyses.withdraw('rec', 'h2')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    putResult(home, analysisFile('rec', { highlights: analysisFile('rec').highlights.slice(1) }));
    expect((await analyses.get('rec')).highlights[0]).toMatchObject({ id: 'h1', startMs: 2_000, decision: { startMs: 2_500 } });
    await analyses.analyze('rec');
    expect(DecisionsFile.parse(read('analysis/decisions.json')).rows).toMatchObject([{ stream: 'rec', highlightId: 'h1', verdict: 'accepted', startMs: 2_500, foundStartMs: 2_000, vector: [0.92, 1, 0], score: 0.92, kind: 'combined' }]);
  });

  it('are written down once for what is decided in a row', async () => {
    await analysed('rec');
    await analyses.decide('rec', 'h1', { verdict: 'accepted' });
    await analyses.chooseMetadata('rec', { title: 'Mine' }, undefined);
    await clock.advance(3_500);
    await submitted('manifest-rec');
    const manifests = jobs.submitted.filter(({ kind }) => kind === 'manifest');
    expect(manifests).toMatchObject([{ steps: [{ name: 'bundle', input: { decisions: [{ highlightId: 'h1' }], chosen: { title: 'Mine' }, clipIds: [] } }] }]);
    await jobs.work({ bundle: { lint: { score: 99, points: [] } } });
    expect((await analyses.get('rec')).lint).toEqual({ score: 99, points: [] });
  });

  it('have clips: wanted once, cut by a job, deleted, and none without an accepted highlight', async () => {
    await analysed('rec');
    const wide = { shape: 'wide', captions: false } as const;
    await expect(analyses.export('rec', wide)).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('accepted') });
    await expect(analyses.export('rec', { ...wide, captions: true })).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('transcript') });
    await analyses.decide('rec', 'h1', { verdict: 'accepted', startMs: 2_500, endMs: 4_500 });
    await analyses.export('rec', wide);
    await analyses.export('rec', { ...wide, highlightIds: ['h1', 'h3'] });
    await analyses.export('rec', { ...wide, shape: 'vertical' });
    const { clips } = await analyses.get('rec');
    expect(clips.map(({ highlightId, startMs, shape }) => [highlightId, startMs, shape])).toEqual([['h1', 2_500, 'wide'], ['h3', 15_000, 'wide'], ['h1', 2_500, 'vertical']]);
    const job = jobs.submitted.at(-1)!;
    expect([job.id, job.askedBy, job.steps.length]).toEqual(['export-rec', 'operator', 3]);
    putClip(home, 'rec', clips[0]!, Buffer.from('film'));
    await jobs.work();
    expect((await analyses.get('rec')).clips.map(({ state, bytes, error }) => [state, bytes, error?.code])).toEqual([['ready', 4, undefined], ['failed', null, 'CLIP_MISSING'], ['failed', null, 'CLIP_MISSING']]);
    for (const { id } of clips) await analyses.removeClip('rec', id);
    expect((await analyses.get('rec')).clips).toEqual([]);
    expect(existsSync(join(home, `analysis/rec/clips/${clips[0]!.id}.mp4`))).toBe(false);
    await expect(analyses.removeClip('rec', clips[0]!.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('are cut for both of two people who export at once', async () => {
    await analysed('rec');
    const targetsAt = moments.targetsAt.bind(moments);
    // The first is slow, until the other has been asked for, and has had its time.
    vi.spyOn(moments, 'targetsAt').mockImplementationOnce(async (id, atMs) => {
      await soon(() => expect(model.find('analysis', 'rec')?.data.clips).toHaveLength(2));
      for (let i = 0; i < 200; i++) await turn();
      return targetsAt(id, atMs);
    });
    await Promise.all(['h1', 'h3'].map((id) => analyses.export('rec', { shape: 'wide', captions: false, highlightIds: [id] })));
    expect(jobs.submitted.at(-1)!.steps.length).toBe(2);
    expect((await analyses.get('rec')).clips.map(({ state }) => state)).toEqual(['waiting', 'waiting']);
  });

  it('have titles that people choose, field by field, and take back', async () => {
    await analysed('rec');
    const chosen = await doneBy('Anna', () => analyses.chooseMetadata('rec', { title: ' Mine ', tags: ['a'] }, 0));
    expect(chosen.metadata!.chosen).toMatchObject({ title: 'Mine', tags: ['a'], by: 'Anna', choices: { title: { by: 'Anna' }, tags: { by: 'Anna' } } });
    const both = await doneBy('Ben', () => analyses.chooseMetadata('rec', { title: 'Ours', tags: ['a'] }, undefined));
    expect(both.metadata!.chosen).toMatchObject({ by: 'Ben', choices: { title: { by: 'Ben' }, tags: { by: 'Anna' } } });
    await expect(analyses.chooseMetadata('rec', { title: 'Yours' }, 0)).rejects.toMatchObject({ code: 'STALE_REVISION' });
    for (const wrong of [{ title: 'a<b' }, { title: '' }, { title: 'x'.repeat(101) }, { description: 'ä'.repeat(2_501) }, { tags: ['a,b'] }, { hashtags: ['two words'] }, { surprise: 1 }]) {
      await expect(analyses.chooseMetadata('rec', wrong, undefined), JSON.stringify(wrong)).rejects.toMatchObject({ code: 'VALIDATION' });
    }
    expect((await analyses.chooseMetadata('rec', { title: null }, undefined)).metadata!.chosen).toMatchObject({ tags: ['a'] });
    expect((await analyses.chooseMetadata('rec', { tags: null }, undefined)).metadata!.chosen).toBeNull();
    await analyses.chooseMetadata('rec', { title: 'Mine' }, undefined);
    await analysed('later');
    expect(PastFile.parse(read('analysis/later/inputs/past.json'))).toMatchObject({ videos: [{ title: 'Mine', tags: ['chess', 'end game'] }] });
  });

  it('go with their recording, whatever is being done of it, and decisions stay', async () => {
    await analysed('rec');
    await analyses.decide('rec', 'h1', { verdict: 'accepted' });
    await analyses.export('rec', { shape: 'wide', captions: false });
    await model.change((draft) => { draft.remove('recording', 'rec'); draft.remove('analysis', 'rec'); });
    await analyses.forget('rec');
    expect((await jobs.list({})).filter(({ endedAtMs }) => endedAtMs === null)).toEqual([]);
    expect(existsSync(join(home, 'analysis/rec'))).toBe(false);
    expect((await store.decisions('rec')).length).toBe(1);
    // A step that had not heard of it yet.
    putResult(home, analysisFile('rec'));
    await clock.advance(6_000);
    await soon(() => expect(existsSync(join(home, 'analysis/rec'))).toBe(false));
    expect(analyses.summaries()).toEqual([]);
  });

  it('leave nothing of a recording that is deleted while one is asked for', async () => {
    await analysed('rec');
    const list = moments.list.bind(moments);
    vi.spyOn(moments, 'list').mockImplementationOnce(async (id) => {
      const all = await list(id);
      await model.change((draft) => { draft.remove('recording', 'rec'); draft.remove('analysis', 'rec'); });
      await analyses.forget('rec');
      return all;
    });
    await expect(analyses.analyze('rec')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await jobs.list({})).filter(({ endedAtMs }) => endedAtMs === null)).toEqual([]);
    expect(model.find('analysis', 'rec')).toBeUndefined();
    await clock.advance(6_000);
    await soon(() => expect(existsSync(join(home, 'analysis/rec'))).toBe(false));
  });

  it('are taken up by a studio that was killed: what was not begun is, and what is of no recording goes', async () => {
    await analyses.stop();
    await add('forgotten');
    await add('done');
    putResult(home, analysisFile('done'));
    mkdirSync(join(home, 'analysis/gone/clips'), { recursive: true });
    // Of a database that was begun anew.
    putResult(home, analysisFile('older'));
    await make();
    await submitted('analysis-forgotten');
    expect(jobs.submitted.length).toBe(1);
    expect(existsSync(join(home, 'analysis/gone'))).toBe(false);
    expect(existsSync(join(home, 'analysis/older/result.json'))).toBe(true);
    expect(analyses.summaries().map(({ recordingId, state }) => [recordingId, state])).toEqual([['done', 'ready'], ['forgotten', 'waiting']]);
  });
});
