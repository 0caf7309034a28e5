#!/usr/bin/env node
/**
 * `npm run loop -- [--name NAME] [film …]`: puts films on program one after the other, round and round. Without names: all
 * films in the media folder, by name, as a folder that new files join by themselves. With names: these, in this order; running it
 * again with the same name changes the loop on air, and what is in it stays. A film is named by its place in the media folder, or
 * by a path from here that leads into it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { findHome } from './found-home.mjs';

/** A file must have stood still for two seconds, and is then looked at. */
const FIRST_FILE_MS = 20_000;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { name: { type: 'string', default: 'Loop' } } });
const { paths, panel, token } = await findHome().catch(({ message }) => {
  console.error(message);
  process.exit(1);
});

async function ask(method, path, body) {
  const response = await fetch(new URL(`api/v1${path}`, panel), {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => { throw new Error(`The studio does not answer. Is "npm start" running with ${paths.home}?`); });
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

/** What a shell completes is a path from where it is: made one in the media folder. npm itself runs this from the project's folder. */
function inMedia(name) {
  const path = relative(paths.media, resolve(process.env.INIT_CWD ?? '.', name));
  return existsSync(join(paths.media, name)) || path.startsWith('..') ? name : path;
}

/** How long, in words. */
const long = (ms) => `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`;
const films = (count) => `${count} film${count === 1 ? '' : 's'}`;

/** The media folder as it is and as it becomes. @returns what is on program */
async function loopFolder() {
  const { items } = await ask('GET', '/folders');
  const folder = items.find((one) => one.path === '' && !one.recursive) ?? await ask('POST', '/folders', { name: values.name, stillMs: 0 });
  let now = folder;
  for (let waited = 0; now.counts.ready === 0 || now.counts.waiting > 0; waited += 250) {
    if (waited > FIRST_FILE_MS || (waited > 3000 && now.counts.waiting + now.counts.ready === 0)) break;
    await delay(250);
    now = await ask('GET', `/folders/${folder.id}`);
  }
  const { counts } = now;
  if (counts.ready === 0 && counts.refused > 0) throw new Error('None of the films can be read.');
  if (counts.ready === 0) throw new Error(`There are no films in ${paths.media}.`);
  await ask('POST', '/playback', { action: 'play', timelineId: folder.timelineId });
  const { durationMs } = (await ask('GET', '/timelines')).items.find((one) => one.id === folder.timelineId);
  const more = counts.waiting > 0 ? ` ${films(counts.waiting)} more will follow.` : '';
  const refused = counts.refused > 0 ? ` ${films(counts.refused)} cannot be read.` : '';
  return `On program: "${folder.name}", ${films(counts.ready)}, ${long(durationMs)}, round and round.${more}${refused} New films in ${paths.media} join by themselves.`;
}

/** Films by their names. @returns what is on program */
async function loopFilms(names) {
  const known = (await ask('GET', '/sources')).items;
  const clips = [];
  let startMs = 0;
  for (const path of names.map(inMedia)) {
    const length = durationMs(join(paths.media, path));
    if (length === 0) {
      console.log(`left out: ${path} ${existsSync(join(paths.media, path)) ? 'cannot be read as a film' : `does not exist in ${paths.media}`}`);
      continue;
    }
    const source = known.find((one) => one.kind === 'media' && one.path === path) ?? await ask('POST', '/sources', { kind: 'media', name: path.slice(0, 80), path });
    clips.push({ sourceId: source.id, startMs, durationMs: length });
    startMs += length;
  }
  if (clips.length === 0) throw new Error('None of the films can be read.');
  const document = { name: values.name, loop: true, tracks: [{ kind: 'video', clips }] };
  const before = (await ask('GET', '/timelines')).items.find((one) => one.name === values.name && one.folderId === undefined);
  const timeline = before ? await ask('PATCH', `/timelines/${before.id}`, document) : await ask('POST', '/timelines', document);
  await ask('POST', '/playback', { action: 'play', timelineId: timeline.id });
  return `On program: "${values.name}", ${films(clips.length)}, ${long(startMs)}, round and round.`;
}

try {
  console.log(positionals.length > 0 ? await loopFilms(positionals) : await loopFolder());
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
