import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RequestWindows } from './request-windows.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('counts each key apart and begins anew when its window ends', async () => {
  const windows = new RequestWindows(null);
  const hit = (key: string) => windows.increment(key, 60_000, 2);
  await hit('a');
  vi.advanceTimersByTime(20_500);
  expect(await hit('a')).toEqual({ totalHits: 2, timeToExpire: 40, isBlocked: false, timeToBlockExpire: 0 });
  expect(await hit('a')).toEqual({ totalHits: 3, timeToExpire: 40, isBlocked: true, timeToBlockExpire: 40 });
  expect(await hit('b')).toMatchObject({ totalHits: 1, timeToExpire: 60, isBlocked: false });
  vi.advanceTimersByTime(39_500);
  expect(await hit('a')).toMatchObject({ totalHits: 1, timeToExpire: 60, isBlocked: false });
});

it('forgets who has not come for a window', async () => {
  const windows = new RequestWindows(null);
  for (let caller = 0; caller < 100; caller += 1) await windows.increment(`caller${caller}`, 60_000, 2);
  expect(vi.getTimerCount()).toBe(100);
  vi.advanceTimersByTime(60_001);
  expect([vi.getTimerCount(), await windows.findLeftMs('caller0')]).toEqual([0, null]);
});
