import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { MESSAGING, startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { ConnectionDirectory } from '../connections/connection-directory.service.js';

const SECRET = 'w'.repeat(32);
const NOBODYS = '00000000-0000-4000-8000-000000000000';

let app: TestApp;
let shop: Shop;
let evolution: string;
let twilio: string;

beforeAll(async () => {
  app = await startFeatures([AuthModule, ...MESSAGING]);
  shop = await app.openShop();
  const { body: bot } = await shop.call('POST', '/api/bots', { name: 'Aurora' });
  const connect = async (provider: string, credentials: object): Promise<string> => {
    const connection = { provider, name: 'Línea', credentials };
    return (await shop.call('POST', `/api/bots/${bot.id}/connections`, connection)).body.id;
  };
  const server = { baseUrl: 'http://127.0.0.1:9', apiKey: 'k', instanceName: 'tienda', webhookSecret: SECRET };
  evolution = await connect('evolution', server);
  const account = { accountSid: `AC${'0'.repeat(32)}`, authToken: '0'.repeat(32), from: '+525555555555' };
  twilio = await connect('twilio', account);
});
afterAll(() => app.close());

async function post(path: string, type: string, body: string): Promise<unknown[]> {
  const answer = await fetch(`${app.url}${path}`, { method: 'POST', headers: { 'content-type': type }, body });
  const { code } = (await answer.json()) as { code: string };
  return [answer.status, code];
}

describe('a webhook of Meta or Twilio', () => {
  it('that is too large or of a type nobody reads is refused', async () => {
    for (const path of ['/webhooks/official', `/webhooks/twilio/${twilio}`]) {
      expect(await post(path, 'application/json', `"${'x'.repeat(3 * 1024 * 1024)}"`)).toEqual([
        413,
        'payload_too_large',
      ]);
      expect(await post(path, 'application/x-odd', 'x')).toEqual([415, 'unsupported_media_type']);
    }
  });
});

describe('an event of Evolution by its own path', () => {
  const send = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const answer = await app.call('POST', path, body, headers);
    return [answer.status, answer.body.code];
  };
  const proof = { 'x-webhook-secret': SECRET };

  it('is refused without proof, where it is nobody’s, and where nothing can be read', async () => {
    const path = `/webhooks/evolution/${evolution}/messages-upsert`;
    expect(await send(path, { data: {} })).toEqual([401, 'bad_webhook_signature']);
    const nobodys = `/webhooks/evolution/${NOBODYS}/messages-upsert`;
    expect(await send(nobodys, {}, proof)).toEqual([404, 'connection_not_found']);
    expect(await send(path, [], proof)).toEqual([400, 'malformed_webhook']);
  });

  it('is to come again while the credentials cannot be opened', async () => {
    await app.owner.query("update connection set credentials_key_id = 'lost' where id = $1", [evolution]);
    app.app.get(ConnectionDirectory, { strict: false }).forget();
    const path = `/webhooks/evolution/${evolution}/messages-upsert`;
    expect(await send(path, { data: {} }, proof)).toEqual([503, 'credentials_unreadable']);
  });
});
