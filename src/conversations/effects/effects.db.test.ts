import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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
import { PathPool } from '../../platform/database/path-pool.js';
import { Wake } from '../../platform/wake.js';
import { EffectRunner } from './effect-runner.js';
import { EffectsExecutor } from './effects-executor.js';
import { Loops } from '../../platform/loops/loops.js';

describe('effects', () => {
  let path: MessagePath;
  let shop: Shop;
  let executor: EffectsExecutor;
  /** The executor's. */
  let loops: Loops;
  let other: EffectsExecutor;
  let failures = 0;

  const counter = {
    input: z.strictObject({ name: z.string() }),
    output: z.object({ count: z.number() }),
    errors: ['full'],
  };

  beforeAll(async () => {
    path = await openMessagePath();
    const registry = new ActionRegistry();
    registry.register(
      defineAction({
        ...counter,
        name: 'contacts.count',
        run: async (tx, { tenantId, contactId }, { name }) => {
          await tx.query('update contact set name = $3, revision = revision + 1 where tenant_id = $1 and id = $2', [
            tenantId,
            contactId,
            name,
          ]);
          if (name === 'lleno') throw new ActionError('full', 'No room', { details: { left: 0 } });
          if (name === 'roto') throw new Error('a bug');
          if (name === 'a veces' && (failures += 1) < 2) throw new Error('once');
          return { count: 1 };
        },
      }),
    );
    const make = (wake: Wake) => {
      loops = new Loops(path.env, wake);
      return new EffectsExecutor(loops, path.db.path, new EffectRunner(path.db.tenants, registry, path.clock), wake);
    };
    [other, executor] = [make(new Wake()), make(new Wake())];
  });
  beforeEach(async () => {
    shop = await openPathShop(path.db);
    path.engine.script = ({ event }) =>
      event.kind === 'message'
        ? { state: { awaiting: true }, effects: [effectOf(event.content.text)] }
        : { state: { awaiting: false } };
  });
  afterEach(async () => {
    path.reset();
    await path.db.owner.query(`update outbox set status = 'cancelled' where status = 'pending'`);
  });
  afterAll(() => path.close());

  let effectOf = actionFor('contacts.count');
  function actionFor(action: string, more: Record<string, unknown> = {}) {
    return (name: string) =>
      ({ kind: 'action', key: randomUUID(), body: { action, input: { name }, lang: 'es', ...more } }) as const;
  }

  /** Sends a message whose turn asks for the effect, and reads what is stored. */
  async function ask(name: string, effect = actionFor('contacts.count'), from = '5215512345678'): Promise<string> {
    effectOf = effect;
    await path.ingest.ingest([makeEvent(shop, { from, text: name })]);
    await path.runTurns();
    const { rows } = await path.db.owner.query<{ id: string }>(
      'select id from outbox where tenant_id = $1 order by id desc limit 1',
      [shop.tenantId],
    );
    return rows[0]?.id ?? '';
  }
  const found = async () =>
    (
      await path.db.owner.query<{ result: Record<string, unknown>; status: string; name: string; due: boolean }>(
        `select i.body as result, o.status, o.attempt, p.name, c.ready_at <= now() as due
           from outbox o join conversation c on c.id = o.conversation_id join contact p on p.id = c.contact_id
           left join inbox i on i.conversation_id = c.id and i.kind = 'effect_result'
          where o.tenant_id = $1 order by i.id`,
        [shop.tenantId],
      )
    ).rows;
  const dueNow = () => path.db.owner.query('update outbox set next_at = now() where tenant_id = $1', [shop.tenantId]);

  it('INV-4: commits the action’s writes together with its result, and wakes the conversation', async () => {
    await ask('Beto');
    expect(await executor.runBatch()).toBe(1);
    expect(await found()).toMatchObject([
      { status: 'sent', name: 'Beto', due: true, result: { ok: true, output: { count: 1 } } },
    ]);
    await path.runTurns();
    expect(path.engine.inputs.at(-1)?.event).toMatchObject({ kind: 'effect_result', result: { ok: true } });
  });

  it('INV-2: runs an effect once, however many processes find it', async () => {
    for (let n = 0; n < 5; n += 1) await ask(`n${n}`, actionFor('contacts.count'), `521550000000${n}`);
    await Promise.all([executor, other, executor, other].map((one) => one.runBatch()));
    const results = await found();
    expect(results).toHaveLength(5);
    expect(new Set(results.map(({ result }) => result['effectId'])).size).toBe(5);
    expect(results.map(({ name }) => name).toSorted()).toEqual(['n0', 'n1', 'n2', 'n3', 'n4']);
  });

  it('INV-4: takes back the writes of a refused action and tells the flow its code', async () => {
    await ask('lleno');
    await executor.runBatch();
    expect(await found()).toMatchObject([
      { status: 'failed', name: 'Ana', result: { ok: false, error: { code: 'full', details: { left: 0 } } } },
    ]);
  });

  it('INV-4: leaves nothing of an action that fails half-way, tries again, and gives up with `error`', async () => {
    await ask('roto');
    for (let n = 0; n < 2; n += 1) {
      expect(await executor.runBatch()).toBe(0);
      expect(await found()).toMatchObject([{ status: 'pending', name: 'Ana', attempt: n + 1, result: null }]);
      await dueNow();
    }
    expect(await executor.runBatch()).toBe(1);
    expect(await found()).toMatchObject([
      { status: 'failed', name: 'Ana', result: { ok: false, error: { code: 'error' } } },
    ]);
  });

  it('records the result of the try that works', async () => {
    await ask('a veces');
    expect(await executor.runBatch()).toBe(0);
    await dueNow();
    expect(await executor.runBatch()).toBe(1);
    expect(await found()).toMatchObject([{ status: 'sent', name: 'a veces', result: { ok: true } }]);
  });

  it.each([
    ['an action nobody registered', actionFor('nobody.knows'), 'unknown_action'],
    ['input that does not fit', actionFor('contacts.count', { input: {} }), 'invalid_input'],
    ['an action whose moment has passed', actionFor('contacts.count', { deadlineMs: Date.now() - 1 }), 'timeout'],
    [
      'an API that is not stored',
      (name: string) => ({ ...actionFor('x')(name), kind: 'api' as const }),
      'unknown_connection',
    ],
  ])('answers %s with its code', async (_what, effect, code) => {
    await ask('Beto', effect as never);
    await executor.runBatch();
    expect(await found()).toMatchObject([{ status: 'failed', name: 'Ana', result: { ok: false, error: { code } } }]);
  });

  it('INV-8: runs an action inside its own tenant only', async () => {
    const outboxId = await ask('Beto');
    const theirs = await path.db.makeTenant();
    const runner = new EffectRunner(path.db.tenants, new ActionRegistry(), path.clock);
    expect(await runner.run(theirs, outboxId)).toBe(false);
    expect(await found()).toMatchObject([{ status: 'pending', result: null }]);
  });

  it('carries on from the signal to the result by itself, and stops when told', async () => {
    loops.start();
    await ask('Beto');
    await expect.poll(found).toMatchObject([{ status: 'sent', result: { ok: true } }]);
    await loops.stop();
    await ask('Carla');
    expect((await found()).map(({ status }) => status)).toContain('pending');
  });

  it('outlives a search for effects that fails', async () => {
    const nowhere = new PathPool('postgres://nobody@127.0.0.1:1/none');
    const runner = new EffectRunner(path.db.tenants, new ActionRegistry(), path.clock);
    const lostLoops = new Loops(path.env, path.wake);
    const lost = new EffectsExecutor(lostLoops, nowhere, runner, path.wake);
    await expect(lost.runBatch()).rejects.toThrow();
    lostLoops.start();
    await expect(lostLoops.stop()).resolves.toBeUndefined();
    await nowhere.close();
  });
});
