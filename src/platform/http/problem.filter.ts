import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { STATUS_CODES } from 'node:http';
import { isDatabaseDown, isStorageUnavailable } from '../database/connection-errors.js';
import { AppError, InvalidInputError } from '../errors/app-error.js';

type Problem = {
  type: string;
  title: string;
  status: number;
  code: string;
  detail: string;
  requestId: string;
  errors?: unknown;
  problems?: unknown;
};

const DATABASE_RETRY_AFTER_S = 5;
/** Somebody has to make room, or a failover to end. */
const STORAGE_RETRY_AFTER_S = 30;
const UNAVAILABLE = new Set(['database_unavailable', 'storage_unavailable']);
const DOWN_TOLD_EVERY_MS = 10_000;

/** Renders every failure as problem+json (RFC 9457) with a stable `code`. What is not ours to explain is a 500. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private tellDownAtMs = 0;

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const known = toAppError(error);
    if (known && UNAVAILABLE.has(known.code)) this.tellDown(request, error);
    else if (!known || known.status >= 500) request.log.error({ err: error }, 'request failed');
    if (reply.sent) return;
    const problem = toProblem(known ?? new AppError('internal', 500, 'Something went wrong on our side'), request.id);
    const retryAfterS = known?.details.retryAfterS;
    if (retryAfterS !== undefined) void reply.header('retry-after', String(retryAfterS));
    void reply.status(problem.status).header('content-type', 'application/problem+json').send(JSON.stringify(problem));
  }

  /** While Postgres is away every request fails for one reason, which is told now and then. */
  private tellDown(request: FastifyRequest, error: unknown): void {
    const now = performance.now();
    if (now < this.tellDownAtMs) return;
    this.tellDownAtMs = now + DOWN_TOLD_EVERY_MS;
    const reason = isDatabaseDown(error) ? 'Postgres is away' : 'the store takes nothing';
    request.log.warn({ err: error }, `${reason}; requests that need it are answered 503`);
  }
}

/** Nest's and Fastify's own refusals (unknown route, body too large, bad JSON) in our form. */
function toAppError(error: unknown): AppError | null {
  if (error instanceof AppError) return error;
  if (error instanceof HttpException) return new AppError(codeOf(error.getStatus()), error.getStatus(), error.message);
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' && error.statusCode < 500)
    return new AppError(codeOf(error.statusCode), error.statusCode, error.message);
  if (isDatabaseDown(error))
    return new AppError('database_unavailable', 503, 'The database cannot be reached; ask again shortly', {
      retryAfterS: DATABASE_RETRY_AFTER_S,
    });
  if (isStorageUnavailable(error))
    return new AppError('storage_unavailable', 503, 'The store is full, read-only or busy; ask again later', {
      retryAfterS: STORAGE_RETRY_AFTER_S,
    });
  return null;
}

function codeOf(status: number): string {
  return (STATUS_CODES[status] ?? 'error').toLowerCase().replaceAll(/[^a-z]+/g, '_');
}

export function toProblem(error: AppError, requestId: string): Problem {
  return {
    type: `urn:dashoffice:problem:${error.code}`,
    title: STATUS_CODES[error.status] ?? 'Error',
    status: error.status,
    code: error.code,
    detail: error.message,
    requestId,
    errors: fieldsOf(error),
    problems: error.details.problems,
  };
}

function fieldsOf(error: AppError): unknown {
  if (error instanceof InvalidInputError) return error.fields;
  return error.details.field ? [{ field: error.details.field, message: error.message }] : undefined;
}
