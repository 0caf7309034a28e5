/** What a take is told, and what it tells. */
import type { TakeReply, TimelineStart } from '../protocol/link.js';
import type { Taking } from './timeline/timelines.js';

/** How something is taken. */
export interface TakeHow {
  start?: TimelineStart | undefined;
  /** Not before this moment. */
  atUs?: number | undefined;
  scheduled?: boolean;
}

export type TimelineTake = Taking & {
  /** What its reply says beside where it is, once it was taken: of the timeline before it, and which take it was. */
  reply(): Pick<TakeReply, 'left' | 'take'>;
  scheduled: boolean;
};
