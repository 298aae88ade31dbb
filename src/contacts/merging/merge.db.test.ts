import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openPathShop, type Shop } from '../../../test/support/message-path.js';
import { openMergeKit, type MergeKit } from '../../../test/support/merge.js';

let kit: MergeKit;
let shop: Shop;

beforeAll(async () => {
  kit = await openMergeKit();
});
afterAll(() => kit.path.close());
beforeEach(async () => {
  kit.path.reset();
  shop = await openPathShop(kit.path.db);
});

describe('what two contacts had', () => {
  const contactOf = async (kind: string) =>
    (
      await kit.rows<{ contact_id: string }>(
        `select contact_id from contact_identity where tenant_id = $1 and value like $2`,
        shop.tenantId,
        `${kind}:%`,
      )
    )[0]?.contact_id ?? '';

  async function twoContacts() {
    await kit.say(shop, 7, 'por lid', ['lid']);
    await kit.say(shop, 7, 'por tel', ['tel']);
    const [older, newer] = [await contactOf('lid'), await contactOf('tel')];
    const talkOf = async (id: string) =>
      (await kit.talksOf(shop.tenantId)).find((talk) => talk.contact_id === id)?.id ?? '';
    return { older, newer, olderTalk: await talkOf(older), newerTalk: await talkOf(newer) };
  }

  it('belongs to the older: fields it lacks, tags, orders; old ids lead to it', async () => {
    const { older, newer, olderTalk, newerTalk } = await twoContacts();
    await kit.path.db.owner.query(`update contact set name = null, tags = '{vip}' where id = $1`, [older]);
    await kit.path.db.owner.query(
      `update contact set name = 'Marta', locale = 'pt', tags = '{feria,vip}' where id = $1`,
      [newer],
    );
    await kit.path.db.owner.query(
      `insert into sales_order (id, tenant_id, number, conversation_id, contact_id, state, currency, total_minor)
       values ($1, $2, 1, $3, $4, 'placed', 'MXN', 0)`,
      [randomUUID(), shop.tenantId, newerTalk, newer],
    );
    expect(await kit.map(shop, 7)).toBe(older);
    expect(await kit.rows('select name, locale, tags, phone from contact where tenant_id = $1', shop.tenantId)).toEqual(
      [{ name: 'Marta', locale: 'pt', tags: ['feria', 'vip'], phone: '+573000000007' }],
    );
    expect(
      await kit.rows('select contact_id, conversation_id from sales_order where tenant_id = $1', shop.tenantId),
    ).toEqual([{ contact_id: older, conversation_id: olderTalk }]);
    expect(await kit.rows('select old_id, contact_id from contact_alias where tenant_id = $1', shop.tenantId)).toEqual([
      { old_id: newer, contact_id: older },
    ]);
    expect(
      await kit.rows('select old_id, conversation_id from conversation_alias where tenant_id = $1', shop.tenantId),
    ).toEqual([{ old_id: newerTalk, conversation_id: olderTalk }]);
  });

  it('INV-7: is one cart whose lines and holds add up', async () => {
    const { olderTalk, newerTalk } = await twoContacts();
    const [tea, cup] = [randomUUID(), randomUUID()];
    for (const id of [tea, cup]) {
      await kit.path.db.owner.query(
        `insert into product (id, tenant_id, sku, name, price_minor, currency) values ($1, $2, 'sku-' || left($1::uuid::text, 8), '{"es": "x"}', 100, 'MXN')`,
        [id, shop.tenantId],
      );
      await kit.path.db.owner.query('insert into stock_level values ($1, $2, 20)', [id, shop.tenantId]);
    }
    const put = async (talk: string, product: string, quantity: number) => {
      await kit.path.db.owner.query(
        'insert into cart_line (tenant_id, conversation_id, product_id, quantity) values ($1, $2, $3, $4)',
        [shop.tenantId, talk, product, quantity],
      );
      await kit.path.db.owner.query(
        `insert into stock_hold (tenant_id, product_id, holder, quantity, expires_at)
         values ($1, $2, $3, $4, now() + interval '10 minutes')`,
        [shop.tenantId, product, `cart:${talk}`, quantity],
      );
    };
    await put(olderTalk, tea, 2);
    await put(newerTalk, tea, 3);
    await put(newerTalk, cup, 1);
    await kit.map(shop, 7);
    const lines = await kit.rows(
      'select conversation_id, product_id, quantity from cart_line where tenant_id = $1 order by quantity',
      shop.tenantId,
    );
    expect(lines).toEqual([
      { conversation_id: olderTalk, product_id: cup, quantity: 1 },
      { conversation_id: olderTalk, product_id: tea, quantity: 5 },
    ]);
    expect(
      await kit.rows('select holder, quantity from stock_hold where tenant_id = $1 order by quantity', shop.tenantId),
    ).toEqual([
      { holder: `cart:${olderTalk}`, quantity: 1 },
      { holder: `cart:${olderTalk}`, quantity: 5 },
    ]);
  });

  it('is the session used last, with a person where either had one, and sends in the order they were decided', async () => {
    const { olderTalk, newerTalk } = await twoContacts();
    await kit.path.runTurns();
    await kit.path.db.owner.query(
      `update conversation set state = '{"at": "newer"}', last_in_at = now() + interval '1 s' where id = $1`,
      [newerTalk],
    );
    await kit.path.db.owner.query(
      `update conversation set mode = 'human', handoff = '{"team": "ventas", "note": null, "by": "flow", "at": "2026-01-01T00:00:00Z"}' where id = $1`,
      [olderTalk],
    );
    await kit.map(shop, 7);
    expect(await kit.talksOf(shop.tenantId)).toMatchObject([
      {
        id: olderTalk,
        state: { at: 'newer' },
        mode: 'human',
        handoff: { team: 'ventas' },
        address: '573000000007',
        phone: '+573000000007',
      },
    ]);
    const sends = await kit.rows<{ text: string; conversation_id: string }>(
      `select body->>'text' as text, conversation_id from outbox where tenant_id = $1 order by id`,
      shop.tenantId,
    );
    expect(sends.map(({ text }) => text)).toEqual(['eco por lid', 'eco por tel']);
    expect(new Set(sends.map((send) => send.conversation_id))).toEqual(new Set([olderTalk]));
  });

  it('waits for an action that runs, so that its result finds the conversation', async () => {
    const { olderTalk, newerTalk } = await twoContacts();
    await kit.path.runTurns();
    await kit.path.db.owner.query(
      `insert into outbox (tenant_id, conversation_id, connection_id, turn, idx, kind, effect_key, body)
       values ($1, $2, $3, 99, 0, 'action', 'k', '{}')`,
      [shop.tenantId, newerTalk, shop.connectionId],
    );
    const running = await kit.path.db.owner.connect();
    await running.query('begin');
    await running.query(`select 1 from outbox where effect_key = 'k' for update`);
    const linking = kit.map(shop, 7);
    const waits = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%from outbox o join conversation%'`;
    await expect.poll(() => kit.rows(waits), { timeout: 10_000 }).toHaveLength(1);
    await running.query('update conversation set next_seq = next_seq + 1 where id = $1', [newerTalk]);
    await running.query(`update outbox set status = 'sent' where effect_key = 'k'`);
    await running.query('commit');
    running.release();
    await linking;
    expect(await kit.rows(`select conversation_id, status from outbox where effect_key = 'k'`)).toEqual([
      { conversation_id: olderTalk, status: 'sent' },
    ]);
  });

  it('changes nothing when it fails half-way', async () => {
    const { older, newer } = await twoContacts();
    await kit.path.db.owner.query(
      'create function refuse() returns trigger language plpgsql as $$ begin raise exception $q$no$q$; end $$',
    );
    await kit.path.db.owner.query(
      'create trigger refuse before delete on contact for each row execute function refuse()',
    );
    await expect(kit.map(shop, 7)).rejects.toThrow('no');
    await kit.path.db.owner.query('drop trigger refuse on contact; drop function refuse');
    expect((await kit.talksOf(shop.tenantId)).map((talk) => talk.contact_id).toSorted()).toEqual(
      [older, newer].toSorted(),
    );
    expect(await kit.rows('select 1 from contact_alias where tenant_id = $1', shop.tenantId)).toEqual([]);
  });

  it('is known to the last table: whatever names a contact or a conversation has its place in a merge', async () => {
    const named = await kit.rows<{ name: string }>(
      `select c.table_name || '.' || c.column_name as name from information_schema.columns c
         join pg_class k on k.relname = c.table_name and not k.relispartition
        where c.table_schema = 'public' and c.column_name in ('contact_id', 'conversation_id') order by 1`,
    );
    expect(named.map(({ name }) => name)).toEqual([
      'cart_line.conversation_id',
      'contact_alias.contact_id',
      'contact_identity.contact_id',
      'contact_note.contact_id',
      'conversation.contact_id',
      'conversation_alias.conversation_id',
      'inbox.conversation_id',
      'outbox.conversation_id',
      'sales_order.contact_id',
      'sales_order.conversation_id',
      // A worker's note on whom it is busy with; one that is gone is nobody.
      'suspect.conversation_id',
    ]);
  });
});
