import { hostname } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CutLine, openCutLine } from '../../../test/support/cut-line.js';
import {
  makeEvent,
  openMessagePath,
  openPathShop,
  type MessagePath,
  type Shop,
} from '../../../test/support/message-path.js';
import { PathPool } from '../../platform/database/path-pool.js';
import { TurnLoop } from './turn-loop.js';
import { Loops } from '../../platform/loops/loops.js';
import { readEnv, type Env } from '../../platform/config/env.js';
import { ROLES } from '../../roles.js';

describe('the turn loop', () => {
  let line: CutLine;
  let path: MessagePath;
  let shop: Shop;
  let loops: Loops;

  beforeEach(async () => {
    path = await openMessagePath(async (db) => {
      line = await openCutLine(db.url);
      return new PathPool(line.url);
    });
    shop = await openPathShop(path.db);
    ({ loops } = open(path.env));
  });
  afterEach(async () => {
    await loops.stop();
    await path.close();
    await line.cut();
  });

  const open = (env: Env) => {
    const made = new Loops(env, path.wake);
    return { loops: made, turns: new TurnLoop(made, path.batch, path.suspects, path.wake, path.metrics) };
  };

  const answers = async () =>
    (
      await path.db.owner.query<{ text: string }>(
        `select body ->> 'text' as text from outbox where tenant_id = $1 order by id`,
        [shop.tenantId],
      )
    ).rows.map(({ text }) => text);

  it('answers what comes in and what another process has stored, and tells the dispatcher', async () => {
    loops.start();
    const outbox = path.wake.wait('outbox', 10_000);
    await path.ingest.ingest([makeEvent(shop, { text: 'uno' })]);
    await outbox;
    await expect.poll(answers).toEqual(['eco uno']);
    await path.db.owner.query(
      `with c as (update conversation set next_seq = next_seq + 1, ready_at = now() returning *)
       insert into inbox (tenant_id, conversation_id, seq, kind, dedupe_key, body)
       select tenant_id, id, next_seq - 1, 'msg', 'other', '{"type": "text", "text": "dos"}' from c`,
    );
    await expect.poll(answers).toEqual(['eco uno', 'eco dos']);
    expect((await path.registry.getSingleMetric('turns')?.get())?.values).toMatchObject([
      { value: 2, labels: { result: 'done' } },
    ]);
  });

  it('goes on by itself after Postgres was away', async () => {
    loops.start();
    await path.ingest.ingest([makeEvent(shop, { text: 'uno' })]);
    await expect.poll(answers).toEqual(['eco uno']);
    await line.cut();
    await path.ingest.ingest([makeEvent(shop, { text: 'dos' })]);
    await line.mend();
    await expect.poll(answers, { timeout: 10_000 }).toEqual(['eco uno', 'eco dos']);
  });

  it('outlives a batch that fails', async () => {
    let calls = 0;
    const run = path.batch.run.bind(path.batch);
    path.batch.run = async (worker) => {
      if ((calls += 1) === 1) throw new Error('Connection terminated');
      return run(worker);
    };
    loops.start();
    await path.ingest.ingest([makeEvent(shop, { text: 'uno' })]);
    await expect.poll(answers).toEqual(['eco uno']);
    expect(calls).toBeGreaterThan(1);
  });

  it('runs first, and alone, whom a dead process was at, and notes nobody when it is idle', async () => {
    await path.ingest.ingest([makeEvent(shop, { text: 'uno' })]);
    const { rows } = await path.db.owner.query<{ id: string }>('select id from conversation');
    // A process id that cannot exist.
    await path.suspects.note(`${hostname()}:99999999:dead:0`, [{ id: rows[0]?.id ?? '', tenantId: shop.tenantId }]);
    loops.start();
    await expect.poll(answers).toEqual(['eco uno']);
    await loops.stop();
    const after = await path.db.owner.query(
      'select c.fails, (select count(*)::int from suspect) as noted from conversation c',
    );
    expect(after.rows).toEqual([{ fails: 0, noted: 0 }]);
  });

  it('finishes the turns in hand when told to stop, and takes no more', async () => {
    loops.start();
    await path.ingest.ingest([makeEvent(shop, { text: 'uno' })]);
    await loops.stop();
    await path.ingest.ingest([makeEvent(shop, { text: 'dos' })]);
    await path.runTurns();
    expect(await answers()).toEqual(['eco uno', 'eco dos']);
  });

  it('runs no turns in a process that is not for them', async () => {
    ({ loops } = open(readEnv({ ROLE: 'adapter' }, ROLES)));
    loops.start();
    await path.ingest.ingest([makeEvent(shop)]);
    await loops.stop();
    expect(await answers()).toEqual([]);
  });
});
