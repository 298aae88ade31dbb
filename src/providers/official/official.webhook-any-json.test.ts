import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { change, numberValue, textMessage, webhook } from '../../../test/support/graph-double-bodies.js';
import { MalformedWebhookError } from '../provider.errors.js';
import { officialSendersOf, parseOfficialWebhook } from './official.webhook.js';

const NOW = new Date('2026-09-21T12:00:00Z');

function parse(...changes: unknown[]) {
  return parseOfficialWebhook(webhook(...changes), NOW);
}

describe('any JSON', () => {
  const json = fc.jsonValue({ maxDepth: 6 });
  const keys = [
    'id',
    'from',
    'type',
    'text',
    'body',
    'image',
    'interactive',
    'edit',
    'order',
    'errors',
    'status',
    'timestamp',
  ];
  const messageLike = fc.dictionary(
    fc.constantFrom(...keys),
    fc.oneof(json, fc.constantFrom('text', 'edit', '5215512345678')),
  );
  const batchLike = fc
    .record({ contacts: json, messages: fc.array(messageLike), statuses: fc.array(messageLike), errors: json })
    .map((parts) => webhook(change(numberValue(parts))));

  it.each([
    ['at all', json],
    ['below an entry', json.map((value) => webhook(value))],
    ['below a change', fc.tuple(json, fc.string()).map(([value, field]) => webhook(change(value, field)))],
    ['shaped like a batch', batchLike],
  ])('%s is read or refused by MalformedWebhookError, with an address in every message', (_, bodies) => {
    fc.assert(
      fc.property(bodies, (body) => {
        try {
          const { messages } = parseOfficialWebhook(body, NOW);
          for (const message of messages) {
            expect(message.address).not.toBe('');
            expect(message.content.text).not.toBe('');
          }
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedWebhookError);
        }
        officialSendersOf(body);
      }),
    );
  });

  it('nested without end neither overflows nor costs the rest', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`);
    const { messages, notices } = parse(
      change(
        numberValue({
          messages: [{ ...textMessage('a', '5215512345678'), id: deep }, deep, textMessage('b', '5215512345678')],
        }),
      ),
      change({ event: 'X', deep }, 'account_update'),
    );
    expect(messages.map((m) => m.content.text)).toEqual(['[unsupported] text: text a', 'text b']);
    expect(notices.map(({ kind }) => kind)).toEqual(['unreadable', 'account']);
    expect(JSON.stringify(notices).length).toBeLessThan(1_000);
  });
});
