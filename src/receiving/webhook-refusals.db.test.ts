import { getToken } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
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
let keyId: string;

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
  const { rows } = await app.owner.query<{ key: string }>('select credentials_key_id as key from connection limit 1');
  keyId = rows[0]?.key ?? '';
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

describe('what comes in', () => {
  it('is counted alike whichever provider it is from: refused, for nobody, about nothing of ours', async () => {
    await app.owner.query('update connection set credentials_key_id = $2 where id = $1', [evolution, keyId]);
    app.app.get(ConnectionDirectory, { strict: false }).forget();
    const events = app.app.get<Counter>(getToken('dashoffice_provider_webhook_events_total'), { strict: false });
    events.reset();
    const form = 'application/x-www-form-urlencoded';
    await post(`/webhooks/evolution/${NOBODYS}`, 'application/json', '{}');
    await post(`/webhooks/evolution/${evolution}`, 'application/json', '{}');
    await post(`/webhooks/twilio/${NOBODYS}`, form, 'MessageSid=SM1');
    await post(`/webhooks/twilio/${twilio}`, form, 'MessageSid=SM1');
    const status = { event: 'messages.update', data: { keyId: '3EB0NOBODYKNOWSIT', status: 'READ', fromMe: true } };
    await app.call('POST', `/webhooks/evolution/${evolution}`, status, { 'x-webhook-secret': SECRET });
    const { values } = await events.get();
    const counts = values
      .filter(({ value }) => value > 0)
      .map(({ labels, value }) => `${labels.provider} ${labels.event} ${value}`);
    expect(counts.toSorted((a, b) => a.localeCompare(b))).toEqual([
      'evolution refused 1',
      'evolution status_unmatched 1',
      'evolution unknown_number 1',
      'twilio refused 1',
      'twilio unknown_number 1',
    ]);
  });
});
