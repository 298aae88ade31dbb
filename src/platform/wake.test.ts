import { afterEach, expect, it, vi } from 'vitest';
import { Wake } from './wake.js';

const LONG_MS = 60_000;

afterEach(() => void vi.useRealTimers());

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

it('looks for other processes’ work soon after there was some, and less often in a lull', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const wake = new Wake();
  const lookAfterMs = async () => {
    const from = performance.now();
    const look = wake.untilLook('outbox', new AbortController().signal);
    await vi.advanceTimersToNextTimerAsync();
    await look;
    return performance.now() - from;
  };
  await vi.advanceTimersByTimeAsync(10_000);
  const inALull = await lookAfterMs();
  wake.found('outbox');
  expect(await lookAfterMs()).toBeLessThan(inALull);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await lookAfterMs()).toBe(inALull);
});
