/** From what a person typed to where a publisher connects: url and key, checked and joined. */
import type { Platform } from '../protocol/resources.js';
import type { PublishAddress } from '../rtmp/publish-address.js';
import { custom } from './custom.js';
import { facebook } from './facebook.js';
import { kick } from './kick.js';
import type { PlatformRules } from './platform.js';
import { twitch } from './twitch.js';
import { youtube } from './youtube.js';

export const PLATFORMS: Readonly<Record<Platform, PlatformRules>> = { custom, youtube, twitch, facebook, kick };

/** What is wrong with a destination. The sentence never holds the url or the key. */
export class AddressError extends Error {
  override name = 'AddressError';

  constructor(readonly field: 'url' | 'key', message: string) {
    super(message);
  }
}

/** The server url that is meant: the given one, or the platform's own when none is given. Empty when there is none. */
export function effectiveUrl(platform: Platform, url: string | undefined): string {
  const given = url?.trim() ?? '';
  return given !== '' ? given : (PLATFORMS[platform].defaultUrl ?? '');
}

/**
 * Checks url and key and joins them.
 *
 * The path of the url is the application, its query included (YouTube's backup is told by `?backup=1`). With no key, the
 * last part of the path is the stream's name, as `rtmp://host/app/stream` is commonly written.
 * @throws AddressError naming the field and what to do
 */
export function publishAddress(platform: Platform, url: string | undefined, key: string | undefined): PublishAddress {
  const rules = PLATFORMS[platform];
  const text = effectiveUrl(platform, url);
  if (text === '') throw new AddressError('url', 'Give the server\'s address; it begins with rtmp:// or rtmps://.');
  const parsed = parseUrl(text);
  const streamKey = checkKey(rules, key ?? '');
  const path = parsed.pathname.replace(/^\/+|\/+$/g, '');
  if (path === '') throw new AddressError('url', 'The address lacks the application after the host, such as the "live" in rtmp://host/live.');

  const tls = parsed.protocol === 'rtmps:';
  const bareHost = parsed.hostname.replace(/^\[|\]$/g, '');
  const port = parsed.port === '' ? (tls ? 443 : 1935) : Number(parsed.port);
  if (port < 1) throw new AddressError('url', 'The port of the address must be 1 to 65535.');
  const origin = `${parsed.protocol}//${parsed.host}`;
  if (streamKey !== '') {
    const app = path + parsed.search;
    return { tls, host: bareHost, port, app, tcUrl: `${origin}/${app}`, streamName: streamKey };
  }
  const cut = path.lastIndexOf('/');
  if (cut < 1) throw new AddressError('key', 'Give a stream key, or write the stream\'s name behind the application: rtmp://host/app/stream.');
  const app = path.slice(0, cut);
  return { tls, host: bareHost, port, app, tcUrl: `${origin}/${app}`, streamName: path.slice(cut + 1) + parsed.search };
}

/**
 * Takes the stream's name out of the url, since it is a key: `rtmp://host/app/stream?token=1` becomes `rtmp://host/app` and
 * `stream?token=1`. Null when the url alone names no stream, or is wrong.
 */
export function splitStreamName(platform: Platform, url: string): { url: string; key: string } | null {
  try {
    const { tcUrl, streamName } = publishAddress(platform, url, '');
    return { url: tcUrl, key: streamName };
  } catch (error) {
    if (error instanceof AddressError) return null;
    throw error;
  }
}

function parseUrl(text: string): URL {
  if (text.length > 1024) throw new AddressError('url', 'The address is too long.');
  // eslint-disable-next-line no-control-regex
  if (/[\s\u0000-\u001f\u007f]/.test(text)) throw new AddressError('url', 'The address holds a space or a line break.');
  if (!/^rtmps?:\/\//i.test(text)) throw new AddressError('url', 'The address must begin with rtmp:// or rtmps://.');
  let parsed: URL;
  try {
    parsed = new URL(text);
  } catch {
    throw new AddressError('url', 'The address cannot be read; one is rtmp://host:1935/live.');
  }
  if (parsed.hostname === '') throw new AddressError('url', 'The address lacks a host.');
  if (parsed.username !== '' || parsed.password !== '') throw new AddressError('url', 'A user name or password in the address is not supported.');
  return parsed;
}

function checkKey(rules: PlatformRules, key: string): string {
  const trimmed = key.trim();
  if (trimmed === '') {
    if (rules.keyRequired) throw new AddressError('key', `${rules.label} needs a stream key; it is found in ${rules.keyPlace}.`);
    return '';
  }
  if (trimmed.length > 1024) throw new AddressError('key', 'The stream key is too long.');
  // eslint-disable-next-line no-control-regex
  if (/[\s\u0000-\u001f\u007f]/.test(trimmed)) throw new AddressError('key', 'The stream key holds a space or a line break.');
  if (/^[a-z]+:\/\//i.test(trimmed)) throw new AddressError('key', 'The stream key field holds an address; put only the key there.');
  const problem = rules.checkKey(trimmed);
  if (problem !== null) throw new AddressError('key', problem);
  return trimmed;
}
