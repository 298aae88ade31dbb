import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { MESSAGING, startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';

const TWILIO = {
  provider: 'twilio',
  credentials: { accountSid: `AC${'0'.repeat(32)}`, authToken: '0'.repeat(32), from: '+525555555555' },
};
const EVOLUTION = {
  provider: 'evolution',
  credentials: { baseUrl: 'http://127.0.0.1:9', apiKey: 'k', instanceName: 'tienda' },
};
const official = (phoneNumberId: string) => ({
  provider: 'official',
  credentials: { phoneNumberId, accessToken: 't'.repeat(32), appSecret: 's'.repeat(32), verifyToken: 'v'.repeat(16) },
});

let app: TestApp;
let shop: Shop;
beforeAll(async () => {
  app = await startFeatures([AuthModule, ...MESSAGING], { META_GRAPH_URL: 'http://127.0.0.1:1' });
  shop = await app.openShop();
});
afterAll(() => app.close());

async function botWith(...connections: object[]): Promise<{ botId: string; ids: string[] }> {
  const { body: bot } = await shop.call('POST', '/api/bots', { name: 'Aurora' });
  const ids: string[] = [];
  for (const connection of connections) {
    const made = await shop.call('POST', `/api/bots/${bot.id}/connections`, { name: 'Línea', ...connection });
    expect(made).toMatchObject({ status: 201 });
    ids.push(made.body.id);
  }
  return { botId: bot.id, ids };
}

async function refusal(connection: object, content: object): Promise<unknown[]> {
  const { botId } = await botWith(connection);
  const { status, body } = await shop.call('POST', '/send', { bot_id: botId, to: '+525511112222', content });
  return [status, body.code];
}

it('what a line cannot send is refused at once', async () => {
  const reaction = { kind: 'reaction', aboutId: 'SM1', emoji: '👍' };
  expect(await refusal(TWILIO, reaction)).toEqual([422, 'reaction_unsupported']);
  const template = { kind: 'template', name: 'aviso', language: 'es' };
  expect(await refusal(EVOLUTION, template)).toEqual([422, 'template_unsupported']);
});

it('a number that the tenant has already cannot be given to another line', async () => {
  const { botId, ids } = await botWith(official('100'), official('200'));
  const changed = await shop.call('PATCH', `/api/bots/${botId}/connections/${ids[1]}`, {
    credentials: official('100').credentials,
  });
  expect(changed).toMatchObject({ status: 409, body: { code: 'connection_exists' } });
});
