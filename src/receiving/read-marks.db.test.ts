import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Shop, startTestApp, type TestApp } from '../../test/support/app.js';
import { startGraphDouble, type GraphDouble } from '../../test/support/graph-double.js';
import { inboundText } from '../../test/support/graph-double-webhook.js';
import { until } from '../../test/support/until.js';

let graph: GraphDouble;
let app: TestApp;
let shop: Shop;

beforeAll(async () => {
  graph = await startGraphDouble({ latencyMs: 1 });
  app = await startTestApp({ META_GRAPH_URL: graph.url });
  shop = await app.openShop();
});
afterAll(async () => {
  await app.close();
  await graph.stop();
});

async function openBot(readReceipts: boolean, phoneNumberId: string): Promise<string> {
  const { body, status } = await shop.call('POST', '/api/bots', { name: `Bot ${phoneNumberId}`, readReceipts });
  expect([status, body.readReceipts]).toEqual([201, readReceipts]);
  const credentials = {
    phoneNumberId,
    accessToken: 'test-access-token',
    appSecret: graph.appSecret,
    verifyToken: 'v-1',
  };
  const connection = { provider: 'official', name: 'Ventas', credentials };
  expect((await shop.call('POST', `/api/bots/${body.id}/connections`, connection)).status).toBe(201);
  return body.id;
}

async function hear(phoneNumberId: string, from: string): Promise<string> {
  const id = `wamid.${randomUUID()}`;
  const message = inboundText({ phoneNumberId, from, text: 'hola', id });
  await graph.emitInbound(`${app.url}/webhooks/official`, [message]);
  return id;
}
const readIds = () => graph.reads.map(({ messageId }) => messageId);
const marked = (id: string) => until(`${id} to be marked read`, async () => readIds().includes(id));

describe('a bot that marks messages read', () => {
  test('does so while it answers, and shows that it writes', async () => {
    await openBot(true, '7101');
    const id = await hear('7101', '5215511110001');
    await marked(id);
    expect(graph.reads).toContainEqual({ messageId: id, isTyping: true });
  });

  test('leaves unread what a person has to read, and what another bot heard', async () => {
    const silent = await openBot(false, '7102');
    const botId = await openBot(true, '7103');
    const first = await hear('7103', '5215511110002');
    await marked(first);
    const { body } = await shop.call('GET', `/api/conversations?botId=${botId}`);
    const takeOver = await shop.call('POST', `/api/conversations/${body.items[0].id}/hand-over`);
    expect(takeOver.status).toBeLessThan(300);
    const forPerson = await hear('7103', '5215511110002');
    const forSilent = await hear('7102', '5215511110003');
    // Each is looked at as it comes, so that the last one tells of those before.
    const last = await hear('7103', '5215511110004');
    await marked(last);
    expect(readIds()).not.toContain(forPerson);
    expect(readIds()).not.toContain(forSilent);
    expect((await shop.call('GET', `/api/bots/${silent}`)).body.readReceipts).toBe(false);
  });

  test('can be told to stop', async () => {
    const botId = await openBot(true, '7104');
    const changed = await shop.call('PATCH', `/api/bots/${botId}`, { readReceipts: false });
    expect(changed).toMatchObject({ status: 200, body: { readReceipts: false } });
  });
});
