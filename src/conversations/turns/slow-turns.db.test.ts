import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  echo,
  makeEvent,
  openMessagePath,
  openPathShop,
  type MessagePath,
  type Shop,
} from '../../../test/support/message-path.js';
import { PathPool } from '../../platform/database/path-pool.js';

const MINUTE_MS = 60_000;
const MAX_IDLE_MS = 200;

function spin(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

describe('a turn that takes too long', () => {
  let path: MessagePath;
  let shop: Shop;

  beforeEach(async () => {
    path = await openMessagePath(async (db) => new PathPool(db.url, { maxIdleMs: MAX_IDLE_MS }));
    shop = await openPathShop(path.db);
  });
  afterEach(() => path.close());

  const say = (from: string, text: string) =>
    path.ingest.ingest([makeEvent(shop, { from, text, providerAt: path.clock.now() })]);
  const answers = async () =>
    (await path.db.owner.query<{ text: string }>(`select body ->> 'text' as text from outbox order by id`)).rows.map(
      ({ text }) => text,
    );
  const conversation = async (from: string) => {
    const { rows } = await path.db.owner.query<{ fails: number }>('select * from conversation where address = $1', [
      from,
    ]);
    return rows[0];
  };
  /** For whoever writes `lento`. */
  const standStill = () => {
    path.engine.script = (input) => {
      if (input.event.kind === 'message' && input.event.content.text === 'lento') spin(MAX_IDLE_MS * 3);
      return echo(input);
    };
  };
  /** As a server that stops does, in the middle of a turn: once. */
  const loseConnection = () => {
    let isFirst = true;
    const { load } = path.engine;
    path.engine.load = async (versionId) => {
      if (isFirst) {
        isFirst = false;
        await path.db.owner.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
            where state = 'idle in transaction' and datname = current_database()`,
        );
      }
      return load(versionId);
    };
  };

  it('is a failed try when Postgres ends its transaction: it runs alone, is parked at five, and others are served', async () => {
    standStill();
    await say('5215500000001', 'lento');
    await say('5215500000002', 'uno');
    for (let round = 0; round < 4; round += 1) {
      await path.runTurns();
      path.clock.advance(MINUTE_MS);
    }
    expect(await answers()).toEqual(['eco uno']);
    expect(await conversation('5215500000002')).toMatchObject({ fails: 0, mode: 'bot', parked_reason: null });
    expect(await conversation('5215500000001')).toMatchObject({
      mode: 'human',
      ready_at: null,
      parked_reason: expect.stringContaining('took longer than its transaction may'),
      handoff: { by: 'parked' },
    });
  });

  it('parks nobody who only stood beside it, however often they failed before', async () => {
    standStill();
    await say('5215500000001', 'lento');
    await say('5215500000002', 'uno');
    await path.db.owner.query('update conversation set fails = 4');
    await path.runTurns();
    expect(await conversation('5215500000001')).toMatchObject({ mode: 'human' });
    expect(await conversation('5215500000002')).toMatchObject({ fails: 0, mode: 'bot' });
    expect(await answers()).toEqual(['eco uno']);
  });

  it('is no failed try when Postgres goes away in a short turn', async () => {
    await say('5215500000001', 'uno');
    loseConnection();
    await expect(path.runTurns()).rejects.toThrow();
    expect(await conversation('5215500000001')).toMatchObject({ fails: 0, mode: 'bot' });
    await path.runTurns();
    expect(await answers()).toEqual(['eco uno']);
  });

  it('is a failed try when the connection is lost in a turn that took longer than its transaction may', async () => {
    await say('5215500000001', 'lento');
    standStill();
    loseConnection();
    await path.batch.run(path.suspects.workerName(0));
    expect((await conversation('5215500000001'))?.fails).toBeGreaterThan(0);
  });

  it('leaves the rest of its batch to the next one, in order', async () => {
    const people = Array.from({ length: 6 }, (_, n) => `521550000000${n}`);
    for (const from of people) await say(from, 'hola');
    path.engine.script = (input) => {
      spin(60);
      return echo(input);
    };
    const { claimed } = await path.batch.run(path.suspects.workerName(0));
    expect(claimed).toBeLessThan(people.length);
    await path.runTurns();
    expect(await answers()).toHaveLength(people.length);
    for (const from of people) expect(await conversation(from)).toMatchObject({ fails: 0, ready_at: null });
  });

  it('leaves the rest of its own messages to the next batch, in order', async () => {
    const texts = ['a', 'b', 'c', 'd', 'e'];
    for (const text of texts) await say('5215500000001', text);
    path.engine.script = (input) => {
      spin(60);
      return echo(input);
    };
    const { turns } = await path.batch.run(path.suspects.workerName(0));
    expect(turns).toBeLessThan(texts.length);
    await path.runTurns();
    expect(await answers()).toEqual(texts.map((text) => `eco ${text}`));
  });

  it('is parked after five processes were killed in it, and others are served', { timeout: 60_000 }, async () => {
    await say('5215500000001', 'gira');
    await say('5215500000002', 'uno');
    const children: ChildProcess[] = [];
    const start = () => {
      const env = { ...process.env, DATABASE_URL: path.db.url, NODE_ENV: 'test' };
      const child = fork(resolve('dist/attacks/spinning-turns-process.js'), { env, stdio: 'ignore' });
      children.push(child);
      return child;
    };
    try {
      for (let death = 1; death <= 5; death += 1) {
        const child = start();
        await once(child, 'message');
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      start();
      await expect
        .poll(() => conversation('5215500000001'), { timeout: 20_000 })
        .toMatchObject({
          mode: 'human',
          parked_reason: expect.stringContaining('process died'),
        });
      await say('5215500000003', 'dos');
      await expect.poll(answers, { timeout: 20_000 }).toEqual(['eco uno', 'eco dos']);
    } finally {
      for (const child of children) child.kill('SIGKILL');
    }
  });
});
