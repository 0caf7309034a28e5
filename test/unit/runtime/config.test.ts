import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isLoopback, loadConfig } from '../../../src/runtime/config.js';
import { removeFolder, tempFolder } from '../../support/temp.js';

let folder: string;
beforeEach(() => { folder = tempFolder(); });
afterEach(() => removeFolder(folder));
const yaml = (text: string) => writeFileSync(join(folder, 'vistter.yaml'), text);

describe('settings', () => {
  test('without any, all have their defaults', () => {
    expect(loadConfig({ PATH: '/bin', HOME: '/root' }, folder)).toEqual({
      home: join(folder, 'data'), http: { host: '127.0.0.1', port: 8080 }, httpHosts: [], rtmp: { host: '0.0.0.0', port: 1935 },
      rtmpHost: undefined, obs: { host: '127.0.0.1', port: 4455 }, obsIsSet: false, token: undefined, log: 'text', logLevel: 'info', tlsCaFile: undefined, allowHttpMedia: false,
      transcript: {}, llm: undefined,
    });
  });

  test('the file counts, and the environment more', () => {
    yaml('VISTTER_HTTP: 127.0.0.1:9000\nVISTTER_LOG: json\nVISTTER_ALLOW_HTTP_MEDIA: true\n');
    const config = loadConfig({ VISTTER_HTTP: '[::1]:9001', VISTTER_HTTP_HOSTS: 'Studio.example, other:8080 ' }, folder);
    expect(config).toMatchObject({ http: { host: '::1', port: 9001 }, log: 'json', allowHttpMedia: true, httpHosts: ['studio.example', 'other:8080'] });
  });

  test('who writes down what is said, and who is asked for titles', () => {
    expect(loadConfig({ VISTTER_TRANSCRIPT_URL: 'http://127.0.0.1:8081/v1', VISTTER_TRANSCRIPT_KEY: 'k', VISTTER_WHISPER_MODEL: 'small.bin', VISTTER_LLM_URL: 'https://llm.example/v1', VISTTER_LLM_MODEL: 'm' }, folder)).toMatchObject({
      transcript: { server: { baseUrl: 'http://127.0.0.1:8081/v1', model: 'whisper-1', apiKey: 'k' }, command: { command: 'whisper-cli', modelPath: join(folder, 'small.bin') } },
      llm: { baseUrl: 'https://llm.example/v1', model: 'm', apiKey: undefined },
    });
    expect(() => loadConfig({ VISTTER_LLM_URL: 'https://llm.example/v1' }, folder)).toThrow('VISTTER_LLM_MODEL');
    expect(() => loadConfig({ VISTTER_TRANSCRIPT_URL: 'file:///etc/passwd' }, folder)).toThrow('VISTTER_TRANSCRIPT_URL');
  });

  test('whether the place of obs-websocket was set is known, the default as well', () => {
    expect(loadConfig({ VISTTER_OBS: '127.0.0.1:4455' }, folder)).toMatchObject({ obs: { host: '127.0.0.1', port: 4455 }, obsIsSet: true });
    yaml('VISTTER_OBS: 127.0.0.1:4456');
    expect(loadConfig({}, folder)).toMatchObject({ obs: { port: 4456 }, obsIsSet: true });
  });

  test.each([
    [{ VISTTER_HTPP: '1' }, undefined, /Unknown setting VISTTER_HTPP in the environment/],
    [{}, 'VISTTER_COLOUR: red', /Unknown setting VISTTER_COLOUR in vistter\.yaml/],
    [{}, 'colour: red', /Unknown setting colour in vistter\.yaml/],
    [{ VISTTER_HTTP: '8080' }, undefined, /Bad value of VISTTER_HTTP in the environment: it must be host:port/],
    [{ VISTTER_HTTP: '127.0.0.1:99999' }, undefined, /Bad value of VISTTER_HTTP/],
    [{ VISTTER_RTMP: '1935' }, undefined, /Bad value of VISTTER_RTMP in the environment: it must be host:port, such as 0\.0\.0\.0:1935\./],
    [{ VISTTER_LOG_LEVEL: 'loud' }, undefined, /Bad value of VISTTER_LOG_LEVEL in the environment: use debug, info, warn or error\./],
    [{}, 'VISTTER_LOG: loud', /Bad value of VISTTER_LOG in vistter\.yaml/],
    [{ VISTTER_TOKEN: 'short' }, undefined, /Bad value of VISTTER_TOKEN in the environment: it must have at least 16/],
    [{ VISTTER_REDIS_URL: 'redis://x' }, undefined, /Bad value of VISTTER_REDIS_URL.*not supported by this version/],
    [{ VISTTER_DATABASE_URL: 'postgres://x' }, undefined, /PostgreSQL is not supported/],
    [{ VISTTER_HTTP_PUBLIC: 'yes' }, undefined, /Bad value of VISTTER_HTTP_PUBLIC/],
    [{ VISTTER_RTMP_HOST: 'a b' }, undefined, /it must be a host name/],
    [{ VISTTER_HTTP_HOSTS: 'a/b' }, undefined, /it must be host names/],
    [{}, ': [', /vistter\.yaml cannot be read/],
    [{}, '- a\n- b', /list of "KEY: value" lines/],
  ])('%j and %j stop the start, naming the key and where it stands', (env, file, message) => {
    if (file) yaml(file);
    expect(() => loadConfig(env as Record<string, string>, folder)).toThrow(message);
  });

  test('a bad value is not repeated when it could be a secret', () => {
    expect(() => loadConfig({ VISTTER_TOKEN: 'hush-hush' }, folder)).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hush') }) as Error);
  });

  test('HTTP for everybody has to be asked for', () => {
    expect(() => loadConfig({ VISTTER_HTTP: '0.0.0.0:8080' }, folder)).toThrow(expect.objectContaining({ code: 'PUBLIC_BIND' }) as Error);
    expect(loadConfig({ VISTTER_HTTP: '0.0.0.0:8080', VISTTER_HTTP_PUBLIC: '1' }, folder).http).toEqual({ host: '0.0.0.0', port: 8080 });
    for (const host of ['localhost', '127.0.0.1', '127.8.8.8', '::1']) expect(isLoopback(host)).toBe(true);
    for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.org', 'example.org']) expect(isLoopback(host)).toBe(false);
  });
});
