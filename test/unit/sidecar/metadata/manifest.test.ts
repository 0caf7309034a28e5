import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UNNAMED } from '../../../../src/protocol/unnamed.js';
import { BY_HAND, manifestOf, manifestText, parseManifest, readManifest, writeManifest, type ManifestFacts } from '../../../../src/sidecar/metadata/manifest.js';
import { nastyText, randomOf } from '../../../support/nasty_texts.js';
import { removeFolder, tempFolder } from '../../../support/temp.js';

const facts = (over: Partial<ManifestFacts> = {}, title = 'Boss fight'): ManifestFacts => ({
  recording: { id: 'rec_1', file: 'recordings/rec_1/recording.mp4', durationMs: 600_000, startedAt: '2026-11-20T18:30:00.000Z' },
  made: { by: { metadata: 'built in', transcript: 'none' }, from: { recording: 'sha256:12', program: 'VistterStudio 0.1.0' } },
  found: {
    highlights: [{ id: 'h2', startMs: 200_000, endMs: 230_000, peakMs: 210_000, score: 0.123456789, kind: 'chat', reasons: ['38 chatters in 10 s'] }, { id: 'h1', startMs: 10_000, endMs: 20_000, peakMs: 15_000, score: 1, kind: 'sound', reasons: ['crowd loud ×4'] }],
    chapters: [{ startMs: 0, title: '0:00' }, { startMs: 60_000, title: 'yes' }, { startMs: 120_000, title: 'Part 3' }],
    metadata: { title, description: 'First line.\n\nChapters:\n0:00 Start', tags: ['boss', 'no', '1.0'], hashtags: ['#boss'] }, notes: [],
  },
  decisions: [{ highlightId: 'h1', verdict: 'accepted', startMs: 11_000, endMs: 19_000, by: 'ann', atMs: 1_700_000_000_000 }],
  clips: [], ...over,
});

describe('a manifest', () => {
  it('reads well, and in any reader of YAML', () => {
    const text = manifestText(manifestOf(facts(), null));
    expect(text).toContain('version: 1\nrecording:\n  id: rec_1\n');
    expect(text).toContain('    description: |-\n');
    expect(text).toContain('      title: "0:00"');
    expect(text).toContain('      title: "yes"');
    expect(text).toContain('      score: 0.123\n');
    expect(text.indexOf('id: h1')).toBeLessThan(text.indexOf('id: h2'));
    expect(text.split('\n').every((line) => line === line.trimEnd())).toBe(true);
  });

  it('is read back as it was, whatever is in it', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = randomOf(seed);
      const text = (): string => nastyText(random, 8);
      const { found } = facts();
      const manifest = manifestOf(facts({ made: { by: { [text() || 'a']: text() }, from: {} }, found: { ...found, metadata: { title: text(), description: nastyText(random, 30), tags: [text(), text()], hashtags: [] }, notes: [text()] } }), null);
      expect(parseManifest(manifestText(manifest), 'a.yaml'), `seed ${seed}`).toEqual(manifest);
    }
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (title) => {
      const manifest = manifestOf(facts({}, title), null);
      expect(parseManifest(manifestText(manifest), 'a.yaml')).toEqual(manifest);
    }), { numRuns: 20 });
  });

  it('changes by the lines that have changed', () => {
    const lines = (manifest: string): Set<string> => new Set(manifest.split('\n'));
    const one = manifestText(manifestOf(facts(), null));
    const { found } = facts();
    const other = manifestText(manifestOf(facts({ found: { ...found, highlights: [...found.highlights].reverse(), metadata: { ...found.metadata, tags: ['boss', 'no', '1.0', 'new'] } } }), null));
    expect([...lines(other)].filter((line) => !lines(one).has(line))).toEqual(['      - new']);
  });

  it('keeps what a person chose beside what is suggested now, and follows where nobody did', () => {
    const first = manifestOf(facts(), null);
    expect(first.chosen.title).toEqual({ text: 'Boss fight', by: null, at: null });
    const edited = { ...first, chosen: { ...first.chosen, title: { text: 'My own title', by: null, at: null }, chapters: { list: first.found.chapters.slice(0, 1), by: 'ann', at: '2026-11-21' } } };
    const second = manifestOf(facts({}, 'Another title'), parseManifest(manifestText(edited), 'a.yaml'));
    expect(second.found.metadata.title).toBe('Another title');
    expect(second.chosen).toMatchObject({ title: { text: 'My own title', by: BY_HAND }, chapters: { list: [{ title: '0:00' }], by: 'ann', at: '2026-11-21' }, tags: { by: null } });
    expect(manifestOf(facts({}, 'A third'), second).chosen.title).toEqual({ text: 'My own title', by: BY_HAND, at: null });
    expect(manifestOf(facts({}, 'Another title'), first).chosen.title).toEqual({ text: 'Another title', by: null, at: null });
    // Even where what is suggested comes to be what was chosen, it was chosen.
    expect(manifestOf(facts({}, 'My own title'), second).chosen.title).toEqual({ text: 'My own title', by: BY_HAND, at: null });
  });

  it('follows the panel, there and back, and leaves alone what was edited by hand', () => {
    const first = manifestOf(facts(), null);
    const edited = { ...first, chosen: { ...first.chosen, description: { text: 'By hand.', by: null, at: null } } };
    const chosen = manifestOf(facts({ chosen: { title: 'In the panel', tags: ['one'] }, choices: { title: { by: 'bob', atMs: 1_800_000_000_000 }, tags: { by: 'ann', atMs: 1_700_000_000_000 } } }), edited);
    expect(chosen.chosen).toMatchObject({ title: { text: 'In the panel', by: 'panel: bob', at: '2027-01-15T08:00:00.000Z' }, tags: { list: ['one'], by: 'panel: ann', at: '2023-11-14T22:13:20.000Z' }, description: { text: 'By hand.', by: BY_HAND } });
    expect(manifestOf(facts({}, 'Another title'), chosen).chosen.title).toEqual({ text: 'In the panel', by: 'panel: bob', at: '2027-01-15T08:00:00.000Z' });
    expect(manifestOf(facts({ chosen: null }, 'Another title'), chosen).chosen).toMatchObject({ title: { text: 'Another title', by: null }, description: { text: 'By hand.', by: BY_HAND } });
  });

  it('tells by what it came where nobody gave a name, and follows that as well', () => {
    const at = 1_700_000_000_000;
    const [decision] = facts().decisions;
    const chosen = manifestOf(facts({
      decisions: [{ ...decision!, by: UNNAMED.panel }, { ...decision!, highlightId: 'h2', by: UNNAMED.rest }],
      chosen: { title: 'At a panel', description: 'Over REST.', tags: ['socket'], hashtags: ['#old'] }, choices: { title: { by: UNNAMED.panel, atMs: at }, description: { by: UNNAMED.rest, atMs: at }, tags: { by: UNNAMED.websocket, atMs: at } },
    }), null);
    expect(chosen.decisions.map(({ by }) => by)).toEqual(['panel: somebody', 'REST: somebody']);
    expect(Object.values(chosen.chosen).map(({ by }) => by)).toEqual(['panel: somebody', 'REST: somebody', 'websocket: somebody', 'panel: somebody', null]);
    expect(Object.values(manifestOf(facts({ chosen: null }), chosen).chosen).map(({ by }) => by)).toEqual([null, null, null, null, null]);
  });

  it('is read though it was written before it told when something was chosen', () => {
    const manifest = manifestOf(facts(), null);
    expect(parseManifest(manifestText(manifest).replaceAll(/^ +at: null\n/gm, ''), 'a.yaml')).toEqual(manifest);
  });

  it.each([
    ['version: 2\nnew: things', 'MANIFEST_NEWER', 'newer version'], ['version: 1', 'MANIFEST_INVALID', 'recording'], ['- a', 'MANIFEST_INVALID', 'no manifest'], [': : {', 'MANIFEST_INVALID', 'not YAML'], ['', 'MANIFEST_INVALID', 'no manifest'],
    [`a: &a [x]\nb: [*a, *a]`, 'MANIFEST_INVALID', 'not YAML'],
  ])('%j is refused', (text, code, says) => {
    expect(() => parseManifest(text, 'a.yaml')).toThrow(expect.objectContaining({ code, message: expect.stringContaining(says) }));
  });
  it('names what is wrong', () => {
    const text = manifestText(manifestOf(facts(), null));
    expect(() => parseManifest(text.replace('kind: sound', 'kind: smell'), 'a.yaml')).toThrow(/^a\.yaml is no manifest of a video \(found\.highlights\.0\.kind: /);
    expect(() => parseManifest(`${text}extra: 1\n`, 'a.yaml')).toThrow(/extra/);
  });
});

describe('its file', () => {
  let folder: string;
  beforeEach(() => { folder = tempFolder(); });
  afterEach(() => removeFolder(folder));

  it('is written whole, and only when something has changed', async () => {
    const path = join(folder, 'a.yaml');
    expect(await readManifest(path)).toBeNull();
    const manifest = manifestOf(facts(), null);
    expect(await writeManifest(path, manifest)).toBe(true);
    const { ino } = statSync(path);
    expect(await writeManifest(path, manifest)).toBe(false);
    expect(statSync(path).ino).toBe(ino);
    expect(await readManifest(path)).toEqual(manifest);
    expect(await writeManifest(path, manifestOf(facts({}, 'Another'), null))).toBe(true);
    expect(readdirSync(folder)).toEqual(['a.yaml']);
    expect(readFileSync(path, 'utf8')).toContain('Another');
  });

  it('that is too large is not read', async () => {
    writeFileSync(join(folder, 'a.yaml'), Buffer.alloc(17 * 1024 * 1024, 0x20));
    await expect(readManifest(join(folder, 'a.yaml'))).rejects.toMatchObject({ code: 'MANIFEST_INVALID' });
  });
});
