/** What is extracted of recordings, by the real program: generated ones, real film, broken files, and one that is still being made. */
import { appendFileSync, mkdirSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/runtime/clock.js';
import { ServerError } from '../../src/runtime/errors.js';
import { extractFeatures, type ExtractedTable, type FeatureInput } from '../../src/sidecar/features/extract.js';
import { RecordingTail } from '../../src/sidecar/features/recording-tail.js';
import { PICTURE_FEATURES, SOUND_FEATURES, type FeatureName } from '../../src/sidecar/features/table.js';
import { sharedMedia } from '../support/media.js';
import { makeNative } from '../support/native_build.js';
import { canSpeak } from '../support/means.js';
import { run, signal as send } from '../support/process.js';
import { isAlive, processTree } from '../support/procfs.js';
import { soundOracle, type OracleFeature } from '../support/sound_oracle.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { waitFor } from '../support/wait.js';

const folder = tempFolder('feat-');
const at = (name: string): string => join(folder, name);
const ffmpeg = (...args: string[]): Promise<Buffer> => run('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...args]);
const extract = (input: FeatureInput, more: Partial<Parameters<typeof extractFeatures>[0]> = {}): Promise<ExtractedTable> =>
  extractFeatures({ input, signal: new AbortController().signal, ...more });
const extractFile = (path: string): Promise<ExtractedTable> => extract({ path });
const column = (table: ExtractedTable, name: FeatureName): number[] => [...table.columns.get(name)!];
const known = (values: readonly number[]): number => values.filter((value) => !Number.isNaN(value)).length;

/** Two shots of four seconds, 320×180 at 25 a second, a keyframe every second; a tone, silence from 5 s to 6.5 s. */
const pictures = ['-f', 'lavfi', '-i', "testsrc2=s=320x180:r=25:d=4,format=yuv420p[a];color=0x203080:s=320x180:r=25:d=4,format=yuv420p[b];[a][b]concat"];
const sound = ['-f', 'lavfi', '-i', "aevalsrc='if(between(t,5,6.5),0,0.3*sin(2*PI*1000*t))|if(between(t,5,6.5),0,0.3*sin(2*PI*1000*t))':s=48000:d=8"];
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-threads', '1', '-x264-params', 'scenecut=0', '-bf', '2'];

beforeAll(async () => {
  makeNative('build/vistter-features', 'build/vistter-launch');
  await ffmpeg(...pictures, ...sound, ...h264, '-g', '25', '-c:a', 'aac', '-movflags', '+faststart', at('film.mp4'));
}, 300_000);
afterAll(() => removeFolder(folder));

/** 16 kHz mono as WAV. */
function writeWav(path: string, samples: Float32Array): void {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.byteLength, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(3, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(16_000, 24);
  head.writeUInt32LE(64_000, 28);
  head.writeUInt16LE(4, 32);
  head.writeUInt16LE(32, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.byteLength, 40);
  writeFileSync(path, Buffer.concat([head, Buffer.from(samples.buffer)]));
}

describe('a recording', () => {
  it('has a value a second for each feature of its sound and picture', async () => {
    const progress: number[] = [];
    const bins: number[] = [];
    const table = await extract({ path: at('film.mp4') }, { onProgress: (done) => progress.push(done), onBin: (bin) => bins.push(bin) });
    expect(table).toMatchObject({ version: 2, bins: 8, gaps: [], notes: [] });
    expect(Math.abs(table.durationMs - 8_000)).toBeLessThan(80);
    expect(bins).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(progress.at(-1)).toBe(table.durationMs);
    expect([...table.columns.keys()]).toEqual([...SOUND_FEATURES, ...PICTURE_FEATURES]);
    expect(table.peakRssBytes).toBeGreaterThan(5e6);
    expect(table.peakRssBytes).toBeLessThan(120e6);
    for (const name of SOUND_FEATURES) if (name !== 'tempoBpm') expect(known(column(table, name)), name).toBe(8);
    for (const name of ['edgeMean', 'brightness', 'blur', 'black', 'colorVariance'] as const) expect(known(column(table, name)), name).toBe(8);
    // The tone, and where it is not.
    expect(column(table, 'rmsMean')[2]).toBeCloseTo(0.3 / Math.SQRT2, 2);
    expect(column(table, 'centroidHz')[2]).toBeGreaterThan(950);
    expect(column(table, 'silence')[5]).toBeGreaterThan(0.95);
    expect(column(table, 'silence')[6]).toBeGreaterThan(0.4);
    expect(column(table, 'silence')[3]).toBe(0);
    expect(table.silences).toHaveLength(1);
    expect(Math.abs(table.silences[0]!.startMs - 5_000)).toBeLessThan(60);
    expect(Math.abs(table.silences[0]!.endMs - 6_500)).toBeLessThan(60);
    // Something moves, then stands still; one cut.
    expect(table.shotsMs).toEqual([4_000]);
    expect(column(table, 'motionMean')[1]).toBeGreaterThan(2);
    // Within a tenth of a second less than within a whole one; until the keyframe behind the cut.
    const motionNow = column(table, 'motionNow');
    for (const bin of [0, 1, 2, 3]) expect(motionNow[bin], `bin ${bin}`).toBeGreaterThan(0.3);
    for (const bin of [1, 2, 3]) expect(motionNow[bin], `bin ${bin}`).toBeLessThan(0.7 * column(table, 'motionMean')[bin]!);
    for (const bin of [4, 5, 6, 7]) expect(motionNow[bin], `bin ${bin}`).toBeLessThan(0.1);
    expect(column(table, 'freeze').slice(0, 7)).toEqual([0, 0, 0, 0, 1, 1, 1]);
    expect(column(table, 'edgeMean')[1]).toBeGreaterThan(column(table, 'edgeMean')[5]! * 5);
    expect(column(table, 'blur')[1]).toBeLessThan(0.3);
    expect(column(table, 'cut')[4]).toBeGreaterThan(0.5);
  });

  it('may lack sound, or a picture, or begin anywhere, or be as it likes', async () => {
    await ffmpeg('-i', at('film.mp4'), '-an', '-c', 'copy', at('mute.mp4'));
    await ffmpeg('-i', at('film.mp4'), '-vn', '-c', 'copy', at('radio.m4a'));
    await ffmpeg('-i', at('film.mp4'), '-c', 'copy', '-output_ts_offset', '1000', at('late.mkv'));
    await ffmpeg('-i', at('film.mp4'), '-c', 'copy', at('film.ts'));
    const [mute, radio, late, stream] = await Promise.all(['mute.mp4', 'radio.m4a', 'late.mkv', 'film.ts'].map((name) => extractFile(at(name))));
    expect(mute!.bins).toBe(8);
    expect(known(column(mute!, 'rmsMean'))).toBe(0);
    expect(known(column(mute!, 'brightness'))).toBe(8);
    expect(radio!.bins).toBe(8);
    expect(known(column(radio!, 'rmsMean'))).toBe(8);
    expect(known(column(radio!, 'brightness'))).toBe(0);
    for (const table of [late!, stream!]) {
      expect(table.bins).toBe(8);
      expect(table.shotsMs).toHaveLength(1);
      expect(Math.abs(table.shotsMs[0]! - 4_000)).toBeLessThan(60);
      expect(known(column(table, 'rmsMean'))).toBe(8);
    }
  });

  it('whose keyframes are followed by pictures that are shown before them is whole', async () => {
    const open = ['-c:v', 'libx264', '-threads', '1', '-x264-params', 'open-gop=1:b-pyramid=2:bframes=5:keyint=25'];
    await ffmpeg('-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=25:d=12', ...open, at('open.mp4'));
    await ffmpeg('-i', at('open.mp4'), '-c', 'copy', at('open.mkv'));
    for (const name of ['open.mp4', 'open.mkv']) expect(await extractFile(at(name)), name).toMatchObject({ bins: 12, notes: [], gaps: [] });
  });

  it('with keyframes far apart is decoded whole, a picture a second, and that is said', async () => {
    await ffmpeg(...pictures, ...pictures.map((arg) => arg), '-filter_complex', '[0:v][1:v]concat', ...h264, '-g', '9999', at('long.mp4'));
    await ffmpeg('-i', at('long.mp4'), '-c', 'copy', at('long.mkv'));
    for (const name of ['long.mp4', 'long.mkv']) {
      const table = await extractFile(at(name));
      expect(table.notes.join(' '), name).toMatch(/^Keyframes lie 1\d\.\d s apart/);
      expect(table.bins).toBe(16);
      expect(known(column(table, 'motionMean')), name).toBeGreaterThanOrEqual(15);
      // The first shot moves, the second stands, and so again.
      expect(column(table, 'motionNow').map((value) => value > 0.3), name).toEqual([...'1111000011110000'].map((bit) => bit === '1'));
      expect(table.shotsMs.map((ms) => Math.round(ms / 500)), name).toEqual([8, 16, 24]);
    }
  });
});

describe('a damaged recording', () => {
  it('is used but for its damaged part', async () => {
    await ffmpeg(...pictures, ...pictures.map((arg) => arg), ...sound, '-filter_complex', '[0:v][1:v]concat', ...h264, '-g', '25', '-c:a', 'aac', at('whole.ts'));
    const bytes = readFileSync(at('whole.ts'));
    bytes.fill(0x5a, Math.floor(bytes.length * 0.4), Math.floor(bytes.length * 0.5));
    writeFileSync(at('damaged.ts'), bytes);
    const table = await extractFile(at('damaged.ts'));
    expect(table.bins).toBe(16);
    expect(table.notes.length + table.gaps.length).toBeGreaterThan(0);
    expect(known(column(table, 'brightness'))).toBeGreaterThanOrEqual(12);
  });

  it('of FLV goes on behind a tag whose size leads out of the file', async () => {
    await ffmpeg('-i', at('film.mp4'), '-c', 'copy', at('tags.flv'));
    const bytes = readFileSync(at('tags.flv'));
    const tags: number[] = [];
    for (let tag = 13; tag < bytes.length; tag += 15 + bytes.readUIntBE(tag + 1, 3)) tags.push(tag);
    for (const share of [0.3, 0.5, 0.501]) bytes.writeUIntBE(0xff_ff_ff, tags[Math.floor(tags.length * share)]! + 1, 3);
    writeFileSync(at('sizes.flv'), bytes);
    const [table, whole] = await Promise.all([extractFile(at('sizes.flv')), extractFile(at('tags.flv'))]);
    expect(table.bins).toBe(8);
    expect(table.shotsMs).toEqual(whole.shotsMs);
    for (const name of ['rmsMean', 'brightness'] as const) expect(known(column(table, name)), name).toBe(8);
    expect(table.notes).toEqual([expect.stringMatching(/^The file is damaged in 2 places/)]);
    expect(whole.notes).toEqual([]);
    // What was cut off in the middle of a tag is not looked for.
    writeFileSync(at('sizes.flv'), readFileSync(at('tags.flv')).subarray(0, tags[Math.floor(tags.length / 2)]! + 20));
    expect((await extractFile(at('sizes.flv'))).bins).toBeLessThan(6);
  });

  it('tells of keyframes that cannot be decoded when they are', async () => {
    const film = readFileSync(at('film.mp4'));
    const packets = JSON.parse((await run('ffprobe', ['-v', 'error', '-select_streams', 'v', '-show_packets', '-of', 'json', at('film.mp4')])).toString()) as { packets: { flags: string; pos: string; size: string }[] };
    const keys = packets.packets.filter(({ flags }) => flags.startsWith('K'));
    for (const { pos, size } of keys.slice(2, 4)) film.fill(0xff, Number(pos), Number(pos) + Number(size));
    writeFileSync(at('keys.mp4'), film);
    const table = await extractFile(at('keys.mp4'));
    expect(table.gaps).toEqual([{ startMs: 2_000, endMs: 4_000, what: 'picture' }]);
    expect(table.notes).toEqual(['The file is damaged in 1 place (0:00:02 to 0:00:04): that was skipped, and the rest was used. If there is a whole copy of the file, analyse that one; else look yourself for moments there.']);
    expect(column(table, 'brightness').map(Number.isNaN)).toEqual([false, false, true, true, false, false, false, false]);
    expect(known(column(table, 'rmsMean'))).toBe(8);
  });

  it('that has a hole in its sound says so, and where', async () => {
    await ffmpeg('-i', at('film.mp4'), '-af', "asetpts='PTS+gte(T,2)*3/TB'", '-c:v', 'copy', '-c:a', 'pcm_s16le', at('hole.mkv'));
    const table = await extractFile(at('hole.mkv'));
    expect(table.gaps).toEqual([expect.objectContaining({ what: 'sound' })]);
    expect(table.notes).toEqual([expect.stringMatching(/^There is no sound in 1 place \(0:00:0[12] to 0:00:0[45]\): it was not recorded, or/)]);
  });

  it('that was cut off ends where it ends, and says how much is missing', async () => {
    writeFileSync(at('cut.mp4'), readFileSync(at('film.mp4')));
    truncateSync(at('cut.mp4'), Math.floor(readFileSync(at('film.mp4')).length * 0.5));
    const table = await extractFile(at('cut.mp4'));
    expect(table.bins).toBeGreaterThanOrEqual(1);
    expect(table.bins).toBeLessThan(8);
    expect(table.gaps.at(-1)).toMatchObject({ startMs: table.durationMs, endMs: 8_000, what: 'both' });
    expect(table.notes.join(' ')).toMatch(/nothing could be read after \d:\d\d:\d\d\. If there is a whole copy/);
  });

  it('is told from one that is none', async () => {
    writeFileSync(at('text.mp4'), 'This is no film.');
    writeFileSync(at('list.m3u8'), '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfilm.mp4\n#EXT-X-ENDLIST\n');
    await expect(extractFile(at('none.mp4'))).rejects.toMatchObject({ code: 'MEDIA_MISSING' });
    await expect(extractFile(at('text.mp4'))).rejects.toMatchObject({ code: 'MEDIA_INVALID', message: expect.stringMatching(/^[A-Z].*\.$/) });
    await expect(extractFile(at('list.m3u8'))).rejects.toMatchObject({ code: 'MEDIA_INVALID' });
    await expect(extractFile(folder)).rejects.toMatchObject({ code: 'MEDIA_INVALID' });
  });

  const broken = sharedMedia('broken');
  it.skipIf(broken === null)('gives what it has, or a reason, and never hangs', async () => {
    const files = readdirSync(broken!, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    // Of the fuzzed ones those that get furthest.
    const chosen = files.filter((path) => !path.includes('fuzz') || readFileSync(path).length > 1_000);
    expect(chosen.length).toBeGreaterThan(8);
    const used: string[] = [];
    for (const path of chosen) {
      try {
        const table = await extractFile(path);
        expect(table.durationMs, path).toBeGreaterThanOrEqual(0);
        used.push(basename(path));
      } catch (error) {
        expect(error, path).toBeInstanceOf(ServerError);
        expect((error as ServerError).code, path).toMatch(/^MEDIA_/);
      }
    }
    expect(used).toContain('amt-scte35.ts');
    expect(used).toContain('decord-corrupted.mp4');
    expect(used).toContain('exo-bear-vp9-odd-dimensions.webm');
  });
});

describe('the figures', () => {
  it('are those of the textbook', async () => {
    // Chords, sweeps, noise and pauses that no two seconds share.
    let seed = 7;
    const samples = Float32Array.from({ length: 6 * 16_000 }, (_, n) => {
      const t = n / 16_000;
      seed = (seed * 48_271) % 2_147_483_647;
      const noise = seed / 1_073_741_824 - 1;
      return 0.2 * Math.sin(2 * Math.PI * (200 + 300 * t) * t) + 0.1 * Math.sin(2 * Math.PI * 2_500 * t) * (Math.floor(t * 3) % 2) + 0.05 * noise * Math.sin(t) ** 2;
    });
    writeWav(at('oracle.wav'), samples);
    const table = await extractFile(at('oracle.wav'));
    const oracle = soundOracle(samples);
    expect(table.bins).toBe(6);
    for (let bin = 0; bin < 6; bin++) {
      for (const [name, wanted] of Object.entries(oracle[bin]!) as [OracleFeature, number][]) {
        const got = table.columns.get(name as FeatureName)![bin]!;
        expect(Math.abs(got - wanted), `${name} of bin ${bin}: ${got}, not ${wanted}`).toBeLessThan(Math.max(1e-4, Math.abs(wanted) * 2e-3));
      }
    }
  });

  const film = sharedMedia('film/os-sintel_trailer-720p.mp4');
  it.skipIf(film === null)('of loudness are those of FFmpeg\'s R128 meter, on real film', async () => {
    // As samples from 0 on, so that both count the same steps.
    await ffmpeg('-i', film!, '-vn', '-c:a', 'pcm_f32le', at('film.wav'));
    const table = await extractFile(at('film.wav'));
    const text = (await run('ffmpeg', ['-v', 'error', '-nostdin', '-i', at('film.wav'), '-af', 'ebur128=metadata=1,ametadata=print:file=-', '-f', 'null', '-'])).toString();
    const steps = text.split('frame:').slice(1).map((step) => {
      const read = (key: RegExp): number => Number(key.exec(step)?.[1]);
      // A step is stamped where it begins, and is 100 ms long.
      return { endS: read(/pts_time:(\S+)/) + 0.1, m: Math.max(-70, read(/r128\.M=(\S+)/)), s: Math.max(-70, read(/r128\.S=(\S+)/)) };
    });
    expect(steps.length).toBeGreaterThan(400);
    const differences: number[] = [];
    for (let bin = 3; bin < table.bins - 1; bin++) {
      const within = steps.filter(({ endS }) => endS > bin + 0.001 && endS <= bin + 1.001);
      const wanted = within.reduce((sum, { m }) => sum + m, 0) / within.length;
      if (wanted < -60) continue;
      differences.push(table.columns.get('loudnessMomentary')![bin]! - wanted, table.columns.get('loudnessShortTerm')![bin]! - within.at(-1)!.s);
    }
    expect(differences.length).toBeGreaterThan(60);
    const sorted = differences.map(Math.abs).sort((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length * 0.5)]).toBeLessThan(0.1);
    expect(sorted[Math.floor(sorted.length * 0.95)]).toBeLessThan(0.2);
  });
});

describe('voice', () => {
  it.skipIf(!canSpeak())('is what speaks, not what plays', async () => {
    await ffmpeg('-f', 'lavfi', '-i', "flite=text='Welcome back everybody. Today we look at how the new camera works, and why the first one broke after only two weeks.'", at('speech.wav'));
    await ffmpeg('-f', 'lavfi', '-i', "aevalsrc='0.2*(sin(2*PI*220*t)+sin(2*PI*277*t)+sin(2*PI*330*t))*(0.7+0.3*sin(2*PI*2*t))+0.01*(random(0)-0.5)':d=6:s=48000", at('chord.wav'));
    const [speech, chord] = await Promise.all(['speech.wav', 'chord.wav'].map((name) => extractFile(at(name))));
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean(column(speech!, 'voice').slice(0, -1))).toBeGreaterThan(0.8);
    expect(mean(column(chord!, 'voice').slice(0, -1))).toBeLessThan(0.1);
  });
});

describe('real media', () => {
  const files = ['camera/fire2.mp4', 'camera/iphone-vertical.mov', 'camera/exo-hdr10.mp4', 'codecs/exo-colr-hdr.mp4', 'codecs/tc-av1.mkv', 'codecs/tc-h264-10bit.mp4', 'codecs/osu-vp8.webm',
    'codecs/tc-bt709-full-range.mp4', 'film/tears-of-steel-alfg.mp4', 'flv/obs-capture.flv', 'screen/airtest-demo.mp4', 'shapes/decord-rot90.mov', 'shapes/moviepy-transparent.webm'];
  for (const name of files) {
    const path = sharedMedia(name);
    it.skipIf(path === null)(name, async () => {
      const table = await extractFile(path!);
      const probed = JSON.parse((await run('ffprobe', ['-v', 'error', '-show_format', '-show_streams', '-of', 'json', path!])).toString()) as { format: { duration: string }; streams: { codec_type: string }[] };
      expect(Math.abs(table.durationMs - Number(probed.format.duration) * 1_000)).toBeLessThan(1_100);
      expect(table.bins).toBe(Math.max(1, Math.ceil((table.durationMs - 100) / 1_000)));
      const has = (type: string): boolean => probed.streams.some(({ codec_type }) => codec_type === type);
      expect(known(column(table, 'brightness')) > 0).toBe(has('video'));
      if (table.bins > 1) expect(known(column(table, 'rmsMean')) > 0).toBe(has('audio'));
    });
  }
});

describe('a recording that is still being made', () => {
  it('is analysed as it grows, over its parts, and is complete when it stops', async () => {
    await ffmpeg('-i', at('film.mp4'), '-c', 'copy', at('film.flv'));
    const whole = readFileSync(at('film.flv'));
    const parts = at('parts');
    const tail = new RecordingTail({ folder: parts, clock: systemClock });
    const seen: number[] = [];
    const done = extract({ stream: tail }, { onBin: (bin) => seen.push(bin) });
    mkdirSync(parts);
    writeFileSync(join(parts, 'part-0001.flv'), '');
    const half = Math.floor(whole.length / 2);
    appendFileSync(join(parts, 'part-0001.flv'), whole.subarray(0, half));
    await waitFor('the first seconds', () => seen.includes(1));
    expect(seen).not.toContain(7);
    appendFileSync(join(parts, 'part-0001.flv'), whole.subarray(half));
    await waitFor('the next seconds', () => seen.includes(5));
    tail.end();
    const table = await done;
    const file = await extractFile(at('film.mp4'));
    expect(table.bins).toBe(8);
    expect(table.shotsMs).toHaveLength(1);
    expect(Math.abs(table.shotsMs[0]! - file.shotsMs[0]!)).toBeLessThan(100);
    for (const name of ['rmsMean', 'centroidHz', 'brightness', 'edgeMean', 'motionNow'] as const) {
      column(file, name).slice(0, 5).forEach((value, bin) => expect(column(table, name)[bin], `${name} of bin ${bin}`).toBeCloseTo(value, value > 10 ? -1 : 1));
    }
  });

  it('is left at once when that is called off', async () => {
    const tail = new RecordingTail({ folder: at('nowhere'), clock: systemClock });
    const control = new AbortController();
    const done = extract({ stream: tail }, { signal: control.signal });
    const child = await waitFor('the child', () => processTree(process.pid).find(({ comm }) => comm === 'vistter-feature'));
    control.abort(new Error('Called off.'));
    await expect(done).rejects.toThrow('Called off.');
    expect(isAlive(child.pid)).toBe(false);
  });

  it('that makes the program crash is used as far as it got', async () => {
    const parts = at('crash');
    mkdirSync(parts);
    const whole = readFileSync(at('film.flv'));
    writeFileSync(join(parts, 'part-0001.flv'), whole.subarray(0, Math.floor(whole.length * 0.6)));
    const tail = new RecordingTail({ folder: parts, clock: systemClock });
    const seen: number[] = [];
    const done = extract({ stream: tail }, { onBin: (bin) => seen.push(bin) });
    await waitFor('the first seconds', () => seen.includes(1));
    send(processTree(process.pid).find(({ comm }) => comm === 'vistter-feature')!.pid, 'SIGSEGV');
    tail.end();
    const table = await done;
    expect(table.bins).toBe(seen.length);
    expect(known(column(table, 'rmsMean'))).toBe(seen.length);
    expect(table.notes).toEqual([expect.stringMatching(/^The file is damaged in a way that ended its analysis after \d+ s \(SIGSEGV\).* Try another copy/)]);
  });

  it('says that it was ended from outside when it was', async () => {
    const tail = new RecordingTail({ folder: at('nowhere'), clock: systemClock });
    const done = extract({ stream: tail });
    const child = await waitFor('the child', () => processTree(process.pid).find(({ comm }) => comm === 'vistter-feature'));
    send(child.pid, 'SIGKILL');
    tail.end();
    await expect(done).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringContaining('SIGKILL') });
  });
});
