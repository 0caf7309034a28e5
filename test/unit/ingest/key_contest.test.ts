import { beforeEach, describe, expect, it } from 'vitest';
import { KeyContest } from '../../../src/ingest/key-contest.js';
import { FakeClock } from '../../fakes/fake-clock.js';

describe('a key that two encoders push with', () => {
  let clock: FakeClock;
  let contest: KeyContest;
  beforeEach(() => {
    clock = new FakeClock();
    contest = new KeyContest(clock);
  });
  /** One that was there for two seconds, and sent until just now, has lost its place. */
  const taken = (): void => contest.taken(2000, 30);

  it('is fought for when the place of one that sends was taken twice within a minute', () => {
    taken();
    expect(contest.isOn).toBe(false);
    clock.pass(59_000);
    taken();
    expect(contest.isOn).toBe(true);
    clock.pass(2000);
    expect(contest.isOn).toBe(false);
    taken();
    expect(contest.isOn).toBe(true);
  });

  it('is not by one that comes back, whose connection before is silent or has hardly begun', () => {
    for (let i = 0; i < 10; i += 1) {
      contest.taken(60_000, 800);
      contest.taken(100, 10);
      contest.taken(60_000, null);
    }
    expect(contest.isOn).toBe(false);
  });

  it('is not any more when the one that was there sends nothing while another waits', () => {
    taken();
    taken();
    contest.letIn();
    expect(contest.isOn).toBe(false);
    taken();
    expect(contest.isOn).toBe(false);
  });

  it('stays fought for while the other one tries, however seldom, and is told once', () => {
    taken();
    taken();
    expect(contest.rival).toBeNull();
    expect(contest.refused('10.0.0.9')).toBe(true);
    for (let i = 0; i < 5; i += 1) {
      clock.pass(15 * 60_000);
      expect(contest.isOn).toBe(true);
      expect(contest.refused('10.0.0.9')).toBe(false);
      expect(contest.rival).toBe('10.0.0.9');
    }
    clock.pass(3 * 60_000);
    expect(contest.rival).toBeNull();
    expect(contest.isOn).toBe(true);
    clock.pass(20 * 60_000);
    expect(contest.isOn).toBe(false);
    taken();
    taken();
    expect(contest.refused('10.0.0.9')).toBe(true);
  });

  it('is not any more with a new key', () => {
    taken();
    taken();
    contest.refused('10.0.0.9');
    contest.forget();
    expect(contest.isOn).toBe(false);
    expect(contest.rival).toBeNull();
  });
});
