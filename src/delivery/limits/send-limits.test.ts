import { beforeEach, describe, expect, test } from 'vitest';
import { Clock } from '../../platform/clock.js';
import { SendLimits } from './send-limits.js';

class HeldClock extends Clock {
  ms = 1_000_000;

  now(): Date {
    return new Date(this.ms);
  }
}

let clock: HeldClock;
let limits: SendLimits;

beforeEach(() => {
  clock = new HeldClock();
  limits = new SendLimits(clock);
});

function take(provider: string, connectionId: string, address: string, lane: number, number: string | null = null) {
  return limits.take({ provider, connectionId, number }, address, lane) as number;
}

/** How many different customers may be written to right now. */
function allowedNow(lane: number): number {
  for (let n = 0; n < 1000; n += 1) if (take('official', 'line', `customer-${lane}-${n}`, lane) > 0) return n;
  throw new Error('no limit was met');
}

describe('how fast a line may send', () => {
  test('80 at once, then 80 a second', () => {
    expect(allowedNow(0)).toBe(80);
    clock.ms += 500;
    expect(allowedNow(0)).toBe(40);
  });

  test('a campaign leaves room for replies', () => {
    const campaign = allowedNow(2);
    expect(campaign).toBe(56);
    expect(allowedNow(1)).toBe(16);
    expect(allowedNow(0)).toBe(8);
  });

  test('45 at once to one customer, then one in six seconds', () => {
    for (let n = 0; n < 45; n += 1) expect(take('official', 'line', 'ana', 0)).toBe(0);
    expect(take('official', 'line', 'ana', 0)).toBe(6000);
    expect(take('official', 'line', 'bea', 0)).toBe(0);
    clock.ms += 6000;
    expect(take('official', 'line', 'ana', 0)).toBe(0);
    expect(take('official', 'line', 'ana', 0)).toBe(6000);
  });

  test('those that must wait are told different times', () => {
    allowedNow(0);
    const waits = Array.from({ length: 5 }, (_, n) => take('official', 'line', `late-${n}`, 0));
    expect(new Set(waits).size).toBe(5);
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  });

  test('connections of one number share its allowance', () => {
    for (let n = 0; n < 80; n += 1) take('official', 'one', `customer-${n}`, 0, '5215500000001');
    expect(take('official', 'two', 'ana', 0, '5215500000001')).toBeGreaterThan(0);
  });

  test('lines do not share their allowance', () => {
    allowedNow(0);
    expect(take('official', 'other line', 'ana', 0)).toBe(0);
  });

  test('a line that was told to slow down pauses, whichever its provider', () => {
    limits.pause({ provider: 'simulator', connectionId: 'sim', number: null }, 2000);
    expect(take('simulator', 'sim', 'ana', 0)).toBeGreaterThanOrEqual(2000);
    clock.ms += 2000;
    expect(take('simulator', 'sim', 'ana', 0)).toBe(0);
  });

  test('the simulator has no limit', () => {
    for (let n = 0; n < 200; n += 1) expect(take('simulator', 'sim', 'ana', 2)).toBe(0);
  });

  test('remembers a bounded number of customers, the busiest ones longest', () => {
    for (let n = 0; n < 45; n += 1) take('official', 'line', 'ana', 0);
    for (let n = 0; n < 25_000; n += 1) {
      if (n % 5000 === 0) clock.ms += 1000;
      take('official', `line ${n}`, 'someone', 0);
      if (n % 1000 === 0) take('official', 'line', 'ana', 0);
    }
    expect(take('official', 'line', 'ana', 0)).toBeGreaterThan(0);
  });
});
