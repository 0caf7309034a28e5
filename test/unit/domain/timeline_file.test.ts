import { describe, expect, test } from 'vitest';
import type { StudioState } from '../../../src/domain/documents.js';
import { importTimeline, timelineFile } from '../../../src/domain/timeline-file.js';
import { SourceInput } from '../../../src/protocol/resources.js';
import { TimelineFile, type TimelineDocument } from '../../../src/protocol/timeline.js';
import { document, studioState } from './state.js';
import { timeline } from './timeline/support.js';

const inner = timeline({ name: 'Inner', clips: [{ sourceId: 'film', startMs: 0, durationMs: 1000 }] });
const outer = timeline({
  name: 'Outer', filler: { sourceId: 'card' },
  tracks: [
    { kind: 'video', clips: [{ timelineId: 'inner', startMs: 0, durationMs: 1000 }, { timelineId: 'inner', startMs: 1000, durationMs: 1000 }, { sceneId: 'scene', startMs: 2000, durationMs: 9 }] },
    { kind: 'overlay', clips: [{ overlayId: 'clock', startMs: 0, durationMs: 9 }] },
  ],
});
const home = studioState({ timelines: [document('inner', inner), document('outer', outer), document('idle', inner)] });
const written = TimelineFile.parse(JSON.parse(JSON.stringify(timelineFile(home, home.timelines[1]!))));

function ids(): (kind: string) => string {
  let n = 0;
  return (kind) => `${kind}-${n++}`;
}
const used = ({ filler, tracks }: TimelineDocument) =>
  [filler ?? {}, ...tracks.flatMap(({ clips }) => clips)].map((one: any) => one.sourceId ?? one.sceneId ?? one.overlayId ?? one.timelineId);

test('a file has the timeline, what lies in it once, and the things they name, scenes\' layers included', () => {
  expect(written).toMatchObject({ kind: 'vistterstudio/timeline', version: 1, timeline: { id: 'outer', name: 'Outer' } });
  expect(written.nested.map(({ id }) => id)).toEqual(['inner']);
  expect(written.sources.map(({ id }) => id)).toEqual(['cam', 'film', 'card']);
  expect(written.scenes.map(({ id }) => id)).toEqual(['scene']);
  expect(written.overlays.map(({ id }) => id)).toEqual(['clock']);
});

describe('reading it', () => {
  test('where it came from, it is a copy; what lies in it is the one that is there', () => {
    const { top, nested, unmatched } = importTimeline(home, written, ids());
    expect([top.id, nested, unmatched]).toEqual(['timeline-0', [], []]);
    expect(top.document).toEqual(outer);
  });

  test('what lies in it and was changed here is made anew, and the copy names that', () => {
    const changed = { ...home, timelines: [document('inner', { ...inner, name: 'Other' }), home.timelines[1]!] };
    const { top, nested } = importTimeline(changed, written, ids());
    expect(nested).toEqual([{ id: 'timeline-1', document: inner }]);
    expect(used(top.document)).toEqual(['card', 'timeline-1', 'timeline-1', 'scene', 'clock']);
  });

  test('elsewhere files are found by their path, others by their name, and what is not there is told', () => {
    const elsewhere: StudioState = studioState({
      sources: [
        document('film', SourceInput.parse({ kind: 'camera', name: 'Not the film' })),
        document('theirs', SourceInput.parse({ kind: 'media', name: 'Named otherwise', path: 'film.mp4' })),
        document('test', SourceInput.parse({ kind: 'test', name: 'Card' })),
      ],
      scenes: [], overlays: [document('other', home.overlays[0]!.data)],
    });
    const { top, nested, unmatched } = importTimeline(elsewhere, written, ids());
    expect(used(top.document)).toEqual(['test', 'timeline-1', 'timeline-1', 'scene', 'other']);
    expect(used(nested[0]!.document)).toEqual([undefined, 'theirs']);
    expect(unmatched).toEqual([{ kind: 'scene', id: 'scene', name: 'Scene' }]);
  });

  test('a file that leads into itself comes to an end', () => {
    const round = structuredClone(written);
    round.nested[0]!.tracks[0]!.clips[0] = { ...round.nested[0]!.tracks[0]!.clips[0]!, timelineId: 'outer' };
    delete round.nested[0]!.tracks[0]!.clips[0]!.sourceId;
    expect(importTimeline(home, round, ids()).nested).toHaveLength(1);
  });
});
