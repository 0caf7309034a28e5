/** What the studio says of a file that it refuses, by places that a person finds. */
import { describe, expect, it } from 'vitest';
import { fileProblems, placeInWords } from '../../../../src/panel/lib/timeline/file-problems.js';

describe('places in a file', () => {
  it.each([
    ['timeline.tracks.0.clips.3.startMs', 'Track 1, clip 4, “startMs”'],
    ['tracks.2.clips.0.keyframes.1', 'Track 3, clip 1, keyframe 2'],
    ['nested.1.tracks.0.kind', 'Timeline 2 of those that lie in it, track 1, “kind”'],
    ['timeline.filler', '“filler”'],
    ['sources', '“sources”'],
    ['timeline', ''],
    ['', ''],
  ])('%s is %s', (path, words) => {
    expect(placeInWords(path)).toBe(words);
  });
});

describe('problems of a file', () => {
  it('are told each by its place', () => {
    expect(fileProblems('timeline.name: This is missing.', [{ path: 'timeline.name', message: 'This is missing.' }, { path: 'timeline.tracks.0.kind', message: 'Use one of video.' }]))
      .toEqual([{ where: '“name”', what: 'This is missing.' }, { where: 'Track 1, “kind”', what: 'Use one of video.' }]);
  });

  it('are only that it is another file, where it is', () => {
    expect(fileProblems('kind: This is not a file of a timeline.', [{ path: 'kind', message: 'This is not a file of a timeline.' }, { path: 'timeline', message: 'This is missing.' }]))
      .toEqual([{ where: '', what: 'This is not a file of a timeline.' }]);
  });

  it('are the studio\'s sentence where it lists none', () => {
    for (const details of [undefined, null, [], [{ path: 1 }], { revision: 3 }]) expect(fileProblems('It is too large.', details)).toEqual([{ where: '', what: 'It is too large.' }]);
  });
});
