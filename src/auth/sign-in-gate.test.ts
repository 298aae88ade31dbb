import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TooManySignInsError } from './auth.errors.js';
import { RequestWindows } from './request-windows.js';
import { type Attempt, SignInGate } from './sign-in-gate.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function open() {
  const gate = new SignInGate(new RequestWindows(null));
  const guess = async (attempt: Attempt) => {
    await gate.admit(attempt);
    await gate.failed(attempt);
  };
  const waitOf = async (attempt: Attempt) => {
    try {
      await gate.admit(attempt);
      return 0;
    } catch (error) {
      if (error instanceof TooManySignInsError) return error.details.retryAfterS;
      throw error;
    }
  };
  return { gate, guess, waitOf, pass: (ms: number) => vi.advanceTimersByTime(ms) };
}

const ana = (overrides: Partial<Attempt> = {}): Attempt => ({
  email: 'ana@t.test',
  address: '10.0.0.1',
  deviceId: null,
  ...overrides,
});

it('doubles the wait of one address at one account after ten failures, and begins anew when it is right', async () => {
  const { gate, guess, waitOf, pass } = open();
  for (let n = 0; n < 10; n += 1) await guess(ana());
  expect(await waitOf(ana())).toBe(0);
  const waits: (number | undefined)[] = [];
  for (let n = 0; n < 12; n += 1) {
    await gate.failed(ana());
    const waitS = (await waitOf(ana())) ?? 0;
    waits.push(waitS);
    pass(Math.max(waitS, 61) * 1000);
  }
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
  await gate.passed(ana());
  expect(await waitOf(ana())).toBe(0);
  await gate.failed(ana());
  expect(await waitOf(ana())).toBe(0);
});

it('takes the account however it is written, and leaves other accounts and addresses alone', async () => {
  const { gate, waitOf } = open();
  for (let n = 0; n < 11; n += 1) await gate.failed(ana());
  expect(await waitOf(ana({ email: ' ANA@T.test ' }))).toBe(1);
  expect(await waitOf(ana({ email: 'eva@t.test' }))).toBe(0);
  expect(await waitOf(ana({ address: '10.0.0.2' }))).toBe(0);
});

it('never shuts an account: strangers from everywhere slow each other down, a known device waits for none', async () => {
  const { gate, waitOf, pass } = open();
  for (let n = 0; n < 110; n += 1) await gate.failed(ana({ address: `10.0.1.${n}` }));
  expect(await waitOf(ana({ address: '10.0.2.1' }))).toBe(1);
  expect(await waitOf(ana({ deviceId: 'known' }))).toBe(0);
  pass(1001);
  for (let n = 0; n < 5; n += 1) await gate.failed(ana({ address: `10.0.3.${n}` }));
  expect(await waitOf(ana({ address: '10.0.2.2' }))).toBe(30);
  pass(30_001);
  expect(await waitOf(ana({ address: '10.0.2.2' }))).toBe(0);
});

it('counts a known device’s own guesses', async () => {
  const { gate, waitOf } = open();
  for (let n = 0; n < 11; n += 1) await gate.failed(ana({ deviceId: 'known' }));
  expect(await waitOf(ana({ deviceId: 'known' }))).toBe(1);
  expect(await waitOf(ana({ deviceId: 'other' }))).toBe(0);
});

it('takes three hundred attempts a minute from one address, whatever the account', async () => {
  const { waitOf } = open();
  const waits = [];
  for (let n = 0; n < 301; n += 1) waits.push(await waitOf(ana({ email: `a${n}@t.test` })));
  expect([waits.filter((wait) => wait === 0).length, waits.at(-1)]).toEqual([300, 60]);
});
