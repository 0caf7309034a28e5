import { describe, expect, it } from 'vitest';
import { dbAt, dbText, placeOf, readDb, stepped } from '../../../src/panel/lib/fader.js';

describe('a fader', () => {
  it('has its ends where they are, 0 dB at three quarters, and every place has one level', () => {
    expect([dbAt(0), dbAt(0.75), dbAt(1), dbAt(-1), dbAt(2)]).toEqual([-60, 0, 12, -60, 12]);
    let last = -61;
    for (let place = 0; place <= 1; place += 0.005) {
      const db = dbAt(place);
      expect(db).toBeGreaterThanOrEqual(last);
      last = db;
    }
    for (let db = -60; db <= 12; db += 0.1) expect(dbAt(placeOf(db))).toBeCloseTo(db, 0.9);
    expect(placeOf(-100)).toBe(0);
  });

  it('is finest around 0 dB', () => {
    expect(placeOf(0) - placeOf(-3)).toBeGreaterThan(3 * (placeOf(-50) - placeOf(-53)));
  });

  it('is written with a true minus, its lower end as silence', () => {
    expect([-6.5, 0, -0, 3, -60, 12].map(dbText)).toEqual(['−6.5 dB', '0.0 dB', '0.0 dB', '+3.0 dB', '−∞ dB', '+12.0 dB']);
  });

  it('steps on a grid and stops at its ends', () => {
    expect(stepped(0, 0.5)).toBe(0.5);
    expect(stepped(-6.3, 0.5)).toBe(-6);
    expect(stepped(-6.3, -0.5)).toBe(-6.5);
    expect(stepped(-6.3, 3)).toBe(-6);
    expect(stepped(-6, -3)).toBe(-9);
    expect([stepped(12, 0.5), stepped(-60, -3)]).toEqual([12, -60]);
    let db = -60;
    for (let i = 0; i < 144; i++) db = stepped(db, 0.5);
    expect(db).toBe(12);
  });

  it.each([['-6.5', -6.5], ['−6,5 dB', -6.5], ['+3', 3], [' 0 ', 0], ['-∞', -60], ['off', -60], ['99', 12], ['-99 dB', -60], ['.5', 0.5]])('reads %s', (typed, db) => {
    expect(readDb(typed)).toBe(db);
  });

  it.each(['', 'loud', '1 2', '--3', '6 ms'])('does not read %s', (typed) => expect(readDb(typed)).toBeNull());
});
