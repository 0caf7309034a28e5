/**
 * Name look-ups, two at a time. The system's resolver blocks a thread of a small pool that file writes share: without a
 * bound, a few destinations with a dead name server would hold up the recording.
 */
import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';

const AT_ONCE = 2;
const waiting: (() => void)[] = [];
let running = 0;

export const boundedLookup: LookupFunction = (hostname, options, callback) => {
  const begin = (): void => {
    running += 1;
    lookup(hostname, options as LookupOptions, (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => {
      running -= 1;
      waiting.shift()?.();
      callback(error, address, family);
    });
  };
  if (running < AT_ONCE) begin();
  else waiting.push(begin);
};
