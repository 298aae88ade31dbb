import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { evolutionToken } from '../../../test/support/evolution-double-webhook.js';
import { isEvolutionToken, isProvedByEvolution } from './evolution.proof.js';

const MADE_AT = new Date(1_700_000_000_000);
const KEY = 'test-jwt-key';
/** Provider reference, section 7. */
const VECTOR =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMDYwMCwiYXBwIjoiZXZvbHV0aW9uIiwiYWN0aW9uIjoid2ViaG9vayJ9.52yVtq8jc8Isi_GRWaVAIhU6ZF0naAuthukxq8cbdT4';

const later = (seconds: number) => new Date(MADE_AT.getTime() + seconds * 1000);

function forge(claims: unknown, header: object = { alg: 'HS256', typ: 'JWT' }, key = KEY): string {
  const signed = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

describe('a token', () => {
  it('is the one of the reference', () => {
    expect(isEvolutionToken(VECTOR, KEY, MADE_AT)).toBe(true);
    expect(evolutionToken(KEY, MADE_AT)).toBe(VECTOR);
  });

  it('serves the retries of its event, which outlive it, and no longer', () => {
    expect(isEvolutionToken(VECTOR, KEY, later(600 + 29 * 60))).toBe(true);
    expect(isEvolutionToken(VECTOR, KEY, later(600 + 31 * 60))).toBe(false);
  });

  const claims = { iat: 1_700_000_000, exp: 1_700_000_600, app: 'evolution', action: 'webhook' };

  it.each<[string, string]>([
    ['signed with another key', forge(claims, undefined, 'other')],
    ['not signed', `${VECTOR.split('.').slice(0, 2).join('.')}.`],
    ['of algorithm none', forge(claims, { alg: 'none' })],
    ['of another algorithm', forge(claims, { alg: 'HS512' })],
    ['of another app', forge({ ...claims, app: 'other' })],
    ['for another action', forge({ ...claims, action: 'login' })],
    ['without an end', forge({ ...claims, exp: undefined })],
    ['without claims', forge('x')],
    ['not JSON', `YQ.YQ.${createHmac('sha256', KEY).update('YQ.YQ').digest('base64url')}`],
    ['cut', VECTOR.slice(0, -1)],
    ['empty', ''],
  ])('%s is refused', (_, token) => expect(isEvolutionToken(token, KEY, MADE_AT)).toBe(false));

  it('whose claims were changed is refused', () => {
    const [head, , signature] = VECTOR.split('.');
    const longer = Buffer.from(JSON.stringify({ ...claims, exp: 9_999_999_999 })).toString('base64url');
    expect(isEvolutionToken(`${head}.${longer}.${signature}`, KEY, MADE_AT)).toBe(false);
  });
});

describe('the origin', () => {
  it.each([
    { 'x-webhook-secret': KEY },
    { authorization: `Bearer ${KEY}` },
    { authorization: `Bearer ${VECTOR}` },
    { 'x-webhook-secret': 'wrong', authorization: `bearer ${VECTOR}` },
  ])('is proved by %j', (headers) => expect(isProvedByEvolution(headers, KEY, MADE_AT)).toBe(true));

  it.each([
    {},
    { 'x-webhook-secret': '' },
    { 'x-webhook-secret': `${KEY} ` },
    { 'x-webhook-secret': [KEY, KEY] },
    { authorization: KEY },
    { authorization: 'Bearer' },
    { authorization: `Bearer ${KEY}x` },
    { apikey: KEY },
  ])('is not proved by %j', (headers) => expect(isProvedByEvolution(headers, KEY, MADE_AT)).toBe(false));
});
