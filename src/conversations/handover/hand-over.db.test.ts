import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addEndpoint } from '../../../test/support/endpoints.js';
import {
  makeEvent,
  openMessagePath,
  openPathShop,
  type MessagePath,
  type Shop,
} from '../../../test/support/message-path.js';
import { takeOver } from './hand-over.js';

let path: MessagePath;
let shop: Shop;
const shown: string[] = [];

beforeAll(async () => {
  path = await openMessagePath();
  path.db.live.subscribe(({ type }) => {
    if (type === 'conversation.handed_over') shown.push(type);
  });
});
beforeEach(async () => {
  shown.length = 0;
  shop = await openPathShop(path.db);
});
afterAll(() => path.close());

const rows = async (sql: string, ...params: unknown[]): Promise<Record<string, unknown>[]> =>
  (await path.db.owner.query(sql, params)).rows;
async function openTalk(): Promise<string> {
  await path.ingest.ingest([makeEvent(shop)]);
  return String((await rows('select id from conversation where tenant_id = $1', shop.tenantId))[0]?.['id']);
}
const conversation = async (id: string) => (await rows('select mode, handoff from conversation where id = $1', id))[0];
const logged = (id: string) =>
  rows(`select 1 from log_event where kind = 'handoff' and body ->> 'conversationId' = $1`, id);
const emitted = (id: string) => rows(`select 1 from outgoing_event where body ->> 'conversationId' = $1`, id);
const take = (id: string) =>
  path.db.tenants.transaction(shop.tenantId, (tx) => takeOver(tx, shop.tenantId, id, new Date()));

describe('handing over', () => {
  it('INV-8: is of the tenant that the transaction is for', async () => {
    const id = await openTalk();
    const other = await path.db.makeTenant();
    await path.db.tenants.transaction(other, async (tx) => {
      await takeOver(tx, other, id, new Date());
      await takeOver(tx, shop.tenantId, id, new Date());
    });
    expect(await conversation(id)).toMatchObject({ mode: 'bot', handoff: null });
    expect([await logged(id), shown]).toEqual([[], []]);
  });

  it('means our tables, whatever the caller’s search path', async () => {
    await addEndpoint(path.db.owner, shop.tenantId, ['conversation.handed_over']);
    const id = await openTalk();
    const client = await path.db.owner.connect();
    await client.query('begin; set local search_path = pg_catalog; create temp table conversation (id uuid)');
    await client.query(`select public.hand_over($1, $2, 'person', now(), null, null, false, null)`, [
      shop.tenantId,
      id,
    ]);
    await client.query(
      `select public.append_inbox(array[row($1, $2, null, 'event', 'k', '{}', null, null, false, 0, null, null, null)::public.inbox_entry])`,
      [shop.tenantId, id],
    );
    await client.query('commit');
    client.release(true);
    expect([(await logged(id)).length, (await emitted(id)).length]).toEqual([1, 1]);
  });

  it('is shown to nobody when it is rolled back', async () => {
    const id = await openTalk();
    await rows(
      `create function refuse_commit() returns trigger language plpgsql as $$ begin raise 'not this one'; end $$`,
    );
    await rows(`create constraint trigger refuse_commit after insert on log_event deferrable initially deferred
                for each row execute function refuse_commit()`);
    await expect(take(id)).rejects.toThrow('not this one');
    await rows('drop trigger refuse_commit on log_event');
    expect(shown).toEqual([]);
    expect(await conversation(id)).toMatchObject({ mode: 'bot', handoff: null });
  });
});
