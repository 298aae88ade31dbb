import { expect, it } from 'vitest';
import { twilioCredentialsSchema } from './twilio.credentials.js';

const accountSid = `AC${'0'.repeat(32)}`;
const messagingServiceSid = `MG${'a'.repeat(32)}`;
const base = { accountSid, authToken: 'token' };

it.each([
  { ...base, from: '+14155238886' },
  { ...base, from: 'whatsapp:+14155238886' },
  { ...base, messagingServiceSid },
])('takes %j', (credentials) => {
  expect(twilioCredentialsSchema.parse(credentials)).toEqual(credentials);
});

it.each([
  ['no sender', base, 'from'],
  ['two senders', { ...base, from: '+14155238886', messagingServiceSid }, 'from'],
  ['an API key', { ...base, accountSid: `SK${'0'.repeat(32)}`, from: '+14155238886' }, 'accountSid'],
  ['a path for an account', { ...base, accountSid: '../x', from: '+14155238886' }, 'accountSid'],
  ['a token with a line break', { ...base, authToken: 'a\nb', from: '+14155238886' }, 'authToken'],
  ['a national number', { ...base, from: '4155238886' }, 'from'],
  ['another service', { ...base, messagingServiceSid: 'XX' }, 'messagingServiceSid'],
])('refuses %s', (_, credentials, field) => {
  expect(twilioCredentialsSchema.safeParse(credentials).error?.issues[0]?.path).toEqual([field]);
});

it('refuses what it does not know', () => {
  expect(twilioCredentialsSchema.safeParse({ ...base, from: '+14155238886', region: 'ie1' }).success).toBe(false);
});
