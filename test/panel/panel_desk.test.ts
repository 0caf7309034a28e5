/** Pages of the panel against one product with two cameras: the live page, two people at it, what everybody must be able to use, and health. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { browserMissing, sharedBrowser } from '../support/browser.js';
import { Rig, rigMissing } from '../support/rig.js';
import { everyPage } from './a11y_suite.js';
import { pageOfHealth } from './health_suite.js';
import { livePage } from './live_suite.js';
import { people } from './people_suite.js';

const missing = browserMissing ?? rigMissing;
if (missing) console.log(`panel_desk: skipped, ${missing}`);

describe.skipIf(missing)('with two cameras', () => {
  const shared = {} as { rig: Rig; browser: Browser };
  beforeAll(async () => { [shared.rig, shared.browser] = await Promise.all([new Rig({ cameras: [{}, {}] }).start(), sharedBrowser()]); }, 90_000);
  afterAll(async () => { await shared.rig?.stop(); }, 30_000);

  livePage(shared);
  people(shared);
  everyPage(shared);
  pageOfHealth(shared);
});
