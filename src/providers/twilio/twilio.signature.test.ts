import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSignedByTwilio } from './twilio.signature.js';

const TOKEN = 'test-auth-token-000';
const URL_CALLED = 'https://example.test/webhooks/twilio/wa-1?tenant=t1';
const FIELDS = {
  MessageSid: 'SM00000000000000000000000000000001',
  From: 'whatsapp:+5215512345678',
  To: 'whatsapp:+14155238886',
  Body: 'Olá & good day',
  NumMedia: '0',
};
const SIGNATURE = '9/H92PoZUv8Yw1MnoAdAGZgCDio=';

function proves(overrides: { url?: string; fields?: Record<string, string>; signature?: string; token?: string } = {}) {
  const { url = URL_CALLED, fields = FIELDS, signature = SIGNATURE, token = TOKEN } = overrides;
  const form = new URLSearchParams(fields);
  const rawBody = Buffer.from(form.toString());
  return isSignedByTwilio({ urls: [url], rawBody, signature, form: new URLSearchParams(rawBody.toString()) }, token);
}

const hmac = (text: string) => createHmac('sha1', TOKEN).update(text).digest('base64');

describe('signature of a form', () => {
  it('accepts the published vector', () => {
    expect(proves()).toBe(true);
  });

  it.each([
    ['another token', { token: 'test-auth-token-001' }],
    ['another value', { fields: { ...FIELDS, Body: 'Olá & good day!' } }],
    ['one more field', { fields: { ...FIELDS, Extra: '' } }],
    ['one field less', { fields: { MessageSid: FIELDS.MessageSid } }],
    ['another path', { url: URL_CALLED.replace('wa-1', 'wa-2') }],
    ['another query', { url: `${URL_CALLED}2` }],
    ['another host', { url: URL_CALLED.replace('example', 'evil') }],
    ['another scheme', { url: URL_CALLED.replace('https', 'http') }],
    ['no signature', { signature: '' }],
    ['half a signature', { signature: SIGNATURE.slice(0, 14) }],
    ['the same bytes in hex', { signature: Buffer.from(SIGNATURE, 'base64').toString('hex') }],
  ])('refuses %s', (_, overrides) => {
    expect(proves(overrides)).toBe(false);
  });

  it('accepts any of the addresses it may have been called by', () => {
    const form = new URLSearchParams(FIELDS);
    const request = { rawBody: Buffer.alloc(0), signature: SIGNATURE, form };
    expect(isSignedByTwilio({ ...request, urls: ['http://10.0.0.1/', URL_CALLED] }, TOKEN)).toBe(true);
    expect(isSignedByTwilio({ ...request, urls: [] }, TOKEN)).toBe(false);
  });

  it('does not mind whether the default port is written', () => {
    const withPort = URL_CALLED.replace('example.test', 'example.test:443');
    expect(proves({ url: withPort })).toBe(true);
    expect(proves({ url: 'http://example.test/a', fields: {}, signature: hmac('http://example.test:80/a') })).toBe(
      true,
    );
    expect(proves({ url: 'http://[::1]:8080/a', fields: {}, signature: hmac('http://[::1]:8080/a') })).toBe(true);
    expect(proves({ url: 'http://example.test:81/a', fields: {}, signature: hmac('http://example.test:82/a') })).toBe(
      false,
    );
  });

  it('takes the different values of a repeated field in order, each once', () => {
    const form = new URLSearchParams('b=2&a=z&b=1&b=2');
    const signature = hmac(`${URL_CALLED}azb1b2`);
    expect(isSignedByTwilio({ urls: [URL_CALLED], rawBody: Buffer.alloc(0), signature, form }, TOKEN)).toBe(true);
  });

  it('agrees with the SDK', async () => {
    const { getExpectedTwilioSignature } = (await import('twilio')).default;
    const bodies: Record<string, string>[] = [FIELDS, {}, { a: '+ %20 &=', b: '', Z: '日本\n', 'a-b': '"' }];
    for (const fields of bodies) {
      const signature = getExpectedTwilioSignature(TOKEN, URL_CALLED, fields);
      expect([fields, proves({ fields, signature })]).toEqual([fields, true]);
    }
  });
});

describe('signature of another body', () => {
  const rawBody = Buffer.from('{"hello":"wörld"}');
  const url =
    'https://example.test/webhooks/twilio/json?bodySHA256=15fe936d5a5c4a564c8dc9002280009263c0cc0bd0f28e16652529a9f83b2d23';
  const signature = 'hzl1XB9gNyQxtn6HFFQYNbjQ+2M=';

  it('accepts the published vector', () => {
    expect(isSignedByTwilio({ urls: [url], rawBody, signature, form: null }, TOKEN)).toBe(true);
  });

  it('refuses another body under the same address', () => {
    const other = Buffer.from('{"hello":"world"}');
    expect(isSignedByTwilio({ urls: [url], rawBody: other, signature, form: null }, TOKEN)).toBe(false);
  });

  it('refuses an address whose hash was exchanged with the body', () => {
    const other = Buffer.from('{}');
    const hash = createHash('sha256').update(other).digest('hex');
    const forged = url.replace(/[0-9a-f]{64}/, hash);
    expect(isSignedByTwilio({ urls: [forged], rawBody: other, signature, form: null }, TOKEN)).toBe(false);
  });

  it('refuses a body that nothing proves, although the address is signed', () => {
    const bare = 'https://example.test/webhooks/twilio/json';
    const request = { urls: [bare], rawBody, signature: hmac(bare), form: null };
    expect(isSignedByTwilio(request, TOKEN)).toBe(false);
  });
});
