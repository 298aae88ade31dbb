import {
  createParamDecorator,
  Inject,
  Injectable,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import canonicalize from 'canonicalize';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { outsideChanges } from '../database/change.js';
import { TenantDatabase } from '../database/tenant-database.js';
import { InvalidInputError } from '../errors/app-error.js';
import type { TenantId } from '../tenancy/tenant-id.js';
import { alsoOfRoute } from './also-of-route.js';
import { findUnstorable } from './unstorable-text.js';
import { IdempotencyKeys } from './idempotency-keys.js';

const KEY = /^[\x21-\x7e]{1,255}$/;

type Request = FastifyRequest & { caller?: { tenantId: TenantId; userId: string }; requestKey?: string };

/**
 * Same key and request → the first answer again; another request → 422; the first still running → 409. A request that
 * failed frees its key. Without the header nothing changes.
 *
 * The answer is kept right after the work's own commit. A process that dies in between leaves the key to be taken over
 * five seconds later, so the work also stores what `@RequestKey()` gives it under a unique constraint.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  private readonly keys: IdempotencyKeys;

  constructor(@Inject(TenantDatabase) db: TenantDatabase) {
    this.keys = new IdempotencyKeys(db);
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request>();
    const key = request.headers['idempotency-key'];
    if (key === undefined) return next.handle();
    return from(this.once(String(key), request, http.getResponse<FastifyReply>(), next));
  }

  private async once(key: string, request: Request, reply: FastifyReply, next: CallHandler): Promise<unknown> {
    if (!KEY.test(key))
      throw new InvalidInputError([{ field: 'Idempotency-Key', message: '1–255 visible ASCII characters' }]);
    if (!request.caller) throw new TypeError('A public route cannot be idempotent: there is nobody a key belongs to');
    const { tenantId, userId } = request.caller;
    const fingerprint = fingerprintOf(userId, request);
    const begun = await outsideChanges(() => this.keys.begin(tenantId, key, fingerprint));
    if ('answer' in begun) {
      void reply.header('idempotency-replayed', 'true');
      if (begun.etag !== null) void reply.header('etag', begun.etag);
      return JSON.parse(begun.answer);
    }
    request.requestKey = `${key}:${fingerprint}`;
    let answer: unknown;
    try {
      answer = await lastValueFrom(next.handle(), { defaultValue: null });
    } catch (error) {
      await outsideChanges(() => this.keys.forget(tenantId, begun.attempt));
      throw error;
    }
    const etag = reply.getHeader('etag');
    const kept = { answer: JSON.stringify(answer ?? null), etag: typeof etag === 'string' ? etag : null };
    await outsideChanges(() => this.keys.keep(tenantId, begun.attempt, kept));
    return answer;
  }
}

const takeKey = createParamDecorator(
  (_data: unknown, context: ExecutionContext) => context.switchToHttp().getRequest<Request>().requestKey ?? null,
);

/**
 * Makes a POST that makes money or messages idempotent, and gives it key and fingerprint of this request when it came
 * with an Idempotency-Key, else null. Needs a signed-in caller.
 */
export const RequestKey = (): ParameterDecorator =>
  alsoOfRoute(
    takeKey(),
    UseInterceptors(IdempotencyInterceptor),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'Same key and body: the first answer, for a day',
      schema: { type: 'string', pattern: '^[!-~]{1,255}$', example: '6f1d2c3b-8a47-4c55-9a0e-2f4d7c1b9e10' },
    }),
  );

/** Tells a request from another under the same key. */
export function fingerprintOf(userId: string, { method, url, body }: Pick<Request, 'method' | 'url' | 'body'>): string {
  const unstorable = findUnstorable(body);
  // Refused by every schema later on, and RFC 8785 has no form for it.
  if (unstorable)
    throw new InvalidInputError([
      { field: unstorable.join('.') || '(input)', message: 'Has U+0000, half a character or an endless number in it' },
    ]);
  const text = canonicalize([userId, method, url, body ?? null]) ?? '';
  return createHash('sha256').update(text).digest('hex');
}
