/** What is typed behind `vistter`, and what is printed for people. */
import { describe, expect, it } from 'vitest';
import { parseCommand, UsageError } from '../../../src/sidecar/command/arguments.js';
import { findings, modelLines, progressLine } from '../../../src/sidecar/command/print.js';
import { chapterTime } from '../../../src/protocol/chapter-time.js';

describe('vistter analyze', () => {
  it('takes files and what belongs to one', () => {
    expect(parseCommand(['analyze', 'a.mp4', '--json', '--chat', 'chat.jsonl', '--top', '3'])).toEqual({
      is: 'analyze', files: ['a.mp4'], json: true, chat: 'chat.jsonl', moments: null, transcript: null, top: 3, preset: 'auto',
    });
    expect(parseCommand(['analyze', 'a.mp4', 'b.mkv'])).toMatchObject({ files: ['a.mp4', 'b.mkv'], json: false, top: 10 });
    for (const preset of ['sound', 'picture', 'chat', 'classic']) expect(parseCommand(['analyze', 'a', '--preset', preset])).toMatchObject({ preset });
    // A file that is called like an option.
    expect(parseCommand(['analyze', '--', '--json'])).toMatchObject({ files: ['--json'], json: false });
  });

  it.each([
    [['analyze'], 'Name the file'],
    [['analyze', 'a', '--top', '0'], '--top'],
    [['analyze', 'a', '--top', 'many'], '--top'],
    [['analyze', 'a', '--preset', 'loud'], '--preset'],
    [['analyze', 'a', 'b', '--chat', 'c'], 'one file'],
    [['analyze', 'a', '--wat'], '--wat'],
    [['analyse', 'a'], 'no command "analyse"'],
    [['models', 'forget'], 'roll-back'],
  ])('says what is wrong with %j', (argv, part) => {
    expect(() => parseCommand(argv)).toThrow(UsageError);
    expect(() => parseCommand(argv)).toThrow(part);
  });

  it('explains itself', () => {
    for (const argv of [[], ['help'], ['--help'], ['analyze', '-h']]) expect(parseCommand(argv)).toEqual({ is: 'help' });
    expect(parseCommand(['models', 'roll-back'])).toEqual({ is: 'roll-back' });
    expect(parseCommand(['models', 'newest'])).toEqual({ is: 'newest' });
  });
});

it('progress has a bar, a share, and what is left once that can be said', () => {
  expect(progressLine('sound and picture', 0, 0)).toBe(`${'░'.repeat(24)}   0 %  sound and picture`);
  expect(progressLine('sound and picture', 0.25, 10_000)).toBe(`${'█'.repeat(6)}${'░'.repeat(18)}  25 %  sound and picture, 30 s left`);
  expect(progressLine('done', 1, 10_000)).toBe(`${'█'.repeat(24)} 100 %  done`);
});

it('times are as people write them', () => {
  expect([0, 59_999, 60_000, 3_599_000, 3_600_000, 45_296_000].map(chapterTime)).toEqual(['0:00', '0:59', '1:00', '59:59', '1:00:00', '12:34:56']);
});

it('findings are listed with their reasons; what is not there is left out', () => {
  const file = {
    file: 'a.mp4', durationMs: 754_000, tookMs: 1234, peakRssBytes: 98e6,
    highlights: [{ id: 'h', startMs: 60_000, endMs: 90_000, peakMs: 70_000, score: 0.917, kind: 'combined' as const, reasons: ['crowd loud ×4', '38 chatters in 10 s'] }],
    chapters: [{ startMs: 0, title: 'Start' }], metadata: { title: 'A title', description: 'One\n\nTwo', tags: [], hashtags: [] }, notes: [],
  };
  expect(findings(file)).toBe([
    'a.mp4: 12:34 long, analysed in 1.2 s with 98 MB', '', 'Highlights', '      1:00 – 1:30      0.92  crowd loud ×4, 38 chatters in 10 s',
    '', 'Chapters', '      0:00  Start', '', 'Title', '  A title', '', 'Description', '  One', '', '  Two', '',
  ].join('\n'));
  expect(findings({ ...file, highlights: [], chapters: [] })).toContain('No highlight stands out. --chat');
});

it('what was learnt is listed with the way to let go of what somebody chose', () => {
  const model = { id: 'abc', kind: 'linear' as const, createdAtMs: 1, rows: 31, parent: null, active: true, why: 'It ranks better.', metrics: {} };
  expect(modelLines([model, { ...model, id: 'def', active: false, rows: 1 }], false)).toBe('* abc  linear, 31 decisions. It ranks better.\n  def  linear, one decision. It ranks better.\n');
  expect(modelLines([], false)).toBe('Nothing has been learnt yet: highlights are ranked by the heuristic.\n');
  expect(modelLines([], true)).toContain('"vistter models newest" lets go');
});

it('what is short is long in seconds', () => {
  const file = { file: 'a.mp4', tookMs: 1, peakRssBytes: 1, highlights: [], chapters: [], metadata: { title: 'A', description: 'A', tags: [], hashtags: [] }, notes: [] };
  expect(findings({ ...file, durationMs: 458 })).toMatch(/^a\.mp4: 0\.5 s long/);
});
