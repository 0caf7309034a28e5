import { describe, expect, it } from 'vitest';
import { isUnderWay, localMoment } from '../../../src/panel/lib/under-way.js';
import { ScheduleEventInput } from '../../../src/protocol/schedule.js';

const event = (fields: object) => ScheduleEventInput.parse({ name: 'Evening', when: { kind: 'daily', at: '20:00' }, do: { action: 'play', timelineId: 'tl_00000001' }, ...fields });
const saturday = (time: string) => ({ date: '2026-11-28', time });

describe('an event that is being written', () => {
  it('is under way once its start of today has passed, for as long as it lasts', () => {
    expect(isUnderWay(event({}), saturday('19:59:59'))).toBe(false);
    expect(isUnderWay(event({}), saturday('20:00:00'))).toBe(true);
    const hour = event({ do: { action: 'play', timelineId: 'tl_00000001', forMs: 3_600_000 } });
    expect(isUnderWay(hour, saturday('20:59:59'))).toBe(true);
    expect(isUnderWay(hour, saturday('21:00:00'))).toBe(false);
  });

  it('is so on its days only', () => {
    expect(isUnderWay(event({ when: { kind: 'weekly', days: ['sat'], at: '08:00' } }), saturday('09:00:00'))).toBe(true);
    expect(isUnderWay(event({ when: { kind: 'weekly', days: ['fri', 'sun'], at: '08:00' } }), saturday('09:00:00'))).toBe(false);
    expect(isUnderWay(event({ when: { kind: 'once', at: '2026-11-28T08:30' } }), saturday('09:00:00'))).toBe(true);
    expect(isUnderWay(event({ when: { kind: 'once', at: '2026-11-27T08:30' } }), saturday('09:00:00'))).toBe(false);
    expect(isUnderWay(event({ fromDate: '2026-11-29' }), saturday('21:00:00'))).toBe(false);
    expect(isUnderWay(event({ untilDate: '2026-11-27' }), saturday('21:00:00'))).toBe(false);
  });

  it('is not so when it plays nothing or is switched off', () => {
    expect(isUnderWay(event({ do: { action: 'broadcast-start' } }), saturday('21:00:00'))).toBe(false);
    expect(isUnderWay(event({ enabled: false }), saturday('21:00:00'))).toBe(false);
  });
});

it('a moment is told as the clocks of its zone show it', () => {
  expect(localMoment(new Date('2026-11-28T23:30:05Z'), 'Europe/Berlin')).toEqual({ date: '2026-11-29', time: '00:30:05' });
});
