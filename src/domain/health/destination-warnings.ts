/** Destinations that do not get what they are sent, or are away. Pure. */
import { meanOf, sumOf } from './recent.js';
import type { Found, WarningFacts } from './warnings.js';
import { mbit } from './words.js';

const OVER_S = 30;
/** Of what the encoder makes so much must be acknowledged. */
const ENOUGH = 0.88;
/** A line is filled so far and no further. */
const OF_THE_LINE = 0.85;
/** Media waiting to be sent. */
const BEHIND_MS = 3000;

export function destinationWarnings(facts: WarningFacts): Found[] {
  const { status, names, recent } = facts;
  if (status.state === 'standby') return [];
  return status.destinations.flatMap((destination): Found[] => {
    const { id, state, error } = destination;
    const name = names.get(id) ?? 'A destination';
    if (state === 'failed' || (state === 'reconnecting' && error)) {
      return [{
        code: 'DESTINATION_AWAY', level: 'error', ids: [id], message: `${name} is off: ${error?.message ?? 'the connection was lost.'}`,
        advice: 'It is tried again for ever. If the sentence names the key or the address, correct that under Destinations.',
      }];
    }
    if (state !== 'live') return [];
    const acked = meanOf(recent, `destination.${id}.kbps`, OVER_S);
    const sent = meanOf(recent, 'encoder.kbps', OVER_S);
    if (acked === undefined || sent === undefined || sent < 100) return [];
    const isBehind = destination.queueMs > BEHIND_MS || sumOf(recent, `destination.${id}.dropped`, OVER_S) > 0;
    // A far end that acknowledges seldom is not slow: something must be waiting or lost as well.
    if (!isBehind || acked > sent * ENOUGH) return [];
    return [{
      code: 'DESTINATION_SLOW', level: 'error', ids: [id], message: `${name} acknowledges ${mbit(acked)} of ${mbit(sent)} Mb/s: your upload is too slow.`,
      advice: `Lower the bitrate to ${fitting(acked)} kb/s, use a cable, or send to fewer destinations.`,
    }];
  });
}

/** A round figure that the line takes. */
function fitting(ackedKbps: number): number {
  const fits = ackedKbps * OF_THE_LINE;
  const step = fits >= 1000 ? 500 : 100;
  return Math.max(300, Math.floor(fits / step) * step);
}
