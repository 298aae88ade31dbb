import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  makeEvent,
  openMessagePath,
  openPathShop,
  type MessagePath,
  type Shop,
} from '../../../test/support/message-path.js';
import { ActionRegistry, defineAction } from '../../flows/action-registry.service.js';
import { ActionError } from '../../flows/flow.errors.js';
import { FlowsService } from '../../flows/flows.service.js';
import { EffectRunner } from '../effects/effect-runner.js';
import { EffectsExecutor } from '../effects/effects-executor.js';
import { FlowTurnEngine } from './flow-turn-engine.js';
import { RedisClients } from '../../platform/redis.js';
import { ReadModel } from './read-model.js';
import { TurnBatch } from './turn-batch.js';
import { Loops } from '../../platform/loops/loops.js';

const FLOW = {
  dsl: 1,
  flow: 'shop',
  locales: ['es'],
  vars: { item: { type: 'string' }, place: { type: 'map' } },
  anytime: [{ match: ['humano'], go: 'person' }],
  start: 'ask',
  steps: [
    {
      id: 'ask',
      type: 'question',
      text: 'Hola {{ contact.name }}, ¿qué quieres?',
      answer: { type: 'text' },
      save: 'item',
      retry: { max: 1, go: 'done' },
      remind: [{ after: '1h', text: '¿Sigues ahí?' }],
      timeout: { after: '2h', go: 'done' },
      next: 'order',
    },
    {
      id: 'order',
      type: 'action',
      action: 'shop.order',
      with: { item: 'item' },
      save: { place: 'result' },
      next: 'thanks',
      on: { sold_out: 'sorry', error: 'person' },
    },
    { id: 'thanks', type: 'message', text: 'Eres el número {{ string(place.number) }}', next: 'done' },
    { id: 'sorry', type: 'message', text: 'Se acabó', next: 'ask' },
    {
      id: 'person',
      type: 'handoff',
      team: 'ventas',
      note: 'Pregunta {{ contact.name }}',
      text: 'Ya viene alguien',
      resume: 'back',
    },
    { id: 'back', type: 'message', text: 'Aquí sigo', next: 'done' },
    { id: 'done', type: 'end', outcome: 'sold' },
  ],
};

describe('flows on the message path', () => {
  let path: MessagePath;
  let shop: Shop;
  let batch: TurnBatch;
  let effects: EffectsExecutor;

  beforeAll(async () => {
    path = await openMessagePath();
    shop = await openPathShop(path.db);
    await path.db.owner.query('update flow_version set document = $2, report = $3 where id = $1', [
      shop.versionId,
      FLOW,
      { problems: [], subflows: {} },
    ]);
    const registry = new ActionRegistry();
    registry.register(
      defineAction({
        name: 'shop.order',
        input: z.object({ item: z.string() }),
        output: z.object({ number: z.int() }),
        errors: ['sold_out'],
        run: async (_tx, _context, { item }) => {
          if (item === 'té') throw new ActionError('sold_out');
          return { number: 7 };
        },
      }),
    );
    const flows = new FlowsService(path.db.tenants, path.db.path, registry, path.clock);
    const readModel = new ReadModel(new RedisClients(path.env), path.metrics, path.db.live);
    batch = new TurnBatch(path.db.path, path.clock, new FlowTurnEngine(flows), path.suspects, readModel);
    const runner = new EffectRunner(path.db.tenants, registry, path.clock);
    effects = new EffectsExecutor(new Loops(path.env, path.wake), path.db.path, runner, path.wake);
  });
  afterAll(() => path.close());

  async function run(): Promise<void> {
    do while ((await batch.run(path.suspects.workerName(0))).claimed > 0);
    while ((await effects.runBatch()) > 0);
  }
  async function say(from: string, ...texts: string[]): Promise<void> {
    await path.ingest.ingest(texts.map((text) => makeEvent(shop, { from, text, providerAt: path.clock.now() })));
    await run();
  }
  const said = async (from: string) =>
    (
      await path.db.owner.query<{ text: string }>(
        `select o.body ->> 'text' as text from outbox o join conversation c on c.id = o.conversation_id
          where c.address = $1 and o.kind = 'send' order by o.id`,
        [from],
      )
    ).rows.map(({ text }) => text);
  const conversation = async (from: string) =>
    (
      await path.db.owner.query('select mode, version_id, ready_at, handoff from conversation where address = $1', [
        from,
      ])
    ).rows[0];

  it('runs a sale whose action answers between two turns', async () => {
    await say('5215500000001', 'hola', 'café');
    expect(await said('5215500000001')).toEqual(['Hola Ana, ¿qué quieres?', 'Eres el número 7']);
    expect(await conversation('5215500000001')).toEqual({
      mode: 'bot',
      version_id: null,
      ready_at: null,
      handoff: null,
    });
  });

  it('goes where the flow says when the action refuses, and takes what was written meanwhile after it', async () => {
    await say('5215500000002', 'hola', 'té', 'café');
    expect((await said('5215500000002')).slice(1)).toEqual(['Se acabó', 'Hola Ana, ¿qué quieres?', 'Eres el número 7']);
  });

  it('gives the conversation to a person, is silent, and goes on when it is handed back', async () => {
    const from = '5215500000003';
    await say(from, 'hola', 'humano', '¿quién eres?');
    expect((await said(from)).slice(1)).toEqual(['Ya viene alguien']);
    expect(await conversation(from)).toMatchObject({
      mode: 'human',
      version_id: shop.versionId,
      handoff: { team: 'ventas', note: 'Pregunta Ana', by: 'flow', at: expect.any(String) },
    });
    const { rows } = await path.db.owner.query(
      `select l.body from log_event l join conversation c on l.body ->> 'conversationId' = c.id::text
        where l.kind = 'handoff' and c.address = $1`,
      [from],
    );
    expect(rows).toEqual([{ body: { conversationId: expect.any(String), by: 'flow', team: 'ventas' } }]);
    await path.db.owner.query(
      `with c as (update conversation set mode = 'bot', handoff = null, next_seq = next_seq + 1, ready_at = now()
                   where address = $1 returning *)
       insert into inbox (tenant_id, conversation_id, seq, kind, dedupe_key, body)
       select tenant_id, id, next_seq - 1, 'event', 'resume:1', '{"name": "resume"}' from c`,
      [from],
    );
    await run();
    expect((await said(from)).slice(2)).toEqual(['Aquí sigo']);
  });

  it('reminds and ends by the conversation’s timer alone', async () => {
    const from = '5215500000004';
    await say(from, 'hola');
    path.clock.advance(61 * 60_000);
    await run();
    expect((await said(from)).slice(1)).toEqual(['¿Sigues ahí?']);
    path.clock.advance(60 * 60_000);
    await run();
    expect(await conversation(from)).toEqual({ mode: 'bot', version_id: null, ready_at: null, handoff: null });
  });
});
