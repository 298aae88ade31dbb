import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Shop, TestApp } from '../../test/support/app.js';
import { MESSAGING, startFeatures } from '../../test/support/features.js';
import { AuthModule } from '../auth/auth.module.js';
import { HealthModule } from './health.module.js';

let app: TestApp;
let shop: Shop;

beforeAll(async () => {
  app = await startFeatures([AuthModule, ...MESSAGING, HealthModule], { SIMULATOR_ALLOWED: 'true' });
  shop = await app.openShop();
});
afterAll(() => app.close());

async function connect(name: string): Promise<string> {
  const { body: bot } = await shop.call('POST', '/api/bots', { name: 'Aurora', locale: 'es' });
  const line = { provider: 'simulator', name, credentials: {} };
  return (await shop.call('POST', `/api/bots/${bot.id}/connections`, line)).body.id as string;
}

async function simulator() {
  const { status, body } = await app.call('GET', '/health/ready');
  const checks = body.checks as { name: string; status: string; detail: string | null }[];
  return { status, check: checks.find(({ name }) => name === 'provider-simulator') };
}

const turn = (id: string, health: string) =>
  app.owner.query('update connection set health = $2, health_at = now() where id = $1', [id, health]);

describe('readiness', () => {
  it('counts the lines of a provider that are not well, which takes nothing out of rotation', async () => {
    const [failing, lost, paused] = [
      await connect('Secreta 1'),
      await connect('Secreta 2'),
      await connect('Secreta 3'),
    ];
    await connect('Secreta 4');
    expect((await simulator()).check).toEqual({ name: 'provider-simulator', status: 'up', detail: null });
    await turn(failing, 'degraded');
    await turn(lost, 'auth_lost');
    await turn(paused, 'auth_lost');
    await app.owner.query(`update connection set state = 'paused' where id = $1`, [paused]);
    expect(await simulator()).toEqual({
      status: 200,
      check: {
        name: 'provider-simulator',
        status: 'degraded',
        detail: 'of 3 active connections 1 fail and 1 lost their authorisation',
      },
    });
    const stranger = await app.call('GET', '/health/ready', undefined, { 'x-forwarded-for': '203.0.113.9' });
    const details = stranger.body.checks.map(({ detail }: { detail: string | null }) => detail);
    expect([stranger.status, new Set(details)]).toEqual([200, new Set([null])]);
    const { body } = await app.call('GET', '/health/ready');
    expect(JSON.stringify(body)).not.toMatch(/Secreta|Aurora|Tienda/);
    await turn(failing, 'up');
    await turn(lost, 'up');
    expect((await simulator()).check?.status).toBe('up');
  });
});
