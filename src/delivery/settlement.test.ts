import { describe, expect, test } from 'vitest';
import type { RejectionClass, SendOutcome } from '../providers/whatsapp-provider.js';
import { MAX_ATTEMPTS, settle as decide } from './settlement.js';

const rejected = (rejection: RejectionClass, code = 'X', retryAfterMs?: number, more: object = {}): SendOutcome => ({
  outcome: 'rejected',
  class: rejection,
  code,
  reason: 'because',
  retryAfterMs,
  ...more,
});

function settle(outcome: SendOutcome, attempt: number, other: string | null, jitter: number, mayTemplate = false) {
  return decide(outcome, { attempt, otherConnectionId: other, mayTemplate, jitter });
}

function delaysOf(outcome: SendOutcome, attempts: readonly number[]) {
  return attempts.map((attempt) => {
    const settlement = settle(outcome, attempt, null, 0);
    return settlement.to === 'pending' ? settlement.delayMs : null;
  });
}

describe('what becomes of a send', () => {
  test('INV-5 only refusals go round again; an ambiguous outcome is held', () => {
    expect(settle({ outcome: 'accepted', providerMessageId: 'w' }, 1, 'other', 0)).toEqual({
      to: 'sent',
      providerMessageId: 'w',
    });
    expect(settle({ outcome: 'unknown', reason: 'reset' }, 1, 'other', 0)).toEqual({
      to: 'unknown',
      error: { code: 'unknown', class: 'unknown', reason: 'reset' },
    });
  });

  test('a retry backs off and doubles, up to five minutes', () => {
    expect(delaysOf(rejected('retry'), [1, 2, 3, 7])).toEqual([1000, 2000, 4000, 64_000]);
  });

  test('a wait grows as the provider says: the pair rate is 4^X seconds, X from nought', () => {
    const outcome = rejected('rate', '131056', 1000, { waitGrowth: 4 });
    expect(delaysOf(outcome, [1, 2, 3, 7])).toEqual([1000, 4000, 16_000, 900_000]);
    const hour = rejected('rate', '131048', 3_600_000, { waitGrowth: 2 });
    expect(delaysOf(hour, [1, 3])).toEqual([3_600_000, 3_600_000]);
  });

  test('what may be repeated once is wrong itself when it is refused again', () => {
    const outcome = rejected('retry', '131053', undefined, { maxRepeats: 1 });
    expect(settle(outcome, 1, null, 0)).toMatchObject({ to: 'pending', error: { class: 'retry' } });
    expect(settle(outcome, 2, null, 0)).toMatchObject({ to: 'failed', error: { code: '131053', class: 'permanent' } });
  });

  test('waits at least as long as the provider asked, and spreads what failed together', () => {
    expect(settle(rejected('rate', '4', 60_000), 1, null, 0)).toMatchObject({ to: 'pending', delayMs: 60_000 });
    expect(settle(rejected('rate', '4', 60_000), 1, null, 1)).toMatchObject({ to: 'pending', delayMs: 75_000 });
  });

  test('gives up after the last attempt with the last reason', () => {
    expect(settle(rejected('retry', 'ECONNREFUSED'), MAX_ATTEMPTS, null, 0)).toEqual({
      to: 'failed',
      error: { code: 'ECONNREFUSED', class: 'retry', reason: 'because' },
    });
  });

  test.each(['failover', 'auth'] as const)('%s goes to another line at once, and fails without one', (rejection) => {
    expect(settle(rejected(rejection), 1, 'other', 0)).toMatchObject({
      to: 'pending',
      delayMs: 0,
      connectionId: 'other',
    });
    expect(settle(rejected(rejection), 1, null, 0)).toMatchObject({ to: 'failed', error: { class: rejection } });
    expect(settle(rejected(rejection), MAX_ATTEMPTS, 'other', 0)).toMatchObject({ to: 'failed' });
  });

  test('who fails twice is left for another line', () => {
    expect(settle(rejected('retry'), 1, 'other', 0)).toMatchObject({ to: 'pending', delayMs: 1000 });
    expect(settle(rejected('retry'), 1, 'other', 0)).not.toHaveProperty('connectionId');
    const left = { to: 'pending', delayMs: 0, connectionId: 'other' };
    expect(settle(rejected('retry'), 2, 'other', 0)).toMatchObject(left);
  });

  test('a number that must be quiet for a minute or more is left; a shorter wait, or one customer’s, is waited for', () => {
    const left = { to: 'pending', delayMs: 0, connectionId: 'other' };
    expect(settle(rejected('rate', '131048', 3_600_000, { slows: 'number' }), 1, 'other', 0)).toMatchObject(left);
    for (const [waitMs, slows] of [
      [1000, 'number'],
      [3_600_000, 'pair'],
    ] as const) {
      const waits = settle(rejected('rate', 'X', waitMs, { slows }), 1, 'other', 0);
      expect(waits).toMatchObject({ to: 'pending', delayMs: waitMs });
      expect(waits).not.toHaveProperty('connectionId');
    }
  });

  test('what came too late for free text goes round once more where the bot has a template', () => {
    const late = rejected('template', '131047');
    expect(settle(late, 1, null, 0, true)).toMatchObject({ to: 'pending', error: { code: 'window_closed' } });
    expect(settle(late, MAX_ATTEMPTS, null, 0, true)).toMatchObject({ to: 'failed' });
  });

  test('a closed window has a name of its own; other final refusals keep the provider’s code', () => {
    expect(settle(rejected('template', '131047'), 1, 'other', 0)).toMatchObject({
      to: 'failed',
      error: { code: 'window_closed' },
    });
    for (const rejection of ['recipient', 'permanent'] as const) {
      expect(settle(rejected(rejection, '131026'), 1, 'other', 0)).toMatchObject({
        to: 'failed',
        error: { code: '131026' },
      });
    }
  });
});
