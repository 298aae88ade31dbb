import { expect, it } from 'vitest';
import { Wake } from './wake.js';

const LONG_MS = 60_000;

it('wakes everyone who waits for the topic, and nobody else', async () => {
  const wake = new Wake();
  const stop = new AbortController();
  const both = Promise.all([wake.wait('turns', LONG_MS), wake.wait('turns', LONG_MS)]);
  let isOutboxAwake = false;
  const outbox = wake.wait('outbox', LONG_MS, stop.signal).then(() => (isOutboxAwake = true));
  wake.signal('turns');
  await both;
  expect(isOutboxAwake).toBe(false);
  stop.abort();
  await outbox;
});

it('keeps a signal that came while nobody waited', async () => {
  const wake = new Wake();
  wake.signal('effects');
  await wake.wait('effects', LONG_MS);
});

it('gives up after the time-out, and at once when stopped', async () => {
  const wake = new Wake();
  await wake.wait('turns', 1);
  await wake.wait('turns', LONG_MS, AbortSignal.abort());
});
