import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  makeEvent,
  openMessagePath,
  openPathShop,
  type MessagePath,
  type Shop,
} from '../../../test/support/message-path.js';

const MINUTE = 60_000;

describe('turns that wait, or are not the bot’s', () => {
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

  const newPerson = () => `52157${String((people += 1)).padStart(8, '0')}`;
  const say = (from: string, ...texts: string[]) =>
    path.ingest.ingest(texts.map((text) => makeEvent(shop, { from, text, providerAt: path.clock.now() })));
  const rows = async <T>(sql: string, ...params: unknown[]) => (await path.db.owner.query(sql, params)).rows as T[];
  const sends = async (from: string) =>
    (
      await rows<{ text: string }>(
        `select o.body ->> 'text' as text from outbox o join conversation c on c.id = o.conversation_id
          where c.address = $1 and o.kind = 'send' order by o.id`,
        from,
      )
    ).map(({ text }) => text);
  const conversation = async (from: string) => {
    const [row] = await rows<Record<string, unknown> & { id: string }>(
      `select c.*, (select count(*)::int from inbox i where i.conversation_id = c.id and i.done_at is null) as unread
         from conversation c where address = $1`,
      from,
    );
    if (!row) throw new Error(`Nobody has written from ${from}`);
    return row;
  };
  const logged = async (from: string) =>
    (
      await rows<{ kind: string }>(
        `select kind from log_event where body ->> 'conversationId' = $1 order by id`,
        (await conversation(from)).id,
      )
    ).map(({ kind }) => kind);

  it('runs a timer when it is due, and not before', async () => {
    const from = newPerson();
    path.engine.script = ({ event, nowMs }) =>
      event.kind === 'timer'
        ? { effects: [{ kind: 'send', content: { kind: 'text', text: '¿Sigues ahí?' }, resend: 'auto' }] }
        : { wakeAtMs: nowMs + 30 * MINUTE };
    await say(from, 'hola');
    await path.runTurns();
    path.clock.advance(29 * MINUTE);
    await path.runTurns();
    expect(await sends(from)).toEqual([]);
    path.clock.advance(2 * MINUTE);
    await path.runTurns();
    expect(await sends(from)).toEqual(['¿Sigues ahí?']);
    expect(await conversation(from)).toMatchObject({ ready_at: null });
  });

  it('leaves messages unread while an effect is pending, and takes its result before them', async () => {
    const from = newPerson();
    path.engine.script = ({ event }) => {
      if (event.kind === 'effect_result')
        return { state: { awaiting: false }, effects: [text(`listo ${event.result.ok}`)] };
      if (event.kind !== 'message') return {};
      if (event.content.text !== 'comprar') return { effects: [text(`eco ${event.content.text}`)] };
      const body = { action: 'orders.place', input: {} };
      return { state: { awaiting: true }, effects: [{ kind: 'action', key: `e-${from}`, body }] };
    };
    const text = (words: string) => ({ kind: 'send', content: { kind: 'text', text: words }, resend: 'auto' }) as const;
    await say(from, 'comprar', ...Array.from({ length: 30 }, (_, n) => `m${n}`));
    await path.runTurns();
    const { id } = await conversation(from);
    expect(await sends(from)).toEqual([]);
    expect(await conversation(from)).toMatchObject({ unread: 30 });
    expect((await conversation(from)).ready_at).not.toBeNull();
    await path.db.owner.query(
      `insert into inbox (tenant_id, conversation_id, seq, kind, dedupe_key, body)
       select tenant_id, id, next_seq, 'effect_result', $2, jsonb_build_object('effectId', $2::text, 'ok', true, 'output', 1)
         from conversation where id = $1`,
      [id, `e-${from}`],
    );
    await path.db.owner.query('update conversation set next_seq = next_seq + 1, ready_at = now() where id = $1', [id]);
    await path.runTurns();
    expect(await sends(from)).toEqual(['listo true', ...Array.from({ length: 30 }, (_, n) => `eco m${n}`)]);
  });

  it('stores a late message for a person and does not answer it', async () => {
    const from = newPerson();
    const providerAt = new Date(path.clock.now().getTime() - 11 * MINUTE);
    await path.ingest.ingest([
      makeEvent(shop, { from, providerAt }),
      makeEvent(shop, { from, text: 'ahora', providerAt: path.clock.now() }),
    ]);
    await path.runTurns();
    expect(await sends(from)).toEqual(['eco ahora']);
    const { id } = await conversation(from);
    const late = await rows(`select 1 from log_event where kind = 'message.in' and body @> $1`, {
      conversationId: id,
      isLate: true,
    });
    expect(late).toHaveLength(1);
  });

  it('is silent while a person answers, and for a bot that is off', async () => {
    const [human, off] = [newPerson(), newPerson()];
    await say(human, 'hola');
    await path.runTurns();
    await path.db.owner.query(`update conversation set mode = 'human', handoff = '{}' where address = $1`, [human]);
    await say(human, '¿hay alguien?');
    const own = await openPathShop(path.db);
    await path.db.owner.query('update bot set is_active = false where id = $1', [own.botId]);
    await path.ingest.ingest([makeEvent(own, { from: off })]);
    await path.runTurns();
    expect(await sends(human)).toEqual(['eco hola']);
    expect(await sends(off)).toEqual([]);
    expect(await conversation(human)).toMatchObject({ unread: 0, ready_at: null });
    expect(await conversation(off)).toMatchObject({ unread: 0, ready_at: null });
  });

  it('keeps the flow’s own deadline while a person that the flow called answers', async () => {
    const from = newPerson();
    let deadlineMs = 0;
    path.engine.script = ({ event, nowMs, state }) => {
      if (event.kind === 'message') {
        deadlineMs = nowMs + 15 * MINUTE;
        return { mode: 'human', state: { handedOver: true }, wakeAtMs: deadlineMs };
      }
      return nowMs < deadlineMs
        ? { mode: 'human', state, wakeAtMs: deadlineMs }
        : { mode: 'bot', state: {}, outcome: 'nobody' };
    };
    await say(from, 'humano');
    await path.runTurns();
    await say(from, '¿hola?');
    await path.runTurns();
    expect(await conversation(from)).toMatchObject({ mode: 'human', ready_at: new Date(deadlineMs) });
    path.clock.advance(16 * MINUTE);
    await path.runTurns();
    expect(await conversation(from)).toMatchObject({ mode: 'bot', ready_at: null, version_id: null });
    expect(await logged(from)).toEqual(['message.in', 'session.started', 'handoff', 'message.in', 'session.ended']);
  });

  it('counts the response time from the message, carried on by an action’s result', async () => {
    const from = newPerson();
    const send = { kind: 'send', content: { kind: 'text', text: 'a' }, resend: 'never' } as const;
    path.engine.script = () => ({ effects: [send, send] });
    await say(from, 'hola');
    await path.runTurns();
    const found = await rows<{ at: Date | null; received_at: Date; resend_policy: string }>(
      `select o.triggered_at as at, i.received_at, o.resend_policy from outbox o
         join inbox i on i.conversation_id = o.conversation_id where o.conversation_id = $1 order by o.id`,
      (await conversation(from)).id,
    );
    expect(found.map(({ at }) => at)).toEqual([found[0]?.received_at, null]);
    expect(found[0]?.resend_policy).toBe('never');
  });

  it('leaves what was written to a person to them, though the bot has the conversation back', async () => {
    const from = newPerson();
    path.engine.script = ({ event }) =>
      event.kind === 'resume' ? { state: {} } : { mode: 'human', state: { handedOver: true } };
    await say(from, 'humano');
    await path.runTurns();
    await say(from, 'para la persona');
    await path.db.owner.query(
      `with c as (update conversation set mode = 'bot', handoff = null, next_seq = next_seq + 1, ready_at = now()
                   where address = $1 returning *)
       insert into inbox (tenant_id, conversation_id, seq, kind, dedupe_key, body)
       select tenant_id, id, next_seq - 1, 'event', 'resume:1', '{"name": "resume"}' from c`,
      [from],
    );
    await path.runTurns();
    expect(path.engine.inputs.map(({ event }) => event.kind)).toEqual(['message', 'resume']);
    expect(await conversation(from)).toMatchObject({ mode: 'bot', unread: 0 });
  });

  it('begins the next session with the message that found the last one expired', async () => {
    const from = newPerson();
    await say(from, 'hola');
    await path.runTurns();
    let isExpired = true;
    path.engine.script = ({ event }) => {
      if (event.kind !== 'message' || !isExpired) return {};
      isExpired = false;
      return { outcome: 'expired', isUnread: true };
    };
    await say(from, 'meses después');
    await path.runTurns();
    expect(await logged(from)).toEqual([
      'message.in',
      'session.started',
      'message.in',
      'session.ended',
      'session.started',
    ]);
    expect(await conversation(from)).toMatchObject({ version_id: shop.versionId, unread: 0 });
  });
});
