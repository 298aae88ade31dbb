import { expect, it } from 'vitest';
import { calledUrls, outboxIdOf, statusCallbackUrl } from './twilio.webhook-url.js';

it.each([
  ['https://shop.test', 'https://shop.test/webhooks/twilio/c-1?outbox=42'],
  ['https://shop.test/', 'https://shop.test/webhooks/twilio/c-1?outbox=42'],
  ['https://shop.test:8443/office', 'https://shop.test:8443/office/webhooks/twilio/c-1?outbox=42'],
])('statuses come back below %s with our id', (publicUrl, expected) => {
  const url = statusCallbackUrl(publicUrl, 'c-1', '42');
  expect(url).toBe(expected);
  expect(outboxIdOf(url)).toBe('42');
});

it('a status of a message without our address has no id of ours', () => {
  expect(outboxIdOf('/webhooks/twilio/c-1?tenant=1')).toBeNull();
  expect(outboxIdOf('/webhooks/twilio/c-1')).toBeNull();
});

it('what was called is the public address, or else the host by either scheme', () => {
  expect(calledUrls('https://shop.test/', 'inside:4009', '/a?b=1')).toEqual(['https://shop.test/a?b=1']);
  expect(calledUrls(undefined, 'tunnel.test', '/a')).toEqual(['https://tunnel.test/a', 'http://tunnel.test/a']);
  expect(calledUrls(undefined, undefined, '/a')).toEqual([]);
});
