/** The legend of a graph calls things what they are called now. */
import { h } from 'preact';
import { afterEach, expect, it, vi } from 'vitest';
import type { Column } from '../../../../src/panel/lib/health/columns.js';
import { openDesk, settled } from './desk.js';
import { shownHere } from './small_dom.js';

afterEach(() => {
  vi.doUnmock('uplot');
  vi.unstubAllGlobals();
});

it('though the names came after the figures, and when one is changed', async () => {
  await openDesk();
  const legends: string[][] = [];
  vi.doMock('uplot', () => ({ default: class {
    constructor({ series }: { series: { label: string }[] }) {
      legends.push(series.slice(1).map(({ label }) => label));
    }

    setData() {}
    destroy() {}
  } }));
  class Observer {
    observe() {}
    disconnect() {}
  }
  for (const name of ['ResizeObserver', 'MutationObserver']) vi.stubGlobal(name, Observer);
  vi.stubGlobal('matchMedia', () => new EventTarget());
  vi.stubGlobal('requestAnimationFrame', queueMicrotask);
  const { columns } = await import('../../../../src/panel/store/history.js');
  const { Graph } = await import('../../../../src/panel/components/health/graph.js');
  columns.value = { times: [1000, 2000], series: [{ key: 'source.cam.age', unit: 'ms', values: [40, 50] }] };
  let name = 'Deleted';
  const graph = () => h(Graph, { name: 'ages', title: 'Age', format: String, label: (_: Column) => name });
  const page = shownHere(graph());
  await settled();
  for (name of ['Camera 1', 'Camera 1', 'Altar']) {
    page.show(graph());
    await settled();
  }
  expect(legends).toEqual([['Deleted'], ['Camera 1'], ['Altar']]);
  page.end();
});
