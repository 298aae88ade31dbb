import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTwilioDouble, type TwilioDouble } from '../../../test/support/twilio-double.js';
import { DOUBLE_ACCOUNT_SID, DOUBLE_AUTH_TOKEN, newSid } from '../../../test/support/twilio-double-webhook.js';
import { outboundFile } from '../../../test/support/outbound-file.js';
import type { OutboundFile, ProviderAccount } from '../whatsapp-provider.js';
import { TwilioProvider } from './twilio.provider.js';

const ACCOUNT: ProviderAccount = {
  connectionId: 'c-1',
  credentials: { accountSid: DOUBLE_ACCOUNT_SID, authToken: DOUBLE_AUTH_TOKEN, from: '+14155238886' },
};
const TO = { address: '5215512345678', phone: '+5215512345678' };

let twilio: TwilioDouble;
let provider: TwilioProvider;

beforeEach(async () => {
  twilio = await startTwilioDouble();
  provider = new TwilioProvider(twilio.url);
});
afterEach(async () => {
  await provider.onModuleDestroy();
  await twilio.stop();
});

const deadline = () => AbortSignal.timeout(5_000);

describe('a file of ours', () => {
  const send = (file: OutboundFile) =>
    provider.send(
      ACCOUNT,
      { outboxId: '7', to: TO, content: { kind: 'media', media: 'image', mediaId: file.id, caption: 'Hola' }, file },
      deadline(),
    );

  it('is fetched by Twilio at its signed address', async () => {
    const publicUrl = 'https://shop.test/media/1?exp=2&sig=3';
    expect(await send(outboundFile({ publicUrl }))).toMatchObject({ outcome: 'accepted' });
    expect(twilio.accepted).toMatchObject([{ mediaUrl: publicUrl, body: 'Hola' }]);
  });

  it('cannot be sent while the world cannot reach us', async () => {
    expect(await send(outboundFile())).toMatchObject({ class: 'failover', code: 'NO_PUBLIC_URL' });
    expect(twilio.requests).toBe(0);
  });
});

describe('a customer’s file', () => {
  const addressOf = (id: string, base = twilio.url) =>
    `${base}/2010-04-01/Accounts/${DOUBLE_ACCOUNT_SID}/Messages/${newSid('MM')}/Media/${id}`;
  const open = async (url: string, account = ACCOUNT) =>
    buffer(await provider.openMedia(account, { id: url, mimeType: 'image/png' }, deadline()));
  const failure = (url: string, account?: ProviderAccount) =>
    open(url, account).then(String, (error: unknown) => error);

  it('is read where Twilio redirects to, which does not get the password', async () => {
    const bytes = randomBytes(200_000);
    twilio.media.files.set('ME1', { mimeType: 'image/png', bytes });
    expect(await open(addressOf('ME1'))).toEqual(bytes);
    expect(twilio.media.storageHeaders).toHaveLength(1);
    expect(twilio.media.storageHeaders[0]).not.toHaveProperty('authorization');
  });

  it.each([
    ['https://evil.test/2010-04-01/x', 'FOREIGN_HOST'],
    ['file:///etc/passwd', 'FOREIGN_HOST'],
    ['not an address', 'FOREIGN_HOST'],
  ])('is not fetched from %s', async (url, code) => {
    expect(await failure(url)).toMatchObject({ code, isFinal: true });
    expect(twilio.requests).toBe(0);
  });

  it('is not looked for where a redirect leads nowhere, or round and round', async () => {
    twilio.media.files.set('ME1', { mimeType: 'image/png', bytes: Buffer.from('x') });
    twilio.media.redirectTo = 'ftp://127.0.0.1/x';
    expect(await failure(addressOf('ME1'))).toMatchObject({ code: 'BAD_REDIRECT' });
    twilio.media.redirectTo = addressOf('ME1');
    expect(await failure(addressOf('ME1'))).toMatchObject({ code: 'BAD_REDIRECT' });
    expect(twilio.requests).toBe(4);
  });

  it('that Twilio deleted is lost for good, and one behind a changed password is not', async () => {
    expect(await failure(addressOf('gone'))).toMatchObject({ code: 'HTTP_404', isFinal: true });
    const changed = { ...ACCOUNT, credentials: { ...ACCOUNT.credentials, authToken: 'old' } };
    expect(await failure(addressOf('gone'), changed)).toMatchObject({ code: 'HTTP_401', isFinal: false });
    expect(await failure(addressOf('gone'), { ...ACCOUNT, credentials: {} })).toMatchObject({ isFinal: false });
  });
});

describe('read marks', () => {
  it('come with the typing indicator, which is the only way', async () => {
    const [first, second] = [newSid('SM'), newSid('MM')];
    const mark = (providerMessageId: string, isTyping: boolean, account = ACCOUNT) =>
      provider.markRead(account, { to: TO, providerMessageId, isTyping }, deadline());
    await mark(first, false);
    await mark(second, true);
    await mark(first, true, { ...ACCOUNT, credentials: {} });
    expect(twilio.media.typing).toEqual([second]);
  });
});

it('refuses reactions, and sends what quotes without its quote', async () => {
  const send = (content: Parameters<typeof provider.send>[1]['content']) =>
    provider.send(ACCOUNT, { outboxId: '7', to: TO, content }, deadline());
  expect(await send({ kind: 'reaction', aboutId: newSid('SM'), emoji: '👍' })).toMatchObject({
    class: 'failover',
    code: 'REACTION_UNSUPPORTED',
  });
  expect(await send({ kind: 'text', text: 'Hola', quotes: newSid('SM') })).toMatchObject({ outcome: 'accepted' });
  expect(twilio.accepted).toMatchObject([{ body: 'Hola' }]);
});
