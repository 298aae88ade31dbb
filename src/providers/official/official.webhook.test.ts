import { describe, expect, it } from 'vitest';
import { AT, AT_DATE, change, numberValue, textMessage, webhook } from '../../../test/support/graph-double-bodies.js';
import { MalformedWebhookError } from '../provider.errors.js';
import { officialSendersOf, parseOfficialWebhook } from './official.webhook.js';

const NOW = new Date('2026-09-21T12:00:00Z');

function parse(...changes: unknown[]) {
  return parseOfficialWebhook(webhook(...changes), NOW);
}
function single(message: object, contacts: unknown = []) {
  return parse(change(numberValue({ contacts, messages: [message] }))).messages[0];
}

describe('a batch', () => {
  it('gives every message and status of every entry and change, in order, with its number', () => {
    const body = {
      object: 'whatsapp_business_account',
      entry: [
        {
          id: 'waba-1',
          changes: [
            change(
              numberValue({ messages: [textMessage('a', '521'.padEnd(12, '1')), textMessage('b', '5215512345678')] }),
            ),
          ],
        },
        {
          id: 'waba-2',
          changes: [
            change(numberValue({ messages: [textMessage('c', '5215512345678')] }, '2002')),
            change(numberValue({ statuses: [{ id: 'wamid.S', status: 'read', timestamp: AT }] }, '2003')),
          ],
        },
      ],
    };
    const { messages, statuses, notices } = parseOfficialWebhook(body, NOW);
    expect(messages.map((m) => [m.phoneNumberId, m.providerMessageId])).toEqual([
      ['1001', 'a'],
      ['1001', 'b'],
      ['2002', 'c'],
    ]);
    expect(statuses.map((s) => [s.phoneNumberId, s.providerMessageId])).toEqual([['2003', 'wamid.S']]);
    expect(notices).toEqual([]);
  });

  it('INV-2: keeps both copies of a message, for the ingest to see them as one', () => {
    const { messages } = parse(
      change(numberValue({ messages: [textMessage('a', '5215512345678'), textMessage('a', '5215512345678')] })),
    );
    expect(messages.map((m) => m.providerMessageId)).toEqual(['a', 'a']);
  });

  it('is empty when Meta says nothing', () => {
    const nothing = { messages: [], statuses: [], notices: [] };
    expect(parseOfficialWebhook({ object: 'whatsapp_business_account', entry: [] }, NOW)).toEqual(nothing);
    expect(parse(change({ messaging_product: 'whatsapp', statuses: [] }))).toEqual(nothing);
  });

  it('loses nothing beside a part it cannot read', () => {
    const good = textMessage('good', '5215512345678');
    const { messages, statuses, notices } = parse(
      change(
        numberValue({
          messages: [null, 'text', textMessage('nobody'), { ...good, text: { body: 7 } }, good],
          statuses: [{ status: 'sent' }, { id: 'wamid.S', status: 'sent', timestamp: AT }],
        }),
      ),
      'not a change',
      change(numberValue({ messages: { 0: good } })),
    );
    expect(messages.map((m) => m.content.text)).toEqual(['[unsupported] text', 'text good']);
    expect(statuses).toHaveLength(1);
    expect(notices.map((n) => n.kind === 'unreadable' && n.path)).toEqual([
      'entry[0].changes[0].value.messages[0]',
      'entry[0].changes[0].value.messages[1]',
      'entry[0].changes[0].value.messages[2].from',
      'entry[0].changes[0].value.statuses[0]',
      'entry[0].changes[1]',
      'entry[0].changes[2].value.messages',
    ]);
    expect(notices[1]).toMatchObject({ wabaId: 'waba-1', phoneNumberId: '1001', raw: '"text"' });
  });
});

describe('who a message is from', () => {
  const card = { profile: { name: ' Ana ' }, wa_id: '5215512345678' };

  it('is the wa_id, with the phone and name of the matching card', () => {
    const other = { profile: { name: 'Luis' }, wa_id: '525500000000' };
    expect(single(textMessage('a', '5215512345678'), [other, card])).toMatchObject({
      address: '5215512345678',
      phone: '+5215512345678',
      bsuid: null,
      profileName: 'Ana',
      formerly: null,
      groupId: null,
      providerTimestamp: AT_DATE,
    });
  });

  it.each([
    ['beside the phone', textMessage('a', '5215512345678', { from_user_id: 'MX.aB3' }), [], '+5215512345678'],
    [
      'on the card alone',
      textMessage('a', '5215512345678'),
      [{ wa_id: '5215512345678', user_id: 'MX.aB3' }],
      '+5215512345678',
    ],
    ['without a phone', textMessage('a', undefined, { from_user_id: 'MX.aB3' }), [{ user_id: 'MX.aB3' }], null],
    ['in the place of the phone', textMessage('a', 'MX.aB3'), [{ wa_id: 'MX.aB3' }], null],
    ['on a lone card beside a message that names nobody', textMessage('a'), [{ user_id: 'MX.aB3' }], null],
  ])('is the BSUID %s', (_, message, contacts, phone) => {
    expect(single(message, contacts)).toMatchObject({ address: 'MX.aB3', bsuid: 'MX.aB3', phone });
  });

  it('is never guessed from one of several cards, nor empty', () => {
    const cards = [card, { ...card, wa_id: '525500000000' }];
    const nobody = [textMessage('a'), textMessage('b', ''), textMessage('c', 'x'), textMessage('d', '+')];
    for (const message of nobody) expect(() => single(message, cards)).toThrow(MalformedWebhookError);
  });

  it('has no name when no card says one', () => {
    expect(single(textMessage('a', '5215512345678'), [{ ...card, profile: { name: '  ' } }])?.profileName).toBeNull();
    expect(single(textMessage('a', '5215512345678'), 'cards')?.profileName).toBeNull();
    const username = { ...card, profile: { username: 'ana.mx' } };
    expect(single(textMessage('a', '5215512345678'), [null, username])?.profileName).toBe('ana.mx');
    const long = { ...card, profile: { name: 'x'.repeat(300) } };
    expect(single(textMessage('a', '5215512345678'), [long])?.profileName).toHaveLength(255);
  });

  it('tells a group apart', () => {
    expect(single(textMessage('a', '5215512345678', { group_id: 'g-1' }))?.groupId).toBe('g-1');
  });

  it.each([undefined, 'soon', '-1', {}])('is timed by its receipt when its timestamp is %j', (timestamp) => {
    expect(single(textMessage('a', '5215512345678', { timestamp }))?.providerTimestamp).toEqual(NOW);
  });

  it('INV-2: gives a message without a usable id one that comes again with it', () => {
    const message = { ...textMessage('a', '5215512345678'), id: undefined };
    const first = single(message);
    expect(first).toMatchObject({ providerMessageId: expect.stringMatching(/^unidentified\.[0-9a-f]{64}$/) });
    expect(first?.content).toEqual({ type: 'unsupported', text: '[unsupported] text: text a' });
    expect(single(message)?.providerMessageId).toBe(first?.providerMessageId);
    expect(single({ ...message, id: 'x'.repeat(300) })?.providerMessageId).not.toBe(first?.providerMessageId);
  });
});

describe('a body of which nothing can be read', () => {
  const good = textMessage('a', '5215512345678');
  it.each([
    ['body', null],
    ['body', []],
    ['body', 'text'],
    ['object', {}],
    ['object', { object: 'page', entry: [] }],
    ['entry', { object: 'whatsapp_business_account' }],
    ['entry', { object: 'whatsapp_business_account', entry: {} }],
    ['entry[0]', { object: 'whatsapp_business_account', entry: [1] }],
    ['entry[0].changes', { object: 'whatsapp_business_account', entry: [{ id: '1' }] }],
    ['entry[0].changes[0]', webhook(null)],
    ['entry[0].changes[0].field', webhook({ value: {} })],
    ['entry[0].changes[0].value', webhook({ field: 'messages' })],
    ['entry[0].changes[0].value.messages', webhook(change(numberValue({ messages: 'x' })))],
    ['entry[0].changes[0].value.metadata.phone_number_id', webhook(change({ messages: [good] }))],
    ['entry[0].changes[0].value.metadata.phone_number_id', webhook(change(numberValue({ messages: [good] }, '')))],
    ['entry[0].changes[0].value.messages[0].from', webhook(change(numberValue({ messages: [textMessage('a')] })))],
    ['entry[0].changes[0].value.message_echoes', webhook(change(numberValue({}), 'smb_message_echoes'))],
  ])('names %s', (field, body) => {
    expect(() => parseOfficialWebhook(body, NOW)).toThrow(
      expect.objectContaining({ code: 'malformed_webhook', status: 400, details: { field } }),
    );
  });
});

describe('officialSendersOf', () => {
  it('names each number and account once', () => {
    const body = webhook(
      change(numberValue({})),
      change(numberValue({}, '2002')),
      change(numberValue({})),
      change({}, 'x'),
    );
    expect(officialSendersOf(body)).toEqual({ phoneNumberIds: ['1001', '2002'], wabaIds: ['waba-1'] });
    expect(officialSendersOf('nothing')).toEqual({ phoneNumberIds: [], wabaIds: [] });
  });
});
