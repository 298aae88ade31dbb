import { expect, it } from 'vitest';
import { serial } from './serial.js';

/** Work that the test lets end. */
function held(log: string[], name: string) {
  const gate = Promise.withResolvers<void>();
  const run = async () => {
    log.push(`${name} begins`);
    await gate.promise;
    log.push(`${name} ends`);
    return name;
  };
  return { run, end: gate.resolve, fail: gate.reject };
}

it('begins a call when the one before it has ended, and answers each its own', async () => {
  const log: string[] = [];
  const [first, second] = [held(log, 'first'), held(log, 'second')];
  const inTurn = serial();
  const answers = Promise.all([inTurn(first.run), inTurn(second.run)]);
  second.end();
  await expect.poll(() => log).toEqual(['first begins']);
  first.end();
  expect(await answers).toEqual(['first', 'second']);
  expect(log).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
});

it('fails only the call that failed', async () => {
  const log: string[] = [];
  const [bad, good] = [held(log, 'bad'), held(log, 'good')];
  const inTurn = serial();
  const answers = Promise.allSettled([inTurn(bad.run), inTurn(good.run)]);
  bad.fail(new Error('no'));
  good.end();
  expect((await answers).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
});

it('keeps its own order and nobody else’s', async () => {
  const log: string[] = [];
  const stuck = held(log, 'stuck');
  const [one, other] = [serial(), serial()];
  const waiting = one(stuck.run);
  expect(await other(async () => 'free')).toBe('free');
  stuck.end();
  await waiting;
});
