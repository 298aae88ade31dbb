import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SendOutcome } from '../../providers/whatsapp-provider.js';
import { Breakers } from './breakers.js';

const ACCEPTED: SendOutcome = { outcome: 'accepted', providerMessageId: 'w' };
const UNKNOWN: SendOutcome = { outcome: 'unknown', reason: 'no answer' };
const refused = (kind: 'retry' | 'recipient' | 'rate' | 'auth'): SendOutcome => ({
  outcome: 'rejected',
  class: kind,
  code: 'X',
  reason: 'because',
});

let breakers: Breakers;
const make = async (connection: string, ...outcomes: readonly SendOutcome[]) => {
  for (const outcome of outcomes) await breakers.watch(connection, async () => outcome);
};

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-24T10:00:00Z') });
  breakers = new Breakers();
});
afterEach(() => vi.useRealTimers());

describe('whether calls by a line are worth making', () => {
  test('four failures in a row open it, for that line alone', async () => {
    await make('a', refused('retry'), UNKNOWN, refused('retry'));
    expect(breakers.isBroken('a')).toBe(false);
    await make('a', UNKNOWN);
    expect([breakers.isBroken('a'), breakers.isBroken('b')]).toEqual([true, false]);
    await expect(make('a', ACCEPTED)).rejects.toThrow();
  });

  test('half of ten seconds’ calls open it', async () => {
    for (let n = 0; n < 5; n += 1) await make('a', UNKNOWN, ACCEPTED);
    expect(breakers.isBroken('a')).toBe(false);
    await make('a', UNKNOWN);
    expect(breakers.isBroken('a')).toBe(true);
  });

  test('what is refused for the message’s own sake says nothing against the line', async () => {
    for (let n = 0; n < 20; n += 1) await make('a', refused('recipient'), refused('rate'), refused('auth'));
    expect(breakers.isBroken('a')).toBe(false);
  });

  test('after a second one call finds out, alone; it closes', async () => {
    await make('a', UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN);
    vi.advanceTimersByTime(999);
    expect(breakers.isBroken('a')).toBe(true);
    vi.advanceTimersByTime(1);
    expect(breakers.isBroken('a')).toBe(false);
    const answer = Promise.withResolvers<SendOutcome>();
    const finding = breakers.watch('a', () => answer.promise);
    expect(breakers.isBroken('a')).toBe(true);
    answer.resolve(ACCEPTED);
    expect(await finding).toBe(ACCEPTED);
    expect(breakers.isBroken('a')).toBe(false);
  });

  test('or doubles the pause, to a minute at most', async () => {
    await make('a', UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN);
    for (const pauseMs of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
      vi.advanceTimersByTime(pauseMs - 1);
      expect(breakers.isBroken('a')).toBe(true);
      vi.advanceTimersByTime(1);
      await make('a', UNKNOWN);
    }
  });
});
