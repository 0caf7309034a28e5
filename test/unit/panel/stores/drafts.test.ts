/** What is being typed, while it is stored and while others store something else. */
import { h } from 'preact';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDesk, settled, type Desk } from './desk.js';
import { shownHere, type Shown } from './small_dom.js';

const overlay = (fields: object) => ({ id: 'o1', kind: 'lower-third', name: 'Title', title: 'Anna', subtitle: 'Host', visible: false, revision: 1, color: '#ffffff', x: 0, y: 0, width: 1, height: 1, ...fields });

describe('the words of a lower third', () => {
  let desk: Desk;
  let state: typeof import('../../../../src/panel/store/state.js');
  let page: Shown;

  const tell = (fields: object) => { state.snapshot.value = { overlays: [overlay(fields)], settings: { video: { width: 1280, height: 720 } } } as unknown as NonNullable<typeof state.snapshot.value>; };
  const typed = () => page.all('input').map(({ value }) => value);
  const submit = () => page.all('form')[0]!.dispatchEvent(new Event('submit'));

  beforeEach(async () => {
    desk = await openDesk();
    state = await import('../../../../src/panel/store/state.js');
    const { setReachable } = await import('../../../../src/panel/lib/api.js');
    setReachable(true);
    state.connection.value = 'open';
    tell({});
    const { Overlays } = await import('../../../../src/panel/components/overlays.js');
    page = shownHere(h(Overlays, null));
  });
  afterEach(() => {
    page.end();
    vi.unstubAllGlobals();
  });

  it('that are being typed stay when somebody shows the overlay, or changes its other line', () => {
    page.type(page.all('input')[0]!, 'Berta');
    tell({ visible: true, subtitle: 'Guest', revision: 2 });
    expect(typed()).toEqual(['Berta', 'Guest']);
  });

  it('that somebody else changed meanwhile are not written over without being asked', () => {
    page.type(page.all('input')[0]!, 'Berta');
    tell({ title: 'Carla', revision: 2 });
    expect(typed()).toEqual(['Berta', 'Host']);
    expect(page.all('td').map(({ textContent }) => textContent)).toEqual(['Carla', 'Berta']);
    expect(page.all('button').find(({ textContent }) => textContent === 'Save text')!.disabled).toBe(true);
  });

  it('that are typed while they are being stored are not lost', async () => {
    let answer = (_: unknown): void => {};
    desk.rest = () => new Promise((resolve) => { answer = resolve; });
    page.type(page.all('input')[0]!, 'Berta');
    submit();
    await settled();
    expect(desk.asked.at(-1)).toMatchObject({ method: 'PATCH', path: '/overlays/o1', body: { title: 'Berta' } });
    page.type(page.all('input')[0]!, 'Berta B.');
    page.type(page.all('input')[1]!, 'Guest');
    answer(overlay({ title: 'Berta', revision: 2 }));
    await settled();
    tell({ title: 'Berta', revision: 2 });
    expect(typed()).toEqual(['Berta B.', 'Guest']);
  });

  it('that are stored follow what others do from then on', async () => {
    desk.rest = () => overlay({ title: 'Berta', revision: 2 });
    page.type(page.all('input')[0]!, 'Berta');
    submit();
    await settled();
    tell({ title: 'Carla', revision: 3 });
    expect(typed()).toEqual(['Carla', 'Host']);
  });
});

describe('a destination that two change at once', () => {
  let desk: Desk;
  let page: Shown;
  let tell: (fields: object) => void;

  const stored = { id: 'd1', name: 'Main', platform: 'youtube', url: 'rtmp://a.example/live2', enabled: true, hasKey: true, warnings: [], revision: 1 };
  const field = (name: string) => page.all('input').find((input) => input.attributes.name === name)!;
  const press = (label: string) => page.all('button').find(({ textContent }) => textContent === label)!;
  const submit = async () => {
    page.all('form')[0]!.dispatchEvent(new Event('submit'));
    await settled();
  };
  const sent = () => desk.asked.filter(({ method }) => method === 'PATCH').map(({ body, headers }) => [body, headers.get('If-Match')]);

  beforeEach(async () => {
    desk = await openDesk();
    const state = await import('../../../../src/panel/store/state.js');
    const { setReachable } = await import('../../../../src/panel/lib/api.js');
    setReachable(true);
    state.connection.value = 'open';
    tell = (fields) => { state.snapshot.value = { destinations: [{ ...stored, ...fields }], settings: { revision: 1 } } as unknown as NonNullable<typeof state.snapshot.value>; };
    tell({});
    desk.rest = ({ method, body }) => (method === 'GET' ? { items: [] } : { ...stored, ...(body as object), revision: 9 });
    const { Destinations } = await import('../../../../src/panel/components/destinations.js');
    page = shownHere(h(Destinations, null));
    press('Edit').dispatchEvent(new Event('click'));
  });
  afterEach(() => {
    page.end();
    vi.unstubAllGlobals();
  });

  it('has what each of them changed', async () => {
    page.type(field('name'), 'Evening');
    tell({ enabled: false, url: 'rtmp://b.example/live2', revision: 2 });
    await submit();
    expect(sent()).toEqual([[{ name: 'Evening' }, '"2"']]);
  });

  it('does not lose the name that the other one gave it, without being asked', async () => {
    page.type(field('name'), 'Evening');
    tell({ name: 'Night', revision: 2 });
    await submit();
    expect([sent(), page.all('td').map(({ textContent }) => textContent)]).toEqual([[], ['Night', 'Evening']]);
  });

  it('keeps its key where none is typed, and goes back to the platform\'s own server where none is named', async () => {
    page.type(field('key'), 'abc');
    page.type(field('key'), '');
    page.type(field('url'), '');
    await submit();
    expect(sent()).toEqual([[{ url: '' }, '"1"']]);
  });
});
