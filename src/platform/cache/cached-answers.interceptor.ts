import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import type { TenantId } from '../tenancy/tenant-id.js';
import { AnswerCache } from './answer-cache.js';
import { CACHED_KEY, type CachedRule } from './cached-rule.js';

type Caller = { readonly tenantId: TenantId; readonly userId: string; readonly role: string | null };
type Request = FastifyRequest & { readonly caller?: Caller };

/** Answers routes that say what they are `cached` by with the text of an earlier answer, ETag included. Stands outside all others. */
@Injectable()
export class CachedAnswersInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly cache: AnswerCache,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const rule = this.reflector.get<CachedRule | undefined>(CACHED_KEY, context.getHandler());
    const { caller, url } = context.switchToHttp().getRequest<Request>();
    if (!rule || !caller) return next.handle();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const question = rule.isPerCaller ? `${caller.userId} ${caller.role} ${url}` : url;
    const tables = [...rule.tables, ...(rule.knownRows ?? [])];
    const load = async () => {
      const body = await lastValueFrom(next.handle());
      return `${String(reply.getHeader('etag') ?? '')}\n${JSON.stringify(body)}`;
    };
    return from(this.cache.get(caller.tenantId, tables, question, load).then((text) => answer(reply, text)));
  }
}

function answer(reply: FastifyReply, text: string): string {
  const end = text.indexOf('\n');
  if (end > 0) reply.header('etag', text.slice(0, end));
  reply.header('content-type', 'application/json; charset=utf-8');
  return text.slice(end + 1);
}
