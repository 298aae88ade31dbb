import type { ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ThrottlerGuard, type ThrottlerRequest, type ThrottlerStorage } from '@nestjs/throttler';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Env } from '../platform/config/env.js';
import { RateLimitedError } from './auth.errors.js';
import { type Caller, callerOf } from './tenant.decorator.js';

type Request = FastifyRequest & { caller?: Caller };
type Rates = Pick<Env, 'apiRatePerMinute' | 'apiTenantRatePerMinute'>;

const MINUTE_MS = 60_000;

/**
 * Holds every caller, and every tenant, to its requests per minute, and tells how many are left: `RateLimit-Limit`,
 * `-Remaining` and `-Reset` (seconds) of whichever of the two limits is nearer. What a caller is refused does not count
 * against its tenant. Stands after the access guard; public routes have no caller and no limit here.
 */
export class ApiThrottlerGuard extends ThrottlerGuard {
  constructor({ apiRatePerMinute, apiTenantRatePerMinute }: Rates, storage: ThrottlerStorage, reflector: Reflector) {
    const throttlers = [
      { name: 'caller', ttl: MINUTE_MS, limit: apiRatePerMinute },
      { name: 'tenant', ttl: MINUTE_MS, limit: apiTenantRatePerMinute },
    ];
    super({ throttlers }, storage, reflector);
  }

  protected override async shouldSkip(context: ExecutionContext): Promise<boolean> {
    return context.switchToHttp().getRequest<Request>().caller === undefined;
  }

  /** @throws RateLimitedError */
  protected override async handleRequest({ context, limit, ttl, throttler }: ThrottlerRequest): Promise<boolean> {
    const { tenantId, userId } = callerOf(context);
    const name = throttler.name ?? 'caller';
    const key = name === 'tenant' ? `tenant:${tenantId}` : `caller:${tenantId}:${userId}`;
    const count = await this.storageService.increment(key, ttl, limit, 0, name);
    const remaining = Math.max(0, limit - count.totalHits);
    tell(context.switchToHttp().getResponse<FastifyReply>(), { limit, remaining, resetS: count.timeToExpire });
    if (count.isBlocked) throw new RateLimitedError(name === 'tenant' ? 'tenant' : 'caller', limit, count.timeToExpire);
    return true;
  }
}

function tell(reply: FastifyReply, { limit, remaining, resetS }: { limit: number; remaining: number; resetS: number }) {
  const told = reply.getHeader('ratelimit-remaining');
  if (told !== undefined && Number(told) <= remaining) return;
  void reply.headers({
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(remaining),
    'ratelimit-reset': String(resetS),
  });
}
