import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestApp } from '../../../test/support/app.js';
import { MESSAGING, startFeatures } from '../../../test/support/features.js';
import { openSend, sendRow, storedMessages } from '../../../test/support/stored-messages.js';
import { startTwilioDouble, type TwilioDouble } from '../../../test/support/twilio-double.js';
import {
  DOUBLE_ACCOUNT_SID,
  DOUBLE_AUTH_TOKEN,
  inboundForm,
  newSid,
  statusForm,
  type TwilioForm,
} from '../../../test/support/twilio-double-webhook.js';
import { AuthModule } from '../../auth/auth.module.js';

/** Every shape of provider reference 3.4, through the route and as stored. */

const PUBLIC_URL = 'https://shop.test';
const FROM = '5215512345678';

let app: TestApp;
let twilio: TwilioDouble;
let path: string;

beforeAll(async () => {
  twilio = await startTwilioDouble();
  app = await startFeatures([AuthModule, ...MESSAGING], { PUBLIC_URL, TWILIO_API_URL: twilio.url });
  const shop = await app.openShop();
  const bot = await shop.call('POST', '/api/bots', { name: 'Aurora' });
  const credentials = { accountSid: DOUBLE_ACCOUNT_SID, authToken: DOUBLE_AUTH_TOKEN, from: '+14155238886' };
  const input = { provider: 'twilio', name: 'Twilio', credentials };
  path = `/webhooks/twilio/${(await shop.call('POST', `/api/bots/${bot.body.id}/connections`, input)).body.id}`;
});
afterAll(async () => {
  await app.close();
  await twilio.stop();
});

const post = (form: TwilioForm, query = '') =>
  twilio.post(app.url + path + query, form, DOUBLE_AUTH_TOKEN, PUBLIC_URL + path + query);

const file = (mimeType: string, extra: TwilioForm = {}): TwilioForm => ({
  NumMedia: '1',
  MediaUrl0: `https://api.twilio.com/2010-04-01/Accounts/${DOUBLE_ACCOUNT_SID}/Messages/MM1/Media/ME1`,
  MediaContentType0: mimeType,
  Body: '',
  ...extra,
});
/** As posted before there was a type, a name or a WhatsApp id, with what SMS has besides. */
const AS_SMS = { MessageType: '', ProfileName: '', WaId: '', FromCountry: 'MX', FromCity: '', ToState: 'CA' };

const INBOUND: readonly (readonly [name: string, form: TwilioForm, stored: object])[] = [
  ['text', { Body: 'Olá & ñandú' }, { type: 'text', text: 'Olá & ñandú' }],
  ['an image', { MessageType: 'image', ...file('image/jpeg', { Body: '¿Hay?' }) }, { media: { caption: '¿Hay?' } }],
  ['a video', { MessageType: 'video', ...file('video/mp4') }, { type: 'video', media: { mimeType: 'video/mp4' } }],
  ['a voice note', { MessageType: 'audio', ...file('audio/ogg') }, { type: 'audio', media: { isVoice: true } }],
  ['a sticker', { MessageType: 'sticker', ...file('image/webp') }, { type: 'sticker' }],
  [
    'a document',
    { MessageType: 'document', ...file('application/pdf', { Body: 'a.pdf' }) },
    { media: { filename: 'a.pdf' } },
  ],
  ['a contact', { MessageType: 'contacts', ...file('text/vcard') }, { type: 'contacts' }],
  [
    'a place',
    { MessageType: 'location', Latitude: '19.4', Longitude: '-99.1', Label: 'Casa' },
    { location: { name: 'Casa' } },
  ],
  ['a button', { MessageType: 'button', ButtonText: 'Sí', ButtonPayload: 'yes', Body: 'Sí' }, { choiceId: 'yes' }],
  [
    'a row of a list',
    { MessageType: 'interactive', ListId: 'p-1', ListTitle: 'Café', Body: 'Café' },
    { choiceId: 'p-1' },
  ],
  ['a row told as a button', { MessageType: 'interactive', ButtonPayload: 'p-1', Body: 'Café' }, { choiceId: 'p-1' }],
  [
    'a reply to ours',
    { Body: 'ese', OriginalRepliedMessageSid: `SM${'1'.repeat(32)}` },
    { aboutId: `SM${'1'.repeat(32)}` },
  ],
  ['forwarded', { Body: 'mira', Forwarded: 'true', FrequentlyForwarded: 'true' }, { text: 'mira' }],
  [
    'who comes from an ad',
    { Body: 'hola', ReferralSourceId: '12', ReferralCtwaClid: 'click' },
    { referral: expect.anything() },
  ],
  ['a reaction', { MessageType: 'reaction', Body: '👍' }, { type: 'unsupported' }],
  ['a type of tomorrow', { MessageType: 'hologram', FutureField: 'ü' }, { type: 'unsupported' }],
  ['old: text', { ...AS_SMS, Body: 'hola' }, { type: 'text', text: 'hola' }],
  ['old: an image', { ...AS_SMS, ...file('image/png') }, { type: 'image' }],
  ['old: a place', { ...AS_SMS, Body: '', Latitude: '19.4', Longitude: '-99.1' }, { type: 'location' }],
  ['old: a button', { ...AS_SMS, Body: 'Sí', ButtonText: 'Sí' }, { type: 'choice', choiceId: 'Sí' }],
];

describe('INV-1, INV-2: every inbound shape is stored once', () => {
  it.each(INBOUND)('%s', async (_, extra, stored) => {
    const form = inboundForm({ from: FROM, extra });
    for (let copy = 0; copy < 2; copy += 1) expect(await post(form)).toMatchObject({ status: 200 });
    const rows = await storedMessages(app, form['MessageSid'] ?? '');
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ body: stored, phone: `+${FROM}` });
    expect(rows[0]?.body['text']).toEqual(expect.stringMatching(/\S/));
  });

  it('somebody who hides the number', async () => {
    const form = inboundForm({ from: 'MX.Ab12', text: 'hola' });
    await post(form);
    expect(await storedMessages(app, form['MessageSid'] ?? '')).toMatchObject([{ address: 'MX.Ab12', phone: null }]);
  });
});

describe('INV-6: every status', () => {
  async function sent(): Promise<{ id: string; sid: string }> {
    const first = inboundForm({ from: FROM, text: 'hola' });
    await post(first);
    const sid = newSid('SM');
    return { id: await openSend(app, first['MessageSid'] ?? '', sid), sid };
  }

  it.each([
    ['sent', {}, { status: 'sent', delivery: 'sent' }],
    ['delivered', {}, { status: 'sent', delivery: 'delivered' }],
    ['read', { EventType: 'READ' }, { status: 'sent', delivery: 'read' }],
    ['failed', { ErrorCode: '63024' }, { status: 'failed', error: { code: '63024', class: 'recipient' } }],
    ['undelivered', { ErrorCode: '63016' }, { status: 'failed', error: { code: 'window_closed', class: 'template' } }],
    ['canceled', {}, { status: 'failed' }],
    ['queued', {}, { status: 'sending', delivery: null }],
    ['accepted', {}, { status: 'sending', delivery: null }],
    ['scheduled', {}, { status: 'sending', delivery: null }],
    ['sending', {}, { status: 'sending', delivery: null }],
    ['partially_delivered', {}, { status: 'sending', delivery: null }],
    ['of tomorrow', {}, { status: 'sending', delivery: null }],
  ])('%s', async (status, extra: TwilioForm, stored) => {
    const { id, sid } = await sent();
    const form = statusForm(sid, status, { StructuredMessage: 'false', ...extra });
    expect(await post(form, `?outbox=${id}`)).toMatchObject({ status: 200 });
    expect(await sendRow(app, id)).toMatchObject(stored);
  });

  it('in any order and twice', async () => {
    const { id, sid } = await sent();
    for (const status of ['read', 'sent', 'delivered', 'sent', 'read'])
      await post(statusForm(sid, status), `?outbox=${id}`);
    expect(await sendRow(app, id)).toMatchObject({ status: 'sent', delivery: 'read' });
  });
});
