import fc from 'fast-check';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import type { TimelineDocument } from '../../../../src/protocol/timeline.js';
import { changesBetween, reapplied, type Conflict } from '../../../../src/panel/lib/timeline/changes.js';
import { pasted, copied } from '../../../../src/panel/lib/timeline/clipboard.js';
import { moved, removed, split, trimmed, withChanged } from '../../../../src/panel/lib/timeline/edits.js';
import { patchBetween } from '../../../../src/panel/lib/timeline/patch.js';
import { trackAdded, trackChanged, trackMoved, trackRemoved } from '../../../../src/panel/lib/timeline/tracks.js';
import { patched } from '../../../../src/studio/services/timeline-patch.js';
import { anyRipple, anyTimeline, clip, clipOf, hasTime, isWhole, timeline, track, withSome } from './support.js';

const { deepClone } = createRequire(import.meta.url)('fast-json-patch') as typeof import('fast-json-patch');
const evening = () => timeline(track('v', [clip('a', 0, 1000), clip('b', 2000, 1000), clip('c', 4000, 1000)]), track('s', [clip('m', 0, 3000)], 'audio'));

const again = (before: TimelineDocument, mine: TimelineDocument, theirs: TimelineDocument): TimelineDocument | Conflict => {
  const result = reapplied(theirs, changesBetween(before, mine));
  return 'document' in result ? result.document : result.conflict;
};

/** An edit that somebody may make. */
const anyEdit = fc.record({ ripple: anyRipple, by: fc.integer({ min: -900, max: 900 }), what: fc.constantFrom('move', 'over', 'trim', 'split', 'remove', 'paste', 'field', 'track+', 'track-', 'track~', 'name') });
function edited({ document, ids }: { document: TimelineDocument; ids: Set<string> }, { ripple, by, what }: { ripple: 'off' | 'track' | 'all'; by: number; what: string }): TimelineDocument {
  const [id] = [...ids] as [string];
  switch (what) {
    case 'move': return moved(document, ids, by, 0, ripple);
    case 'over': return moved(document, ids, by, 1, ripple);
    case 'trim': return trimmed(document, id, by % 2 === 0 ? 'start' : 'end', by, ripple, hasTime);
    case 'split': return split(document, ids, clipOf(document, id).startMs + 1, hasTime).document;
    case 'remove': return removed(document, ids, ripple);
    case 'paste': return pasted(document, copied(document, ids)!, Math.abs(by), ripple).document;
    case 'field': return withChanged(document, ids, (one) => ({ ...one, opacity: 0.25, transitionOut: { kind: 'fade', durationMs: 40 } }));
    case 'track+': return trackAdded(document, 'video');
    case 'track-': return trackRemoved(document, 'b');
    case 'track~': return trackMoved(trackChanged(document, 'a', { enabled: false, name: 'Below' }), 'a', 1);
    default: return { ...document, name: 'Another', loop: !document.loop, durationMs: 5000 };
  }
}

describe('a patch', () => {
  it('makes of one version the other, in the studio', () => {
    fc.assert(fc.property(withSome, anyEdit, anyEdit, (some, one, other) => {
      const middle = edited(some, one);
      const ids = new Set([...some.ids].filter((id) => clipOf(middle, id)));
      const after = ids.size === 0 ? middle : edited({ document: middle, ids }, other);
      expect(isWhole(after)).toBe(true);
      expect(patched(deepClone(some.document) as TimelineDocument, patchBetween(some.document, after))).toEqual(after);
      // And back: what is done can be undone.
      expect(patched(deepClone(after) as TimelineDocument, patchBetween(after, some.document))).toEqual(some.document);
    }), { numRuns: 400 });
  });

  it('says nothing where nothing changed, and only what changed of one clip', () => {
    const before = evening();
    expect(patchBetween(before, before)).toEqual([]);
    expect(patchBetween(before, moved(before, new Set(['b']), 100, 0, 'off'))).toEqual([{ op: 'replace', path: '/tracks/0/clips/1/startMs', value: 2100 }]);
  });
});

describe('an edit that is done again on what somebody else made of the timeline', () => {
  it('is the edit itself where nothing was changed, and undone by the edit back', () => {
    fc.assert(fc.property(withSome, anyEdit, (some, edit) => {
      const after = edited(some, edit);
      const result = reapplied(some.document, changesBetween(some.document, after));
      expect('document' in result).toBe(true);
      if (!('document' in result)) return;
      expect(byId(result.document)).toEqual(byId(after));
      const back = reapplied(after, changesBetween(after, some.document));
      expect('document' in back && byId(back.document)).toEqual(byId(some.document));
    }), { numRuns: 400 });
  });

  it('is known for done where it is', () => {
    fc.assert(fc.property(withSome, anyEdit, (some, edit) => {
      const after = edited(some, edit);
      const result = reapplied(after, changesBetween(some.document, after));
      expect('document' in result && byId(result.document)).toEqual(byId(after));
    }), { numRuns: 200 });
  });

  it('joins with theirs where the two touch different things', () => {
    const before = evening();
    const mine = moved(before, new Set(['b']), 200, 0, 'off');
    const theirs = withChanged(moved(before, new Set(['c']), 500, 0, 'off'), new Set(['b']), (one) => ({ ...one, opacity: 0.5 }));
    const both = again(before, mine, theirs) as TimelineDocument;
    expect(clipOf(both, 'b')).toMatchObject({ startMs: 2200, opacity: 0.5 });
    expect(clipOf(both, 'c').startMs).toBe(4500);
  });

  it.each<[string, (before: TimelineDocument) => [TimelineDocument, TimelineDocument], Conflict['is']]>([
    ['both moved the same clip', (d) => [moved(d, new Set(['b']), 200, 0, 'off'), moved(d, new Set(['b']), -200, 0, 'off')], 'clip-changed'],
    ['they deleted it', (d) => [moved(d, new Set(['b']), 200, 0, 'off'), removed(d, new Set(['b']), 'off')], 'clip-gone'],
    ['mine deletes what they changed', (d) => [removed(d, new Set(['b']), 'off'), moved(d, new Set(['b']), 200, 0, 'off')], 'clip-changed'],
    ['the two would lie over each other', (d) => [moved(d, new Set(['b']), 900, 0, 'off'), moved(d, new Set(['c']), -900, 0, 'off')], 'in-the-way'],
    ['their track is gone', (d) => [trackChanged(d, 's', { enabled: false }), trackRemoved(d, 's')], 'track-gone'],
    ['they put a clip on the track that mine deletes', (d) => [trackRemoved(d, 's'), { ...d, tracks: [d.tracks[0]!, { ...d.tracks[1]!, clips: [...d.tracks[1]!.clips, clip('n', 5000, 100)] }] }], 'track-changed'],
    ['both named it', (d) => [{ ...d, name: 'Mine' }, { ...d, name: 'Theirs' }], 'settings-changed'],
  ])('is refused where %s', (_, make, why) => {
    const before = evening();
    const [mine, theirs] = make(before);
    expect(again(before, mine, theirs)).toMatchObject({ is: why });
  });

  it('never loses what they did, and is a timeline', () => {
    fc.assert(fc.property(anyTimeline.chain((document) => {
      const ids = document.tracks.flatMap(({ clips }) => clips.map(({ id }) => id));
      const some = fc.subarray(ids, { minLength: 1 }).map((list) => new Set(list));
      return fc.tuple(some, some).map(([mine, theirs]) => ({ document, mine, theirs }));
    }), anyEdit, anyEdit, ({ document, mine, theirs }, one, other) => {
      const there = edited({ document, ids: theirs }, other);
      const result = reapplied(there, changesBetween(document, edited({ document, ids: mine }, one)));
      if (!('document' in result)) return;
      expect(isWhole(result.document)).toBe(true);
      // Clips that only they touched are as they made them.
      const touched = new Set(changesBetween(document, edited({ document, ids: mine }, one)).clips.map(({ id }) => id));
      for (const { clips } of there.tracks) for (const theirsNow of clips) if (!touched.has(theirsNow.id)) expect(clipOf(result.document, theirsNow.id)).toEqual(theirsNow);
    }), { numRuns: 300 });
  });
});

/** Without the order of clips in their lists, which says nothing. */
function byId(document: TimelineDocument): unknown {
  return { ...document, tracks: document.tracks.map((one) => ({ ...one, clips: Object.fromEntries(one.clips.map((c) => [c.id, c])) })) };
}
