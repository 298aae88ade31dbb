import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { startTestApp, type TestApp } from '../../../test/support/app.js';

const HALF_A_HEADER = 'GET /health/live HTTP/1.1\r\nhost: x\r\nx-sl';
const HALF_A_BODY =
  'POST /api/auth/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{';

/** Sends this much of a request and then nothing. `lastedS` resolves when the server has ended the connection. */
async function stall(app: TestApp, sent: string): Promise<{ lastedS: Promise<number> }> {
  const socket = connect(Number(new URL(app.url).port), '127.0.0.1').on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(sent);
  const startedAt = performance.now();
  return { lastedS: once(socket.resume(), 'close').then(() => (performance.now() - startedAt) / 1000) };
}

it('a stop does not wait for a request that is never finished', { timeout: 25_000 }, async () => {
  const app = await startTestApp();
  const stalled = [await stall(app, HALF_A_BODY), await stall(app, HALF_A_HEADER)];
  // The server has read both.
  expect((await app.call('GET', '/health/live')).status).toBe(200);
  const startedAt = performance.now();
  await app.close();
  expect(performance.now() - startedAt).toBeLessThan(8000);
  await Promise.all(stalled.map(({ lastedS }) => lastedS));
});

it('ends a slow header after 15 s and a slow body after 30 s', { timeout: 60_000 }, async () => {
  const app = await startTestApp();
  const [header, body] = [await stall(app, HALF_A_HEADER), await stall(app, HALF_A_BODY)];
  const headerS = await header.lastedS;
  expect([headerS > 14.5, headerS < 17.5]).toEqual([true, true]);
  const bodyS = await body.lastedS;
  expect([bodyS > 29.5, bodyS < 32.5]).toEqual([true, true]);
  await app.close();
});

it('ends connections that never asked anything, and does not wait for them', { timeout: 25_000 }, async () => {
  const app = await startTestApp();
  const silent = connect(Number(new URL(app.url).port), '127.0.0.1');
  await once(silent, 'connect');
  expect((await app.call('GET', '/health/live')).status).toBe(200);
  const ended = once(silent.resume(), 'close');
  await app.close();
  await ended;
});
