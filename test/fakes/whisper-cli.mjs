#!/usr/bin/env node
// Stands in for whisper.cpp's command: the arguments and the file of its examples/cli/cli.cpp, with a token for each part of a word.
// FAKE_WHISPER: `silent` writes nothing and ends with 0, as it does where it does not know an argument; `garbage`; `fails`; `hangs`.
import { writeFileSync } from 'node:fs';
import { listenToWav } from './tone-ears.mjs';

const args = process.argv.slice(2);
const value = (name) => args[args.indexOf(name) + 1];
const known = ['--model', '--file', '--language', '--threads', '--output-json-full', '--output-file', '--no-prints'];
const unknown = args.find((arg) => arg.startsWith('--') && !known.includes(arg));
if (unknown) {
  process.stderr.write(`error: unknown argument: ${unknown}\n`);
  process.exit(0);
}
const mode = value('--model').split(':')[1];
if (mode === 'silent') process.exit(0);
if (mode === 'fails') {
  process.stderr.write('error: failed to initialize whisper context\n');
  process.exit(3);
}
if (mode === 'hangs') setInterval(() => undefined, 1000);
else {
  const time = (from, to) => ({ timestamps: {}, offsets: { from: Math.round(from), to: Math.round(to) } });
  const words = listenToWav(value('--file'));
  const segments = [];
  for (let i = 0; i < words.length; i += 4) {
    const own = words.slice(i, i + 4);
    const tokens = own.flatMap(({ text, startMs, endMs }) => {
      const half = (startMs + endMs) / 2;
      return [{ text: ` ${text.slice(0, 4)}`, ...time(startMs, half), id: 1, p: 0.9, t_dtw: -1 }, { text: text.slice(4), ...time(half, endMs), id: 2, p: 0.9, t_dtw: -1 }].filter((token) => token.text !== '');
    });
    segments.push({
      ...time(own[0].startMs, own.at(-1).endMs), text: own.map(({ text }) => ` ${text}`).join(''),
      tokens: [{ text: '[_BEG_]', ...time(0, 0), id: 50364, p: 1, t_dtw: -1 }, ...tokens, { text: '[_TT_150]', ...time(own.at(-1).endMs, own.at(-1).endMs), id: 50514, p: 1, t_dtw: -1 }],
    });
  }
  const json = JSON.stringify({ systeminfo: '', model: { type: 'tiny' }, params: { language: value('--language') }, result: { language: 'en' }, transcription: segments });
  writeFileSync(`${value('--output-file')}.json`, mode === 'garbage' ? json.slice(0, 40) : json);
}
