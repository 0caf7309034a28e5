/** Pages on which a production is made, against one product without a camera: scenes, what happens by itself, and sound. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { browserMissing, sharedBrowser } from '../support/browser.js';
import { Rig, rigMissing } from '../support/rig.js';
import { pageOfSetup } from './plan_suite.js';
import { deskOfScenes } from './scenes_suite.js';
import { soundMixer } from './sound_suite.js';

const missing = browserMissing ?? rigMissing;
if (missing) console.log(`panel_making: skipped, ${missing}`);

describe.skipIf(missing)('without a camera', () => {
  const shared = {} as { rig: Rig; browser: Browser };
  beforeAll(async () => { [shared.rig, shared.browser] = await Promise.all([new Rig({ cameras: [] }).start(), sharedBrowser()]); }, 90_000);
  afterAll(async () => { await shared.rig?.stop(); }, 30_000);

  deskOfScenes(shared);
  pageOfSetup(shared);
  soundMixer(shared);
});
