import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  makeEvent,
  openMessagePath,
  openPathShop,
  type MessagePath,
  type Shop,
} from '../../../test/support/message-path.js';
import { ContactIdentityService } from '../contact-identity.service.js';
import { DueMerges } from './due-merges.js';

let path: MessagePath;
let identities: ContactIdentityService;
let merges: DueMerges;
let shop: Shop;

beforeAll(async () => {
  path = await openMessagePath();
  identities = new ContactIdentityService(path.db.tenants);
  merges = new DueMerges(path.db.path, identities, path.wake);
});
afterAll(() => path.close());
beforeEach(async () => {
  path.reset();
  shop = await openPathShop(path.db);
});

const rows = async <T extends object>(sql: string, ...params: unknown[]): Promise<T[]> =>
  (await path.db.owner.query<T>(sql, params)).rows;

/** One message of the person `n`, under these of their names. */
const say = (n: number, text: string, names: readonly ('tel' | 'lid' | 'bsuid')[], of: Shop = shop) => {
  const digits = `57300${String(n).padStart(7, '0')}`;
  const keys = { tel: `tel:${digits}`, lid: `lid:9${digits}`, bsuid: `bsuid:CO.a${digits}` };
  const phone = names.includes('tel') ? `+${digits}` : null;
  const event = { text, identities: names.map((name) => keys[name]), address: phone ? digits : `9${digits}`, phone };
  return path.ingest.ingest([makeEvent(of, event)]);
};
const map = (n: number, of: Shop = shop) => {
  const digits = `57300${String(n).padStart(7, '0')}`;
  return identities.link(of.tenantId, [`tel:${digits}`, `lid:9${digits}`], `+${digits}`);
};

async function mergeAll(): Promise<void> {
  while ((await merges.runOnce()) > 0);
}

const talksOf = (tenantId: string) =>
  rows<{ id: string; contact_id: string; mode: string; state: unknown; address: string; phone: string | null }>(
    'select * from conversation where tenant_id = $1',
    tenantId,
  );
const textsOf = async (conversationId: string) =>
  (
    await rows<{ text: string }>(
      `select body->>'text' as text from inbox where conversation_id = $1 order by seq`,
      conversationId,
    )
  ).map(({ text }) => text);

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, at) => permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}

describe('one person under several names', () => {
  const arrivals = ['lid', 'tel', 'mapping', 'bsuid', 'tel+bsuid'] as const;

  it.each([
    ['answered at the end', false],
    ['answered after each', true],
  ])(
    'INV-3: is one contact with one conversation in order, whatever arrives first: %s',
    async (_, isPrompt) => {
      let n = 0;
      for (const order of permutations(arrivals)) {
        const here = await openPathShop(path.db);
        n += 1;
        for (const arrival of order) {
          if (arrival === 'mapping') await map(n, here);
          else await say(n, arrival, arrival.split('+') as ('tel' | 'lid' | 'bsuid')[], here);
          if (isPrompt) await path.runTurns();
          await mergeAll();
        }
        const label = order.join(' ');
        const contacts = await rows<{ id: string; phone: string }>(
          'select * from contact where tenant_id = $1',
          here.tenantId,
        );
        expect(contacts, label).toHaveLength(1);
        expect(contacts[0]?.phone, label).toBe(`+57300${String(n).padStart(7, '0')}`);
        const talks = await talksOf(here.tenantId);
        expect(talks, label).toHaveLength(1);
        expect(talks[0]?.contact_id).toBe(contacts[0]?.id);
        const said = order.filter((arrival) => arrival !== 'mapping');
        if (!isPrompt) expect(await textsOf(talks[0]?.id ?? ''), label).toEqual(said);
        await path.runTurns();
        const sent = await rows<{ text: string }>(
          `select body->>'text' as text from outbox where conversation_id = $1 order by id`,
          talks[0]?.id,
        );
        expect(
          sent.map(({ text }) => text),
          label,
        ).toEqual(said.map((text) => `eco ${text}`));
        const names = await rows<{ value: string }>(
          'select value from contact_identity where tenant_id = $1 order by value',
          here.tenantId,
        );
        expect(
          names.map(({ value }) => value.split(':')[0]),
          label,
        ).toEqual(['bsuid', 'lid', 'tel']);
        expect(await rows('select 1 from identity_link where tenant_id = $1', here.tenantId), label).toEqual([]);
      }
    },
    120_000,
  );

  it('INV-8: of two tenants stays two', async () => {
    const other = await openPathShop(path.db);
    await say(1, 'hola', ['lid'], other);
    await say(1, 'hola', ['tel']);
    await map(1);
    await mergeAll();
    await say(1, 'otra', ['lid']);
    expect((await talksOf(other.tenantId)).length + (await talksOf(shop.tenantId)).length).toBe(2);
    const [mine] = await talksOf(shop.tenantId);
    expect(await textsOf(mine?.id ?? '')).toEqual(['hola', 'otra']);
  });

  it('loses and doubles nothing while messages come in under both', async () => {
    for (let round = 0; round < 5; round += 1) {
      const n = 100 + round;
      await say(n, 'first', ['lid']);
      const all = Array.from({ length: 12 }, (_, at) => say(n, `m${at}`, [at % 2 ? 'lid' : 'tel']));
      const linking = [map(n), map(n)];
      const turns = path.runTurns();
      await Promise.all([...all, ...linking, turns]);
      await map(n);
      await path.runTurns();
    }
    await mergeAll();
    const talks = await talksOf(shop.tenantId);
    expect(talks).toHaveLength(5);
    for (const { id } of talks) {
      const said = (await textsOf(id)).toSorted();
      expect(said).toEqual(['first', ...Array.from({ length: 12 }, (_, at) => `m${at}`)].toSorted());
      const sent = await rows<{ text: string }>(
        `select body->>'text' as text from outbox where conversation_id = $1`,
        id,
      );
      expect(sent.map(({ text }) => text).toSorted()).toEqual(said.map((text) => `eco ${text}`));
    }
  });
});

describe('what two contacts had', () => {
  const contactOf = async (kind: string) =>
    (
      await rows<{ contact_id: string }>(
        `select contact_id from contact_identity where tenant_id = $1 and value like $2`,
        shop.tenantId,
        `${kind}:%`,
      )
    )[0]?.contact_id ?? '';

  async function twoContacts() {
    await say(7, 'por lid', ['lid']);
    await say(7, 'por tel', ['tel']);
    const [older, newer] = [await contactOf('lid'), await contactOf('tel')];
    const talkOf = async (id: string) =>
      (await talksOf(shop.tenantId)).find((talk) => talk.contact_id === id)?.id ?? '';
    return { older, newer, olderTalk: await talkOf(older), newerTalk: await talkOf(newer) };
  }

  it('belongs to the older: fields it lacks, tags, orders; old ids lead to it', async () => {
    const { older, newer, olderTalk, newerTalk } = await twoContacts();
    await path.db.owner.query(`update contact set name = null, tags = '{vip}' where id = $1`, [older]);
    await path.db.owner.query(`update contact set name = 'Marta', locale = 'pt', tags = '{feria,vip}' where id = $1`, [
      newer,
    ]);
    await path.db.owner.query(
      `insert into sales_order (id, tenant_id, number, conversation_id, contact_id, state, currency, total_minor)
       values ($1, $2, 1, $3, $4, 'placed', 'MXN', 0)`,
      [randomUUID(), shop.tenantId, newerTalk, newer],
    );
    expect(await map(7)).toBe(older);
    expect(await rows('select name, locale, tags, phone from contact where tenant_id = $1', shop.tenantId)).toEqual([
      { name: 'Marta', locale: 'pt', tags: ['feria', 'vip'], phone: '+573000000007' },
    ]);
    expect(
      await rows('select contact_id, conversation_id from sales_order where tenant_id = $1', shop.tenantId),
    ).toEqual([{ contact_id: older, conversation_id: olderTalk }]);
    expect(await rows('select old_id, contact_id from contact_alias where tenant_id = $1', shop.tenantId)).toEqual([
      { old_id: newer, contact_id: older },
    ]);
    expect(
      await rows('select old_id, conversation_id from conversation_alias where tenant_id = $1', shop.tenantId),
    ).toEqual([{ old_id: newerTalk, conversation_id: olderTalk }]);
  });

  it('INV-7: is one cart whose lines and holds add up', async () => {
    const { olderTalk, newerTalk } = await twoContacts();
    const [tea, cup] = [randomUUID(), randomUUID()];
    for (const id of [tea, cup]) {
      await path.db.owner.query(
        `insert into product (id, tenant_id, sku, name, price_minor, currency) values ($1, $2, 'sku-' || left($1::uuid::text, 8), '{"es": "x"}', 100, 'MXN')`,
        [id, shop.tenantId],
      );
      await path.db.owner.query('insert into stock_level values ($1, $2, 20)', [id, shop.tenantId]);
    }
    const put = async (talk: string, product: string, quantity: number) => {
      await path.db.owner.query(
        'insert into cart_line (tenant_id, conversation_id, product_id, quantity) values ($1, $2, $3, $4)',
        [shop.tenantId, talk, product, quantity],
      );
      await path.db.owner.query(
        `insert into stock_hold (tenant_id, product_id, holder, quantity, expires_at)
         values ($1, $2, $3, $4, now() + interval '10 minutes')`,
        [shop.tenantId, product, `cart:${talk}`, quantity],
      );
    };
    await put(olderTalk, tea, 2);
    await put(newerTalk, tea, 3);
    await put(newerTalk, cup, 1);
    await map(7);
    const lines = await rows(
      'select conversation_id, product_id, quantity from cart_line where tenant_id = $1 order by quantity',
      shop.tenantId,
    );
    expect(lines).toEqual([
      { conversation_id: olderTalk, product_id: cup, quantity: 1 },
      { conversation_id: olderTalk, product_id: tea, quantity: 5 },
    ]);
    expect(
      await rows('select holder, quantity from stock_hold where tenant_id = $1 order by quantity', shop.tenantId),
    ).toEqual([
      { holder: `cart:${olderTalk}`, quantity: 1 },
      { holder: `cart:${olderTalk}`, quantity: 5 },
    ]);
  });

  it('is the session used last, with a person where either had one, and sends in the order they were decided', async () => {
    const { olderTalk, newerTalk } = await twoContacts();
    await path.runTurns();
    await path.db.owner.query(
      `update conversation set state = '{"at": "newer"}', last_in_at = now() + interval '1 s' where id = $1`,
      [newerTalk],
    );
    await path.db.owner.query(
      `update conversation set mode = 'human', handoff = '{"team": "ventas", "note": null, "by": "flow", "at": "2026-01-01T00:00:00Z"}' where id = $1`,
      [olderTalk],
    );
    await map(7);
    expect(await talksOf(shop.tenantId)).toMatchObject([
      {
        id: olderTalk,
        state: { at: 'newer' },
        mode: 'human',
        handoff: { team: 'ventas' },
        address: '573000000007',
        phone: '+573000000007',
      },
    ]);
    const sends = await rows<{ text: string; conversation_id: string }>(
      `select body->>'text' as text, conversation_id from outbox where tenant_id = $1 order by id`,
      shop.tenantId,
    );
    expect(sends.map(({ text }) => text)).toEqual(['eco por lid', 'eco por tel']);
    expect(new Set(sends.map((send) => send.conversation_id))).toEqual(new Set([olderTalk]));
  });

  it('waits for an action that runs, so that its result finds the conversation', async () => {
    const { olderTalk, newerTalk } = await twoContacts();
    await path.runTurns();
    await path.db.owner.query(
      `insert into outbox (tenant_id, conversation_id, connection_id, turn, idx, kind, effect_key, body)
       values ($1, $2, $3, 99, 0, 'action', 'k', '{}')`,
      [shop.tenantId, newerTalk, shop.connectionId],
    );
    const running = await path.db.owner.connect();
    await running.query('begin');
    await running.query(`select 1 from outbox where effect_key = 'k' for update`);
    const linking = map(7);
    const waits = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%from outbox o join conversation%'`;
    await expect.poll(() => rows(waits), { timeout: 10_000 }).toHaveLength(1);
    await running.query('update conversation set next_seq = next_seq + 1 where id = $1', [newerTalk]);
    await running.query(`update outbox set status = 'sent' where effect_key = 'k'`);
    await running.query('commit');
    running.release();
    await linking;
    expect(await rows(`select conversation_id, status from outbox where effect_key = 'k'`)).toEqual([
      { conversation_id: olderTalk, status: 'sent' },
    ]);
  });

  it('changes nothing when it fails half-way', async () => {
    const { older, newer } = await twoContacts();
    await path.db.owner.query(
      'create function refuse() returns trigger language plpgsql as $$ begin raise exception $q$no$q$; end $$',
    );
    await path.db.owner.query('create trigger refuse before delete on contact for each row execute function refuse()');
    await expect(map(7)).rejects.toThrow('no');
    await path.db.owner.query('drop trigger refuse on contact; drop function refuse');
    expect((await talksOf(shop.tenantId)).map((talk) => talk.contact_id).toSorted()).toEqual([older, newer].toSorted());
    expect(await rows('select 1 from contact_alias where tenant_id = $1', shop.tenantId)).toEqual([]);
  });

  it('is known to the last table: whatever names a contact or a conversation has its place in a merge', async () => {
    const named = await rows<{ name: string }>(
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
