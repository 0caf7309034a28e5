import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Clip, ClipInput, Keyframe, MAX_CLIPS, Timeline, TimelineDocument, TimelineInput } from '../../../src/protocol/timeline.js';

const clip = { sourceId: 'a', startMs: 0, durationMs: 1 };
const track = { kind: 'video', clips: [clip] };

describe('defaults', () => {
  test('a clip fills the frame, from the start of its source, with its sound', () => {
    expect(ClipInput.parse(clip)).toEqual({
      ...clip, inMs: 0, x: 0, y: 0, width: 1, height: 1, fit: 'contain', opacity: 1, crop: { left: 0, top: 0, right: 0, bottom: 0 }, audio: { gainDb: 0, muted: false }, keyframes: [],
    });
  });

  test('a timeline does not loop, is as long as its clips, and has no filler; a track is on', () => {
    expect(TimelineInput.parse({ name: 'a', tracks: [{ kind: 'audio', clips: [] }] })).toEqual({
      name: 'a', loop: false, durationMs: null, filler: null, tracks: [{ kind: 'audio', enabled: true, gainDb: 0, clips: [] }],
    });
    expect(Keyframe.parse({ atMs: 5, x: 0.5 })).toEqual({ atMs: 5, x: 0.5, easing: 'linear' });
  });

  test('what was parsed parses to itself, and a stored one is a resource like any other', () => {
    const full = TimelineDocument.parse({ name: 'a', loop: true, durationMs: 5, filler: { sceneId: 's' }, tracks: [{ ...track, id: 't', name: 'Films', clips: [{ ...clip, id: 'c', transition: { kind: 'fade' }, keyframes: [{ atMs: 0, gainDb: -6 }] }] }] });
    expect(TimelineDocument.parse(JSON.parse(JSON.stringify(full)))).toEqual(full);
    const stored = { ...full, id: 'tml_1', revision: 1, createdAt: '2026-01-01T00:00:00.000Z', updatedAt: '2026-01-01T00:00:00.000Z' };
    expect(Timeline.parse(stored)).toEqual(stored);
  });
});

describe('what is refused', () => {
  test.each([
    [{ startMs: 0, durationMs: 1 }, ClipInput], [{ ...clip, sceneId: 'b' }, ClipInput], [{ ...clip, overlayId: 'b' }, ClipInput], [{ ...clip, timelineId: 'b' }, ClipInput], [{ ...clip, durationMs: 0 }, ClipInput],
    [{ ...clip, startMs: -1 }, ClipInput], [{ ...clip, startMs: 0.5 }, ClipInput], [{ ...clip, speed: 2 }, ClipInput], [{ ...clip, opacity: 1.1 }, ClipInput], [{ ...clip, id: '' }, ClipInput],
    [{ ...clip, keyframes: [{ atMs: 0, opacity: 2 }] }, ClipInput], [{ ...clip, keyframes: [{ atMs: -1 }] }, ClipInput], [{ ...clip, keyframes: [{ atMs: 0, easing: 'bounce' }] }, ClipInput], [{ ...clip, keyframes: [{ atMs: 0, fit: 'cover' }] }, ClipInput],
    [clip, Clip], [{ name: 'a', tracks: [{ ...track, id: 't' }] }, TimelineDocument], [{ name: 'a', tracks: [{ ...track, clips: [] }] }, TimelineDocument],
    [{ name: 'a' }, TimelineInput], [{ name: 'a', tracks: [{ ...track, kind: 'text' }] }, TimelineInput], [{ name: 'a', tracks: [], durationMs: 0 }, TimelineInput], [{ name: 'a', tracks: [], filler: { sourceId: 'a', sceneId: 'b' } }, TimelineInput],
    [{ name: 'a', tracks: [], surprise: 1 }, TimelineInput], [{ name: 'a', tracks: Array.from({ length: 33 }, () => ({ kind: 'video', clips: [] })) }, TimelineInput],
  ] as const)('%j', (value, schema) => {
    expect(schema.safeParse(value).success).toBe(false);
  });

  test('more clips than a document may have, however they are spread', () => {
    const clips = (count: number) => ({ kind: 'video', clips: Array.from({ length: count }, () => clip) });
    expect(TimelineInput.safeParse({ name: 'a', tracks: [clips(MAX_CLIPS / 2), clips(MAX_CLIPS / 2)] }).success).toBe(true);
    expect(TimelineInput.safeParse({ name: 'a', tracks: [clips(MAX_CLIPS / 2), clips(MAX_CLIPS / 2 + 1)] }).success).toBe(false);
  });
});

test('any value at all is either a timeline or refused, and never a throw', () => {
  fc.assert(fc.property(fc.anything(), (value) => {
    expect(typeof TimelineInput.safeParse(value).success).toBe('boolean');
    expect(typeof TimelineInput.safeParse({ name: 'a', tracks: [{ kind: 'video', clips: [value] }] }).success).toBe('boolean');
  }));
});
