import { describe, expect, it } from 'vitest';
import { AT, AT_DATE, change, numberValue, webhook } from '../../../test/support/graph-double-bodies.js';
import { parseOfficialWebhook } from './official.webhook.js';

const NOW = new Date('2026-09-21T12:00:00Z');

function parse(...changes: unknown[]) {
  return parseOfficialWebhook(webhook(...changes), NOW);
}

describe('statuses', () => {
  const status = (parts: object) =>
    parse(change(numberValue({ statuses: [{ id: 'wamid.S', timestamp: AT, ...parts }] })));

  it.each(['sent', 'delivered', 'read', 'played'])('tells %s with our outbox id', (name) => {
    expect(status({ status: name, biz_opaque_callback_data: '42', recipient_id: '521' }).statuses).toEqual([
      {
        phoneNumberId: '1001',
        providerMessageId: 'wamid.S',
        outboxId: '42',
        status: name,
        at: AT_DATE,
      },
    ]);
  });

  it.each([
    [131026, 'recipient'],
    [131047, 'template'],
    [131049, 'recipient'],
    [130429, 'rate'],
    [999_999, 'permanent'],
  ])('tells what failure %d means', (code, errorClass) => {
    const errors = [{ code, title: 'Undeliverable', error_data: { details: 'why' } }];
    expect(status({ status: 'failed', errors }).statuses[0]).toMatchObject({
      status: 'failed',
      outboxId: null,
      errorCode: String(code),
      errorClass,
      errorTitle: 'Undeliverable: why',
    });
  });

  it('tells a failure without reasons', () => {
    expect(status({ status: 'failed' }).statuses[0]).not.toHaveProperty('errorCode');
    expect(status({ status: 'failed', errors: [{ code: 1 }] }).statuses[0]).toMatchObject({ errorTitle: 'Error 1' });
  });

  it.each(['deleted', 'warning', 'toString'])('notes the status "%s" and moves nothing', (name) => {
    expect(status({ status: name })).toMatchObject({
      statuses: [],
      notices: [{ kind: 'ignored', field: `statuses.${name}` }],
    });
  });
});

describe('notices', () => {
  const origin = { wabaId: 'waba-1', phoneNumberId: '1001' };

  it('tells trouble of the number', () => {
    const errors = [{ code: 131000, title: 'Something went wrong' }];
    expect(parse(change(numberValue({ errors }))).notices).toEqual([
      { ...origin, kind: 'error', code: '131000', class: 'retry', title: 'Something went wrong' },
    ]);
  });

  it.each([
    ['message_template_status_update', { event: 'REJECTED', message_template_name: 'promo' }, 'REJECTED'],
    ['phone_number_quality_update', { current_limit: 'TIER_1K' }, null],
    ['account_update', { event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: 'DISABLE' } }, 'DISABLED_UPDATE'],
  ])('passes on %s', (field, value, event) => {
    const notice = { wabaId: 'waba-1', phoneNumberId: null, kind: 'account', field, event, detail: value };
    expect(parse(change(value, field)).notices).toEqual([notice]);
  });

  it('tells that a customer stopped or resumed marketing', () => {
    const preference = { wa_id: '5215512345678', category: 'marketing_messages', timestamp: AT };
    const list = [
      { ...preference, value: 'stop' },
      { ...preference, value: 'resume', timestamp: undefined },
      { value: 'stop' },
    ];
    const person = { address: '5215512345678', phone: '+5215512345678', bsuid: null };
    expect(parse(change(numberValue({ user_preferences: list }), 'user_preferences')).notices).toMatchObject([
      { ...origin, kind: 'preference', person, wantsMarketing: false, at: AT_DATE },
      { ...origin, kind: 'preference', person, wantsMarketing: true, at: NOW },
      { ...origin, kind: 'unreadable', path: 'entry[0].changes[0].value.user_preferences[2]' },
    ]);
  });

  it('tells a message typed in the Business app, which is none of a customer', () => {
    const echo = {
      from: '15550000000',
      to: '5215512345678',
      id: 'wamid.E',
      timestamp: AT,
      type: 'text',
      text: { body: 'Voy' },
    };
    const { messages, notices } = parse(
      change(numberValue({ message_echoes: [echo, { id: 'lost' }] }), 'smb_message_echoes'),
    );
    expect(messages).toEqual([]);
    expect(notices).toMatchObject([
      {
        ...origin,
        kind: 'echo',
        providerMessageId: 'wamid.E',
        to: { address: '5215512345678' },
        at: AT_DATE,
        content: { type: 'text', text: 'Voy' },
      },
      { kind: 'unreadable' },
    ]);
  });

  it('tells where a customer moved to, beside the message that says so', () => {
    const system = { body: 'Ana changed', type: 'user_changed_number', wa_id: '5215587654321', user_id: 'MX.new' };
    const { messages, notices } = parse(
      change(
        numberValue({ messages: [{ from: '5215512345678', id: 'wamid.M', timestamp: AT, type: 'system', system }] }),
      ),
    );
    expect(messages[0]?.content).toEqual({ type: 'system', text: '[system] Ana changed' });
    expect(notices).toEqual([
      {
        ...origin,
        kind: 'moved',
        from: { address: '5215512345678', phone: '+5215512345678', bsuid: null },
        to: { address: 'MX.new', phone: '+5215587654321', bsuid: 'MX.new' },
        at: AT_DATE,
      },
    ]);
  });

  it('acknowledges fields it does not use', () => {
    expect(parse(change({ calls: [] }, 'calls')).notices).toMatchObject([{ kind: 'ignored', field: 'calls' }]);
  });
});
