import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import { etagOf } from './etag.js';

/** Answers with one thing and its revision carry it as ETag, for the If-Match of the next change. */
@Injectable()
export class RevisionEtagInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map((body) => {
        if (typeof body === 'object' && body !== null && 'revision' in body && typeof body.revision === 'number')
          reply.header('etag', etagOf(body.revision));
        return body;
      }),
    );
  }
}
