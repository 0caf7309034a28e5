/** The timeline that is open: read, edited, applied and taken back, with answers that come when they come. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TimelineDocument } from '../../../../src/protocol/timeline.js';
import { openDesk, refusal, settled, type Desk } from './desk.js';

const DOCUMENT = { loop: false, durationMs: null, filler: null, tracks: [] };
const listed = (id: string, revision: number) => ({ id, revision, name: id, loop: false, durationMs: 1 });

describe('the open timeline', () => {
  let desk: Desk;
  let timeline: typeof import('../../../../src/panel/store/timeline.js');
  let state: typeof import('../../../../src/panel/store/state.js');
  let end: () => void;
  /** Answers of GET, by the timeline's id, oldest first. */
  let reads: Record<string, ((answer: unknown) => void)[]>;

  const tell = (...timelines: ReturnType<typeof listed>[]) => { state.snapshot.value = { timelines } as unknown as NonNullable<typeof state.snapshot.value>; };
  const renamed = (name: string): TimelineDocument => ({ ...timeline.shown.value!, name });
  const opened = async (revision = 1) => {
    timeline.open('one');
    reads.one!.shift()!({ id: 'one', revision, name: 'first', ...DOCUMENT });
    await settled();
  };

  beforeEach(async () => {
    desk = await openDesk();
    reads = {};
    desk.rest = ({ method, path }) => (method === 'GET' ? new Promise((resolve) => { (reads[path.split('/')[2]!] ??= []).push(resolve); }) : refusal(404, 'NOT_FOUND', 'no'));
    timeline = await import('../../../../src/panel/store/timeline.js');
    state = await import('../../../../src/panel/store/state.js');
    desk.connect();
    tell(listed('one', 1), listed('two', 1));
    end = timeline.follow();
  });
  afterEach(async () => {
    end();
    (await import('../../../../src/panel/store/session.js')).socket.stop();
    vi.unstubAllGlobals();
  });

  it('is read though another one is still being read', async () => {
    timeline.open('one');
    timeline.open('two');
    reads.one!.shift()!({ id: 'one', revision: 1, name: 'first', ...DOCUMENT });
    await settled();
    expect(timeline.stored.value).toBeNull();
    reads.two!.shift()!({ id: 'two', revision: 1, name: 'second', ...DOCUMENT });
    await settled();
    expect(timeline.shown.value?.name).toBe('second');
  });

  it('is read once more when it was changed while it was being read', async () => {
    await opened();
    tell(listed('one', 2));
    tell(listed('one', 3));
    reads.one!.shift()!({ id: 'one', revision: 2, name: 'second', ...DOCUMENT });
    await settled();
    reads.one!.shift()!({ id: 'one', revision: 3, name: 'third', ...DOCUMENT });
    await settled();
    expect([timeline.stored.value?.revision, timeline.shown.value?.name]).toEqual([3, 'third']);
  });

  it('that could not be read is read when the studio is back, and when it is chosen again', async () => {
    timeline.open('one');
    reads.one!.shift()!(Promise.reject(new TypeError('Failed to fetch')));
    await settled();
    expect(timeline.notRead.value).toBe('The studio cannot be reached.');
    state.connection.value = 'lost';
    state.connection.value = 'open';
    expect(timeline.notRead.value).toBeNull();
    reads.one!.shift()!(refusal(500, 'INTERNAL', 'Something went wrong.'));
    await settled();
    timeline.open('one');
    reads.one!.shift()!({ id: 'one', revision: 1, name: 'first', ...DOCUMENT });
    await settled();
    expect([timeline.notRead.value, timeline.shown.value?.name]).toEqual([null, 'first']);
  });

  it('that was changed elsewhere, and could not be read then, is read in a moment', async () => {
    await opened();
    tell(listed('one', 2));
    reads.one!.shift()!(refusal(503, 'NOT_READY', 'It takes a moment.'));
    await settled();
    expect(timeline.shown.value?.name).toBe('first');
    await vi.waitFor(() => expect(reads.one).toHaveLength(1), { timeout: 5_000 });
    reads.one!.shift()!({ id: 'one', revision: 2, name: 'second', ...DOCUMENT });
    await settled();
    expect([timeline.stored.value?.revision, timeline.shown.value?.name]).toEqual([2, 'second']);
  });

  it('an undo while what was collected is being applied takes that back', async () => {
    timeline.applying.value = 'collect';
    await opened();
    timeline.commit(renamed('other'), 'The name');
    const applied = timeline.apply();
    const undone = timeline.undo();
    desk.rest = ({ path }) => ({ id: 'one', revision: 3, name: path.endsWith('/undo') ? 'first' : 'wrong', ...DOCUMENT });
    desk.ack('timeline:update', { revision: 2 });
    await Promise.all([applied, undone]);
    expect(desk.asked.at(-1)).toMatchObject({ method: 'POST', path: '/timelines/one/undo' });
    expect(desk.asked.at(-1)!.headers.get('If-Match')).toBe('"2"');
    expect([timeline.shown.value?.name, timeline.edits.value]).toEqual(['first', []]);
  });

  it('an undo right after an edit takes that edit back, not the one before', async () => {
    timeline.applying.value = 'once';
    await opened();
    timeline.commit(renamed('other'), 'The name');
    const undone = timeline.undo();
    await settled();
    desk.rest = () => ({ id: 'one', revision: 3, name: 'first', ...DOCUMENT });
    desk.ack('timeline:update', { revision: 2 });
    await undone;
    expect(desk.asked.at(-1)!.headers.get('If-Match')).toBe('"2"');
  });

  it('what is collected while something is being applied waits for its own turn', async () => {
    timeline.applying.value = 'collect';
    await opened();
    timeline.commit(renamed('other'), 'The name');
    const applied = timeline.apply();
    timeline.commit({ ...timeline.shown.value!, loop: true }, 'The loop');
    desk.ack('timeline:update', { revision: 2 });
    await applied;
    expect(desk.sent('timeline:update')).toHaveLength(1);
    expect([timeline.stored.value?.document.name, timeline.edits.value.map(({ what }) => what), timeline.shown.value?.loop]).toEqual(['other', ['The loop'], true]);
  });

  it('a step that cannot be done again is told of', async () => {
    timeline.applying.value = 'collect';
    await opened();
    timeline.commit(renamed('other'), 'The name');
    await timeline.undo();
    tell(listed('one', 2));
    reads.one!.shift()!({ id: 'one', revision: 2, name: 'theirs', ...DOCUMENT });
    await settled();
    await timeline.redo();
    expect(timeline.shown.value?.name).toBe('theirs');
    expect(state.notices.value.map(({ text }) => text)).toEqual([expect.stringContaining('The name')]);
  });
});
