import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addEndpoint } from '../../../test/support/endpoints.js';
import {
  makeEvent,
  openMessagePath,
  openPathShop,
  type MessagePath,
  type Shop,
} from '../../../test/support/message-path.js';

const MINUTE_MS = 60_000;
const NOTICE = 'Recibimos tu mensaje con retraso. Una persona te responderá en cuanto pueda.';

let path: MessagePath;
let shop: Shop;
let people = 0;

beforeAll(async () => {
  path = await openMessagePath();
});
beforeEach(async () => {
  path.reset();
  shop = await openPathShop(path.db);
});
afterAll(() => path.close());

const rows = async <T extends object>(sql: string, ...params: unknown[]): Promise<T[]> =>
  (await path.db.owner.query<T>(sql, params)).rows;
const newPerson = () => `52158${String((people += 1)).padStart(8, '0')}`;
const written = (from: string, text: string, minutesAgo: number) =>
  makeEvent(shop, { from, text, providerAt: new Date(path.clock.now().getTime() - minutesAgo * MINUTE_MS) });
const handOverLate = () => rows(`update bot set late_policy = 'hand_over' where id = $1`, shop.botId);
const sends = async (from: string) =>
  (
    await rows<{ text: string }>(
      `select o.body ->> 'text' as text from outbox o join conversation c on c.id = o.conversation_id
        where c.address = $1 order by o.id`,
      from,
    )
  ).map(({ text }) => text);
const conversation = async (from: string) =>
  (await rows('select mode, handoff, ready_at from conversation where address = $1', from))[0];

async function receive(...events: ReturnType<typeof makeEvent>[]): Promise<void> {
  await path.ingest.ingest(events);
  await path.runTurns();
}

describe('after an outage of 15 minutes', () => {
  const burst = (crowd: readonly string[]) =>
    crowd.flatMap((from, n) =>
      Array.from({ length: n % 25 }, (_, m) => written(from, `m${m}`, 14)).concat(written(from, 'último', 13)),
    );

  it('every one of 50 conversations is answered once, to its last message', async () => {
    const crowd = Array.from({ length: 50 }, newPerson);
    const events = burst(crowd);
    await receive(...events);
    await receive(...events);
    for (const from of crowd) {
      expect(await sends(from)).toEqual(['eco último']);
      expect(await conversation(from)).toMatchObject({ mode: 'bot', ready_at: null });
    }
  });

  it('or every one goes to a person, its customer told once', async () => {
    await handOverLate();
    await addEndpoint(path.db.owner, shop.tenantId);
    const crowd = Array.from({ length: 50 }, newPerson);
    await receive(...burst(crowd));
    for (const from of crowd) {
      expect(await sends(from)).toEqual([NOTICE]);
      expect(await conversation(from)).toMatchObject({ mode: 'human', handoff: { by: 'late' } });
    }
    const told = await rows(
      `select 1 from outgoing_event where tenant_id = $1 and type = 'conversation.handed_over' and body ->> 'by' = 'late'`,
      shop.tenantId,
    );
    expect(told).toHaveLength(50);
  });
});

describe('a late message', () => {
  it('is not answered after what was written later and arrived before it', async () => {
    const from = newPerson();
    await receive(written(from, 'segundo', 12));
    await receive(written(from, 'primero', 14));
    expect(await sends(from)).toEqual(['eco segundo']);
  });

  it('is not answered when the shop has replied since', async () => {
    const from = newPerson();
    await receive(written(from, 'hola', 0));
    await rows('update bot set echo_hands_over = false where id = $1', shop.botId);
    await receive({ ...written(from, 'Yo le atiendo', 1), isOwn: true });
    await receive(written(from, '¿hay alguien?', 11));
    expect(await sends(from)).toEqual(['eco hola', 'Yo le atiendo']);
  });

  it('older than a day goes to a person, and no free text is tried', async () => {
    const from = newPerson();
    await receive(written(from, 'hola', 25 * 60));
    expect(await sends(from)).toEqual([]);
    expect(await conversation(from)).toMatchObject({ mode: 'human', handoff: { by: 'late' } });
  });

  it('of an outage whose sentence was said goes to a person again without it', async () => {
    await handOverLate();
    const from = newPerson();
    await receive(written(from, 'hola', 14));
    await rows(`update conversation set mode = 'bot', handoff = null where address = $1`, from);
    await receive(written(from, '¿y mi pedido?', 13));
    expect(await sends(from)).toEqual([NOTICE]);
    expect(await conversation(from)).toMatchObject({ mode: 'human', handoff: { by: 'late' } });
  });
});
