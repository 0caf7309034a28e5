import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ERROR_STATUS } from '../../../src/protocol/error-codes.js';
import { EngineSource } from '../../../src/protocol/link.js';
import { CameraSwitch, ClientMessage } from '../../../src/protocol/messages.js';
import { DestinationInput, Layer, OverlayInput, SceneInput, Settings, SourceInput, Transition } from '../../../src/protocol/resources.js';
import { Problem } from '../../../src/protocol/status.js';

describe('defaults', () => {
  test('settings without any are 1080p30, 6 Mb/s, 2 s, 160 kb/s', () => {
    expect(Settings.parse({})).toEqual({
      channel: { name: 'VistterStudio' }, video: { width: 1920, height: 1080, fps: 30 },
      encoder: { codec: 'auto', preset: 'veryfast', bitrateKbps: 6000, keyframeIntervalMs: 2000 }, audio: { bitrateKbps: 160, gainDb: 0, muted: false },
      schedule: { enabled: true, timeZone: null, filler: null }, emergency: null, analysis: { auto: true, most: 10, language: null },
    });
  });

  test('a layer fills the frame, with its sound, is seen and can be moved: as one of before, that says nothing of it', () => {
    expect(Layer.parse({ sourceId: 'a' })).toEqual({
      sourceId: 'a', x: 0, y: 0, width: 1, height: 1, fit: 'contain', opacity: 1, crop: { left: 0, top: 0, right: 0, bottom: 0 }, audio: { gainDb: 0, muted: false },
      hidden: false, locked: false,
    });
  });

  test('what was parsed parses to itself', () => {
    for (const [schema, value] of [
      [SourceInput, { kind: 'media', name: 'a', path: 'b/c.mp4' }], [SceneInput, { name: 'a', layers: [{ sourceId: 'x' }] }], [OverlayInput, { kind: 'lower-third', name: 'a' }],
      [DestinationInput, { name: 'a' }], [Settings, {}], [Transition, { kind: 'fade' }],
    ] as const) {
      const once = schema.parse(value);
      expect(schema.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
    }
  });
});

describe('what is refused', () => {
  test.each(['/etc/passwd', '../x', 'a/../../x', 'a/..', '', 'a\0b', 'x'.repeat(1025)])('the path %j', (path) => {
    expect(SourceInput.safeParse({ kind: 'media', name: 'a', path }).success).toBe(false);
  });

  test('the engine is told an absolute path all the same', () => {
    expect(EngineSource.parse({ id: 'a', kind: 'media', name: 'a', path: '/home/x/media/a.mp4' })).toMatchObject({ path: '/home/x/media/a.mp4' });
  });

  test.each([
    ['Settings', Settings, { video: { width: 1921 } }], ['Settings', Settings, { video: { fps: 33 } }], ['Settings', Settings, { encoder: { bitrateKbps: 0 } }], ['Settings', Settings, { surprise: 1 }],
    ['Layer', Layer, {}], ['Layer', Layer, { sourceId: 'a', overlayId: 'b' }], ['Layer', Layer, { sourceId: 'a', crop: { left: 0.6, right: 0.4 } }], ['Layer', Layer, { sourceId: 'a', opacity: 2 }], ['Layer', Layer, { sourceId: 'a', width: 0 }],
    ['SceneInput', SceneInput, { name: 'a', layers: Array.from({ length: 33 }, () => ({ sourceId: 'a' })) }], ['SceneInput', SceneInput, { name: ' ', layers: [] }], ['SceneInput', SceneInput, { name: 'a\nb', layers: [] }],
    ['OverlayInput', OverlayInput, { kind: 'clock', name: 'a', timeZone: 'Mars/Olympus' }], ['OverlayInput', OverlayInput, { kind: 'lower-third', name: 'a', title: 'a\u0007' }],
    ['CameraSwitch', CameraSwitch, {}], ['CameraSwitch', CameraSwitch, { sourceId: 'a', sceneId: 'b' }], ['CameraSwitch', CameraSwitch, { sourceId: 'a', transition: { kind: 'fade', durationMs: 60_001 } }],
  ])('%#: %s', (_, schema, value) => {
    expect(schema.safeParse(value).success).toBe(false);
  });

  test.each(['d1\uD800', '\uDC00\uD800', 'a\u202Eb', '\u202Aa', 'a\u2066', 'a\u2069b', 'a\u0085b'])('a name or caption %j that has halves of characters, or turns what is written after it', (name) => {
    const refused = SceneInput.safeParse({ name, layers: [] });
    expect(refused.error?.issues[0]?.message).toContain('one line of whole characters');
    for (const value of [{ kind: 'lower-third', name: 'a', title: name }, { kind: 'lower-third', name: 'a', subtitle: name }]) expect(OverlayInput.safeParse(value).success).toBe(false);
    expect(DestinationInput.safeParse({ name }).success).toBe(false);
  });

  test('29.97 and 59.94 are rates; a name may be in any script', () => {
    for (const fps of [23.976, 25, 29.97, 30, 50, 59.94, 60]) expect(Settings.parse({ video: { fps } }).video.fps).toBe(fps);
    for (const name of ['カメラ', 'Камера 1', '🎥 left', 'מצלמה\u200F 1', '\u200Eabc', 'a'.repeat(100)]) expect(SceneInput.parse({ name, layers: [] }).name).toBe(name);
  });
});

test('any value at all is either a message or refused, and never a throw', () => {
  fc.assert(fc.property(fc.anything(), (value) => {
    expect(typeof ClientMessage.safeParse(value).success).toBe('boolean');
  }));
});

test('every error code has a status that says whose fault it is', () => {
  for (const status of Object.values(ERROR_STATUS)) expect(status >= 400 && status < 600).toBe(true);
});

test('a problem of a code that is not listed, as of a later version, is still told', () => {
  expect(Problem.parse({ code: 'DISK_FULL', message: 'Full.' })).toEqual({ code: 'DISK_FULL', message: 'Full.' });
  expect(Problem.parse({ code: 'OF_LATER', message: 'It says why.' })).toEqual({ code: 'INTERNAL', message: 'It says why.' });
  expect(Problem.safeParse({ code: 'DISK_FULL' }).success).toBe(false);
});
