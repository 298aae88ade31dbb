import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DeliveryBench } from '../../../test/support/delivery.js';
import { startGraphDouble, type GraphDouble } from '../../../test/support/graph-double.js';
import type { AccountCheck } from '../../providers/whatsapp-provider.js';

let bench: DeliveryBench;
let graph: GraphDouble;

beforeAll(async () => {
  bench = await DeliveryBench.open();
  graph = await startGraphDouble({ latencyMs: 1 });
});
afterAll(async () => {
  await bench.close();
  await graph.stop();
});
beforeEach(() => bench.database.owner.query(`update connection set state = 'paused'`));

/** A process whose official strategy answers `check` with this. */
function open(check: AccountCheck) {
  const process = bench.newProcess({ META_GRAPH_URL: graph.url });
  process.factory.get('official').check = async () => check;
  return process;
}

async function makeUnwell(health: string, ago = '1 minute'): Promise<string> {
  const id = await bench.makeConnection(await bench.makeBot());
  await bench.database.owner.query(
    `update connection set health = $2, health_at = now() - $3::interval where id = $1`,
    [id, health, ago],
  );
  return id;
}

async function healthOf(id: string): Promise<string> {
  const { rows } = await bench.database.owner.query<{ health: string }>('select health from connection where id = $1', [
    id,
  ]);
  return rows[0]?.health ?? '';
}

const WELL: AccountCheck = { ok: true, displayName: 'Aurora' };
const LOST: AccountCheck = { ok: false, class: 'auth', code: '190', reason: 'token expired' };

describe('a line that failed', () => {
  test('is used again when the provider says that the account works', async () => {
    const id = await makeUnwell('degraded');
    expect(await open(WELL).prober.probe()).toBe(1);
    expect(await healthOf(id)).toBe('up');
  });

  test('not where it answers while nothing arrives: a message that comes heals it', async () => {
    const id = await makeUnwell('degraded');
    await bench.database.owner.query(`update connection set health_reason = 'silent' where id = $1`, [id]);
    expect(await open(WELL).prober.probe()).toBe(0);
    expect(await healthOf(id)).toBe('degraded');
  });

  test('is looked at by one process at a time, every few seconds', async () => {
    await makeUnwell('degraded', '4 s');
    await makeUnwell('degraded', '1 s');
    const both = [open(WELL), open(WELL)].map(({ prober }) => prober.probe());
    expect((await Promise.all(both)).toSorted((a, b) => a - b)).toEqual([0, 1]);
  });

  test('is looked at once it brought a message', async () => {
    const id = await makeUnwell('degraded', '0 s');
    const process = open(WELL);
    expect(await process.prober.probe()).toBe(0);
    const connection = await process.connections.find(id);
    if (!connection) throw new Error('no line');
    await process.connections.noteSignOfLife(connection);
    expect(await process.prober.probe()).toBe(1);
  });

  test('turns out to have lost its authorisation, and integrators are told', async () => {
    const id = await makeUnwell('degraded');
    await bench.database.owner.query(
      `insert into webhook_endpoint (id, tenant_id, url, types, key_id, secret)
       select $2, tenant_id, 'https://erp.example.com/hook', '{connection.health}', 'k', '' from connection
        where id = $1`,
      [id, randomUUID()],
    );
    const process = open(LOST);
    expect(await process.prober.probe()).toBe(0);
    expect(await healthOf(id)).toBe('auth_lost');
    const { rows } = await bench.database.owner.query(
      `select body from outgoing_event where type = 'connection.health' and body->>'connectionId' = $1`,
      [id],
    );
    expect(rows).toMatchObject([{ body: { was: 'degraded', health: 'auth_lost', reason: '190: token expired' } }]);
  });
});

describe('a line that lost its authorisation', () => {
  test('is asked about every five minutes', async () => {
    const [due, early] = [await makeUnwell('auth_lost', '6 minutes'), await makeUnwell('auth_lost', '4 minutes')];
    expect(await open(WELL).prober.probe()).toBe(1);
    expect([await healthOf(due), await healthOf(early)]).toEqual(['up', 'auth_lost']);
  });
});

test('figures show how every active line stands, and forget the others', async () => {
  const id = await makeUnwell('degraded', '0 s');
  await bench.database.owner.query(`update connection set restricted_until = now() + interval '1 hour' where id = $1`, [
    id,
  ]);
  const process = open(WELL);
  const [standing] = await process.connections.standings();
  expect(standing).toMatchObject({ provider: 'official', connectionId: id, health: 'degraded' });
  process.loops.prober.start();
  await expect
    .poll(async () => {
      const { health } = process.connectionMetrics as unknown as { health: { get(): Promise<{ values: unknown[] }> } };
      return (await health.get()).values;
    })
    .toMatchObject([{ labels: { connection: id }, value: 0.5 }]);
  await process.loops.prober.stop();
});
