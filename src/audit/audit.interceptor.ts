import { type CallHandler, type ExecutionContext, Injectable, Logger, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { finalize, mergeMap, type Observable } from 'rxjs';
import { actorOf, type Caller } from '../auth/tenant.decorator.js';
import { duringChange, outsideChanges } from '../platform/database/change.js';
import { TenantDatabase } from '../platform/database/tenant-database.js';
import { CHANGES_NOTHING_KEY } from '../platform/http/route.decorator.js';
import { AuditedRequest } from './audited-request.js';
import { subjectOf } from './route-subject.js';

type Request = FastifyRequest & { caller?: Caller; params: Record<string, string | undefined> };

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Around every route of every feature: a request that is not for reading leaves at least one row in the audit when it
 * succeeds. A replayed answer changed nothing and leaves none.
 */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  private readonly logger = new Logger('Audit');

  constructor(
    private readonly reflector: Reflector,
    private readonly db: TenantDatabase,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    const request = context.switchToHttp().getRequest<Request>();
    if (READING.has(request.method) || this.changesNothing(context)) return next.handle();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const { caller } = request;
    const change = new AuditedRequest({
      author: caller ? { tenantId: caller.tenantId, actor: actorOf(caller) } : null,
      requestId: request.id,
      action: `${context.getClass().name.replace(/Controller$/, '')}.${context.getHandler().name}`,
      ...subjectOf(request.routeOptions.url ?? '', request.params),
    });
    return duringChange(change, () => next.handle()).pipe(
      mergeMap(async (answer: unknown) => {
        if (reply.getHeader('idempotency-replayed') === undefined) await this.finish(change);
        return answer;
      }),
      finalize(() => (change.author = null)),
    );
  }

  /** The message path writes by a role of its own, which takes no part in the audit: such a request is noted here. */
  private async finish(change: AuditedRequest): Promise<void> {
    const { author } = change;
    if (!author || change.isNoted) return;
    try {
      await outsideChanges(() => this.db.transaction(author.tenantId, (tx) => change.note(tx)));
    } catch (error) {
      // The work is done, on disk if Postgres is away: to answer with a failure would have it done twice.
      this.logger.warn({ err: error }, 'a request could not be noted in the audit');
    }
  }

  private changesNothing(context: ExecutionContext): boolean {
    return this.reflector.get<true | undefined>(CHANGES_NOTHING_KEY, context.getHandler()) === true;
  }
}
