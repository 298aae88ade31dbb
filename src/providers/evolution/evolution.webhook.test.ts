import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AT, AT_DATE, statusUpdate, textUpsert, upsert } from '../../../test/support/evolution-double-bodies.js';
import { OWNER_JID } from '../../../test/support/evolution-double-webhook.js';
import { parseEvolutionWebhook } from './evolution.webhook.js';

const NOW = new Date('2026-11-24T10:00:00Z');
const ANA = { address: '5215512345678@s.whatsapp.net', phone: '+5215512345678', lid: null };

function parse(event: string | undefined, data: unknown, pathEvent?: string) {
  return parseEvolutionWebhook({ event, instance: 'ventas', data, sender: OWNER_JID }, pathEvent, NOW);
}

describe('messages.upsert', () => {
  it('is one message with its person, time and name', () => {
    expect(parse('messages.upsert', textUpsert('hola', { id: 'M1' }))).toEqual({
      event: 'messages.upsert',
      instance: 'ventas',
      messages: [
        {
          ...ANA,
          providerMessageId: 'M1',
          profileName: 'Ana',
          providerTimestamp: AT_DATE,
          content: { type: 'text', text: 'hola' },
          groupId: null,
          isOwn: false,
        },
      ],
      statuses: [],
      notices: [],
    });
  });

  it.each([
    [{ remoteJid: '87654321@lid', remoteJidAlt: '5215512345678@s.whatsapp.net', addressingMode: 'lid' }, '87654321'],
    [{ remoteJid: '5215512345678@s.whatsapp.net', remoteJidAlt: '87654321:7@lid' }, '87654321'],
    [{ remoteJid: '5215512345678:90@s.whatsapp.net' }, null],
  ])('finds the phone in %j', (key, lid) => {
    expect(parse('messages.upsert', textUpsert('hola', { key })).messages).toMatchObject([{ ...ANA, lid }]);
  });

  it('takes a person of whom only the hidden id is known', () => {
    const { messages } = parse('messages.upsert', textUpsert('hola', { key: { remoteJid: '87654321@lid' } }));
    expect(messages).toMatchObject([{ address: '87654321@lid', phone: null, lid: '87654321' }]);
  });

  it.each([[AT], [String(AT)], [{ low: AT, high: 0, unsigned: true }]])('reads the time %j', (messageTimestamp) => {
    const { messages } = parse('messages.upsert', textUpsert('hola', { messageTimestamp }));
    expect(messages[0]?.providerTimestamp).toEqual(AT_DATE);
  });

  it('takes the time of receipt for one that is none, and no name for an empty one', () => {
    const { messages } = parse('messages.upsert', textUpsert('hola', { messageTimestamp: 'soon', pushName: ' ' }));
    expect(messages).toMatchObject([{ providerTimestamp: NOW, profileName: null }]);
  });

  it('tells what the shop wrote from its phone apart, to whom it was written and without the shop’s name', () => {
    const { messages } = parse('messages.upsert', textUpsert('hola', { key: { fromMe: true } }));
    expect(messages).toMatchObject([{ ...ANA, isOwn: true, groupId: null, profileName: null }]);
  });

  it.each([
    [{ participant: '5215512345678@s.whatsapp.net' }, ANA],
    [
      { participant: '87654321:3@lid', participantAlt: '5215512345678@s.whatsapp.net' },
      { ...ANA, lid: '87654321' },
    ],
    [{ participant: '87654321@lid' }, { address: '87654321@lid', phone: null, lid: '87654321' }],
    [
      { participant: '', fromMe: true },
      { address: '120363000000000001', phone: null, lid: null, isOwn: true },
    ],
  ])('keeps a message to a group with its author: %j', (key, author) => {
    const inGroup = { remoteJid: '120363000000000001@g.us', ...key };
    const { messages } = parse('messages.upsert', textUpsert('hola', { key: inGroup }));
    expect(messages).toMatchObject([{ groupId: '120363000000000001', isOwn: false, ...author }]);
  });

  it.each(['status@broadcast', '12@newsletter', '12@bot'])('does not answer in %s', (remoteJid) => {
    const key = { remoteJid, participant: '5215512345678@s.whatsapp.net' };
    const webhook = parse('messages.upsert', textUpsert('hola', { key }));
    expect(webhook).toMatchObject({ messages: [], notices: [{ kind: 'elsewhere' }] });
  });

  it('keeps a message without an id as one, however often it comes', () => {
    const data = { ...textUpsert('hola'), key: { remoteJid: '5215512345678@s.whatsapp.net' } };
    const ids = [data, data].map((item) => parse('messages.upsert', item).messages[0]?.providerMessageId);
    expect(ids[0]).toMatch(/^unidentified\.[0-9a-f]{64}$/);
    expect(ids[1]).toBe(ids[0]);
  });

  it('takes several where there are several', () => {
    expect(parse('messages.upsert', [textUpsert('1'), textUpsert('2')]).messages).toHaveLength(2);
  });

  it('knows a change inside it', () => {
    const revoke = upsert({ protocolMessage: { key: { id: 'M0' }, type: 'REVOKE' } }, { id: 'M1' });
    expect(parse('messages.upsert', revoke).messages).toMatchObject([
      { ...ANA, providerMessageId: 'revoke.M0', content: { type: 'revoke', aboutId: 'M0' } },
    ]);
    const other = upsert({ protocolMessage: { type: 'EPHEMERAL_SETTING' } });
    expect(parse('messages.upsert', other)).toMatchObject({ messages: [], notices: [{ kind: 'ignored' }] });
    const setting = upsert({ protocolMessage: { key: { id: 'M0' }, type: 'EPHEMERAL_SETTING' } });
    expect(parse('messages.upsert', setting)).toMatchObject({ messages: [], notices: [{ kind: 'ignored' }] });
  });

  it.each([
    ['an album header', { albumMessage: { expectedImageCount: 2 } }],
    ['an encrypted edit', { secretEncryptedMessage: {}, messageContextInfo: {} }],
    ['an encrypted reaction', { encReactionMessage: {} }],
    ['a pin', { pinInChatMessage: { type: 1 }, base64: '' }],
  ])('%s is nothing that a bot answers', (_, message) => {
    expect(parse('messages.upsert', upsert(message))).toMatchObject({ messages: [], notices: [{ kind: 'ignored' }] });
  });

  it.each([{ remoteJid: '' }, { remoteJid: undefined }, { remoteJid: '0@s.whatsapp.net' }])(
    'is refused when it names nobody: %j',
    (key) => expect(() => parse('messages.upsert', textUpsert('hola', { key }))).toThrow('data.key.remoteJid'),
  );
});

describe('changes of a message', () => {
  const edit = (key: object) => ({
    key,
    type: 'MESSAGE_EDIT',
    editedMessage: { conversation: 'dos' },
    timestampMs: AT * 1000,
  });

  it('an edit is a message of its own about the first', () => {
    const data = edit({ remoteJid: '5215512345678@s.whatsapp.net', fromMe: false, id: 'M0' });
    const [message] = parse('messages.edited', data).messages;
    expect(message).toMatchObject({
      ...ANA,
      providerTimestamp: AT_DATE,
      content: { type: 'edit', text: '[edit] dos', aboutId: 'M0' },
    });
    expect(message?.providerMessageId).toMatch(/^edit\.M0\.[0-9a-f]{64}$/);
    expect(parse('messages.edited', data).messages[0]?.providerMessageId).toBe(message?.providerMessageId);
    const again = { ...data, editedMessage: { conversation: 'tres' } };
    expect(parse('messages.edited', again).messages[0]?.providerMessageId).not.toBe(message?.providerMessageId);
  });

  it('an edit of ours, or by somebody it does not name, is no message', () => {
    const ours = edit({ remoteJid: '5215512345678@s.whatsapp.net', fromMe: true, id: 'M0' });
    expect(parse('messages.edited', ours)).toMatchObject({ messages: [], notices: [{ kind: 'own' }] });
    const theirs = edit({ remoteJid: OWNER_JID, fromMe: true, id: 'M0' });
    expect(parse('messages.edited', theirs)).toMatchObject({ messages: [], notices: [{ kind: 'elsewhere' }] });
    expect(() => parse('messages.edited', edit({}))).toThrow('data.key.id');
  });

  it('a message taken back is told by its bare key; a call of ours is not', () => {
    const key = { remoteJid: '87654321@lid', fromMe: false, id: 'M0', participant: '' };
    expect(parse('messages.delete', key).messages).toMatchObject([
      { address: '87654321@lid', providerMessageId: 'revoke.M0', content: { type: 'revoke', aboutId: 'M0' } },
    ]);
    expect(parse('messages.delete', { ...key, fromMe: true })).toMatchObject({
      messages: [],
      notices: [{ kind: 'own' }],
    });
    const call = { id: 'cm0', instanceId: 'i', key, messageType: 'conversation', status: 'DELETED', source: 'web' };
    expect(parse('messages.delete', call)).toMatchObject({ messages: [], notices: [{ kind: 'own' }] });
    expect(() => parse('messages.delete', {})).toThrow('data.id');
  });
});

describe('messages.update', () => {
  it.each([
    ['ERROR', 'failed'],
    ['SERVER_ACK', 'sent'],
    ['DELIVERY_ACK', 'delivered'],
    ['READ', 'read'],
    ['PLAYED', 'played'],
    ['SENT', 'sent'],
    ['DELIVERED', 'delivered'],
    ['FAILED', 'failed'],
  ])('%s means %s', (status, expected) => {
    expect(parse('messages.update', statusUpdate('OURS', status)).statuses).toEqual([
      { providerMessageId: 'OURS', status: expected, at: NOW },
    ]);
  });

  it.each(['PENDING', 'DELETED', 'TOMORROW'])('%s changes nothing', (status) => {
    expect(parse('messages.update', statusUpdate('OURS', status))).toMatchObject({
      statuses: [],
      notices: [{ kind: 'ignored', what: `messages.update ${status}` }],
    });
  });

  it('of a customer’s message is our own reading', () => {
    const data = statusUpdate('THEIRS', 'READ', { fromMe: false });
    expect(parse('messages.update', data)).toMatchObject({ statuses: [], notices: [{ kind: 'own' }] });
  });

  it('without an id is refused', () => {
    expect(() => parse('messages.update', { status: 'READ' })).toThrow('keyId');
  });
});

describe('connection.update', () => {
  it.each([
    ['open', 200, 'up'],
    ['close', 401, 'auth_lost'],
    ['close', 403, 'auth_lost'],
    ['close', '402', 'auth_lost'],
    ['close', 406, 'auth_lost'],
    ['close', 428, 'degraded'],
    ['close', undefined, 'degraded'],
    ['refused', 428, 'auth_lost'],
  ])('%s with reason %s is health %s', (state, statusReason, health) => {
    const { notices } = parse('connection.update', { instance: 'ventas', state, statusReason });
    expect(notices).toMatchObject([{ kind: 'health', health }]);
  });

  it('connecting is no news', () => {
    const { notices } = parse('connection.update', { instance: 'ventas', state: 'connecting' });
    expect(notices).toEqual([{ kind: 'ignored', what: 'connection.update connecting' }]);
  });
});

describe('an event', () => {
  it.each([
    ['qrcode.updated', { qrcode: { instance: 'ventas', code: '2@x', base64: 'data:' } }],
    ['qrcode.updated', { message: 'QR code limit reached', statusCode: 500 }],
    ['contacts.upsert', [{ remoteJid: '1@s.whatsapp.net' }]],
    ['chats.update', {}],
    ['presence.update', {}],
    ['call', {}],
    ['groups.upsert', []],
    ['application.startup', undefined],
    ['tomorrow.update', 'x'],
  ])('%s is known of and not used', (event, data) => {
    expect(parse(event, data)).toMatchObject({
      event,
      messages: [],
      statuses: [],
      notices: [{ kind: 'ignored', what: event }],
    });
  });

  it('may be named as it is configured, or by the path alone', () => {
    expect(parse('MESSAGES_UPSERT', textUpsert('hola')).messages).toHaveLength(1);
    expect(parse(undefined, textUpsert('hola'), 'messages-upsert').messages).toHaveLength(1);
  });

  it.each([
    [null],
    ['x'],
    [[]],
    [{}],
    [{ event: '' }],
    [{ event: 'messages.upsert' }],
    [{ event: 'messages.upsert', data: 'x' }],
  ])('%j is refused by the name of what is wrong', (body) =>
    expect(() => parseEvolutionWebhook(body, undefined, NOW)).toThrow(/^(body|event|data) must be/),
  );

  it('of any shape is read or refused, and never breaks', () => {
    const events = fc.constantFrom(
      'messages.upsert',
      'messages.edited',
      'messages.update',
      'messages.delete',
      'connection.update',
    );
    fc.assert(
      fc.property(events, fc.jsonValue(), (event, data) => {
        try {
          parse(event, data);
        } catch (error) {
          expect(error).toMatchObject({ code: 'malformed_webhook' });
        }
      }),
    );
  });
});
