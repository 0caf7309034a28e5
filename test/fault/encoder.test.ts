/** Rows 6 and 8 and the encoder's bad days: it stands still, hangs, ignores TERM, dies at once, stops reading, floods its stderr. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analysePicture } from '../support/pattern/analyse.js';
import { commandLine } from '../support/procfs.js';
import { repositoryRoot } from '../support/media.js';
import { signal } from '../support/process.js';
import { Rig, rigMissing, type RigCamera } from '../support/rig.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { delay, monotonicMs, waitFor } from '../support/wait.js';

if (rigMissing) console.log(`bad children: skipped, ${rigMissing}`);

const fps = 30;

describe.skipIf(rigMissing)('children that misbehave', () => {
  const folder = tempFolder();
  const modeFile = join(folder, 'mode');
  let rig: Rig;
  let a: RigCamera;

  beforeAll(async () => {
    writeFileSync(modeFile, 'real');
    rig = await new Rig({
      farKeys: ['far'], cameras: [{}],
      env: { PATH: `${join(repositoryRoot, 'test/fakes')}:${process.env.PATH}`, FAKE_FFMPEG: modeFile },
    }).start();
    a = rig.cameras[0]!;
  }, 90_000);
  afterAll(async () => {
    await rig?.stop();
    removeFolder(folder);
  }, 30_000);

  it('row 6: a decoder that stands still is seen within 2 s and replaced', async () => {
    await rig.settle(a, 'far');
    const decoder = rig.product.decoders().find(({ pid }) => commandLine(pid).includes(a.id))!;
    const stoppedMs = monotonicMs();
    signal(decoder.pid, 'SIGSTOP');
    await waitFor('another decoder', () => rig.product.decoders().some(({ pid }) => pid !== decoder.pid && commandLine(pid).includes(a.id)), { timeoutMs: 8_000 });
    const replacedMs = monotonicMs() - stoppedMs;
    await delay(3_000);
    const picture = await rig.far.picture('far', stoppedMs);
    console.log(`row 6: replaced after ${replacedMs.toFixed(0)} ms, longest freeze ${picture.longestFreezeMs.toFixed(0)} ms, output missing ${picture.missing}`);
    expect(replacedMs).toBeLessThanOrEqual(2_500);
    expect(picture).toMatchObject({ missing: 0, backwards: 0 });
    expect(picture.longestFreezeMs).toBeLessThanOrEqual(500);
  });

  it('row 8: an encoder that stands still is seen within 3 s, in bounded memory', async () => {
    await rig.settle(a, 'far');
    const before = rig.product.memoryBytes().own;
    const [encoder] = rig.product.encoders();
    const stoppedMs = monotonicMs();
    signal(encoder!.pid, 'SIGSTOP');
    await waitFor('another encoder', () => rig.product.encoders().some(({ pid }) => pid !== encoder!.pid), { timeoutMs: 10_000, everyMs: 20 });
    const seenMs = monotonicMs() - stoppedMs;
    await rig.far.nextPicture('far');
    const grown = (rig.product.memoryBytes().own - before) / 1e6;
    await delay(2_000);
    const gap = rig.far.longestGap('far', stoppedMs - 1_000);
    console.log(`row 8: replaced after ${seenMs.toFixed(0)} ms, line silent ${gap.arrivalMs.toFixed(0)} ms, hole in the program ${gap.mediaMs.toFixed(0)} ms, memory ${grown.toFixed(0)} MB more, connections ${rig.far.accepted('far')}`);
    expect(seenMs).toBeLessThanOrEqual(3_300);
    expect(gap.arrivalMs).toBeLessThanOrEqual(5_000);
    expect(grown).toBeLessThan(200);
    expect(rig.far.accepted('far')).toBe(1);
  });

  // The one that ignores TERM does not read either.
  it.each(['exit-1', 'hang', 'ignore-term', 'flood-stderr'])('an encoder with the fault "%s" is given up, and a sound one takes its place', async (mode) => {
    await rig.settle(a, 'far');
    const connections = rig.far.accepted('far');
    writeFileSync(modeFile, mode);
    const faultMs = monotonicMs();
    signal(rig.product.encoders()[0]!.pid, 'SIGKILL');
    await waitFor('the status to say so', async () => (await rig.product.api.status()).encoder?.state !== 'running');
    await delay(1_500);
    writeFileSync(modeFile, 'real');
    const realMs = monotonicMs();
    await rig.far.nextPicture('far', 20_000);
    const backMs = monotonicMs() - realMs;
    await delay(1_000);
    const reading = await rig.far.read('far', faultMs);
    console.log(`encoder ${mode}: picture ${backMs.toFixed(0)} ms after a sound ffmpeg was there, ${rig.far.accepted('far') - connections} new connections`);
    // One that never began is waited for for 6 s, and for 6 s more when the machine stood still meanwhile.
    expect(backMs).toBeLessThanOrEqual(17_000);
    expect(analysePicture(reading.frames, { fps }).backwards).toBe(0);
    await waitFor('one encoder and no other', () => rig.product.encoders().length === 1 && rig.product.family().filter(({ comm }) => ['cat', 'tail', 'yes'].includes(comm)).length === 0);
    // The engine itself must not have died of it.
    expect(rig.product.restarts).toEqual([]);
  });
});
