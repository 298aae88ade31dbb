import { describe, expect, it } from 'vitest';
import { asksForState, toSendOutcome, type InstanceState } from './evolution.outcome.js';

function answered(status: number, body: unknown, state: InstanceState = null, retryAfter: string | null = null) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return toSendOutcome({ stage: 'answered', status, retryAfter, body: text }, state);
}

function refusal(status: number, message: unknown) {
  return { status, error: 'Some Error', response: { message } };
}

describe('accepted', () => {
  it('is only what carries the key of a message', () => {
    const key = { remoteJid: '1@s.whatsapp.net', fromMe: true, id: '3EB0A1' };
    expect(answered(201, { key, status: 'PENDING' })).toEqual({ outcome: 'accepted', providerMessageId: '3EB0A1' });
  });

  it('is also known by the beginning of an answer whose rest was dropped', () => {
    const head = '{"key":{"remoteJid":"1@s.whatsapp.net","fromMe":true,"id":"3EB0A1"},"message":{"base64":"AAAA';
    expect(answered(201, head)).toEqual({ outcome: 'accepted', providerMessageId: '3EB0A1' });
  });

  it.each<[string, unknown]>([
    ['no key', { status: 'PENDING' }],
    ['an empty id', { key: { id: '' } }],
    ['half a key', '{"key":{"remoteJid":"1@s.whatsapp.net","fromMe":true,"id":"3EB0'],
    ['a page', '<html></html>'],
    ['an error Meta never listed', { message: '(#999999) new', type: 'OAuthException', code: 999_999 }],
    ['an error of its own', { error: true, message: 'x' }],
  ])('INV-5: a 201 with %s is unknown', (_, body) => expect(answered(201, body)).toMatchObject({ outcome: 'unknown' }));
});

describe('refused', () => {
  it.each<[number, unknown, string, string]>([
    [400, ['requires property "text"'], 'permanent', 'HTTP_400'],
    [400, ['Invalid format'], 'permanent', 'HTTP_400'],
    [400, ['Owned media must be a url or base64'], 'permanent', 'HTTP_400'],
    [400, [{ jid: '1@s.whatsapp.net', exists: false, number: '1' }], 'recipient', 'NOT_ON_WHATSAPP'],
    [400, [[{ jid: '1@s.whatsapp.net', exists: false, number: '1' }]], 'recipient', 'NOT_ON_WHATSAPP'],
    [401, 'Unauthorized', 'auth', 'HTTP_401'],
    [403, ['This name "a" is already in use.'], 'permanent', 'HTTP_403'],
    [404, ['The "a" instance does not exist'], 'auth', 'HTTP_404'],
    [404, ['Cannot POST /message/sendText/a'], 'auth', 'HTTP_404'],
    [500, 'Method not available in the Baileys service', 'failover', 'METHOD_UNAVAILABLE'],
    [400, ['Error: rate-overlimit'], 'rate', 'RATE_OVERLIMIT'],
    [500, 'rate-overlimit', 'rate', 'RATE_OVERLIMIT'],
    [500, "Cannot read properties of undefined (reading 'textMessage')", 'failover', 'INSTANCE_NOT_LOADED'],
  ])('INV-5: HTTP %d %j is refused, class %s, code %s', (status, message, expected, code) => {
    expect(answered(status, refusal(status, message))).toMatchObject({ outcome: 'rejected', class: expected, code });
  });

  it.each(['close', 'connecting', 'refused'])('INV-5: a 500 of an instance in state %s is refused', (state) => {
    expect(answered(500, refusal(500, 'Connection Closed'), state)).toMatchObject({
      outcome: 'rejected',
      class: 'failover',
      code: 'INSTANCE_NOT_OPEN',
    });
  });

  it('a server without a licence is an account that does not work', () => {
    const body = { error: 'service not activated', code: 'LICENSE_REQUIRED', message: 'License required.' };
    expect(answered(503, body)).toEqual({
      outcome: 'rejected',
      class: 'auth',
      code: 'LICENSE_REQUIRED',
      reason: 'License required.',
      retryAfterMs: undefined,
    });
    expect(answered(503, { code: 'LICENSE_REQUIRED' })).toMatchObject({ class: 'auth', code: 'LICENSE_REQUIRED' });
  });

  it.each([
    [131_047, 'template'],
    [131_026, 'recipient'],
    [190, 'auth'],
    [130_429, 'rate'],
  ])('INV-5: Meta’s code %d under a 201 is refused, class %s', (code, expected) => {
    const body = { message: `(#${code}) refused`, type: 'OAuthException', code, error_data: {}, fbtrace_id: 'A' };
    expect(answered(201, body)).toMatchObject({ outcome: 'rejected', class: expected, code: String(code) });
  });

  it.each([
    [302, 'retry'],
    [401, 'auth'],
    [403, 'auth'],
    [407, 'auth'],
    [413, 'permanent'],
    [429, 'rate'],
  ])('INV-5: HTTP %d of a proxy is refused, class %s', (status, expected) => {
    expect(answered(status, '<html></html>', null, '3')).toMatchObject({
      outcome: 'rejected',
      class: expected,
      code: `HTTP_${status}`,
      retryAfterMs: 3000,
    });
  });

  it('INV-5: what never left may leave again', () => {
    const refused = { stage: 'notSent', code: 'ECONNREFUSED', reason: 'refused' } as const;
    expect(toSendOutcome(refused)).toMatchObject({ outcome: 'rejected', class: 'retry', code: 'ECONNREFUSED' });
    const impossible = { stage: 'notSent', code: 'UND_ERR_INVALID_ARG', reason: 'invalid header' } as const;
    expect(toSendOutcome(impossible)).toMatchObject({ outcome: 'rejected', class: 'permanent' });
  });

  it('never tells the customer’s number as a reason', () => {
    const message = [{ jid: '5215512345678@s.whatsapp.net', exists: false, number: '5215512345678' }];
    expect(JSON.stringify(answered(400, refusal(400, message)))).not.toContain('5512345678');
  });
});

describe('unknown', () => {
  it.each<[number, unknown, InstanceState]>([
    [400, refusal(400, ['Error: Connection Closed']), 'close'],
    [400, refusal(400, ['Error: Timed Out']), null],
    [500, refusal(500, 'Internal Server Error'), 'open'],
    [500, refusal(500, 'Internal Server Error'), null],
    [500, '<html></html>', 'close'],
    [502, '', null],
    [503, '<html></html>', null],
    [504, refusal(504, 'x'), null],
    [408, 'time-out', null],
  ])('INV-5: HTTP %d with %j and state %s proves nothing', (status, body, state) => {
    expect(answered(status, body, state)).toMatchObject({
      outcome: 'unknown',
      reason: expect.stringContaining(String(status)),
    });
  });

  it('INV-5: no answer proves nothing', () => {
    expect(toSendOutcome({ stage: 'noAnswer', reason: 'ECONNRESET' })).toEqual({
      outcome: 'unknown',
      reason: 'ECONNRESET',
    });
  });
});

it('asks how the instance is only after a 500 of Evolution itself', () => {
  const at = (status: number, body: unknown) =>
    asksForState({ stage: 'answered', status, retryAfter: null, body: JSON.stringify(body) });
  expect(at(500, refusal(500, 'x'))).toBe(true);
  expect([at(500, 'page'), at(502, refusal(502, 'x')), at(400, refusal(400, 'x'))]).toEqual([false, false, false]);
  expect(asksForState({ stage: 'noAnswer', reason: 'x' })).toBe(false);
});
