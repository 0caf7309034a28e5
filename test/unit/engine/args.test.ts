import { describe, expect, it } from 'vitest';
import { decoderArgs } from '../../../src/engine/decoder-args.js';
import { encoderArgs, keyframeFrames } from '../../../src/engine/encoder-args.js';
import { videoFormat } from '../../../src/engine/scene-plan.js';
import { EngineSource } from '../../../src/protocol/link.js';
import { Settings } from '../../../src/protocol/resources.js';

const defaults = Settings.parse({});
const format = videoFormat(defaults.video);
const plan = { cores: 8, format, encoder: defaults.encoder, audio: defaults.audio, firstFrameMs: 123_456, socketPath: '/home/v/run/program.sock' };

describe('encoderArgs', () => {
  it('is this line for x264', () => {
    expect(encoderArgs({ ...plan, codec: 'libx264' }).join(' ')).toMatchSnapshot();
  });

  it('is this line for NVENC', () => {
    expect(encoderArgs({ ...plan, codec: 'h264_nvenc' }).join(' ')).toMatchSnapshot();
  });

  it('keeps x264 from holding back a frame for each of many cores', () => {
    expect(encoderArgs({ ...plan, codec: 'libx264', cores: 32 }).join(' ')).toContain('-c:v libx264 -threads:v 12 -preset');
    expect(encoderArgs({ ...plan, codec: 'h264_nvenc', cores: 32 })).not.toContain('-threads:v');
  });

  it('tells egress when its timestamp 0 is', () => {
    expect(encoderArgs({ ...plan, codec: 'libx264' })).toContain('program_ms=123256');
  });

  it('puts keyframes at whole frames', () => {
    expect(keyframeFrames(2000, videoFormat({ width: 640, height: 360, fps: 29.97 }))).toBe(60);
    expect(keyframeFrames(2000, videoFormat({ width: 640, height: 360, fps: 23.976 }))).toBe(48);
  });
});

describe('decoderArgs', () => {
  const places = { cameraSocket: (id: string) => `/run/camera-${id}.sock`, allowHttp: false };
  const args = (input: object) => decoderArgs(EngineSource.parse({ id: 'src_1', name: 'x', ...input }), places).join(' ');

  it.each([
    [{ kind: 'camera' }, 'camera --socket /run/camera-src_1.sock'],
    [{ kind: 'media', path: '/home/v/media/films/a b.mp4', loop: true, inMs: 1500, outMs: 9000 }, 'file --path /home/v/media/films/a b.mp4 --loop --in-us 1500000 --out-us 9000000'],
    [{ kind: 'audio', path: '/home/v/media/a.mp3' }, 'file --path /home/v/media/a.mp3 --sound-only'],
    [{ kind: 'image', path: '/home/v/media/logo.png' }, 'image --path /home/v/media/logo.png'],
    [{ kind: 'color', color: '#102030' }, 'color --color 102030'],
    [{ kind: 'test', tone: true }, 'test --tone'],
  ])('%j', (input, expected) => {
    expect(args(input)).toBe(expected);
  });

  it('begins a file elsewhere than at its in-point, in whole µs', () => {
    const media = EngineSource.parse({ id: 'src_1', name: 'x', kind: 'media', path: '/m/a.mp4', inMs: 1500, outMs: 9000 });
    expect(decoderArgs(media, places, 2_033_333.4).join(' ')).toBe('file --path /m/a.mp4 --in-us 1500000 --from-us 2033333 --out-us 9000000');
    expect(decoderArgs(media, places, 0)).not.toContain('--from-us');
  });
});
