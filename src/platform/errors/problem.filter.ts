import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { STATUS_CODES } from 'node:http';
import { AppError, InvalidInputError } from './app-error.js';

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

/** Renders every failure as problem+json (RFC 9457) with a stable `code`. What is not ours to explain is a 500. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const known = toAppError(error);
    if (!known || known.status >= 500) request.log.error({ err: error }, 'request failed');
    if (reply.sent) return;
    const problem = toProblem(known ?? new AppError('internal', 500, 'Something went wrong on our side'), request.id);
    void reply.status(problem.status).header('content-type', 'application/problem+json').send(JSON.stringify(problem));
  }
}

/** Nest's and Fastify's own refusals (unknown route, body too large, bad JSON) in our form. */
function toAppError(error: unknown): AppError | null {
  if (error instanceof AppError) return error;
  if (error instanceof HttpException) return new AppError(codeOf(error.getStatus()), error.getStatus(), error.message);
  if (error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' && error.statusCode < 500)
    return new AppError(codeOf(error.statusCode), error.statusCode, error.message);
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
