import { afterAll, beforeAll, expect, test } from 'vitest';
import { DeliveryBench, type DeliveryProcess, type Talk } from '../../test/support/delivery.js';
import { HeldClock } from '../../test/support/message-path.js';

const MINUTE_MS = 60_000;
let bench: DeliveryBench;
beforeAll(async () => {
  bench = await DeliveryBench.open();
});
afterAll(() => bench.close());

/** So many accepted messages, a second apart, of which some are told to be delivered. */
async function accept(
  { arrivals }: DeliveryProcess,
  clock: HeldClock,
  talk: Talk,
  of: { sent: number; arrived: number },
) {
  const ids = await bench.queue(
    talk,
    Array.from({ length: of.sent }, () => 'hola'),
  );
  await bench.database.owner.query(
    `update outbox set status = 'sent', delivery = case when id = any($2::bigint[]) then 'delivered' end
      where id = any($1::bigint[])`,
    [ids, ids.slice(0, of.arrived)],
  );
  for (const id of ids) {
    arrivals.noteAccepted(talk.connectionId, id);
    arrivals.noteAccepted(talk.connectionId, id);
    clock.advance(1000);
  }
}

async function healthOf({ connectionId }: Talk) {
  const { rows } = await bench.database.owner.query<{ health: string; health_reason: string | null }>(
    'select health, health_reason from connection where id = $1',
    [connectionId],
  );
  return rows[0];
}

test('a line whose messages stop arriving is left for ten minutes', async () => {
  const clock = new HeldClock();
  const talk = await bench.makeOfficialTalk();
  const process = bench.newProcess({}, clock);
  await accept(process, clock, talk, { sent: 25, arrived: 20 });
  clock.advance(2 * MINUTE_MS);
  await process.arrivals.check();
  await accept(process, clock, talk, { sent: 25, arrived: 1 });
  await process.arrivals.check();
  expect(await healthOf(talk)).toMatchObject({ health: 'unknown' });
  clock.advance(2 * MINUTE_MS);
  await process.arrivals.check();
  expect(await healthOf(talk)).toEqual({ health: 'degraded', health_reason: 'of 25 accepted messages 1 arrived' });
  expect(await process.connections.takeProbes(20)).toEqual([]);
  const connection = await process.connections.find(talk.connectionId);
  if (!connection) throw new Error('no line');
  await process.connections.noteSignOfLife(connection);
  expect(await process.connections.takeProbes(20)).toEqual([]);
});

test('a line that was never told of an arrival, or that sent little, is not judged', async () => {
  const clock = new HeldClock();
  const [mute, quiet] = [await bench.makeOfficialTalk(), await bench.makeOfficialTalk()];
  const process = bench.newProcess({}, clock);
  await accept(process, clock, quiet, { sent: 20, arrived: 20 });
  await accept(process, clock, mute, { sent: 25, arrived: 0 });
  clock.advance(2 * MINUTE_MS);
  await process.arrivals.check();
  await accept(process, clock, quiet, { sent: 5, arrived: 0 });
  clock.advance(2 * MINUTE_MS);
  await process.arrivals.check();
  expect([await healthOf(mute), await healthOf(quiet)]).toMatchObject([{ health: 'unknown' }, { health: 'unknown' }]);
});
