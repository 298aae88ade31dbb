import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  activateNewVersion,
  echo,
  makeEvent,
  openMessagePath,
  openPathShop,
  type MessagePath,
  type Shop,
} from '../../../test/support/message-path.js';
import { RedisClients } from '../../platform/redis.js';
import { ReadModel } from './read-model.js';
import { TurnBatch } from './turn-batch.js';
import type { EngineOutput } from './turn-engine.js';

const MINUTE = 60_000;
/** A constraint of the outbox knows no such policy. */
const refused: Partial<EngineOutput> = {
  effects: [{ kind: 'send', content: { kind: 'text', text: 'hola' }, resend: 'sometimes' as 'auto' }],
};

describe('turns', () => {
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

  it('INV-2: one message makes one turn and one answer', async () => {
    const event = makeEvent(shop, { from: newPerson() });
    await path.ingest.ingest([event]);
    await path.runTurns();
    await path.ingest.ingest([event]);
    await path.runTurns();
    expect(await sends(event.address)).toEqual(['eco hola']);
    expect(await conversation(event.address)).toMatchObject({ unread: 0, ready_at: null, turn: '1' });
    expect(await logged(event.address)).toEqual(['message.in', 'session.started']);
  });

  it('INV-2: a placeholder makes no turn; its content makes the one', async () => {
    const event = makeEvent(shop, { from: newPerson() });
    await path.ingest.ingest([{ ...event, content: { type: 'unsupported', text: '', isPlaceholder: true } }]);
    await path.runTurns();
    await path.ingest.ingest([event]);
    await path.runTurns();
    expect(await sends(event.address)).toEqual(['eco hola']);
  });

  it('INV-3: answers in the order of arrival, also past what one transaction takes', async () => {
    const from = newPerson();
    const texts = Array.from({ length: 45 }, (_, n) => `m${n}`);
    await say(from, ...texts);
    await path.runTurns();
    expect(await sends(from)).toEqual(texts.map((text) => `eco ${text}`));
    expect(await conversation(from)).toMatchObject({ unread: 0, turn: '45' });
  });

  it('INV-3: several workers at once never take the same conversation', async () => {
    const from = Array.from({ length: 40 }, newPerson);
    for (let n = 0; n < 3; n += 1) await Promise.all(from.map((one) => say(one, `m${n}`)));
    await Promise.all(
      [1, 2, 3].map(async (n) => {
        while ((await path.batch.run(path.suspects.workerName(n))).claimed > 0);
      }),
    );
    await path.runTurns();
    for (const one of from) expect(await sends(one)).toEqual(['eco m0', 'eco m1', 'eco m2']);
  });

  it('INV-3: a poisoned message parks its own conversation, visibly, and others go on', async () => {
    const [sick, well] = [newPerson(), newPerson()];
    path.engine.script = (input) => {
      if (input.event.kind === 'message' && input.event.content.text === 'veneno') throw new Error('cannot read this');
      return echo(input);
    };
    await say(sick, 'uno', 'veneno', 'tres');
    await say(well, 'hola');
    for (let n = 0; n < 8; n += 1) {
      await path.runTurns();
      path.clock.advance(MINUTE);
    }
    expect(await sends(well)).toEqual(['eco hola']);
    expect(await sends(sick)).toEqual(['eco uno']);
    expect(await conversation(sick)).toMatchObject({ mode: 'human', parked_reason: 'cannot read this', unread: 0 });
    expect((await conversation(sick)).handoff).toMatchObject({ team: null, note: null, by: 'parked' });
    const { id } = await conversation(sick);
    expect(await rows('select 1 from inbox where conversation_id = $1', id)).toHaveLength(3);
    expect(await logged(sick)).toContain('handoff');
  });

  it('INV-3: what Postgres refuses to store stays with its conversation', async () => {
    const [sick, well] = [newPerson(), newPerson()];
    path.engine.script = (input) => (input.contact.phone === `+${sick}` ? refused : echo(input));
    await say(sick, 'hola');
    await say(well, 'hola');
    await path.runTurns();
    expect(await sends(well)).toEqual(['eco hola']);
    expect(await conversation(sick)).toMatchObject({ fails: 1, unread: 1 });
    path.engine.script = echo;
    path.clock.advance(MINUTE);
    await path.runTurns();
    expect(await conversation(sick)).toMatchObject({ fails: 0, mode: 'bot', handoff: null, unread: 0 });
  });

  it('INV-3: what Postgres refuses to store time and again goes to a person, who sees why', async () => {
    const sick = newPerson();
    path.engine.script = () => refused;
    await say(sick, 'hola');
    for (let n = 0; n < 5; n += 1) {
      await path.runTurns();
      path.clock.advance(MINUTE);
    }
    expect(await conversation(sick)).toMatchObject({
      mode: 'human',
      unread: 0,
      parked_reason: expect.stringContaining('check constraint'),
      handoff: { team: null, note: null, by: 'parked', at: expect.any(String) },
    });
  });

  it('INV-4: a turn that fails half-way leaves nothing behind', async () => {
    const from = newPerson();
    await say(from, 'hola');
    const before = await conversation(from);
    await path.db.owner.query(`
      create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no log today'; end $$;
      create trigger refuse before insert on log_event for each row execute function refuse()`);
    await path.runTurns();
    await path.db.owner.query('drop trigger refuse on log_event; drop function refuse');
    expect(await conversation(from)).toMatchObject({ state: before.state, turn: before.turn, unread: 1, fails: 1 });
    expect(await sends(from)).toEqual([]);
    path.clock.advance(MINUTE);
    await path.runTurns();
    expect(await sends(from)).toEqual(['eco hola']);
  });

  it('INV-9: a running session stays on its version; the next one takes the new', async () => {
    const own = await openPathShop(path.db);
    const from = newPerson();
    const write = async (text: string) => {
      await path.ingest.ingest([makeEvent(own, { from, text })]);
      await path.runTurns();
    };
    path.engine.script = ({ event }) => ({
      outcome: event.kind === 'message' && event.content.text === 'adiós' ? 'done' : null,
    });
    await write('uno');
    const next = await activateNewVersion(path.db, own);
    await write('dos');
    await write('adiós');
    await write('otra vez');
    expect(path.engine.inputs.map(({ flow }) => flow)).toEqual([own.versionId, own.versionId, own.versionId, next]);
    expect(await conversation(from)).toMatchObject({ version_id: next });
    expect(await logged(from)).toEqual([
      'message.in',
      'session.started',
      'message.in',
      'message.in',
      'session.ended',
      'message.in',
      'session.started',
    ]);
  });

  it('runs the conversations a dead process was at alone, and parks the one that keeps killing', async () => {
    const [killer, bystander] = [newPerson(), newPerson()];
    await say(killer, 'hola');
    await say(bystander, 'hola');
    const ids = [(await conversation(killer)).id, (await conversation(bystander)).id];
    await path.suspects.clear(path.suspects.workerName(0));
    for (let death = 1; death <= 5; death += 1) {
      const dead = `gone-host:1:${death}:0`;
      await path.suspects.note(
        dead,
        ids.map((id) => ({ id, tenantId: shop.tenantId })),
      );
      await path.db.owner.query(`update suspect set noted_at = now() - interval '1 minute' where worker = $1`, [dead]);
      const alone = await path.suspects.takeOver(path.suspects.workerName(0));
      expect(alone.toSorted()).toEqual(ids.toSorted());
      // The bystander's turn works; the killer's would have taken the process with it.
      if (death === 1) await path.batch.runOne(path.suspects.workerName(0), ids[1] ?? '');
      if (death === 1) ids.pop();
      await path.suspects.clear(path.suspects.workerName(0));
    }
    expect(await conversation(bystander)).toMatchObject({ fails: 0, mode: 'bot', unread: 0 });
    expect(await conversation(killer)).toMatchObject({
      fails: 5,
      mode: 'human',
      unread: 1,
      handoff: { by: 'parked' },
    });
    expect((await conversation(killer)).parked_reason).toContain('process died');
    await path.runTurns();
    expect(await sends(killer)).toEqual([]);
  });

  it('INV-10: goes on when Redis is not there', async () => {
    const redis = new RedisClients({ redisUrl: 'redis://127.0.0.1:1' });
    const readModel = new ReadModel(redis, path.metrics, path.db.live);
    const batch = new TurnBatch(path.db.path, path.clock, path.engine, path.suspects, readModel);
    const from = newPerson();
    await say(from, 'hola');
    while ((await batch.run(path.suspects.workerName(0))).claimed > 0);
    expect(await sends(from)).toEqual(['eco hola']);
    redis.onApplicationShutdown();
  });
});
