import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { linkedPlaceholder, linkedText } from '../../../test/support/baileys-double.js';
import { openLinkedBench, type LinkedShop } from '../../../test/support/linked-events.js';
import { openMessagePath, type MessagePath } from '../../../test/support/message-path.js';
import { messageIdOf } from '../sent-messages.js';

let path: MessagePath;
let bench: Awaited<ReturnType<typeof openLinkedBench>>;
let shop: LinkedShop;
let detach: () => Promise<void>;

beforeAll(async () => {
  path = await openMessagePath();
  bench = await openLinkedBench(path);
});
afterAll(() => path.close());
beforeEach(async () => {
  path.reset();
  await attach(await bench.openLinkedShop());
});

async function attach(next: LinkedShop): Promise<void> {
  shop = next;
  detach = bench.events.attach(shop.session);
}

/** Resolves when what the socket told is stored; a real socket does not wait for that. */
async function told(telling: Promise<void>): Promise<void> {
  await telling;
  await detach();
  detach = bench.events.attach(shop.session);
}

const rows = async <R>(sql: string, ...params: unknown[]): Promise<R[]> =>
  (await path.db.owner.query(sql, [shop.connectionId, ...params])).rows as R[];

type Stored = { key: string; type: string; text: string };
const inbox = () =>
  rows<Stored>(`select dedupe_key as key, body->>'type' as type, body->>'text' as text from inbox
    where connection_id = $1 and kind = 'msg' order by id`);
const conversation = async () =>
  (
    await rows<{ id: string; address: string; mode: string; handoff: { by: string } | null }>(
      'select id, address, mode, handoff from conversation where connection_id = $1',
    )
  )[0];

/** Sends a reply to the customer who wrote, as the dispatcher would. */
async function reply(text: string): Promise<{ outboxId: string; messageId: string }> {
  const talk = await conversation();
  const [row] = await rows<{ id: string }>(
    `insert into outbox (tenant_id, conversation_id, connection_id, turn, idx, kind, body, status, attempt)
     select $2, $3, $1, coalesce(max(turn), 0) + 1, 0, 'send', '{}', 'sending', 1 from outbox where conversation_id = $3
     returning id::text`,
    shop.tenantId,
    talk?.id,
  );
  const outboxId = row?.id ?? '';
  const to = { address: talk?.address ?? '', phone: null };
  const account = { connectionId: shop.connectionId, credentials: {} };
  const message = { outboxId, to, content: { kind: 'text', text } } as const;
  expect(await bench.provider.send(account, message, AbortSignal.timeout(10_000))).toMatchObject({
    outcome: 'accepted',
  });
  return { outboxId, messageId: messageIdOf(shop.connectionId, outboxId) };
}
const outbox = async (id: string) =>
  (
    await rows<{ status: string; delivery: string | null; error: { code: string } | null }>(
      'select status, delivery, error from outbox where connection_id = $1 and id = $2',
      id,
    )
  )[0];

describe('what a linked device receives', () => {
  it('INV-1: is stored when the socket is let go, whether it came live or waited while the device was off', async () => {
    void shop.socket.deliver(linkedText('A1', 'uno'));
    void shop.socket.deliver([linkedText('A2', 'dos'), linkedText('A3', 'tres')], 'append');
    await detach();
    expect((await inbox()).map(({ text }) => text)).toEqual(['uno', 'dos', 'tres']);
  });

  it('INV-2: counts once, as notify, as append and from the history', async () => {
    await told(shop.socket.deliver(linkedText('A1', 'uno')));
    await told(shop.socket.deliver(linkedText('A1', 'uno'), 'append'));
    await told(shop.socket.ev.emit('messaging-history.set', { messages: [linkedText('A1', 'uno')] }));
    await detach();
    expect(await inbox()).toHaveLength(1);
  });

  it('INV-2: is upgraded when its content comes later under the same id', async () => {
    void shop.socket.deliver(linkedPlaceholder('AD1'));
    void shop.socket.deliver(linkedText('AD1', 'Vi su anuncio'));
    await detach();
    expect((await inbox()).map(({ text }) => text)).toContain('Vi su anuncio');
    await bench.placeholders.runOnce();
    expect(await rows('select 1 from linked_placeholder where connection_id = $1')).toEqual([]);
  });

  it('does not let one message nobody can read take the others along', async () => {
    const odd = linkedText('X', '', {
      message: Object.defineProperty({}, 'bad', {
        enumerable: true,
        get: () => {
          throw new Error('odd');
        },
      }),
    });
    void shop.socket.deliver([odd, linkedText('A2', 'dos')]);
    await detach();
    expect((await inbox()).map(({ text }) => text)).toEqual(['dos']);
  });

  it('from the phone itself is told as ours, and ends the bot’s turn to speak', async () => {
    void shop.socket.deliver(linkedText('A1', 'uno'));
    void shop.socket.deliver(
      { ...linkedText('P1', 'soy Luis'), key: { remoteJid: '5215511112222@s.whatsapp.net', fromMe: true, id: 'P1' } },
      'append',
    );
    await detach();
    const own = await rows(`select provider_message_id as id, status from outbox where connection_id = $1`);
    expect(own).toEqual([{ id: 'P1', status: 'sent' }]);
    expect(await inbox()).toHaveLength(1);
    expect((await conversation())?.handoff?.by).toBe('echo');
  });

  it('as an echo of our own send is no news', async () => {
    await told(shop.socket.deliver(linkedText('A1', 'uno')));
    const { outboxId } = await reply('hola');
    await detach();
    expect(await rows('select id::text from outbox where connection_id = $1')).toEqual([{ id: outboxId }]);
    expect((await conversation())?.mode).toBe('bot');
  });

  it('in a group is kept and not answered', async () => {
    const key = {
      remoteJid: '120363000000000001@g.us',
      participant: '5215511112222@s.whatsapp.net',
      fromMe: false,
      id: 'G1',
    };
    void shop.socket.deliver({ ...linkedText('G1', 'hola a todos'), key });
    await detach();
    expect(await inbox()).toEqual([]);
    const [kept] = await rows('select group_id, author_phone from group_message where connection_id = $1');
    expect(kept).toEqual({ group_id: '120363000000000001@g.us', author_phone: '+5215511112222' });
  });
});

describe('the history of a phone', () => {
  it('of a device that was never linked before stays in the past', async () => {
    void shop.socket.ev.emit('messaging-history.set', { messages: [linkedText('H1', 'viejo')] });
    await detach();
    expect(await inbox()).toEqual([]);
  });

  it('fills the gap since the line last saw a message, and nothing else', async () => {
    const hour = 3_600_000;
    const ago = (ms: number) => new Date(Date.now() - ms);
    await attach(await bench.openLinkedShop(ago(5 * hour)));
    const messages = [
      linkedText('H1', 'antes', { at: ago(6 * hour) }),
      linkedText('H2', 'en el hueco', { at: ago(2 * hour) }),
      linkedText('H3', 'del futuro', { at: ago(-2 * hour) }),
    ];
    void shop.socket.ev.emit('messaging-history.set', { messages });
    await detach();
    expect((await inbox()).map(({ text }) => text)).toEqual(['en el hueco']);
  });
});

describe('who is who', () => {
  const contacts = () =>
    rows<{ id: string }>('select distinct contact_id as id from conversation where connection_id = $1');

  it('makes one contact of a phone and a hidden id, whichever way it is told', async () => {
    for (const [n, tell] of [
      (mapping: { lid: string; pn: string }) => shop.socket.ev.emit('lid-mapping.update', mapping),
      (mapping: { lid: string; pn: string }) =>
        shop.socket.ev.emit('messaging-history.set', { messages: [], lidPnMappings: [mapping] }),
      ({ lid, pn }: { lid: string; pn: string }) =>
        shop.socket.ev.emit('contacts.upsert', [{ id: lid, phoneNumber: pn }]),
    ].entries()) {
      await attach(await bench.openLinkedShop());
      const [lid, pn] = [`90010${n}@lid`, `521551111333${n}@s.whatsapp.net`];
      await told(shop.socket.deliver(linkedText('L1', 'uno', { from: lid })));
      await told(shop.socket.deliver(linkedText('L2', 'dos', { from: pn })));
      expect(await contacts()).toHaveLength(2);
      await told(tell({ lid, pn }));
      expect(await contacts()).toHaveLength(1);
    }
  });

  it('of an address book makes nobody a customer', async () => {
    const people = Array.from({ length: 50 }, (_, n) => ({
      id: `80010${n}@lid`,
      phoneNumber: `5215522${n}00000@s.whatsapp.net`,
    }));
    void shop.socket.ev.emit('contacts.upsert', people);
    await detach();
    expect(await path.db.owner.query('select 1 from contact where tenant_id = $1', [shop.tenantId])).toMatchObject({
      rows: [],
    });
  });
});

describe('what becomes of a send', () => {
  beforeEach(() => told(shop.socket.deliver(linkedText('A1', 'uno'))));

  it('only moves up, in whatever order it is told', async () => {
    const { outboxId, messageId } = await reply('hola');
    await told(shop.socket.status(messageId, 4));
    await told(shop.socket.status(messageId, 2));
    await told(shop.socket.status(messageId, 3));
    await detach();
    expect(await outbox(outboxId)).toMatchObject({ status: 'sent', delivery: 'read' });
  });

  it('is also found where Baileys folded it into the message', async () => {
    const { outboxId, messageId } = await reply('hola');
    const key = { remoteJid: '5215511112222@s.whatsapp.net', fromMe: true, id: messageId };
    void shop.socket.deliver({ ...linkedText(messageId, 'hola'), key, status: 3 }, 'append');
    await detach();
    expect(await outbox(outboxId)).toMatchObject({ delivery: 'delivered' });
  });

  it('463 ends it, and restricts the number', async () => {
    const { outboxId, messageId } = await reply('hola');
    await told(shop.socket.status(messageId, 0, '463'));
    await detach();
    expect(await outbox(outboxId)).toMatchObject({ status: 'failed', error: { code: '463' } });
    const [session] = await rows<{ is: boolean }>(
      'select restricted_until > now() as is from linked_session where connection_id = $1',
    );
    expect(session?.is).toBe(true);
  });

  it('479 is answered by one repeat under the same id, and then counts', async () => {
    const { outboxId, messageId } = await reply('hola');
    await told(shop.socket.status(messageId, 0, '479'));
    expect(shop.socket.sent.map((sent) => sent.messageId)).toEqual([messageId, messageId]);
    expect(await outbox(outboxId)).toMatchObject({ status: 'sending' });
    void shop.socket.status(messageId, 0, '479');
    await detach();
    expect(shop.socket.sent).toHaveLength(2);
    expect(await outbox(outboxId)).toMatchObject({ status: 'failed', error: { code: '479' } });
  });

  it('of a customer’s own message says nothing of ours', async () => {
    const { outboxId, messageId } = await reply('hola');
    void shop.socket.ev.emit('messages.update', [{ key: { fromMe: false, id: messageId }, update: { status: 4 } }]);
    await detach();
    expect(await outbox(outboxId)).toMatchObject({ delivery: null });
  });

  it('is kept, so that a receiver who asks again is answered, and nobody else', async () => {
    const { messageId } = await reply('hola');
    const found = await bench.events.findSent(shop.session, { id: messageId });
    expect(found).toEqual({ extendedTextMessage: { text: 'hola' } });
    expect(
      await bench.events.findSent({ ...shop.session, connectionId: shop.botId }, { id: messageId }),
    ).toBeUndefined();
    expect(await bench.events.findSent(shop.session, {})).toBeUndefined();
    await rows(`update linked_sent set sent_at = now() - interval '15 days' where connection_id = $1`);
    await bench.sent.forgetOld();
    expect(await bench.events.findSent(shop.session, { id: messageId })).toBeUndefined();
  });
});

describe('a message whose content never comes', () => {
  it('is asked for again, ever more rarely, and then a person is called', async () => {
    void shop.socket.deliver(linkedPlaceholder('AD1'));
    await detach();
    for (let asked = 1; asked <= 3; asked++) {
      await bench.placeholders.runOnce();
      expect(shop.socket.placeholderRequests).toHaveLength(asked - 1);
      await rows('update linked_placeholder set next_at = now() where connection_id = $1');
      await bench.placeholders.runOnce();
      expect(shop.socket.placeholderRequests).toHaveLength(asked);
    }
    expect(shop.socket.placeholderRequests[0]).toMatchObject({ id: 'AD1', remoteJid: '5215511112222@s.whatsapp.net' });
    expect((await conversation())?.mode).toBe('bot');
    await rows('update linked_placeholder set next_at = now() where connection_id = $1');
    await bench.placeholders.runOnce();
    expect(await conversation()).toMatchObject({ mode: 'human', handoff: { by: 'unreadable' } });
    expect(await rows('select 1 from linked_placeholder where connection_id = $1')).toEqual([]);
  });

  it('does not wait for a phone that is off for hours', async () => {
    void shop.socket.deliver(linkedPlaceholder('AD1'));
    await detach();
    bench.open.closed(shop.session);
    await rows(`update linked_placeholder set created_at = now() - interval '4 hours' where connection_id = $1`);
    await bench.placeholders.runOnce();
    expect((await conversation())?.handoff?.by).toBe('unreadable');
  });
});
