import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import { Doorway } from '../../../src/studio/http/doorway.js';

test('of those who have shown nothing the oldest gives way; who is known, or has gone, takes no place', () => {
  const out: string[] = [];
  const socket = (name: string): Duplex => Object.assign(new EventEmitter(), { destroy: () => out.push(name) }) as unknown as Duplex;
  const doorway = new Doorway(2);
  const [known, gone, a, b, c, d] = ['known', 'gone', 'a', 'b', 'c', 'd'].map(socket) as [Duplex, Duplex, Duplex, Duplex, Duplex, Duplex];
  doorway.came(known);
  doorway.knows(known);
  doorway.came(gone);
  gone.emit('close');
  doorway.came(a);
  doorway.came(b);
  expect(out).toEqual([]);
  doorway.came(c);
  doorway.came(d);
  expect(out).toEqual(['a', 'b']);
});
