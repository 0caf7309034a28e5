import { expect, it } from 'vitest';
import { whisperArgs } from '../../../../src/sidecar/transcript/command-door.js';
import { soundPieceArgs } from '../../../../src/sidecar/transcript/sound-piece.js';

it('asks FFmpeg for a piece of sound and nothing else', () => {
  expect(soundPieceArgs('/rec/-odd [name];.mp4', { startMs: 1_500, endMs: 601_500 }, 'flac', '/tmp/x/piece.flac')).toEqual([
    '-nostdin', '-hide_banner', '-loglevel', 'warning', '-y', '-threads', '1', '-protocol_whitelist', 'file,pipe',
    '-ss', '1.500', '-i', 'file:/rec/-odd [name];.mp4', '-t', '600.000', '-map', '0:a:0', '-vn', '-sn', '-dn', '-map_metadata', '-1',
    '-af', 'aresample=16000:async=1:first_pts=0', '-ac', '1', '-ar', '16000', '-c:a', 'flac', '-sample_fmt', 's16', '-f', 'flac', 'file:/tmp/x/piece.flac',
  ]);
});

it('asks whisper.cpp for words with their times', () => {
  expect(whisperArgs({ command: 'whisper-cli', modelPath: '/models/ggml-base.bin' }, '/tmp/x/piece.wav', '/tmp/x/piece', undefined)).toEqual([
    '--model', '/models/ggml-base.bin', '--file', '/tmp/x/piece.wav', '--language', 'auto', '--threads', '1', '--output-json-full', '--output-file', '/tmp/x/piece', '--no-prints',
  ]);
  expect(whisperArgs({ command: 'whisper-cli', modelPath: 'm', threads: 4 }, 'f', 'o', 'de')).toEqual(expect.arrayContaining(['--language', 'de', '--threads', '4']));
});
