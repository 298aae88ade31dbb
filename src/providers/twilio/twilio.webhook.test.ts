import { describe, expect, it } from 'vitest';
import { inboundForm, statusForm, type TwilioForm } from '../../../test/support/twilio-double-webhook.js';
import { MalformedWebhookError } from '../provider.errors.js';
import { parseTwilioWebhook } from './twilio.webhook.js';

const parse = (form: TwilioForm) => parseTwilioWebhook(new Map(Object.entries(form)));
const SID = 'SM00000000000000000000000000000001';

function message(extra: TwilioForm = {}, from = '5215512345678') {
  const parsed = parse(inboundForm({ from, sid: SID, text: 'Hola', extra }));
  if (parsed.kind !== 'message') throw new Error(`It is a ${parsed.kind}`);
  return parsed;
}

/** A body of the older kind: no MessageType, ProfileName or WaId. */
function old(extra: TwilioForm) {
  const parsed = parse({ MessageSid: SID, From: 'whatsapp:+5215512345678', NumMedia: '0', Body: '', ...extra });
  if (parsed.kind !== 'message') throw new Error(`It is a ${parsed.kind}`);
  return parsed.content;
}

const media = (mimeType: string, extra: TwilioForm = {}): TwilioForm => ({
  NumMedia: '1',
  MediaUrl0: 'https://api.twilio.com/2010-04-01/Accounts/AC/Messages/MM/Media/ME',
  MediaContentType0: mimeType,
  ...extra,
});

describe('who wrote', () => {
  it('is the number it came from, with the name of the profile', () => {
    expect(message()).toMatchObject({
      address: '5215512345678',
      phone: '+5215512345678',
      identities: ['tel:525512345678'],
      profileName: 'Ana',
      providerMessageId: SID,
    });
  });

  it('is known by number and business-scoped id when both are told, and answered at the number', () => {
    expect(message({ ExternalUserId: 'whatsapp:MX.Ab12' })).toMatchObject({
      address: '5215512345678',
      identities: ['tel:525512345678', 'bsuid:MX.Ab12'],
    });
  });

  it('may hide the number', () => {
    expect(message({}, 'MX.Ab12')).toMatchObject({ address: 'MX.Ab12', phone: null, identities: ['bsuid:MX.Ab12'] });
    expect(message({ ExternalUserId: '' }, 'MX.Ab12')).toMatchObject({ address: 'MX.Ab12' });
    expect(message({ WaId: '5215512345678' }, 'MX.Ab12')).toMatchObject({
      address: 'MX.Ab12',
      phone: '+5215512345678',
    });
  });

  it('may have no name, or a strange one', () => {
    expect(message({ ProfileName: ' ' }).profileName).toBeNull();
    expect(message({ ProfileName: `a\u0000${'b'.repeat(300)}` }).profileName).toHaveLength(255);
  });

  it.each([
    ['nobody', { From: '', WaId: '' }, 'From'],
    ['somebody on another channel', { From: 'messenger:123', WaId: '' }, 'From'],
    ['a plain SMS', { From: '+5215512345678', WaId: '' }, 'From'],
    ['no message', { MessageSid: '' }, 'MessageSid'],
    ['an id that is none', { MessageSid: 'SM 1' }, 'MessageSid'],
  ])('must not be %s', (_, extra, field) => {
    expect(() => message(extra)).toThrow(MalformedWebhookError);
    expect(() => message(extra)).toThrow(field);
  });
});

describe('what was written', () => {
  it.each<[string, TwilioForm, object]>([
    ['text', {}, { type: 'text', text: 'Hola' }],
    ['empty text', { Body: '' }, { type: 'text', text: '[empty]' }],
    ['text with NUL', { Body: 'a\u0000b' }, { type: 'text', text: 'ab' }],
    [
      'an image with a caption',
      { MessageType: 'image', ...media('image/jpeg', { Body: '¿Hay?' }) },
      {
        type: 'image',
        text: '[image] ¿Hay?',
        media: { id: expect.stringContaining('/Media/ME'), mimeType: 'image/jpeg', caption: '¿Hay?' },
      },
    ],
    ['a video', { MessageType: 'video', ...media('video/mp4', { Body: '' }) }, { type: 'video', text: '[video]' }],
    ['a sticker', { MessageType: 'sticker', ...media('image/webp', { Body: '' }) }, { type: 'sticker' }],
    [
      'a voice note',
      { MessageType: 'audio', ...media('audio/ogg', { Body: '' }) },
      { type: 'audio', text: '[voice]', media: { isVoice: true } },
    ],
    [
      'a document',
      { MessageType: 'document', ...media('application/pdf', { Body: 'lista.pdf' }) },
      { type: 'document', text: '[document] lista.pdf', media: { filename: 'lista.pdf' } },
    ],
    [
      'a contact',
      { MessageType: 'contacts', ...media('text/vcard', { Body: '' }) },
      { type: 'contacts', text: '[contact]', media: { mimeType: 'text/vcard' } },
    ],
    [
      'a location',
      {
        MessageType: 'location',
        Body: '',
        Latitude: '19.4326',
        Longitude: '-99.1332',
        Label: 'Zócalo',
        Address: 'CDMX',
      },
      {
        type: 'location',
        text: '[location] Zócalo CDMX 19.4326, -99.1332',
        location: { latitude: 19.4326, longitude: -99.1332, name: 'Zócalo' },
      },
    ],
    [
      'a button',
      { MessageType: 'button', ButtonText: 'Sí', ButtonPayload: 'yes', Body: 'Sí' },
      { type: 'choice', text: 'Sí', choiceId: 'yes' },
    ],
    [
      'a button without payload',
      { MessageType: 'button', ButtonText: 'Sí', Body: 'Sí' },
      { type: 'choice', text: 'Sí', choiceId: 'Sí' },
    ],
    [
      'a row of a list',
      { MessageType: 'interactive', ListId: 'p-1', ListTitle: 'Café', ListDescription: 'molido', Body: 'Café' },
      { type: 'choice', text: 'Café', choiceId: 'p-1' },
    ],
    [
      'a row of a list told as a button',
      { MessageType: 'interactive', ButtonPayload: 'p-1', Body: 'Café' },
      { type: 'choice', text: 'Café', choiceId: 'p-1' },
    ],
    [
      'an unknown type',
      { MessageType: 'reaction', Body: '👍' },
      { type: 'unsupported', text: '[unsupported] reaction: 👍' },
    ],
    [
      'an interactive message without a choice',
      { MessageType: 'interactive', Body: 'x' },
      { type: 'unsupported', text: '[unsupported] interactive: x' },
    ],
    [
      'media without an address',
      { MessageType: 'image', Body: '' },
      { type: 'unsupported', text: '[unsupported] image' },
    ],
    [
      'a place that is none',
      { MessageType: 'location', Body: '', Latitude: '191.1', Longitude: '0' },
      { type: 'unsupported', text: '[unsupported] location' },
    ],
    ['a type named like a method', { MessageType: 'constructor', Body: '' }, { type: 'unsupported' }],
  ])('%s is read', (_, extra, expected) => {
    expect(message(extra).content).toMatchObject(expected);
  });

  it.each<[string, TwilioForm, object]>([
    ['text', { Body: 'Hola' }, { type: 'text', text: 'Hola' }],
    ['an image', media('image/png'), { type: 'image' }],
    ['a sticker', media('image/webp'), { type: 'sticker' }],
    ['a voice note', media('audio/ogg; codecs=opus'), { type: 'audio', text: '[voice]' }],
    ['a contact', media('text/x-vcard'), { type: 'contacts' }],
    ['a document', media('application/pdf', { Body: 'a.pdf' }), { type: 'document', media: { filename: 'a.pdf' } }],
    ['two images', media('image/png', { NumMedia: '2' }), { type: 'image', text: '[image] (+1)' }],
    ['a button', { ButtonText: 'Sí', ButtonPayload: 'yes' }, { type: 'choice', choiceId: 'yes' }],
    [
      'a location',
      { Latitude: '1.5', Longitude: '2' },
      { type: 'location', location: { latitude: 1.5, longitude: 2 } },
    ],
  ])('without a MessageType %s is told by what is there', (_, extra, expected) => {
    expect(old(extra)).toMatchObject(expected);
  });

  it('says what it answers to and which ad brought the customer', () => {
    const { content } = message({
      OriginalRepliedMessageSid: 'SM9',
      ReferralNumMedia: '0',
      ReferralSourceUrl: 'https://fb.me/x',
      ReferralCtwaClid: 'c',
      ReferralBody: '',
    });
    expect(content).toMatchObject({ aboutId: 'SM9' });
    expect(content.referral).toEqual({ source_url: 'https://fb.me/x', ctwa_clid: 'c' });
    expect(message().content).not.toHaveProperty('referral');
  });
});

describe('statuses', () => {
  it.each([
    ['sent', 'sent'],
    ['delivered', 'delivered'],
    ['read', 'read'],
    ['READ', 'read'],
    ['failed', 'failed'],
    ['undelivered', 'failed'],
    ['canceled', 'failed'],
  ])('%s is %s', (told, status) => {
    expect(parse(statusForm(SID, told))).toMatchObject({ kind: 'status', providerMessageId: SID, status });
  });

  it.each(['queued', 'accepted', 'scheduled', 'sending', 'partially_delivered', 'constructor'])(
    '%s changes nothing',
    (told) => {
      expect(parse(statusForm(SID, told))).toEqual({ kind: 'ignored', status: told });
    },
  );

  it.each([
    [
      { ErrorCode: '63024', ErrorMessage: 'Invalid' },
      { code: '63024', class: 'recipient', reason: 'Invalid' },
    ],
    [{ ErrorCode: '63016' }, { code: 'window_closed', class: 'template', reason: 'Error 63016' }],
    [
      { ErrorCode: '63018', ChannelStatusMessage: 'Slow' },
      { code: '63018', class: 'rate', reason: 'Slow' },
    ],
    [{ ErrorCode: '30410' }, { code: '30410', class: 'unknown', reason: 'Error 30410' }],
    [{ ErrorCode: '77777' }, { code: '77777', class: 'permanent', reason: 'Error 77777' }],
    [{}, undefined],
    [{ ErrorCode: '' }, undefined],
  ] as [TwilioForm, object | undefined][])('a failure with %j has its class', (extra, error) => {
    expect(parse(statusForm(SID, 'undelivered', extra))).toMatchObject({ status: 'failed', error });
  });

  it('a delivery has no error, whatever the form says', () => {
    expect(parse(statusForm(SID, 'delivered', { ErrorCode: '63024' }))).toMatchObject({ error: undefined });
  });
});
