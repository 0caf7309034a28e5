/** What a person sees in the terminal. The first start shows the token and the keys, once; they are never logged. */
import { hostname, networkInterfaces } from 'node:os';
import { isLoopback, type Address, type Config } from '../runtime/config.js';
import type { Owner } from '../runtime/lifecycle.js';
import type { Log } from '../runtime/log.js';
import type { FirstCamera } from './first-start.js';

/** Greets once everything else has started. */
export class Welcome implements Owner {
  constructor(
    private readonly config: Pick<Config, 'http' | 'rtmp' | 'rtmpHost' | 'obs' | 'obsIsSet'>,
    private readonly token: string,
    private readonly log: Log,
    /** Those that this start has made; undefined at every later one. */
    private readonly newCameras: () => readonly FirstCamera[] | undefined,
  ) {}

  start(): void {
    const panel = panelUrl(this.config.http);
    const rtmp = rtmpServer(this.config);
    const cameras = this.newCameras();
    process.stdout.write(cameras ? firstBanner(panel, this.token, rtmp, cameras) : laterBanner(panel, rtmp));
    const { obs, obsIsSet } = this.config;
    if (obsIsSet) this.log.warn(`VISTTER_OBS is set, but this version does not speak obs-websocket yet: nothing listens on ${bracketed(obs.host)}:${obs.port}`);
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }
}

/** Where cameras push to: the configured name, else the bound address, else this machine's address in its network. */
export function rtmpServer(config: Pick<Config, 'rtmp' | 'rtmpHost'>): string {
  const bound = config.rtmp.host === '0.0.0.0' || config.rtmp.host === '::' ? undefined : config.rtmp.host;
  return `rtmp://${bracketed(config.rtmpHost ?? bound ?? lanAddress() ?? hostname())}:${config.rtmp.port}/live`;
}

/** The panel's address for a browser on this machine or in its network. */
export function panelUrl(http: Address): string {
  const everywhere = http.host === '0.0.0.0' || http.host === '::';
  return `http://${bracketed(everywhere ? (lanAddress() ?? 'localhost') : isLoopback(http.host) ? 'localhost' : http.host)}:${http.port}/`;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function lanAddress(): string | undefined {
  return Object.values(networkInterfaces()).flat().find((address) => address && !address.internal && address.family === 'IPv4')?.address;
}

/** The token is behind a "#": browsers keep that to themselves, so it gets into no log and no Referer. */
export function firstBanner(panel: string, token: string, rtmp: string, cameras: readonly FirstCamera[]): string {
  return frame([
    'VistterStudio is running.',
    '',
    `Panel        ${panel}#token=${token}`,
    '',
    'OBS or a camera: Settings, Stream, Service "Custom…"',
    `Server       ${rtmp}`,
    ...cameras.map(({ name, key }) => `${name.padEnd(12)} ${key}   (its stream key)`),
    '',
    'The token is shown only this once; "npm run token" shows it again. Keys are shown in the panel on demand.',
  ]);
}

export function laterBanner(panel: string, rtmp: string): string {
  return frame([
    'VistterStudio is running.',
    `Panel        ${panel}   ("npm run token" shows the address with its token)`,
    `RTMP server  ${rtmp}   (the panel shows the cameras' keys)`,
  ]);
}

function frame(lines: string[]): string {
  return ['', ...lines.map((line) => (line ? `  ${line}` : '')), '', ''].join('\n');
}
