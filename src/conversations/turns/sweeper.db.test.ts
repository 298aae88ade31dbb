import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  makeEvent,
  openMessagePath,
  openPathShop,
  type MessagePath,
  type Shop,
} from '../../../test/support/message-path.js';
import { PathPool } from '../../platform/database/path-pool.js';
import { readEnv, type Env } from '../../platform/config/env.js';
import { ScheduledJobs } from '../../platform/jobs/scheduled-jobs.js';
import { Loops } from '../../platform/loops/loops.js';
import { ROLES } from '../../roles.js';
import { Sweeper } from './sweeper.js';

describe('the sweeper', () => {
  let path: MessagePath;
  let shop: Shop;
  let sweeper: Sweeper;

  beforeAll(async () => {
    path = await openMessagePath();
    shop = await openPathShop(path.db);
    ({ sweeper } = open(path.env, path.db.path));
  });
  afterAll(() => path.close());

  const open = (env: Env, pool: PathPool) => {
    const loops = new Loops(env, path.wake);
    const jobs = new ScheduledJobs(pool, path.clock, loops);
    return { loops, sweeper: new Sweeper(pool, path.ingest, path.metrics, jobs, loops) };
  };

  const metric = async (name: string) => (await path.registry.getSingleMetric(name)?.get())?.values[0]?.value;

  it('finds nothing after ordinary turns', async () => {
    await path.ingest.ingest([makeEvent(shop), makeEvent(shop, { from: '5215500000099' })]);
    expect(await sweeper.sweep()).toBe(0);
    await path.runTurns();
    expect(await sweeper.sweep()).toBe(0);
    expect(await metric('problems')).toBe(0);
  });

  it('re-arms a conversation whose messages nobody would come for, and counts it', async () => {
    const from = '5215500000001';
    await path.ingest.ingest([makeEvent(shop, { from })]);
    await path.db.owner.query('update conversation set ready_at = null where address = $1', [from]);
    await path.runTurns();
    const { loops } = open(path.env, path.db.path);
    loops.start();
    await loops.stop();
    await path.runTurns();
    const { rows } = await path.db.owner.query(
      `select o.body ->> 'text' as text from outbox o join conversation c on c.id = o.conversation_id where c.address = $1`,
      [from],
    );
    expect(rows).toEqual([{ text: 'eco hola' }]);
    expect(await metric('problems')).toBe(1);
  });

  it('shows how long the oldest message has waited', async () => {
    await path.ingest.ingest([makeEvent(shop, { from: '5215500000002' })]);
    await path.db.owner.query(`update inbox set received_at = now() - interval '1 minute' where done_at is null`);
    await sweeper.sweep();
    expect(await metric('oldest')).toBeGreaterThanOrEqual(60);
    await path.runTurns();
    await sweeper.sweep();
    expect(await metric('oldest')).toBe(0);
  });

  it('drops what is older than a month and keeps the rest', async () => {
    const person = { from: '5215500000003', profileName: null };
    await path.ingest.ingest([makeEvent(shop, { ...person, providerMessageId: 'old' })]);
    await path.runTurns();
    await path.db.owner.query(`
      update seen set seen_at = now() - interval '31 days' where dedupe_key = 'old';
      update outbox set status = 'sent', created_at = now() - interval '31 days'
       where conversation_id = (select id from conversation where address = '${person.from}');
      create table inbox_20200101 partition of inbox for values from ('2020-01-01') to ('2020-01-02');`);
    await path.ingest.ingest([makeEvent(shop, { ...person, providerMessageId: 'new' })]);
    await path.runTurns();
    await sweeper.maintain();
    const { rows } = await path.db.owner.query(
      `select (select array_agg(dedupe_key) from seen where dedupe_key in ('old', 'new')) as seen,
              (select count(*)::int from outbox o join conversation c on c.id = o.conversation_id
                where c.address = $1) as outbox,
              to_regclass('inbox_20200101') as old_day`,
      [person.from],
    );
    expect(rows).toEqual([{ seen: ['new'], outbox: 1, old_day: null }]);
  });

  it('leaves turns alone in a process that runs none', async () => {
    const from = '5215500000004';
    const { loops } = open(readEnv({ ROLE: 'api' }, ROLES), path.db.path);
    await path.ingest.ingest([makeEvent(shop, { from })]);
    await path.db.owner.query('update conversation set ready_at = null where address = $1', [from]);
    loops.start();
    await loops.stop();
    const { rows } = await path.db.owner.query('select ready_at from conversation where address = $1', [from]);
    expect(rows).toEqual([{ ready_at: null }]);
  });

  it('waits for Postgres, and says so, when it cannot be reached', async () => {
    const nowhere = new PathPool('postgres://nobody@127.0.0.1:1/none');
    const { loops, sweeper: waiting } = open(path.env, nowhere);
    loops.start();
    await expect(Promise.all([loops.stop(), waiting.lookForSpools()])).resolves.toBeDefined();
    await nowhere.close();
  });

  it('moves messages to their days while more come in, and every one is answered once', async () => {
    const { rows } = await path.db.owner.query<{ part: string }>(
      `select relid::text as part from pg_partition_tree('inbox') where isleaf and relid <> 'inbox_default'::regclass`,
    );
    // As after an absence: what came in today lies in the default partition.
    for (const { part } of rows) await path.db.owner.query(`drop table ${part}`);
    const from = (n: number) => `52155000100${n}`;
    const say = (n: number) => path.ingest.ingest([makeEvent(shop, { from: from(n), text: `${n}` })]);
    const people = Array.from({ length: 40 }, (_, n) => n + 10);
    for (const n of people.slice(0, 20)) await say(n);
    await Promise.all([sweeper.maintain(), path.runTurns(), ...people.slice(20).map(say)]);
    await path.runTurns();
    const answers = await path.db.owner.query(
      `select c.address, count(*)::int as answers from outbox o join conversation c on c.id = o.conversation_id
        where c.address like '52155000100%' group by 1 order by 1`,
    );
    expect(answers.rows).toEqual(people.map((n) => ({ address: from(n), answers: 1 })));
    expect((await path.db.owner.query('select 1 from inbox_default')).rows).toEqual([]);
  });
});
