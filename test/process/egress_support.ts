/** The real egress process with a studio's end of the link and a real encoder in front, for tests. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ActualOf, EgressDesired, EgressDestination } from '../../src/protocol/link.js';
import { LinkServer } from '../../src/runtime/link-server.js';
import { silentLog } from '../../src/runtime/log.js';
import { Paths } from '../../src/runtime/paths.js';
import { repositoryRoot } from '../support/media.js';
import { startProcess, type RunningProcess } from '../support/process.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import { monotonicMs, waitFor, within } from '../support/wait.js';

type Actual = ActualOf['egress'];
export type DestinationActual = Actual['destinations'][number];

export class EgressRig {
  readonly home: string;
  readonly paths: Paths;
  readonly events: { name: string; payload: unknown }[] = [];
  /** Every state a destination was reported in, with when it was first so. */
  readonly history: { id: string; state: string; code: string | undefined; atMs: number }[] = [];
  process: RunningProcess | undefined;
  actual: Actual | undefined;
  link: LinkServer | undefined;
  private desired: EgressDesired = { destinations: [], recording: null };
  private readonly encoders: RunningProcess[] = [];

  /** A `home` that is given is not removed by `stop`. */
  constructor(private readonly env: Record<string, string> = {}, private readonly givenHome?: string) {
    this.home = givenHome ?? tempFolder('v-eg-');
    this.paths = new Paths(this.home);
    this.paths.create();
  }

  async start(): Promise<this> {
    await this.startStudio();
    await this.startEgress();
    return this;
  }

  async startStudio(): Promise<void> {
    this.link = new LinkServer({
      socketPath: this.paths.studioSocket, log: silentLog,
      desired: () => this.desired as never,
      onActual: (role, actual) => {
        if (role === 'egress') this.take(actual as Actual);
      },
      onEvent: (_role, name, payload) => this.events.push({ name, payload }),
      onPresence: () => undefined,
    });
    await this.link.start();
  }

  async startEgress(): Promise<void> {
    this.actual = undefined;
    this.process = startProcess(process.execPath, [join(repositoryRoot, 'dist/src/egress/main.js')], {
      cwd: this.home, env: { PATH: process.env['PATH'], VISTTER_HOME: this.home, VISTTER_LOG: 'json', VISTTER_LOG_LEVEL: 'debug', ...this.env },
    });
    await waitFor('egress to report', () => this.actual, { timeoutMs: 15_000 });
  }

  wish(change: Partial<EgressDesired>): void {
    this.desired = { ...this.desired, ...change };
    this.link?.push('egress');
  }

  destination(id: string): DestinationActual | undefined {
    return this.actual?.destinations.find((destination) => destination.id === id);
  }

  /** Waits until that destination is reported so; answers how long it took, ms. */
  async until(id: string, state: DestinationActual['state'], timeoutMs = 15_000): Promise<number> {
    const fromMs = monotonicMs();
    await waitFor(`destination ${id} to be ${state}; it is ${JSON.stringify(this.destination(id))}`, () => this.destination(id)?.state === state, { timeoutMs });
    return Math.round(monotonicMs() - fromMs);
  }

  /** An FFmpeg that encodes a moving picture and a tone in real time, as the engine's does. */
  encoder(options: { kbps?: number; size?: string; fps?: number; gopSeconds?: number; hz?: number; copyOf?: string } = {}): RunningProcess {
    const { kbps = 800, size = '640x360', fps = 25, gopSeconds = 2, hz = 440, copyOf } = options;
    const input = copyOf === undefined
      ? ['-re', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}`, '-re', '-f', 'lavfi', '-i', `sine=frequency=${hz}:sample_rate=48000`,
        '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-b:v', `${kbps}k`, '-maxrate', `${kbps}k`, '-bufsize', `${kbps}k`,
        '-g', String(fps * gopSeconds), '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', '96k', '-ac', '2', '-threads', '1']
      : ['-re', '-stream_loop', '-1', '-i', copyOf, '-c', 'copy'];
    const running = startProcess('ffmpeg', ['-nostdin', '-loglevel', 'warning', ...input,
      '-metadata', `program_ms=${Math.round(monotonicMs())}`, '-f', 'flv', '-flush_packets', '1', `unix:${this.paths.programSocket}`]);
    this.encoders.push(running);
    return running;
  }

  get log(): string {
    return (this.process?.stdout() ?? '') + (this.process?.stderr() ?? '');
  }

  async stop(): Promise<void> {
    await Promise.all(this.encoders.map((encoder) => encoder.stop(500)));
    await this.process?.stop(3000);
    await this.link?.stop();
    if (this.givenHome === undefined) removeFolder(this.home);
  }

  private take(actual: Actual): void {
    this.actual = actual;
    for (const { id, state, error } of actual.destinations) {
      const last = this.history.findLast((entry) => entry.id === id);
      if (last?.state !== state || last.code !== error?.code) this.history.push({ id, state, code: error?.code, atMs: monotonicMs() });
    }
  }
}

export const destination = (id: string, url: string, key: string): EgressDestination => ({ id, name: id, platform: 'custom', url, key });

export { mkdirSync, within };
