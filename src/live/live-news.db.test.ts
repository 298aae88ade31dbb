import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Shop, startTestApp, type TestApp } from '../../test/support/app.js';
import { until } from '../../test/support/until.js';

/** Says the words again and hands over. */
const FLOW = {
  dsl: 1,
  flow: 'echo',
  locales: ['es'],
  start: 'answer',
  steps: [
    { id: 'answer', type: 'message', text: '{{ msg.text }}', next: 'person' },
    { id: 'person', type: 'handoff', team: 'ventas' },
  ],
};
const FROM = '+525511111111';

let app: TestApp;
let shop: Shop;
let socket: Socket;
let botId: string;
let connectionId: string;
const heard: [string, Record<string, unknown>][] = [];

beforeAll(async () => {
  app = await startTestApp({ SIMULATOR_ALLOWED: 'true' });
  shop = await app.openShop();
  const { body: flow } = await shop.call('POST', '/api/flows', { key: 'echo', title: 'Eco', draft: FLOW });
  const { body: version } = await shop.call('POST', `/api/flows/${flow.id}/publish`, {});
  ({ id: botId } = (await shop.call('POST', '/api/bots', { name: 'Aurora', locale: 'es' })).body);
  await shop.call('POST', `/api/bots/${botId}/activate`, { versionId: version.id });
  const line = { provider: 'simulator', name: 'Simulador', credentials: {} };
  ({ id: connectionId } = (await shop.call('POST', `/api/bots/${botId}/connections`, line)).body);
  socket = io(app.url, { path: '/live', auth: { token: shop.authorization.slice('Bearer '.length) } });
  socket.onAny((type: string, data: Record<string, unknown>) => heard.push([type, data]));
  await new Promise<void>((done, fail) => socket.once('connect', done).once('connect_error', fail));
});
afterAll(async () => {
  socket.disconnect();
  await app.close();
});

const of = (type: string) => heard.filter(([name]) => name === type).map(([, data]) => data);

describe('whoever looks at the dashboard sees', () => {
  it('a message come, its answer climb, and the bot fall silent', async () => {
    await shop.call('POST', `/api/bots/${botId}/simulator/messages`, { from: FROM, text: 'hola', id: 'm1' });
    await until('the last step', async () => of('message.status').some(({ status }) => status === 'read'));
    const { body } = await shop.call('GET', '/api/conversations');
    const conversationId = body.items[0].id as string;
    expect(of('message.received')).toEqual([{ conversationId, botId, connectionId, isOwn: false }]);
    const [sent, ...later] = of('message.status');
    expect(sent).toEqual({ messageId: expect.any(String), conversationId, connectionId, status: 'sent' });
    expect(later.map(({ messageId }) => messageId)).toEqual(later.map(() => sent?.['messageId']));
    await until('the handoff', async () => of('conversation.handed_over').length > 0);
    expect(of('conversation.handed_over')).toMatchObject([{ conversationId, botId, by: 'flow', team: 'ventas' }]);
  });

  it('what integrators are told, whether or not anybody asked for webhooks', async () => {
    const { body } = await shop.call('POST', '/api/contacts', { phone: '+525522222222', name: 'Ana' });
    await until('the contact', async () => of('contact.changed').length > 0);
    expect(of('contact.changed')).toEqual([{ contactId: body.id, revision: 1 }]);
  });
});
