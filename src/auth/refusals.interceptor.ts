import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { RefusalGate } from './refusal-gate.js';

/** Counts a public route's refusals for the address they went to, before the route asks the database anything. */
@Injectable()
export class RefusalsInterceptor implements NestInterceptor {
  constructor(private readonly gate: RefusalGate) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const { ip } = context.switchToHttp().getRequest<FastifyRequest>();
    return from(this.gate.watch(ip, () => lastValueFrom(next.handle(), { defaultValue: undefined })));
  }
}
