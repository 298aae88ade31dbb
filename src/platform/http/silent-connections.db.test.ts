import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { startTestApp } from '../../../test/support/app.js';

it('ends connections that never asked anything, and does not wait for them', { timeout: 25_000 }, async () => {
  const app = await startTestApp();
  const silent = connect(Number(new URL(app.url).port), '127.0.0.1');
  await once(silent, 'connect');
  expect((await app.call('GET', '/health/live')).status).toBe(200);
  const ended = once(silent.resume(), 'close');
  await app.close();
  await ended;
});
