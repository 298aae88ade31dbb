import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MESSAGING, startFeatures } from '../../../test/support/features.js';
import type { TestApp } from '../../../test/support/app.js';
import { openOfficialLine, postAsMeta, type OfficialLine } from '../../../test/support/official-lines.js';
import { openSend, sendRow, storedEchoes, storedMessages } from '../../../test/support/stored-messages.js';
import { AuthModule } from '../../auth/auth.module.js';

/** Every shape of provider reference 2.4, through the route and as stored. */

let app: TestApp;
let connection: OfficialLine;

beforeAll(async () => {
  app = await startFeatures([AuthModule, ...MESSAGING]);
  connection = await openOfficialLine(app, 'the-app-secret');
});
afterAll(() => app.close());

const FROM = '5215512345678';
const CONTACT = { profile: { name: 'Ana' }, wa_id: FROM };

function post(value: object, field = 'messages') {
  const metadata = { display_phone_number: '15550000000', phone_number_id: connection.phoneNumberId };
  const whole = { messaging_product: 'whatsapp', metadata, ...value };
  const body = { object: 'whatsapp_business_account', entry: [{ id: 'waba', changes: [{ field, value: whole }] }] };
  return postAsMeta(app, body, connection.appSecret);
}

const messageOf = (id: string, type: string, content: unknown, around: object = {}) => ({
  from: FROM,
  id,
  timestamp: String(Math.floor(Date.now() / 1000)),
  type,
  [type]: content,
  ...around,
});

const inbox = (id: string) => storedMessages(app, id);

const FILE = { id: 'media-1', mime_type: 'image/jpeg', sha256: 'c2hh', url: 'https://lookaside.test/1' };
const BUTTON = { type: 'button_reply', button_reply: { id: 'buy', title: 'Comprar' } };
const LIST = { type: 'list_reply', list_reply: { id: 'sku-1', title: 'Café', description: '250 g' } };
const FORM = { type: 'nfm_reply', nfm_reply: { name: 'flow', body: 'Sent', response_json: '{"size":"M"}' } };
const ITEM = { product_retailer_id: 'SKU-1', quantity: 2, item_price: 19.99, currency: 'MXN' };
const UNSUPPORTED = { errors: [{ code: 131051, title: 'Message type is not supported' }] };

type Shape = [name: string, type: string, content: unknown, stored: object, around?: object];

const INBOUND: readonly Shape[] = [
  ['text', 'text', { body: '¡Hola! ☕' }, { type: 'text', text: '¡Hola! ☕' }],
  ['an image', 'image', { ...FILE, caption: '¿Hay?' }, { type: 'image', media: { id: 'media-1', caption: '¿Hay?' } }],
  ['a video', 'video', { ...FILE, mime_type: 'video/mp4' }, { type: 'video', media: { mimeType: 'video/mp4' } }],
  ['audio', 'audio', { ...FILE, mime_type: 'audio/mpeg' }, { type: 'audio', text: '[audio]' }],
  ['a voice note', 'audio', { ...FILE, voice: true }, { type: 'audio', media: { isVoice: true } }],
  ['a voice note of old', 'voice', { id: 'v', mime_type: 'audio/ogg' }, { type: 'audio', media: { isVoice: true } }],
  ['a document', 'document', { ...FILE, filename: 'pago.pdf' }, { type: 'document', media: { filename: 'pago.pdf' } }],
  ['a sticker', 'sticker', { ...FILE, animated: true }, { type: 'sticker' }],
  ['a place', 'location', { latitude: 19.4, longitude: -99.1, name: 'Casa' }, { location: { name: 'Casa' } }],
  ['contacts', 'contacts', [{ name: { formatted_name: 'Luis' }, phones: [] }], { text: '[contact] Luis' }],
  ['a reaction', 'reaction', { message_id: 'w.0', emoji: '👍' }, { type: 'reaction', aboutId: 'w.0' }],
  ['a reaction taken back', 'reaction', { message_id: 'w.0' }, { type: 'reaction', text: '[reaction removed]' }],
  ['a button', 'interactive', BUTTON, { type: 'choice', choiceId: 'buy', text: 'Comprar' }],
  ['a row of a list', 'interactive', LIST, { type: 'choice', choiceId: 'sku-1' }],
  ['a form', 'interactive', FORM, { type: 'form', form: { size: 'M' } }],
  ['an interactive of nothing', 'interactive', undefined, { type: 'unsupported' }],
  ['a template’s button', 'button', { text: 'Sí', payload: 'yes' }, { type: 'choice', choiceId: 'yes' }],
  ['an order', 'order', { catalog_id: 'c', product_items: [ITEM] }, { order: { items: [{ itemPriceMinor: 1999 }] } }],
  ['an edit', 'edit', { original_message_id: 'w.0', message: messageOf('', 'text', { body: 'b' }) }, { type: 'edit' }],
  ['what was deleted', 'revoke', { original_message_id: 'w.0' }, { type: 'revoke', aboutId: 'w.0' }],
  ['what Meta does not support', 'unsupported', { type: 'poll' }, { type: 'unsupported' }, UNSUPPORTED],
  ['a type of tomorrow', 'hologram', { depth: 3 }, { type: 'unsupported', text: '[unsupported] hologram' }],
  ['a quote', 'text', { body: 'este' }, { aboutId: 'w.0' }, { context: { from: '1555', id: 'w.0' } }],
  ['forwarded', 'text', { body: 'mira' }, { text: 'mira' }, { context: { forwarded: true } }],
  [
    'who comes from an ad',
    'text',
    { body: 'hola' },
    { referral: { ctwa_clid: 'click', source_id: '12' } },
    { referral: { source_id: '12', source_type: 'ad', ctwa_clid: 'click' } },
  ],
];

describe('INV-1, INV-2: every inbound shape is stored once', () => {
  it.each<Shape>(INBOUND)('%s', async (name, type, content, stored, around = {}) => {
    const id = `shape ${name}`;
    const value = { contacts: [CONTACT], messages: [messageOf(id, type, content, around)] };
    for (let copy = 0; copy < 2; copy += 1) expect((await post(value)).status).toBe(200);
    const rows = await inbox(id);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ body: stored, phone: `+${FROM}` });
    expect(rows[0]?.body['text']).toEqual(expect.stringMatching(/\S/));
  });

  it('a change of number, which no contact comes with', async () => {
    const system = { body: 'Ana changed her number', type: 'user_changed_number', wa_id: '5215587654321' };
    expect((await post({ messages: [messageOf('sys.1', 'system', system)] })).status).toBe(200);
    expect(await inbox('sys.1')).toMatchObject([{ body: { type: 'system' } }]);
  });

  it.each<[string, object]>([
    ['without a number', { from: undefined, from_user_id: 'MX.Ab12' }],
    ['whose id stands for the number', { from: 'MX.Ab12' }],
  ])('somebody %s', async (name, who) => {
    const id = `hidden ${name}`;
    const contact = { profile: { name: 'Ana' }, user_id: 'MX.Ab12' };
    const message = { ...messageOf(id, 'text', { body: 'hola' }), ...who };
    expect((await post({ contacts: [contact], messages: [message] })).status).toBe(200);
    expect(await inbox(id)).toMatchObject([{ address: 'MX.Ab12', phone: null }]);
  });

  it('many at once, in the order of the batch, with one twice', async () => {
    const messages = [1, 2, 2, 3].map((n) => messageOf(`batch.${n}`, 'text', { body: `b${n}` }));
    expect((await post({ contacts: [CONTACT], messages })).status).toBe(200);
    const { rows } = await app.owner.query(
      `select body->>'text' as text from inbox where dedupe_key like 'batch.%' order by seq`,
    );
    expect(rows.map(({ text }) => text)).toEqual(['b1', 'b2', 'b3']);
  });
});

describe('INV-6: every status', () => {
  async function sentMessage(): Promise<string> {
    await post({ contacts: [CONTACT], messages: [messageOf('first', 'text', { body: 'hola' })] });
    return openSend(app, 'first');
  }
  const statusOf = (outboxId: string, status: string, extra: object = {}) => ({
    id: `wamid.${outboxId}`,
    status,
    timestamp: String(Math.floor(Date.now() / 1000)),
    recipient_id: FROM,
    biz_opaque_callback_data: outboxId,
    pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category: 'service' },
    ...extra,
  });
  const row = (id: string) => sendRow(app, id);

  it.each<[string, object]>([
    ['sent', { status: 'sent', delivery: 'sent' }],
    ['delivered', { status: 'sent', delivery: 'delivered' }],
    ['read', { status: 'sent', delivery: 'read' }],
    ['played', { status: 'sent', delivery: 'played' }],
    ['deleted', { status: 'sending', delivery: null }],
    ['warning', { status: 'sending', delivery: null }],
    ['of tomorrow', { status: 'sending', delivery: null }],
  ])('%s', async (status, stored) => {
    const id = await sentMessage();
    expect((await post({ statuses: [statusOf(id, status, { type: 'message' })] })).status).toBe(200);
    expect(await row(id)).toMatchObject(stored);
  });

  it('failed, with the error of the table', async () => {
    const id = await sentMessage();
    const errors = [{ code: 131026, title: 'Message undeliverable', error_data: { details: 'x' }, href: 'https://x' }];
    await post({ statuses: [statusOf(id, 'failed', { errors })] });
    expect(await row(id)).toMatchObject({ status: 'failed', error: { code: '131026', class: 'recipient' } });
  });

  it('in any order, twice, and of a group’s members', async () => {
    const id = await sentMessage();
    const group = { recipient_type: 'group', recipient_participant_id: FROM };
    const statuses = ['read', 'sent', 'delivered', 'sent'].map((status) => statusOf(id, status, group));
    for (const batch of [statuses, statuses.toReversed()]) await post({ statuses: batch });
    expect(await row(id)).toMatchObject({ status: 'sent', delivery: 'read' });
  });

  it('of a message that is not ours changes nothing', async () => {
    expect((await post({ statuses: [statusOf('not an id', 'read'), statusOf('999999', 'read')] })).status).toBe(200);
  });
});

describe('what is neither', () => {
  it('an echo of the Business app is stored as said by the shop', async () => {
    const echo = { ...messageOf('echo.1', 'text', { body: 'ya voy' }), from: '15550000000', to: FROM };
    expect((await post({ message_echoes: [echo] }, 'smb_message_echoes')).status).toBe(200);
    expect(await storedEchoes(app, 'echo.1')).toMatchObject([{ body: { text: 'ya voy' } }]);
  });

  it.each<[string, object]>([
    ['message_template_status_update', { event: 'APPROVED', message_template_id: 1, message_template_name: 'a' }],
    ['message_template_quality_update', { previous_quality_score: 'GREEN', new_quality_score: 'RED' }],
    ['template_category_update', { message_template_id: 1, new_category: 'MARKETING' }],
    ['phone_number_quality_update', { event: 'FLAGGED', current_limit: 'TIER_1K' }],
    [
      'account_update',
      { event: 'ACCOUNT_RESTRICTION', restriction_info: [{ restriction_type: 'x', expiration: '1' }] },
    ],
    ['user_preferences', { user_preferences: [{ wa_id: FROM, category: 'marketing_messages', value: 'stop' }] }],
    ['messages', { errors: [{ code: 131042, title: 'Payment issue' }] }],
    ['calls', { calls: [] }],
    ['history', { history: [] }],
    ['group_lifecycle_update', { groups: [] }],
    ['group_participants_update', { groups: [] }],
    ['group_settings_update', { groups: [] }],
    ['a_field_of_tomorrow', { x: 1 }],
  ])('%s is acknowledged', async (field, value) => {
    const before = await app.owner.query('select count(*) from inbox');
    expect(await post(value, field)).toMatchObject({ status: 200 });
    expect((await app.owner.query('select count(*) from inbox')).rows).toEqual(before.rows);
  });
});
