#!/usr/bin/env node
/**
 * `npm run loop -- [--name NAME] [film …]`: puts films on program one after the other, round and round. Without names: all
 * films in the media folder, by name. Running it again with the same name changes the loop on air; what is in it stays.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '../dist/src/runtime/config.js';
import { Paths } from '../dist/src/runtime/paths.js';
import { readToken } from '../dist/src/studio/secrets/token.js';

const FILMS = /\.(mp4|m4v|mov|mkv|webm|flv|avi|ts|mpg|mpeg)$/i;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { name: { type: 'string', default: 'Loop' } } });
const config = loadConfig();
const paths = new Paths(config.home);
const server = `http://${config.http.host === '0.0.0.0' ? '127.0.0.1' : config.http.host}:${config.http.port}/api/v1`;
const token = readToken(paths.secrets, config.token);

async function ask(method, path, body) {
  const response = await fetch(`${server}${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => { throw new Error('The studio does not answer. Is "npm start" running?'); });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error?.message ?? `${method} ${path}: ${response.status}`);
  return answer;
}

/** Length of a film in whole ms; 0 when it cannot be read. */
function durationMs(file) {
  try {
    const text = execFileSync('ffprobe', ['-v', 'error', '-protocol_whitelist', 'file', '-show_entries', 'format=duration', '-of', 'csv=p=0', `file:${file}`], { encoding: 'utf8' });
    return Math.floor(Number(text.trim()) * 1000) || 0;
  } catch {
    return 0;
  }
}

try {
  const films = positionals.length > 0 ? positionals : readdirSync(paths.media).filter((name) => FILMS.test(name)).sort();
  if (films.length === 0) throw new Error(`There are no films in ${paths.media}.`);
  const known = (await ask('GET', '/sources')).items;
  const clips = [];
  let startMs = 0;
  for (const path of films) {
    const length = durationMs(join(paths.media, path));
    if (length === 0) {
      console.log(`left out: ${path} cannot be read`);
      continue;
    }
    const source = known.find((one) => one.kind === 'media' && one.path === path) ?? await ask('POST', '/sources', { kind: 'media', name: path.slice(0, 80), path });
    clips.push({ sourceId: source.id, startMs, durationMs: length });
    startMs += length;
  }
  if (clips.length === 0) throw new Error('None of the films can be read.');
  const document = { name: values.name, loop: true, tracks: [{ kind: 'video', clips }] };
  const before = (await ask('GET', '/timelines')).items.find((one) => one.name === values.name);
  const timeline = before ? await ask('PATCH', `/timelines/${before.id}`, document) : await ask('POST', '/timelines', document);
  await ask('POST', '/playback', { action: 'play', timelineId: timeline.id });
  const minutes = Math.floor(startMs / 60_000);
  console.log(`On program: "${values.name}", ${clips.length} film${clips.length > 1 ? 's' : ''}, ${minutes} min ${Math.round((startMs % 60_000) / 1000)} s, round and round.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
