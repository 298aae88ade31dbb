import { expect, it } from 'vitest';
import { nextAttemptAfterMs, RETRY_AFTER_MS } from './retry-schedule.js';

it('waits longer each time, for three days in all', () => {
  const waits = RETRY_AFTER_MS.map((_, index) => nextAttemptAfterMs(index + 1, undefined, 0) ?? 0);
  expect(waits[0]).toBe(5_000);
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  const days = waits.reduce((sum, wait) => sum + wait, 0) / 86_400_000;
  expect(days).toBeGreaterThan(3);
  expect(days).toBeLessThan(3.5);
});

it('has an end', () => {
  expect(nextAttemptAfterMs(RETRY_AFTER_MS.length + 1, undefined, 0)).toBeNull();
});

it('spreads by a tenth at most', () => {
  expect(nextAttemptAfterMs(1, undefined, 0.999)).toBeLessThanOrEqual(5_500);
});

it('waits as long as it is asked to, but not for ever', () => {
  expect(nextAttemptAfterMs(1, 60_000, 0)).toBe(60_000);
  expect(nextAttemptAfterMs(3, 60_000, 0)).toBe(1_800_000);
  expect(nextAttemptAfterMs(1, 365 * 86_400_000, 0)).toBe(86_400_000);
});
