import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressError, PLATFORMS, effectiveUrl, publishAddress, splitStreamName } from '../../../src/platforms/address.js';
import { Platform } from '../../../src/protocol/resources.js';

const problem = (...args: Parameters<typeof publishAddress>): string => {
  try {
    publishAddress(...args);
  } catch (error) {
    expect(error).toBeInstanceOf(AddressError);
    return `${(error as AddressError).field}: ${(error as AddressError).message}`;
  }
  return 'fine';
};

describe('publishAddress', () => {
  it('knows every platform and its own server', () => {
    for (const platform of Platform.options) {
      const { defaultUrl } = PLATFORMS[platform];
      if (defaultUrl === null) continue;
      const address = publishAddress(platform, undefined, 'live_abcdefgh12345678'.replace(/_/g, platform === 'twitch' ? '_' : '-'));
      expect(address).toMatchObject({ tls: true, port: 443 });
      expect(effectiveUrl(platform, '  ')).toBe(defaultUrl);
    }
    expect(publishAddress('youtube', undefined, 'abcd-efgh-ijkl-mnop')).toEqual({
      tls: true, host: 'a.rtmps.youtube.com', port: 443, app: 'live2', tcUrl: 'rtmps://a.rtmps.youtube.com:443/live2', streamName: 'abcd-efgh-ijkl-mnop',
    });
  });

  it('joins addresses and keys as encoders do', () => {
    expect(publishAddress('custom', 'rtmp://10.0.0.5/live/', 'cam?user=a')).toEqual({
      tls: false, host: '10.0.0.5', port: 1935, app: 'live', tcUrl: 'rtmp://10.0.0.5/live', streamName: 'cam?user=a',
    });
    expect(publishAddress('youtube', 'rtmps://b.rtmps.youtube.com:443/live2?backup=1', 'abcd-efgh-ijkl')).toMatchObject({
      app: 'live2?backup=1', tcUrl: 'rtmps://b.rtmps.youtube.com:443/live2?backup=1',
    });
    expect(publishAddress('custom', 'rtmp://host:19350/a/b/stream?token=1', '')).toMatchObject({ port: 19350, app: 'a/b', streamName: 'stream?token=1' });
    expect(publishAddress('custom', 'rtmp://host/a/b', 'k')).toMatchObject({ app: 'a/b', streamName: 'k' });
    expect(publishAddress('custom', 'rtmp://[::1]:1935/live', 'k')).toMatchObject({ host: '::1', port: 1935, tcUrl: 'rtmp://[::1]:1935/live' });
    expect(publishAddress('facebook', undefined, 'FB-123456-0-Abc?s_bl=1&s_psm=1&a=Ab-c_d')).toMatchObject({ app: 'rtmp', streamName: 'FB-123456-0-Abc?s_bl=1&s_psm=1&a=Ab-c_d' });
    expect(publishAddress('twitch', undefined, ' live_12345678_AbCd?bandwidthtest=true ')).toMatchObject({ streamName: 'live_12345678_AbCd?bandwidthtest=true' });
  });

  it('takes a stream\'s name out of the url without changing where it goes', () => {
    for (const url of ['rtmp://host:19350/a/b/stream?token=1', 'rtmps://host/app/KEY', 'rtmp://[::1]/app/KEY?x=a/b&y=c://d']) {
      const split = splitStreamName('custom', url)!;
      expect(publishAddress('custom', split.url, split.key)).toEqual(publishAddress('custom', url, ''));
    }
    expect(splitStreamName('custom', 'rtmp://host/app/KEY?tok=x')).toEqual({ url: 'rtmp://host/app', key: 'KEY?tok=x' });
    expect(splitStreamName('custom', 'rtmp://host/app?tok=x')).toBeNull();
    expect(splitStreamName('youtube', 'rtmp://host/app/KEY')).toBeNull();
  });

  it('says what is wrong, and in which field', () => {
    expect(problem('custom', undefined, 'k')).toMatch(/^url: Give the server/);
    expect(problem('custom', 'http://host/live', 'k')).toMatch(/^url: .*begin with rtmp/);
    expect(problem('custom', 'rtmp://host', 'k')).toMatch(/^url: .*application/);
    expect(problem('custom', 'rtmp:///live', 'k')).toMatch(/^url: /);
    expect(problem('custom', 'rtmp://host:99999/live', 'k')).toMatch(/^url: /);
    expect(problem('custom', 'rtmp://user:pw@host/live', 'k')).toMatch(/^url: A user name/);
    expect(problem('custom', 'rtmp://host/live', '')).toMatch(/^key: /);
    expect(problem('custom', 'rtmp://host/live', 'a b')).toMatch(/^key: .*space/);
    expect(problem('youtube', undefined, '')).toMatch(/^key: YouTube needs a stream key/);
    expect(problem('youtube', undefined, 'rtmps://a.rtmps.youtube.com/live2')).toMatch(/^key: .*holds an address/);
    expect(problem('kick', undefined, 'sk_us-west-2_!')).toMatch(/^key: /);
  });

  it('throws nothing but AddressError, and never repeats the key', () => {
    fc.assert(fc.property(fc.constantFrom(...Platform.options), fc.oneof(fc.string(), fc.webUrl(), fc.string().map((s) => `rtmp://${s}`)), fc.string(), (platform, url, noise) => {
      const key = `CANARY${noise}`;
      expect(problem(platform, url, key)).not.toContain('CANARY');
    }));
  });
});
