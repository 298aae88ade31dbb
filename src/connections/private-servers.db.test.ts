import { createServer, type AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { DevicesModule } from '../devices/devices.module.js';
import { EvolutionProvider } from '../providers/evolution/evolution.provider.js';
import { ConnectionsModule } from './connections.module.js';

let app: TestApp;
let shop: Shop;

beforeAll(async () => {
  app = await startFeatures([AuthModule, ConnectionsModule, DevicesModule], { EVOLUTION_PRIVATE_ALLOWED: 'false' });
  shop = await app.openShop();
});
afterAll(() => app.close());

const credentials = (baseUrl: string) => ({ baseUrl, apiKey: 'key', instanceName: 'ventas' });

describe('an Evolution server in our own network, where the operator allows none', () => {
  it.each([
    'http://127.0.0.1:4009',
    'https://10.0.0.5',
    'http://evolution:8080',
    'https://[::1]',
    'https://[::ffff:10.0.0.5]',
    'http://redis.internal:6379',
    'https://2130706433',
  ])('is not taken as %s', async (baseUrl) => {
    const { body: bot } = await shop.call('POST', '/api/bots', { name: 'Aurora' });
    const input = { provider: 'evolution', name: 'Ventas', credentials: credentials(baseUrl) };
    const { status, body } = await shop.call('POST', `/api/bots/${bot.id}/connections`, input);
    expect({ status, fields: body.errors?.map(({ field }: { field: string }) => field) }).toEqual({
      status: 400,
      fields: ['credentials.baseUrl'],
    });
  });

  it('is taken on the public internet', async () => {
    const { body: bot } = await shop.call('POST', '/api/bots', { name: 'Aurora' });
    const input = { provider: 'evolution', name: 'Ventas', credentials: credentials('https://evolution.example.com') };
    expect((await shop.call('POST', `/api/bots/${bot.id}/connections`, input)).status).toBe(201);
  });

  it('hears nothing from a connection that was made before', async () => {
    let calls = 0;
    const server = createServer((socket) => socket.on('error', () => {}).end(String((calls += 1))));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const account = { connectionId: 'c-1', credentials: credentials(baseUrl) };
    const provider = new EvolutionProvider(false);
    const message = {
      outboxId: '7',
      to: { address: '5215512345678@s.whatsapp.net', phone: '+5215512345678' },
      content: { kind: 'text', text: 'hola' },
    } as const;
    expect(await provider.send(account, message, AbortSignal.timeout(2000))).toMatchObject({ outcome: 'rejected' });
    expect(await provider.check(account, AbortSignal.timeout(2000))).toMatchObject({ ok: false, class: 'auth' });
    expect(calls).toBe(0);
    await new EvolutionProvider(true).check(account, AbortSignal.timeout(2000));
    expect(calls).toBe(1);
    server.close();
  });
});
