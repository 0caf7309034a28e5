/** A canary key must be found nowhere but in its own store: after a broadcast with everything that could spill it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Rig, rigMissing } from '../support/rig.js';
import { findInFiles, findInProcesses, findInText } from '../support/secrets.js';
import { openRtmp } from '../support/rtmp/client.js';
import { delay } from '../support/wait.js';

if (rigMissing) console.log(`canary secrets: skipped, ${rigMissing}`);

const canary = 'cAnArY-7f3a9b-destination-key';
const badCanary = 'cAnArY-e1d2c3-refused-key';
const guessed = 'cAnArY-55aa55-guessed-camera-key';

describe.skipIf(rigMissing)('canary secrets', () => {
  let rig: Rig;
  let secrets: string[];

  beforeAll(async () => {
    rig = await new Rig({ destinations: [canary], cameras: [{}], record: true, env: { VISTTER_LOG_LEVEL: 'debug' } }).start();
    const { product, nginx } = rig;
    // What could spill it: a refused key, an address that nobody listens at, a wrong camera key, a bad request that holds one.
    await product.addDestination('refused', nginx.url('auth'), badCanary);
    await product.addDestination('nobody', 'rtmp://127.0.0.1:9/live', badCanary);
    await openRtmp({ url: `${product.rtmpUrl}/${guessed}`, mode: 'publish' }).catch(() => undefined);
    await product.api.request('POST', '/api/v1/destinations', { name: 5, url: 'not a url', key: badCanary });
    await product.api.request('POST', '/api/v1/broadcast/start', {});
    await delay(3_000);
    product.kill('egress', 'SIGABRT');
    await delay(2_000);
    secrets = [canary, badCanary, guessed, rig.cameras[0]!.key];
  }, 90_000);
  afterAll(async () => { await rig?.stop(); }, 30_000);

  it('are in no file but the database and the secrets folder, and there not readable', () => {
    const { home } = rig.product;
    expect(findInFiles(home, secrets, (path) => path.startsWith('secrets/'))).toEqual([]);
  });

  it('are in no argument and no environment of any process', () => {
    const family = rig.product.family();
    expect(family.length).toBeGreaterThan(5);
    expect(findInProcesses(family, secrets)).toEqual([]);
  });

  it('are in no log and nothing that a client reads', async () => {
    const { api } = rig.product;
    const answers = await Promise.all(
      ['/metrics', '/api/v1/health', '/api/v1/sources', '/api/v1/destinations', '/api/v1/broadcast', '/api/v1/recordings', '/api/v1/settings', '/api/v1/openapi.json', `/api/v1/sources/${rig.cameras[0]!.id}`, `/api/v1/destinations/${rig.destinationIds[0]}`]
        .map(async (path) => ({ path, text: (await api.request('GET', path)).text })),
    );
    const socket = await rig.product.socket();
    await delay(1_500);
    const findings = [
      ...answers.flatMap(({ path, text }) => findInText(path, text, secrets)),
      ...findInText('websocket', JSON.stringify([socket.messages, socket.lastStatus, rig.socket.messages]), secrets),
      ...findInText('logs', rig.product.logs(), secrets),
    ];
    expect(findings).toEqual([]);
    expect(answers.find(({ path }) => path === '/metrics')!.text).toContain('# TYPE');
  });

  it('and the operator\'s token is in no log, argument or answer', async () => {
    const { product } = rig;
    const token = [product.token];
    const status = await product.api.request('GET', '/api/v1/broadcast');
    // It was given by the environment, so it is in the environment of what was started with it. The first start's banner
    // says it once to the person at the terminal; the log proper, which is JSON lines, never does.
    const log = product.logs().split('\n').filter((line) => line.startsWith('{')).join('\n');
    const findings = [...findInText('logs', log, token), ...findInText('status', status.text, token), ...findInProcesses(product.family(), token).filter(({ where }) => where.startsWith('cmdline'))];
    expect(findings).toEqual([]);
  });
});
