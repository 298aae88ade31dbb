import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEvolutionDouble, type EvolutionDouble } from './evolution-double.js';

let evolution: EvolutionDouble;
const servers: Server[] = [];
beforeEach(async () => {
  evolution = await startEvolutionDouble({ webhookDelayMs: 1 });
  evolution.addInstance('ventas');
});
afterEach(async () => {
  await evolution.stop();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

async function post(path: string, body: unknown, apikey = 'global-key') {
  const headers = { apikey, 'content-type': 'application/json' };
  const response = await fetch(evolution.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: (await response.json()) as { response?: { message: unknown } } };
}

const text = { number: '5215512345678', text: 'Hola' };

describe('the Evolution double', () => {
  it('guards in the order of the real one: route, instance, name, key, schema', async () => {
    expect(await post('/message/sendNothing/ventas', text)).toMatchObject({ status: 404 });
    expect(await post('/message/sendText/otra', {}, 'wrong')).toMatchObject({ status: 404 });
    expect(await post('/message/sendText/ventas', {}, 'wrong')).toMatchObject({
      status: 401,
      body: { response: { message: 'Unauthorized' } },
    });
    expect(await post('/instance/create', { instanceName: 'ventas' }, 'wrong')).toMatchObject({ status: 403 });
    expect(await post('/instance/create', { instanceName: 'otra' }, 'wrong')).toMatchObject({ status: 401 });
    expect(await post('/message/sendText/ventas', {})).toMatchObject({
      status: 400,
      body: { response: { message: ['requires property "number"', 'requires property "text"'] } },
    });
  });

  it.each<[string, object, string]>([
    ['sendText', { ...text, number: 5 }, 'Invalid format'],
    ['sendText', { ...text, text: 5 }, 'is not of a type(s) string'],
    ['sendText', { ...text, text: '' }, 'Text is required'],
    ['sendText', { ...text, delay: 1.5 }, 'Enter a value in milliseconds'],
    ['sendMedia', { number: '1', mediatype: 'gif' }, 'is not one of enum values'],
    ['sendMedia', { number: '1', mediatype: 'image', media: 'http://localhost/x' }, 'Owned media'],
    ['sendSticker', { number: '1' }, 'Owned media'],
    ['sendLocation', { number: '1', latitude: 1, longitude: 1, name: 'x' }, 'requires property "address"'],
    ['sendContact', { number: '1', contact: [] }, 'minimum length of 1'],
    ['sendContact', { number: '1', contact: [{ fullName: 'x', phoneNumber: '+123' }] }, 'minimum length of 10'],
  ])('refuses by %s %j', async (operation, body, message) => {
    const answer = await post(`/message/${operation}/ventas`, body);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body.response?.message).replaceAll('\\', '')).toContain(message);
    expect(evolution.accepted).toHaveLength(0);
  });

  it('takes an instance and its webhook by the API', async () => {
    expect(await post('/instance/create', { instanceName: 'otra' })).toMatchObject({ status: 201 });
    expect(await post('/instance/create', {})).toMatchObject({ status: 400 });
    expect(await post('/webhook/set/otra', { enabled: true })).toMatchObject({ status: 400 });
    const webhook = { enabled: true, url: 'http://127.0.0.1:1', events: ['CALL'] };
    expect(await post('/webhook/set/otra', { webhook })).toMatchObject({ status: 201 });
    expect(await evolution.emit('otra', 'messages.upsert', {})).toEqual([]);
    expect(await evolution.emit('ventas', 'messages.upsert', {})).toEqual([]);
  });
});

describe('its webhooks', () => {
  async function answering(...statuses: number[]) {
    const seen: { url?: string; authorization?: string; own?: unknown; jwtKey?: unknown }[] = [];
    const server = createServer((request, response) => {
      const { authorization, 'x-own': own, jwt_key: jwtKey } = request.headers;
      seen.push({ url: request.url, authorization, own, jwtKey });
      request.resume();
      response.writeHead(statuses[seen.length - 1] ?? 200).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    servers.push(server);
    return { seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
  }

  it('are repeated until they are taken, with the token of the first attempt', async () => {
    const { seen, url } = await answering(500, 503, 204);
    evolution.setWebhook('ventas', { enabled: true, url, headers: { jwt_key: 'k', 'x-own': 'y' }, byEvents: true });
    expect(await evolution.emit('ventas', 'messages.upsert', {})).toEqual([500, 503, 204]);
    expect(new Set(seen.map(({ authorization }) => authorization)).size).toBe(1);
    expect(seen[0]).toMatchObject({ url: '/hook/messages-upsert', own: 'y', jwtKey: undefined });
    expect(seen[0]?.authorization).toMatch(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/);
  });

  it.each([400, 401, 403, 404, 422])('are given up after a %d', async (status) => {
    const { url } = await answering(status);
    evolution.setWebhook('ventas', { enabled: true, url });
    expect(await evolution.emit('ventas', 'call', {})).toEqual([status]);
  });

  it('are given up after ten attempts that nobody answers', async () => {
    evolution.setWebhook('ventas', { enabled: true, url: 'http://127.0.0.1:1' });
    expect(await evolution.emit('ventas', 'call', {})).toEqual(Array.from({ length: 10 }, () => 0));
  });
});
