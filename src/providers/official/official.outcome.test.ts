import { describe, expect, it } from 'vitest';
import { toSendOutcome } from './official.outcome.js';

function answered(status: number, body: unknown, retryAfter: string | null = null) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return toSendOutcome({ stage: 'answered', status, retryAfter, body: text });
}

function graphError(code: number, details?: string) {
  return { error: { message: `(#${code}) refused`, type: 'OAuthException', code, error_data: details && { details } } };
}

describe('accepted', () => {
  it('is only what carries an id', () => {
    const body = { messaging_product: 'whatsapp', contacts: [], messages: [{ id: 'wamid.A' }] };
    expect(answered(200, body)).toEqual({ outcome: 'accepted', providerMessageId: 'wamid.A' });
  });

  it.each<[string, unknown]>([
    ['no messages', { messages: [] }],
    ['an empty id', { messages: [{ id: '' }] }],
    ['half a JSON', '{"messages":[{"id":"wam'],
    ['an empty body', ''],
    ['a page', '<html></html>'],
    ['an error with a code', graphError(131026)],
  ])('INV-5: a 200 with %s is unknown', (_, body) => {
    expect(answered(200, body)).toMatchObject({ outcome: 'unknown' });
  });
});

describe('refused', () => {
  it.each([
    [400, 131047, 'template'],
    [401, 190, 'auth'],
    [403, 131056, 'rate'],
    [500, 131000, 'retry'],
    [500, 131016, 'retry'],
    [503, 2, 'retry'],
    [503, 133004, 'retry'],
    [400, 131026, 'recipient'],
    [404, 132001, 'permanent'],
    [403, 368, 'failover'],
  ])('INV-5: HTTP %d with code %d is refused, class %s', (status, code, expected) => {
    expect(answered(status, graphError(code))).toMatchObject({
      outcome: 'rejected',
      class: expected,
      code: String(code),
    });
  });

  it('tells the reason with its details', () => {
    expect(answered(400, graphError(131009, 'to: not a number'))).toMatchObject({
      reason: '(#131009) refused: to: not a number',
    });
    expect(answered(400, { error: { code: 100 } })).toMatchObject({ code: '100', reason: 'no reason given' });
  });

  it('waits as long as the table says, or longer when Meta asks for it', () => {
    expect(answered(429, graphError(130429))).toMatchObject({ class: 'rate', retryAfterMs: 1000 });
    expect(answered(429, graphError(130429), '7')).toMatchObject({ retryAfterMs: 7000 });
    expect(answered(429, graphError(80007), '7')).toMatchObject({ retryAfterMs: 300_000 });
    expect(answered(500, graphError(131000))).toHaveProperty('retryAfterMs', undefined);
  });

  it('carries what the table knows about repeats, waits and what is slowed', () => {
    expect(answered(500, graphError(1))).toMatchObject({ class: 'retry', maxRepeats: 1 });
    expect(answered(400, graphError(131053))).toMatchObject({ class: 'retry', maxRepeats: 1 });
    expect(answered(403, graphError(131056))).toMatchObject({ retryAfterMs: 1000, waitGrowth: 4, slows: 'pair' });
    expect(answered(429, graphError(130429))).toMatchObject({ waitGrowth: 2, slows: 'number' });
  });

  it('reads a wait given as a date', () => {
    const outcome = answered(429, 'slow down', new Date(Date.now() + 60_000).toUTCString());
    if (outcome.outcome !== 'rejected') throw new Error(outcome.outcome);
    expect(outcome.retryAfterMs).toBeGreaterThan(50_000);
    expect(outcome.retryAfterMs).toBeLessThanOrEqual(60_000);
    expect(answered(429, 'slow down', 'soon')).toHaveProperty('retryAfterMs', undefined);
  });

  it.each([
    [429, 'rate'],
    [401, 'auth'],
    [403, 'auth'],
    [407, 'auth'],
    [302, 'retry'],
    [400, 'permanent'],
    [413, 'permanent'],
  ])('INV-5: HTTP %d without a code is refused, class %s', (status, expected) => {
    expect(answered(status, '<html></html>')).toMatchObject({
      outcome: 'rejected',
      class: expected,
      code: `HTTP_${status}`,
    });
  });

  it('takes a code newer than the table for a wrong message', () => {
    expect(answered(400, graphError(999_999))).toMatchObject({ class: 'permanent', code: '999999' });
  });

  it('INV-5: what never left may leave again', () => {
    expect(toSendOutcome({ stage: 'notSent', code: 'ECONNREFUSED', reason: 'refused' })).toEqual({
      outcome: 'rejected',
      class: 'retry',
      code: 'ECONNREFUSED',
      reason: 'refused',
    });
    const impossible = { stage: 'notSent', code: 'UND_ERR_INVALID_ARG', reason: 'invalid header' } as const;
    expect(toSendOutcome(impossible)).toMatchObject({ outcome: 'rejected', class: 'permanent' });
  });
});

describe('unknown', () => {
  it.each<[number, unknown]>([
    [500, '<html></html>'],
    [502, ''],
    [503, graphError(999_999)],
    [504, { error: { code: 'x' } }],
    [408, 'time-out'],
  ])('INV-5: HTTP %d with %j proves nothing', (status, body) => {
    expect(answered(status, body)).toMatchObject({
      outcome: 'unknown',
      reason: expect.stringContaining(String(status)),
    });
  });

  it('INV-5: a lost answer proves nothing', () => {
    expect(toSendOutcome({ stage: 'noAnswer', reason: 'reset' })).toEqual({ outcome: 'unknown', reason: 'reset' });
  });
});
