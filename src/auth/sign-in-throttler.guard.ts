import { Injectable } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerModuleOptions } from '@nestjs/throttler';
import { TooManySignInsError } from './auth.errors.js';

type SignInRequest = { readonly ip: string; readonly body?: { readonly email?: unknown } };

const MINUTE_MS = 60_000;

/** Per minute: 20 attempts at one e-mail from one address, 300 from one address whatever the e-mail. */
export const SIGN_IN_LIMITS: ThrottlerModuleOptions = [
  { name: 'default', ttl: MINUTE_MS, limit: 20, getTracker: (request) => accountKey(request as SignInRequest) },
  { name: 'address', ttl: MINUTE_MS, limit: 300 },
];

/** Runs before the body is checked, so the e-mail may be anything. */
function accountKey({ ip, body }: SignInRequest): string {
  const email = typeof body?.email === 'string' ? body.email.trim().toLowerCase() : '';
  return `${ip} ${email}`;
}

/** Slows down whoever guesses passwords. */
@Injectable()
export class SignInThrottlerGuard extends ThrottlerGuard {
  protected override throwThrottlingException(): Promise<void> {
    return Promise.reject(new TooManySignInsError());
  }
}
