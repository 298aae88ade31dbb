import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../errors/app-error.js';
import { toProblem } from './problem.filter.js';

/** What Fastify refuses before it looks for a route (a broken escape, an endless parameter), in our form. */
export function answerUnroutable(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const status = error.statusCode ?? 400;
  const code = status === 414 ? 'uri_too_long' : 'bad_request';
  void reply
    .status(status)
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify(toProblem(new AppError(code, status, 'This address cannot be read'), request.id)));
}
