import { describe, expect, it } from 'vitest';
import { SilenceWatch } from './silence-watch.js';
import { TrafficProfile } from './traffic-profile.js';

const HOUR_MS = 3_600_000;
const MONDAY_NINE = new Date('2026-03-02T09:00:00Z');
const later = (hours: number, from = MONDAY_NINE) => new Date(from.getTime() + hours * HOUR_MS);
const minutes = (count: number, from: Date) => new Date(from.getTime() + count * 60_000);

/** A number that gets so many messages an hour, around the clock, known for a week. */
function busy(perHour: number): object {
  return { rates: Array.from({ length: 168 }, () => perHour), weeks: Array.from({ length: 168 }, () => 4) };
}

describe('what is usual', () => {
  it('is learnt of whole hours, weighs the newest week most, and is kept', () => {
    const profile = new TrafficProfile();
    profile.begin(MONDAY_NINE);
    profile.note(minutes(5, MONDAY_NINE), 10);
    profile.note(later(1.5), 4);
    expect(profile.expected(later(168), later(169))).toBe(10);
    profile.roll(later(2));
    expect(profile.expected(later(169), later(170))).toBe(4);
    profile.note(later(168.1), 20);
    profile.roll(later(169));
    expect(profile.expected(later(336), later(336.5))).toBeCloseTo((10 * 0.7 + 20 * 0.3) / 2);
    const again = new TrafficProfile(JSON.parse(JSON.stringify(profile)) as object);
    expect(again.expected(later(336), later(338))).toBeCloseTo(profile.expected(later(336), later(338)));
  });

  it('does not come from hours in which the session was not open from end to end', () => {
    const profile = new TrafficProfile();
    profile.begin(minutes(30, MONDAY_NINE));
    profile.note(minutes(40, MONDAY_NINE), 50);
    expect(profile.roll(later(1))).toBe(false);
    expect(profile.expected(later(168), later(169))).toBe(0);
  });

  it.each([null, {}, { rates: [1], weeks: [1] }, { rates: Array.from({ length: 168 }, () => -1), weeks: [] }])(
    'begins anew where nothing readable is stored (%s)',
    (stored) => {
      expect(new TrafficProfile(stored).expected(MONDAY_NINE, later(100))).toBe(0);
    },
  );
});

describe('silence', () => {
  it('is looked into step by step, each when more of it is still unusual', () => {
    const watch = new SilenceWatch(busy(60), MONDAY_NINE);
    watch.opened(MONDAY_NINE);
    const steps: [number, string][] = [];
    for (let minute = 1; minute <= 90; minute += 1) {
      const step = watch.check(minutes(minute, MONDAY_NINE));
      if (step) steps.push([minute, step]);
    }
    expect(steps.slice(0, 4)).toEqual([
      [10, 'probe'],
      [15, 'reconnect'],
      [20, 'move'],
      [25, 'tell'],
    ]);
    // A person knows; from here on only the routine question.
    expect(new Set(steps.slice(4).map(([, step]) => step))).toEqual(new Set(['probe']));
  });

  it('of a quiet number is not unusual: it is only probed', () => {
    const watch = new SilenceWatch(busy(0.01), MONDAY_NINE);
    watch.opened(MONDAY_NINE);
    const steps = new Set<string | null>();
    for (let minute = 1; minute <= 600; minute += 1) steps.add(watch.check(minutes(minute, MONDAY_NINE)));
    expect(steps).toEqual(new Set([null, 'probe']));
  });

  it('goes on where it was after a move to another process, and begins anew with a message', () => {
    const watch = new SilenceWatch(busy(60), MONDAY_NINE);
    watch.opened(MONDAY_NINE);
    for (const minute of [10, 15, 20]) watch.check(minutes(minute, MONDAY_NINE));
    const moved = new SilenceWatch(JSON.parse(JSON.stringify(watch)) as object, minutes(21, MONDAY_NINE));
    moved.opened(minutes(21, MONDAY_NINE));
    expect(moved.check(minutes(26, MONDAY_NINE))).toBe('tell');
    moved.inbound(minutes(27, MONDAY_NINE), 1);
    expect(moved.check(minutes(36, MONDAY_NINE))).toBeNull();
    expect(moved.check(minutes(37, MONDAY_NINE))).toBe('probe');
  });
});
