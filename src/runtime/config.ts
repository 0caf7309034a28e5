/** Settings of the machine: environment, or the same keys in `vistter.yaml`. The only reader of the environment. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { ServerError } from './errors.js';

export interface Address {
  host: string;
  port: number;
}

const addressText = (example: string) => z.string().transform((text, ctx): Address => {
  const match = /^(\[[0-9a-fA-F:]+\]|[^:\s]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (!match?.[1] || port > 65535) {
    ctx.addIssue({ code: 'custom', message: `it must be host:port, such as ${example}` });
    return z.NEVER;
  }
  return { host: match[1].replace(/^\[|\]$/g, ''), port };
});
const oneOf = <const V extends readonly [string, string, ...string[]]>(...values: V) =>
  z.enum(values, `use ${values.slice(0, -1).join(', ')} or ${values.at(-1)}`);
const flag = oneOf('0', '1', 'true', 'false').transform((v) => v === '1' || v === 'true');
const httpUrl = z.url({ protocol: /^https?$/, error: 'it must be an address such as http://127.0.0.1:8081/v1' }).optional();
const notYet = (what: string) => z.string().refine(() => false, `${what} is not supported by this version; leave it unset`).optional();

/** Every key there is, with its default. */
const Schema = z.strictObject({
  VISTTER_HOME: z.string().min(1).default('./data'),
  VISTTER_HTTP: addressText('127.0.0.1:8080').prefault('127.0.0.1:8080'),
  VISTTER_RTMP: addressText('0.0.0.0:1935').prefault('0.0.0.0:1935'),
  VISTTER_OBS: addressText('127.0.0.1:4455').prefault('127.0.0.1:4455'),
  VISTTER_TOKEN: z.string().min(16, 'it must have at least 16 characters').max(256).optional(),
  VISTTER_REDIS_URL: notYet('Redis'),
  VISTTER_DATABASE_URL: notYet('PostgreSQL'),
  /** Binding HTTP to other than loopback sends the token over the network in the clear unless TLS stands in front. */
  VISTTER_HTTP_PUBLIC: flag.prefault('0'),
  /** Names under which a browser may reach the panel besides this machine's own, such as a proxy's: comma-separated. */
  VISTTER_HTTP_HOSTS: z.string().regex(/^[A-Za-z0-9.,:\[\] -]*$/, 'it must be host names, comma-separated').default(''),
  /** The host name that cameras are told to push to. */
  VISTTER_RTMP_HOST: z.string().regex(/^[A-Za-z0-9.:-]+$/, 'it must be a host name or address').optional(),
  VISTTER_LOG: oneOf('text', 'json').default('text'),
  VISTTER_LOG_LEVEL: oneOf('debug', 'info', 'warn', 'error').default('info'),
  /** A PEM file with the authority to trust for rtmps besides the system's: for a private server of one's own. */
  VISTTER_TLS_CA: z.string().optional(),
  /** Lets media sources name http(s) addresses. */
  VISTTER_ALLOW_HTTP_MEDIA: flag.prefault('0'),
  /** Transcripts: an OpenAI-compatible server, up to and with its /v1, */
  VISTTER_TRANSCRIPT_URL: httpUrl,
  VISTTER_TRANSCRIPT_MODEL: z.string().min(1).max(200).default('whisper-1'),
  VISTTER_TRANSCRIPT_KEY: z.string().min(1).max(1000).optional(),
  /** or whisper.cpp's command and the file of its model. */
  VISTTER_WHISPER_COMMAND: z.string().min(1).default('whisper-cli'),
  VISTTER_WHISPER_MODEL: z.string().min(1).optional(),
  /** Titles and descriptions by a language model: an OpenAI-compatible server, up to and with its /v1. */
  VISTTER_LLM_URL: httpUrl,
  VISTTER_LLM_MODEL: z.string().min(1).max(200).optional(),
  VISTTER_LLM_KEY: z.string().min(1).max(1000).optional(),
});

/** What nobody but this process is to know. */
const SECRETS = ['VISTTER_TOKEN', 'VISTTER_TRANSCRIPT_KEY', 'VISTTER_LLM_KEY'] as const;

export interface Config {
  home: string;
  http: Address;
  /** Lower case, without spaces. */
  httpHosts: string[];
  rtmp: Address;
  rtmpHost: string | undefined;
  obs: Address;
  /** Somebody has set it, rather than left it at its default. */
  obsIsSet: boolean;
  token: string | undefined;
  log: 'text' | 'json';
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  tlsCaFile: string | undefined;
  allowHttpMedia: boolean;
  /** Who writes down what is said; neither: nobody. */
  transcript: {
    server?: { baseUrl: string; model: string; apiKey?: string | undefined };
    command?: { command: string; modelPath: string };
  };
  /** Who is asked for titles; undefined: they are made without. */
  llm: { baseUrl: string; model: string; apiKey?: string | undefined } | undefined;
}

/**
 * Reads the settings; the environment wins over the file.
 * @throws ServerError CONFIG_UNKNOWN_KEY or CONFIG_BAD_VALUE, naming the key and where it stands.
 */
export function loadConfig(env: Record<string, string | undefined> = process.env, directory: string = process.cwd()): Config {
  const file = join(directory, 'vistter.yaml');
  const fromFile = existsSync(file) ? readFile(file) : {};
  const fromEnv = Object.fromEntries(Object.entries(env).filter(([key, value]) => key.startsWith('VISTTER_') && value !== undefined));
  const origin = (key: string) => (key in fromEnv ? 'the environment' : 'vistter.yaml');

  const parsed = Schema.safeParse({ ...fromFile, ...fromEnv });
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    if (issue.code === 'unrecognized_keys') {
      const key = issue.keys[0]!;
      throw new ServerError('CONFIG_UNKNOWN_KEY', `Unknown setting ${key} in ${origin(key)}. Known are: ${Object.keys(Schema.shape).join(', ')}.`);
    }
    const key = String(issue.path[0]);
    throw new ServerError('CONFIG_BAD_VALUE', `Bad value of ${key} in ${origin(key)}: ${issue.message}.`);
  }
  const v = parsed.data;
  if (!v.VISTTER_HTTP_PUBLIC && !isLoopback(v.VISTTER_HTTP.host)) {
    throw new ServerError(
      'PUBLIC_BIND',
      `VISTTER_HTTP binds ${v.VISTTER_HTTP.host}, which others can reach without TLS. Put a TLS proxy in front (see nginx/), ` +
        'or set VISTTER_HTTP_PUBLIC=1 if the network is yours alone.',
    );
  }
  if (v.VISTTER_LLM_URL !== undefined && v.VISTTER_LLM_MODEL === undefined) throw new ServerError('CONFIG_BAD_VALUE', 'VISTTER_LLM_URL needs VISTTER_LLM_MODEL beside it: the name of the model, as the server calls it.');
  return {
    home: resolve(directory, v.VISTTER_HOME), http: v.VISTTER_HTTP, rtmp: v.VISTTER_RTMP,
    httpHosts: v.VISTTER_HTTP_HOSTS.toLowerCase().split(',').map((name) => name.trim()).filter(Boolean), rtmpHost: v.VISTTER_RTMP_HOST, obs: v.VISTTER_OBS, obsIsSet: 'VISTTER_OBS' in fromFile || 'VISTTER_OBS' in fromEnv, token: v.VISTTER_TOKEN, log: v.VISTTER_LOG, logLevel: v.VISTTER_LOG_LEVEL,
    tlsCaFile: v.VISTTER_TLS_CA, allowHttpMedia: v.VISTTER_ALLOW_HTTP_MEDIA,
    transcript: {
      ...(v.VISTTER_TRANSCRIPT_URL === undefined ? {} : { server: { baseUrl: v.VISTTER_TRANSCRIPT_URL, model: v.VISTTER_TRANSCRIPT_MODEL, apiKey: v.VISTTER_TRANSCRIPT_KEY } }),
      ...(v.VISTTER_WHISPER_MODEL === undefined ? {} : { command: { command: v.VISTTER_WHISPER_COMMAND, modelPath: resolve(directory, v.VISTTER_WHISPER_MODEL) } }),
    },
    llm: v.VISTTER_LLM_URL === undefined ? undefined : { baseUrl: v.VISTTER_LLM_URL, model: v.VISTTER_LLM_MODEL!, apiKey: v.VISTTER_LLM_KEY },
  };
}

/** Once they are read: no child of this process, which may be one that reads a hostile file, inherits them. */
export function forgetSecrets(): void {
  for (const key of SECRETS) delete process.env[key];
}

/** Whether only this machine can reach an address bound to `host`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function readFile(file: string): Record<string, string> {
  // Eighty files, which every process would read at its start, and most homes have none of this kind.
  const yaml = createRequire(import.meta.url)('yaml') as typeof import('yaml');
  let document: unknown;
  try {
    document = yaml.parse(readFileSync(file, 'utf8')) ?? {};
  } catch (cause) {
    throw new ServerError('CONFIG_BAD_VALUE', `vistter.yaml cannot be read: ${(cause as Error).message}`, { cause });
  }
  const parsed = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).safeParse(document);
  if (!parsed.success) throw new ServerError('CONFIG_BAD_VALUE', 'vistter.yaml must be a list of "KEY: value" lines.');
  return Object.fromEntries(Object.entries(parsed.data).map(([key, value]) => [key, String(value)]));
}
