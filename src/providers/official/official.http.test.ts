import { Pool } from 'undici';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startGraphDouble, type GraphDouble } from '../../../test/support/graph-double.js';
import { postToGraph } from './official.http.js';

let graph: GraphDouble;
let pool: Pool;

beforeEach(async () => {
  graph = await startGraphDouble({ latencyMs: 20 });
  pool = new Pool(graph.url, { connections: 1 });
});
afterEach(async () => {
  await pool.destroy();
  await graph.stop();
});

function post(outboxId: string, signal: AbortSignal) {
  const text = { to: '+525512345678', type: 'text', text: { body: 'Hola' } };
  const body = {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    ...text,
    biz_opaque_callback_data: outboxId,
  };
  const path = '/v25.0/1001/messages';
  return postToGraph(pool, { path, token: 'test-access-token', body: JSON.stringify(body) }, signal);
}

it('INV-5: a message given up while it waits for a connection never leaves, however long it was queued', async () => {
  const deadline = new AbortController();
  const first = post('first', AbortSignal.timeout(5_000));
  const second = post('second', deadline.signal);
  const third = post('third', AbortSignal.timeout(5_000));
  deadline.abort();
  expect(await second).toMatchObject({ stage: 'notSent', code: 'AbortError' });
  expect(await first).toMatchObject({ stage: 'answered', status: 200 });
  expect(await third).toMatchObject({ stage: 'answered', status: 200 });
  expect(graph.accepted.map(({ outboxId }) => outboxId)).toEqual(['first', 'third']);
});

it('names the reason a caller gave, whatever it is', async () => {
  expect(await post('1', AbortSignal.abort('changed my mind'))).toMatchObject({
    stage: 'notSent',
    code: 'Error',
    reason: 'Error: changed my mind',
  });
});

it('INV-5: a closed pool sends nothing', async () => {
  await pool.close();
  expect(await post('1', AbortSignal.timeout(5_000))).toMatchObject({
    stage: 'notSent',
    code: expect.stringMatching(/^UND_ERR_(CLOSED|DESTROYED)$/),
  });
});
