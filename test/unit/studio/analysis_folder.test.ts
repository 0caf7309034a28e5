import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_ANALYSIS_BYTES } from '../../../src/protocol/highlights.js';
import { AnalysisFolder } from '../../../src/studio/analyses/folder.js';
import { analysisFile, putClip, putResult } from '../../support/analysis.js';
import { removeFolder, tempFolder } from '../../support/temp.js';

describe('the folder of analyses', () => {
  let home: string;
  let folder: AnalysisFolder;
  beforeEach(() => {
    home = tempFolder();
    folder = new AnalysisFolder(home);
  });
  afterEach(() => removeFolder(home));

  it('has no result, then one, then another one', async () => {
    expect(await folder.result('rec')).toEqual({ is: 'none' });
    putResult(home, analysisFile('rec'));
    expect(await folder.result('rec')).toMatchObject({ is: 'read', file: { recordingId: 'rec', highlights: [{ id: 'h1' }, { id: 'h2' }, { id: 'h3' }] } });
    putResult(home, analysisFile('rec', { notes: ['another'] }));
    expect(await folder.result('rec')).toMatchObject({ is: 'read', file: { notes: ['another'] } });
    await folder.remove('rec');
    expect([await folder.result('rec'), existsSync(join(home, 'analysis/rec'))]).toEqual([{ is: 'none' }, false]);
  });

  it.each([
    ['no JSON', '{'], ['another version', JSON.stringify({ ...analysisFile('rec'), version: 2 })], ['that of another recording', JSON.stringify(analysisFile('other'))],
    ['one that is too large', ' '.repeat(MAX_ANALYSIS_BYTES + 1)], ['a score of nonsense', JSON.stringify({ ...analysisFile('rec'), highlights: [{ ...analysisFile('rec').highlights[0], score: 7 }] })],
  ])('takes %s for damaged', async (_what, text) => {
    mkdirSync(join(home, 'analysis/rec'), { recursive: true });
    writeFileSync(join(home, 'analysis/rec/result.json'), text);
    expect(await folder.result('rec')).toEqual({ is: 'damaged' });
  });

  it('knows a clip by its file, whole', async () => {
    putClip(home, 'rec', { id: 'clp_a', highlightId: 'h1', startMs: 0, endMs: 5_000, shape: 'wide' }, Buffer.from('film'));
    expect(await folder.clip('rec', 'clp_a')).toMatchObject({ id: 'clp_a', cut: 'copy', bytes: 4 });
    writeFileSync(folder.clipFile('rec', 'clp_a'), 'fil');
    expect(await folder.clip('rec', 'clp_a')).toBeNull();
    await folder.keepClips('rec', new Set(['clp_b']));
    expect(existsSync(folder.clipFile('rec', 'clp_a'))).toBe(false);
  });

  it('waits for no pipe in the place of a clip or a chat', async () => {
    putClip(home, 'rec', { id: 'clp_a', highlightId: 'h1', startMs: 0, endMs: 5_000, shape: 'wide' }, Buffer.from('film'));
    const pipes = ['analysis/rec/clips/clp_a.json', 'recordings/rec/chat.jsonl'];
    mkdirSync(join(home, 'recordings/rec'), { recursive: true });
    rmSync(join(home, pipes[0]!));
    execFileSync('mkfifo', pipes.map((one) => join(home, one)));
    expect([await folder.clip('rec', 'clp_a'), await folder.chatBeside('recordings/rec/recording.mp4')]).toEqual([null, null]);
  });

  it('tells a step of a file by its digest', async () => {
    const { file, sha256 } = await folder.writeInput('rec', 'moments.json', ['{"moments":', '[]}']);
    const bytes = readFileSync(join(home, file));
    expect([file, bytes.toString(), createHash('sha256').update(bytes).digest('hex')]).toEqual(['analysis/rec/inputs/moments.json', '{"moments":[]}', sha256]);
    expect(await folder.recordings()).toEqual(['rec']);
  });

  it('tells of a full disk in a sentence', async () => {
    const full = (async function* () { yield '{'; throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }); })();
    await expect(folder.writeInput('rec', 'moments.json', full)).rejects.toMatchObject({ code: 'DISK_FULL', message: expect.stringContaining('no room') });
    expect(readdirSync(join(home, 'analysis/rec/inputs'))).toEqual([]);
  });

  it('never leaves its place', async () => {
    await expect(folder.result('../recordings')).rejects.toThrow();
    await expect(folder.remove('..')).rejects.toThrow();
  });
});
