import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fillTemplate, proposed } from '../../../src/panel/lib/scenes/templates.js';
import { SceneTemplate } from '../../../src/protocol/presets.js';
import { SceneInput, Settings } from '../../../src/protocol/resources.js';
import { silentLog } from '../../../src/runtime/log.js';
import { PresetFiles } from '../../../src/studio/preset-files.js';
import { repositoryRoot } from '../../support/media.js';
import { removeFolder, tempFolder } from '../../support/temp.js';

const folder = join(repositoryRoot, 'presets/encoder');
const names = readdirSync(folder);
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));

/** What the platforms say they take, kb/s of H.264 at most. */
const LIMITS: [prefix: RegExp, kbps: number][] = [
  [/^twitch-/, 6_000],
  [/^facebook-1080p30/, 6_000],
  [/^facebook-1080p60/, 9_000],
  [/^kick-/, 8_000],
  [/^youtube-1080p30/, 10_000],
  [/^youtube-1080p60/, 12_000],
  [/^youtube-1440p60/, 24_000],
  [/^youtube-2160p60/, 35_000],
];

describe('encoder profiles', () => {
  it('are what the studio offers, by name', async () => {
    const { encoder } = await new PresetFiles(join(repositoryRoot, 'presets'), silentLog).read();
    expect(encoder.map(({ id, settings }) => [`${id}.json`, settings])).toEqual([...names].sort().map((name) => [name, read(name)]));
  });
  it('that cannot be read are left out, and a folder that is not there has none', async () => {
    const folder = tempFolder();
    onTestFinished(() => removeFolder(folder));
    mkdirSync(join(folder, 'encoder'));
    writeFileSync(join(folder, 'encoder/good.json'), JSON.stringify(read('default.json')));
    writeFileSync(join(folder, 'encoder/bad.json'), '{"video":{"width":3}}');
    writeFileSync(join(folder, 'encoder/worse.json'), '{');
    expect((await new PresetFiles(folder, silentLog).read()).encoder.map(({ id }) => id)).toEqual(['good']);
    expect(await new PresetFiles(join(folder, 'none'), silentLog).read()).toEqual({ scenes: [], encoder: [] });
  });

  it.each(names)('%s is a whole and valid part of the settings', (name) => {
    expect(name).toMatch(/^[a-z0-9-]+\.json$/);
    const preset = read(name);
    const settings = Settings.parse(preset);
    // Nothing is left to a default, so that a profile means the same in every version; and the channel keeps its name, its schedule,
    // its emergency, its faders and what becomes of its recordings.
    const { channel: _c, schedule: _s, emergency: _e, analysis: _a, ...whole } = settings;
    const { gainDb: _g, muted: _m, ...audio } = whole.audio;
    expect(preset).toEqual({ ...whole, audio });
    const kbps = LIMITS.find(([prefix]) => prefix.test(name))?.[1] ?? 6_000;
    expect(settings.encoder.bitrateKbps).toBeLessThanOrEqual(kbps);
    expect(settings.encoder.keyframeIntervalMs).toBe(2_000);
    const size = /(\d{3,4})p(\d\d)\.json$/.exec(name);
    if (size) expect([settings.video.height, settings.video.fps]).toEqual([Number(size[1]), Number(size[2])]);
  });

  it('ships as default what the code has as default', () => {
    expect(Settings.parse(read('default.json'))).toEqual(Settings.parse({}));
  });

  it('has a line about each in its README', () => {
    const text = readFileSync(join(repositoryRoot, 'presets/README.md'), 'utf8');
    for (const name of names) {
      const stem = name.replace('.json', '');
      expect(text.includes(`\`${stem}\``) || text.includes(`\`${stem.split('-')[0]}-…\``), stem).toBe(true);
    }
  });
});

describe('scene templates', () => {
  const templates = readdirSync(join(repositoryRoot, 'presets/scenes'));
  const template = (name: string) => SceneTemplate.parse(JSON.parse(readFileSync(join(repositoryRoot, 'presets/scenes', name), 'utf8')));
  const sources = ['a', 'b', 'c', 'd'].map((id) => ({ id, kind: 'camera' }));

  it.each(templates)('%s makes a scene that lies in the frame and shows each of its places', (name) => {
    expect(name).toMatch(/^[a-z-]+\.json$/);
    const { places, layers } = template(name);
    const filled = fillTemplate({ layers }, proposed({ places }, sources));
    expect(SceneInput.parse({ name: 'x', layers: filled }).layers).toEqual(filled);
    expect(new Set(filled.map(({ sourceId }) => sourceId)).size).toBe(places.length);
    for (const { x, y, width, height } of filled) {
      expect(Math.min(x, y)).toBeGreaterThanOrEqual(0);
      expect(Math.max(x + width, y + height)).toBeLessThanOrEqual(1.0001);
    }
  });

  it('has a line about each in its README', () => {
    const text = readFileSync(join(repositoryRoot, 'presets/README.md'), 'utf8');
    for (const name of templates) {
      const stem = name.replace('.json', '');
      expect(text.includes(`\`${stem}\``) || text.includes(`\`${stem.split('-')[0]}-…\``), stem).toBe(true);
    }
  });

  it('leaves out a place that nothing was chosen for, and begins with cameras', () => {
    const pip = template('pip-bottom-right.json');
    expect(fillTemplate(pip, ['a', ''])).toHaveLength(1);
    expect(proposed(pip, [{ id: 'song', kind: 'audio' }, { id: 'card', kind: 'test' }, { id: 'cam', kind: 'camera' }])).toEqual(['cam', 'card']);
    expect(proposed(pip, [{ id: 'cam', kind: 'camera' }])).toEqual(['cam', 'cam']);
    expect(proposed(pip, [])).toEqual(['', '']);
  });

  it('are served with the profiles; a file that shows a place it does not have is left out', async () => {
    const { scenes } = await new PresetFiles(join(repositoryRoot, 'presets'), silentLog).read();
    expect(scenes.map(({ id }) => `${id}.json`)).toEqual([...templates].sort());
    const folder = tempFolder();
    onTestFinished(() => removeFolder(folder));
    mkdirSync(join(folder, 'scenes'));
    writeFileSync(join(folder, 'scenes/bad.json'), JSON.stringify({ name: 'x', places: ['One'], layers: [{ place: 1 }] }));
    writeFileSync(join(folder, 'scenes/good.json'), JSON.stringify({ name: 'x', places: ['One'], layers: [{ place: 0 }] }));
    expect(await new PresetFiles(folder, silentLog).read()).toMatchObject({ scenes: [{ id: 'good' }], encoder: [] });
  });
});
