/** The system's clock, but what waits by it waits a fraction of its time: for children that hang. */
import { systemClock, type Clock } from '../../src/runtime/clock.js';

export const quickClock = (times: number): Clock => ({ ...systemClock, after: (ms, callback) => systemClock.after(ms / times, callback) });
