import { expect, it } from 'vitest';
import { RequestWindows } from './request-windows.js';

it('counts each key apart and begins anew when its window ends', async () => {
  let now = 0;
  const windows = new RequestWindows(() => now);
  const hit = (key: string) => windows.increment(key, 60_000, 2);
  await hit('a');
  now = 20_500;
  expect(await hit('a')).toEqual({ totalHits: 2, timeToExpire: 40, isBlocked: false, timeToBlockExpire: 0 });
  expect(await hit('a')).toEqual({ totalHits: 3, timeToExpire: 40, isBlocked: true, timeToBlockExpire: 40 });
  expect(await hit('b')).toMatchObject({ totalHits: 1, timeToExpire: 60, isBlocked: false });
  now = 60_000;
  expect(await hit('a')).toMatchObject({ totalHits: 1, timeToExpire: 60, isBlocked: false });
});

it('forgets who has not come for a window', async () => {
  let now = 0;
  const windows = new RequestWindows(() => now);
  for (let caller = 0; caller < 100; caller += 1) await windows.increment(`caller${caller}`, 60_000, 2);
  now = 60_001;
  await windows.increment('new', 60_000, 2);
  expect(windows.size).toBe(1);
});
