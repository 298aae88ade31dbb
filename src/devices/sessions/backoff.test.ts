import { expect, it } from 'vitest';
import { backoffMs, MAX_BACKOFF_MS } from './backoff.js';

it('begins at 1–2 s and doubles', () => {
  expect([backoffMs('reconnect', 0, 0), backoffMs('reconnect', 0, 1)]).toEqual([1000, 2000]);
  expect([backoffMs('reconnect', 3, 0), backoffMs('reconnect', 3, 1)]).toEqual([8000, 16_000]);
});

it('never waits longer than 5 minutes, and keeps its spread there', () => {
  for (const attempts of [9, 20, 1000]) {
    expect(backoffMs('reconnect', attempts, 1)).toBe(MAX_BACKOFF_MS);
    expect(backoffMs('reconnect', attempts, 0)).toBe(MAX_BACKOFF_MS / 2);
  }
});

it('restarts at once, and takes its time where the server or another holder is the reason', () => {
  expect(backoffMs('restart', 4, 1)).toBe(0);
  expect(backoffMs('reconnect_slowly', 0, 0)).toBe(15_000);
  expect(backoffMs('check_lease', 0, 0)).toBe(60_000);
});
