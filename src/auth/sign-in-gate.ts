import { Inject, Injectable } from '@nestjs/common';
import { TooManySignInsError } from './auth.errors.js';
import { accountOf } from './devices.js';
import { networkOf } from './network-of.js';
import type { RequestWindows } from './request-windows.js';

export const REQUEST_WINDOWS = Symbol('REQUEST_WINDOWS');

export type Attempt = {
  /** Whatever was typed: the account need not exist, and nobody can tell from here. */
  readonly email: string;
  readonly address: string;
  /** Of a device that has signed in to this account before; null for a stranger. */
  readonly deviceId: string | null;
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const ATTEMPTS_PER_ADDRESS = 300;
const ATTEMPTS_PER_SOURCE = 20;
const FREE_FAILURES_OF_SOURCE = 10;
const MAX_SOURCE_WAIT_MS = 15 * MINUTE_MS;
const FREE_FAILURES_OF_STRANGERS = 100;
const MAX_STRANGERS_WAIT_MS = 30_000;

/**
 * Slows down whoever guesses passwords, and never shuts an account.
 *
 * A source is one address, or one known device, at one account. After 10 failures within an hour each further one
 * doubles its wait, from 1 s to 15 min. After 100 failures of all strangers to an account, from however many addresses,
 * strangers wait for each other in the same way, up to 30 s; known devices never wait for them, and whoever has none
 * gets one by the link of a password reset.
 */
@Injectable()
export class SignInGate {
  constructor(@Inject(REQUEST_WINDOWS) private readonly windows: RequestWindows) {}

  /** @throws TooManySignInsError with the seconds to wait */
  async admit(attempt: Attempt): Promise<void> {
    await this.count(`sign-in:address:${networkOf(attempt.address)}`, ATTEMPTS_PER_ADDRESS);
    const source = sourceOf(attempt);
    await this.count(`sign-in:source:${source}`, ATTEMPTS_PER_SOURCE);
    const waits = [await this.windows.findLeftMs(`sign-in:wait:${source}`)];
    if (attempt.deviceId === null) waits.push(await this.windows.findLeftMs(`sign-in:wait:${strangersOf(attempt)}`));
    const waitMs = Math.max(...waits.map((ms) => ms ?? 0));
    if (waitMs > 0) throw new TooManySignInsError(Math.ceil(waitMs / 1000));
  }

  async failed(attempt: Attempt): Promise<void> {
    await this.slowDown(sourceOf(attempt), FREE_FAILURES_OF_SOURCE, MAX_SOURCE_WAIT_MS);
    if (attempt.deviceId === null)
      await this.slowDown(strangersOf(attempt), FREE_FAILURES_OF_STRANGERS, MAX_STRANGERS_WAIT_MS);
  }

  /** Strangers' failures stay: one of them knowing the password says nothing of the others. */
  async passed(attempt: Attempt): Promise<void> {
    const source = sourceOf(attempt);
    await this.windows.forget(`sign-in:failed:${source}`);
    await this.windows.forget(`sign-in:wait:${source}`);
  }

  private async count(key: string, limit: number): Promise<void> {
    const { isBlocked, timeToExpire } = await this.windows.increment(key, MINUTE_MS, limit);
    if (isBlocked) throw new TooManySignInsError(timeToExpire);
  }

  private async slowDown(whose: string, free: number, maxWaitMs: number): Promise<void> {
    const { totalHits } = await this.windows.increment(`sign-in:failed:${whose}`, HOUR_MS, free);
    if (totalHits <= free) return;
    const waitMs = Math.min(1000 * 2 ** (totalHits - free - 1), maxWaitMs);
    await this.windows.increment(`sign-in:wait:${whose}`, waitMs, 0);
  }
}

function sourceOf({ email, address, deviceId }: Attempt): string {
  return `${accountOf(email)}:${deviceId ?? networkOf(address)}`;
}

function strangersOf({ email }: Attempt): string {
  return `${accountOf(email)}:strangers`;
}
