import { describe, expect, it } from 'vitest';
import { checkTwilioForm } from '../../../test/support/twilio-double-schema.js';
import type { OutboundContent } from '../../messages/message-content.js';
import { renderTwilio } from './twilio.render.js';

const TO = { address: '5215512345678', phone: '+5215512345678' };
const render = (content: OutboundContent, to: { address: string; phone: string | null } = TO) =>
  renderTwilio({ outboxId: '7', to, content });
const URL_OF_FILE = 'https://cdn.example.test/menu.pdf';
const HX = `HX${'0123456789abcdef'.repeat(2)}`;

describe('recipient', () => {
  const text: OutboundContent = { kind: 'text', text: 'Hola' };
  const template: OutboundContent = { kind: 'template', name: HX, language: 'es', params: [] };

  it.each([
    [TO, 'whatsapp:+5215512345678'],
    [{ address: 'MX.Ab12', phone: null }, 'whatsapp:MX.Ab12'],
    [{ address: 'MX.Ab12', phone: '+5215512345678' }, 'whatsapp:MX.Ab12'],
    [{ address: 'x', phone: '+525512345678' }, 'whatsapp:+525512345678'],
  ])('%j is %s', (to, expected) => {
    expect(render(text, to)).toEqual({ to: expected, body: 'Hola' });
  });

  it('of a template is the number where there is one', () => {
    expect(render(template, { address: 'MX.Ab12', phone: '+5215512345678' })).toMatchObject({
      to: 'whatsapp:+5215512345678',
    });
    expect(render(template, { address: 'MX.Ab12', phone: null })).toMatchObject({ to: 'whatsapp:MX.Ab12' });
  });

  it('without any address is refused', () => {
    expect(render(text, { address: 'x', phone: null })).toMatchObject({ class: 'recipient', code: 'NO_ADDRESS' });
  });
});

describe('content', () => {
  it('text leaves as it is, up to 1600 characters', () => {
    expect(render({ kind: 'text', text: 'a'.repeat(1600) })).toMatchObject({ body: 'a'.repeat(1600) });
  });

  it('longer text is refused and neither cut nor split', () => {
    expect(render({ kind: 'text', text: 'a'.repeat(1601) })).toEqual({
      class: 'permanent',
      code: 'TEXT_TOO_LONG',
      reason: 'the text has 1601 characters, and Twilio takes at most 1600',
    });
  });

  it('choices are numbered text', () => {
    const options = [
      { id: 'a', title: 'Café' },
      { id: 'b', title: 'Té', description: 'verde' },
    ];
    expect(render({ kind: 'choices', text: '¿Qué quieres?', options })).toMatchObject({
      body: '¿Qué quieres?\n\n1. Café\n2. Té — verde',
    });
  });

  it('a link is its address in the text', () => {
    const content: OutboundContent = { kind: 'link', text: 'Paga aquí', url: 'https://pay.test/1', title: 'Pagar' };
    expect(render(content)).toMatchObject({ body: 'Paga aquí\n\nPagar: https://pay.test/1' });
  });

  it.each(['image', 'video'] as const)('%s takes its caption as body', (media) => {
    const rendered = render({ kind: 'media', media, url: URL_OF_FILE, caption: 'La carta' });
    expect(rendered).toEqual({ to: 'whatsapp:+5215512345678', mediaUrl: [URL_OF_FILE], body: 'La carta' });
  });

  it.each(['audio', 'document', 'sticker'] as const)('%s takes no caption and no name', (media) => {
    const rendered = render({ kind: 'media', media, url: URL_OF_FILE, caption: 'x', filename: 'y' });
    expect(rendered).toEqual({ to: 'whatsapp:+5215512345678', mediaUrl: [URL_OF_FILE] });
  });

  it('a location is a point with its label', () => {
    const place = { kind: 'location', latitude: 19.4326077, longitude: -99.133208 } as const;
    expect(render({ ...place, name: 'Zócalo | Centro', address: 'CDMX' })).toMatchObject({
      persistentAction: ['geo:19.432608,-99.133208|Zócalo / Centro, CDMX'],
      body: 'Zócalo | Centro, CDMX',
    });
    expect(render({ ...place, latitude: 1e-7, longitude: -1e-9 })).toMatchObject({
      persistentAction: ['geo:0,0|0,0'],
      body: '0,0',
    });
    const far = render({ ...place, name: 'n'.repeat(1000), address: 'a'.repeat(1000) });
    expect('body' in far && far.body?.length).toBe(1600);
  });

  it('a contact is its name and number', () => {
    expect(render({ kind: 'contact', name: 'Ana', phone: '+525512345678' })).toMatchObject({
      body: 'Ana: +525512345678',
    });
  });

  it('a template is its content sid and its variables, counted from one', () => {
    const content = { kind: 'template', name: HX, language: 'es', params: ['Ana', '3 "kg"'] } as const;
    expect(render({ ...content, params: [...content.params] })).toEqual({
      to: 'whatsapp:+5215512345678',
      contentSid: HX,
      contentVariables: '{"1":"Ana","2":"3 \\"kg\\""}',
    });
    expect(render({ ...content, params: [] })).toEqual({ to: 'whatsapp:+5215512345678', contentSid: HX });
    expect(render({ ...content, name: 'order_update', params: [] })).toMatchObject({
      class: 'permanent',
      code: 'BAD_TEMPLATE',
    });
  });

  it('refuses the parts of a template by name: its variables are one numbered row', () => {
    const content = { kind: 'template', name: HX, language: 'es', params: ['Ana'] } satisfies OutboundContent;
    const refusal = { class: 'permanent', code: 'TEMPLATE_PARTS_UNSUPPORTED' };
    expect(render({ ...content, header: { type: 'text', text: 'Ana' } })).toMatchObject(refusal);
    expect(render({ ...content, buttons: [{ type: 'coupon', index: 0, code: 'CAFE' }] })).toMatchObject(refusal);
  });
});

describe('the double', () => {
  const HAS = { To: 'whatsapp:+5215512345678', From: 'whatsapp:+14155238886' };
  it.each<[number, Record<string, string>]>([
    [21604, { ...HAS, To: '' }],
    [21211, { ...HAS, To: '+5215512345678', Body: 'x' }],
    [21603, { To: HAS.To, Body: 'x' }],
    [21212, { ...HAS, From: '+14155238886', Body: 'x' }],
    [20001, { ...HAS, MessagingServiceSid: `MG${'0'.repeat(32)}`, Body: 'x' }],
    [21705, { To: HAS.To, MessagingServiceSid: 'MG0', Body: 'x' }],
    [21617, { ...HAS, Body: 'x'.repeat(1601) }],
    [21619, HAS],
    [21620, { ...HAS, MediaUrl: 'ftp://x' }],
    [21656, { ...HAS, ContentSid: 'order_update' }],
    [21656, { ...HAS, ContentSid: HX, ContentVariables: '["Ana"]' }],
    [21656, { ...HAS, Body: 'x', ContentVariables: '{}' }],
    [20001, { ...HAS, Body: 'x', PersistentAction: 'geo:1,2' }],
    [21609, { ...HAS, Body: 'x', StatusCallback: '/here' }],
    [20001, { ...HAS, Body: 'x', Surprise: 'x' }],
  ])('answers %d to %j', (code, fields) => {
    expect(checkTwilioForm(new URLSearchParams(fields))).toMatchObject({ code });
  });
});
